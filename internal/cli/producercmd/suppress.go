package producercmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
)

type suppressOptions struct {
	Phones []string
	File   string // "-" is stdin
	Reason string
	Region string
	// Encoding of the file; "": detect it.
	Encoding string
	// Sheet of a workbook; "": the first visible one.
	Sheet string
}

func newSuppressCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "suppress",
		Short: "Change or show the list of people who must not be added or invited",
		Long: `Change or show the list of people who must not be added to a group or invited, by any request. It is checked when
a row comes in and directly before each call. The numbers themselves are not stored: only a keyed hash,
and a masked form to recognise them by.`,
		Example: `rollcall-producer suppress add +5544999999999 --reason "asked us to stop"
rollcall-producer suppress list`,
	}
	cli.WithExit(cmd, cli.ExitLines("0    done")...)
	return cli.Group(cmd, newSuppressAddCommand(p), newSuppressRemoveCommand(p), newSuppressListCommand(p))
}

func newSuppressAddCommand(p *program) *cobra.Command {
	var o suppressOptions
	cmd := &cobra.Command{
		Use:   "add (PHONE... | --file FILE)",
		Short: "Put people on the list",
		Long: `Put people on the list, by phone or by file. A file is a CSV with a column of phones (phone, telefone,
teléfono, телефон…), or has one phone a line; - is standard input. A person already on the list keeps
their first entry. With any bad phone no person is put on it.`,
		Example: `rollcall-producer suppress add +5544999999999 --reason "asked us to stop"
rollcall-producer suppress add --file optouts.csv --region BR
psql -c "copy (…) to stdout" | rollcall-producer suppress add --file -`,
		Args: o.phonesOrFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Phones = args
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runSuppressAdd(ctx, r, o) })
		},
	}
	cmd.Flags().StringVar(&o.File, "file", "", "read the phones from `FILE`; - is standard input")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "say why")
	cmd.Flags().StringVar(&o.Region, "region", "", "the `COUNTRY` of phones without a country code, as BR")
	cmd.Flags().StringVar(&o.Encoding, "encoding", "", "the `ENCODING` of the file, as windows-1251 (default: look at the file)")
	cmd.Flags().StringVar(&o.Sheet, "sheet", "", "the `SHEET` of a workbook (default: its first visible one)")
	return cli.WithExit(cmd, cli.ExitLines("0    done")...)
}

func newSuppressRemoveCommand(p *program) *cobra.Command {
	var o suppressOptions
	cmd := &cobra.Command{
		Use:     "remove (PHONE... | --file FILE)",
		Short:   "Take people off the list",
		Long:    "Take people off the list, by phone or by a file as add reads it. Groups that have ended are not touched.",
		Example: `rollcall-producer suppress remove +5544999999999`,
		Args:    o.phonesOrFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Phones = args
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runSuppressRemove(ctx, r, o) })
		},
	}
	cmd.Flags().StringVar(&o.File, "file", "", "read the phones from `FILE`; - is standard input")
	cmd.Flags().StringVar(&o.Region, "region", "", "the `COUNTRY` of phones without a country code, as BR")
	cmd.Flags().StringVar(&o.Encoding, "encoding", "", "the `ENCODING` of the file, as windows-1251 (default: look at the file)")
	cmd.Flags().StringVar(&o.Sheet, "sheet", "", "the `SHEET` of a workbook (default: its first visible one)")
	return cli.WithExit(cmd, cli.ExitLines("0    done", "1    none of them was on the list", "3    some were not on the list")...)
}

func newSuppressListCommand(p *program) *cobra.Command {
	var o suppressOptions
	cmd := &cobra.Command{
		Use: "list [PHONE...]", Short: "Show the list",
		Long: `Show the list, the latest first, or the entries of some people. Phones are masked: that is all that
is stored.`,
		Example: `rollcall-producer suppress list --output jsonl
rollcall-producer suppress list +5544999999999`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Phones = args
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runSuppressList(ctx, r, o) })
		},
	}
	cmd.Flags().StringVar(&o.Region, "region", "", "the `COUNTRY` of phones without a country code, as BR")
	return cli.WithExit(cmd, cli.ExitLines("0    done")...)
}

// unchanged is what add and remove say when they stop.
const unchanged = "no entry was changed"

// suppressed is the answer of add and remove.
type suppressed struct {
	Given   int `json:"given"`
	Changed int `json:"changed"`
}

