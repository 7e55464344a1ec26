package producercmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/phone"
)

type suppressOptions struct {
	Phones []string
	Reason string
	Region string
}

func newSuppressCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "suppress",
		Short: "Keep the list of people who must not be added or invited",
		Long: `Keep the list of people who must not be added to a group and not be invited, whoever asks. It is
looked at when a row comes in and again at the last moment before each call. The numbers themselves
are not stored: only a keyed hash, and a masked form to recognise them by.`,
		Example: `rollcall-producer suppress add +5544999999999 --reason "asked us to stop"
rollcall-producer suppress list`,
	}
	cli.WithExit(cmd, cli.ExitLines("0    done")...)
	return cli.Group(cmd, newSuppressAddCommand(p), newSuppressRemoveCommand(p), newSuppressListCommand(p))
}

func newSuppressAddCommand(p *program) *cobra.Command {
	var o suppressOptions
	cmd := &cobra.Command{
		Use:   "add (PHONE... | -)",
		Short: "Put people on the list",
		Long:  "Put people on the list; - reads one phone a line from standard input. Who is on it already stays as they are.",
		Example: `rollcall-producer suppress add +5544999999999 --reason "asked us to stop"
rollcall-producer suppress add - --region BR < optouts.txt`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Phones = args
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runSuppressAdd(ctx, r, o) })
		},
	}
	cmd.Flags().StringVar(&o.Reason, "reason", "", "say why")
	cmd.Flags().StringVar(&o.Region, "region", "", "the `COUNTRY` of phones without a country code, as BR")
	return cli.WithExit(cmd, cli.ExitLines("0    done")...)
}

func newSuppressRemoveCommand(p *program) *cobra.Command {
	var o suppressOptions
	cmd := &cobra.Command{
		Use:     "remove (PHONE... | -)",
		Short:   "Take people off the list",
		Long:    "Take people off the list; - reads one phone a line from standard input. Groups that have ended are not touched.",
		Example: `rollcall-producer suppress remove +5544999999999`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Phones = args
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runSuppressRemove(ctx, r, o) })
		},
	}
	cmd.Flags().StringVar(&o.Region, "region", "", "the `COUNTRY` of phones without a country code, as BR")
	return cli.WithExit(cmd, cli.ExitLines("0    done", "1    nobody of them was on the list", "3    some were not on the list")...)
}

func newSuppressListCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "Show the list", Long: "Show the list, the latest first. Phones are masked: that is all that is stored.",
		Example: `rollcall-producer suppress list --output jsonl`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.in(cmd, runSuppressList)
		},
	}
	return cli.WithExit(cmd, cli.ExitLines("0    done")...)
}

// suppressed is the answer of add and remove.
type suppressed struct {
	Given   int `json:"given"`
	Changed int `json:"changed"`
}

func runSuppressAdd(ctx context.Context, r *rooms, o suppressOptions) error {
	people, err := r.people(ctx, o)
	if err != nil {
		return err
	}
	before, err := r.listed(ctx, people)
	if err != nil {
		return err
	}
	if err := r.ledger.Suppress(ctx, people, o.Reason); err != nil {
		return err
	}
	d := suppressed{Given: len(people), Changed: len(people) - before}
	return cli.Print[suppressed](r.Session, d, nil, func(p *cli.Page) {
		p.Printf("%d put on the list, %d were on it\n", d.Changed, before)
	})
}

func runSuppressRemove(ctx context.Context, r *rooms, o suppressOptions) error {
	people, err := r.people(ctx, o)
	if err != nil {
		return err
	}
	n, err := r.ledger.Unsuppress(ctx, people)
	if err != nil {
		return err
	}
	d := suppressed{Given: len(people), Changed: n}
	if err := cli.Print[suppressed](r.Session, d, nil, func(p *cli.Page) {
		p.Printf("%d taken off the list, %d were not on it\n", d.Changed, d.Given-d.Changed)
	}); err != nil {
		return err
	}
	switch {
	case n == 0:
		return cli.Exit(cli.Failed, nil)
	case n < len(people):
		return cli.Exit(cli.Partly, nil)
	}
	return nil
}

func runSuppressList(ctx context.Context, r *rooms) error {
	all := []ledger.Suppression{}
	if err := r.ledger.Suppressions(ctx, func(s ledger.Suppression) error {
		all = append(all, s)
		return nil
	}); err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b ledger.Suppression) int { return b.At.Compare(a.At) })
	return cli.Print(r.Session, listDocument[ledger.Suppression]{Items: all}, all, func(p *cli.Page) {
		if len(all) == 0 {
			r.Say("nobody is on the list")
			return
		}
		rows := make([][]string, len(all))
		for i, s := range all {
			rows[i] = []string{s.Masked, p.Time(&s.At), s.Reason}
		}
		p.Table([]string{"PHONE", "SINCE", "REASON"}, rows)
	})
}

// listed is how many of the people are on the list.
func (r *rooms) listed(ctx context.Context, people []phone.Number) (int, error) {
	ids := make([]phone.Identity, len(people))
	for i, n := range people {
		ids[i] = n.Identity()
	}
	on, err := r.ledger.Suppressed(ctx, ids)
	n := 0
	for _, yes := range on {
		if yes {
			n++
		}
	}
	return n, err
}

// people reads phones from the arguments, or one a line from standard input. All faults are told at
// once, and with any nobody is touched: a list that is half done is hard to mend.
func (r *rooms) people(ctx context.Context, o suppressOptions) ([]phone.Number, error) {
	typed := o.Phones
	if len(typed) == 1 && typed[0] == "-" {
		data, err := io.ReadAll(bufio.NewReader(interruptible{ctx, r.In}))
		if err != nil {
			return nil, err
		}
		typed = typed[:0]
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSpace(line); line != "" {
				typed = append(typed, line)
			}
		}
	}
	if o.Region != "" && !phone.KnownRegion(o.Region) {
		return nil, cli.Usage("--region %q is no country; write its two letters, for example BR", o.Region)
	}
	seen := phone.Set{}
	var people []phone.Number
	var faults []error
	for i, t := range typed {
		n, err := phone.Parse(t, o.Region)
		if err != nil {
			faults = append(faults, fmt.Errorf("phone %d: %w", i+1, err))
			continue
		}
		if seen.Add(n.Identity()) {
			people = append(people, n)
		}
	}
	if len(faults) > 0 {
		return nil, cli.Exit(cli.BadUsage, errors.Join(append(faults, errors.New("nobody was changed"))...))
	}
	if len(people) == 0 {
		return nil, cli.Usage("no phone is given")
	}
	return people, nil
}
