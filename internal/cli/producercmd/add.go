package producercmd

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

type addOptions struct {
	ID     string
	Phones []string
	Source suppressOptions // of a file: how it is read
	DryRun bool
	Strict bool
	create createOptions // consent
}

func newAddCommand(p *program) *cobra.Command {
	var o addOptions
	cmd := &cobra.Command{
		Use:   "add ID (--phone PHONE... | FILE | -)",
		Short: "Add people to a group",
		Long: `Add people to a group, by phone or by a file of phones: a CSV or workbook with a column of
phones (phone, telefone, teléfono, телефон…), or one phone a line; - is standard input.

A group that waits for its create is created with them. To a group that exists, the provider adds them,
one call a person at the pace of invitations; people who are still missing are invited, if the group invites.
People who were asked for before, left, or are on the suppression list are left alone.

For many groups at once send the corrected file again: create FILE --update.`,
		Example: `rollcall-producer add grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 --phone +5544999999999
rollcall-producer add grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 late.csv --region BR --dry-run`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.ID = args[0]; !strings.HasPrefix(o.ID, group.IDPrefix) {
				return cli.Usage("%q is not a group's id; they begin with %s", o.ID, group.IDPrefix)
			}
			if len(args) == 2 {
				o.Source.File = args[1]
			}
			if (o.Source.File == "") == (len(o.Phones) == 0) {
				return cli.Usage("name the people by --phone, or by one FILE")
			}
			if o.create.ConsentAt != "" && o.create.consent() == nil {
				return cli.Usage("--consent-at %q is not a time; write it as 2026-11-21T09:00:00Z", o.create.ConsentAt)
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runAdd(ctx, r, o) })
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.Phones, "phone", nil, "a `PHONE`; give it several times")
	f.StringVar(&o.Source.Region, "region", "", "the `COUNTRY` of phones without a country code, as BR")
	f.StringVar(&o.Source.Encoding, "encoding", "", "the `ENCODING` of the file, as windows-1251 (default: look at the file)")
	f.StringVar(&o.Source.Sheet, "sheet", "", "the `SHEET` of a workbook (default: its first visible one)")
	f.BoolVar(&o.Strict, "strict", false, "ask for no person if any phone cannot be used")
	f.BoolVar(&o.DryRun, "dry-run", false, "say what would become of each person; change nothing")
	f.StringVar(&o.create.ConsentSource, "consent-source", "", "`WHERE` the people gave their consent")
	f.StringVar(&o.create.ConsentAt, "consent-at", "", "the `TIME` at which they gave it, as 2026-11-21T09:00:00Z")
	return cli.WithExit(cmd, cli.ExitLines("0    done", "1    there is no such group, or its state allows no more people", "3    some people cannot be used")...)
}

// extended is the answer of add.
type extended struct {
	DryRun  bool                  `json:"dryRun"`
	Group   enqueue.Group         `json:"group"`
	Members []enqueue.AskedPerson `json:"members"`
}

func runAdd(ctx context.Context, r *rooms, o addOptions) error {
	phones, err := r.phonesToAdd(ctx, o)
	if err != nil {
		return err
	}
	client, err := r.door(ctx)
	if err != nil {
		return err
	}
	by := "cli"
	if f := o.Source.File; f != "" && f != "-" {
		by = filepath.Base(f)
	}
	doc, people, err := client.AddMembers(ctx, o.ID, enqueue.Members{Phones: phones, Consent: o.create.consent(), By: by, DryRun: o.DryRun},
		enqueue.Rules{Region: o.Source.Region, Strict: o.Strict})
	if bad, ok := errors.AsType[*tasks.RowError](err); ok {
		return cli.Exit(cli.BadUsage, errors.New(bad.Message))
	}
	if !o.DryRun {
		r.control.Audit.Did(ctx, audit.ExtendGroup, audit.About{Subjects: []string{o.ID}, Count: len(phones), Detail: say.Words(by)}, err)
	}
	if errors.Is(err, store.ErrNotFound) {
		return cli.Exit(cli.Failed, errors.New("there is no group "+o.ID))
	}
	if err != nil {
		return err
	}
	if err := printAdded(r, extended{o.DryRun, doc, people}); err != nil {
		return err
	}
	for _, p := range people {
		if p.Outcome == enqueue.NotUsable {
			return cli.Exit(cli.Partly, nil)
		}
	}
	return nil
}

// phonesToAdd returns the phones of the flags or of the file, as they were typed.
func (r *rooms) phonesToAdd(ctx context.Context, o addOptions) ([]tasks.Phone, error) {
	if err := knownEncoding(o.Source.Encoding); err != nil {
		return nil, err
	}
	if o.Source.Region != "" && !phone.KnownRegion(o.Source.Region) {
		return nil, cli.Usage("--region %q is not a country; write its two letters, for example BR", o.Source.Region)
	}
	var phones []tasks.Phone
	for _, p := range o.Phones {
		phones = append(phones, tasks.Phone(p))
	}
	if o.Source.File != "" {
		if err := r.readPeople(ctx, o.Source, func(p intake.PhoneLine) { phones = append(phones, tasks.Phone(p.Text)) }); err != nil {
			return nil, err
		}
	}
	if len(phones) == 0 {
		return nil, cli.Usage("no phone is given")
	}
	return phones, nil
}

func printAdded(r *rooms, d extended) error {
	return cli.Print(r.Session, d, d.Members, func(p *cli.Page) {
		n := 0
		rows := make([][]string, len(d.Members))
		for i, m := range d.Members {
			if m.Outcome == enqueue.AskedFor {
				n++
			}
			rows[i] = []string{cmp.Or(m.Phone, m.Input), string(m.Outcome), string(m.Status), m.Reason}
		}
		p.Table([]string{"PHONE", "OUTCOME", "STATUS", "REASON"}, rows)
		verb := "asked for"
		if d.DryRun {
			verb = "would be asked for"
		}
		r.Say("%d new of %d people %s", n, len(d.Members), verb)
	})
}