func runSuppressAdd(ctx context.Context, r *rooms, o suppressOptions) error {
	people, err := r.people(ctx, o, unchanged)
	if err != nil {
		return err
	}
	added, err := r.control.Suppress(ctx, people, o.Reason)
	if err != nil {
		return badChange(err)
	}
	d := suppressed{Given: len(people), Changed: added}
	return cli.Print[suppressed](r.Session, d, nil, func(p *cli.Page) {
		p.Printf("%d put on the list, %d were on it\n", d.Changed, d.Given-d.Changed)
	})
}

func runSuppressRemove(ctx context.Context, r *rooms, o suppressOptions) error {
	people, err := r.people(ctx, o, unchanged)
	if err != nil {
		return err
	}
	n, err := r.control.Unsuppress(ctx, people)
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

func runSuppressList(ctx context.Context, r *rooms, o suppressOptions) error {
	all, err := r.suppressions(ctx, o)
	if err != nil {
		return err
	}
	empty := "the list is empty"
	if len(o.Phones) > 0 {
		empty = "none of them is on the list"
	}
	slices.SortStableFunc(all, func(a, b store.Suppression) int { return b.At.Compare(a.At) })
	return cli.Print(r.Session, listDocument[store.Suppression]{Items: all}, all, func(p *cli.Page) {
		if len(all) == 0 {
			r.Say("%s", empty)
			return
		}
		rows := make([][]string, len(all))
		for i, s := range all {
			rows[i] = []string{s.Masked, p.Time(&s.At), s.Reason}
		}
		p.Table([]string{"PHONE", "SINCE", "REASON"}, rows)
	})
}

// suppressions returns all entries, or those of the people that the arguments name.
func (r *rooms) suppressions(ctx context.Context, o suppressOptions) ([]store.Suppression, error) {
	all := []store.Suppression{}
	if len(o.Phones) == 0 {
		err := r.store.People.Suppressions(ctx, func(s store.Suppression) error {
			all = append(all, s)
			return nil
		})
		return all, err
	}
	people, err := r.people(ctx, o, "the list was not looked at")
	if err != nil {
		return nil, err
	}
	for _, who := range people {
		s, err := r.store.People.Suppression(ctx, who.Identity())
		if err != nil {
			return nil, err
		}
		if s != nil {
			all = append(all, *s)
		}
	}
	return all, nil
}

// phonesOrFile requires phones, or a file of them. A lone - is standard input.
func (o *suppressOptions) phonesOrFile(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 0 && o.File == "":
		return cli.Usage("no phone is given; name phones, or --file FILE")
	case len(args) > 0 && o.File != "":
		return cli.Usage("both phones and --file are given; keep one of the two")
	case len(args) == 1 && args[0] == "-":
		o.File = "-"
	}
	return nil
}

// people reads the phones of the arguments or of the file. It reports all faults at once, and any fault stops the
// whole change: a half-done list is hard to correct. stopped says what was not done.
func (r *rooms) people(ctx context.Context, o suppressOptions, stopped string) ([]phone.Number, error) {
	if err := knownEncoding(o.Encoding); err != nil {
		return nil, err
	}
	if o.Region != "" && !phone.KnownRegion(o.Region) {
		return nil, cli.Usage("--region %q is not a country; write its two letters, for example BR", o.Region)
	}
	seen := phone.Set{}
	var people []phone.Number
	var faults []error
	take := func(where, typed string) {
		n, err := phone.Parse(typed, o.Region)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", where, err))
		} else if seen.Add(n.Identity()) {
			people = append(people, n)
		}
	}
	if o.File == "" {
		for i, typed := range o.Phones {
			take("phone "+strconv.Itoa(i+1), typed)
		}
	} else if err := r.readPeople(ctx, o, func(p intake.PhoneLine) { take("line "+strconv.Itoa(p.Line), p.Text) }); err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, cli.Exit(cli.BadUsage, errors.Join(append(faults, errors.New(stopped))...))
	}
	if len(people) == 0 {
		return nil, cli.Usage("no phone is given")
	}
	return people, nil
}

func (r *rooms) readPeople(ctx context.Context, o suppressOptions, each func(intake.PhoneLine)) error {
	in := cli.Interruptible(ctx, r.In)
	if o.File != "-" {
		f, err := cli.OpenInput(ctx, o.File)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // only read
		in = f
	}
	warn := func(w intake.Warning) { r.Warn("warning: %s", w.Message) }
	for p, err := range intake.PhoneList(ctx, in, intake.Options{Region: o.Region, Encoding: o.Encoding, Sheet: o.Sheet, Warn: warn}) {
		if err != nil {
			return err
		}
		each(p)
	}
	return nil
}
