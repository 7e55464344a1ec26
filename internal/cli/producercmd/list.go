package producercmd

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

type listOptions struct {
	groupFilter

	Limit  int
	Cursor string
}

// groupFilter is which groups a command is about.
type groupFilter struct {
	Statuses    []string
	Batch       string
	Instance    string
	Phone       string
	Region      string
	ExternalRef string
}

func (o *groupFilter) addFlags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.Statuses, "status", nil, "only groups in this `STATUS`; several with commas")
	f.StringVar(&o.Batch, "batch", "", "only groups of this `BATCH`, by id or name")
	f.StringVar(&o.Instance, "instance", "", "only groups that this `INSTANCE` creates or created")
	f.StringVar(&o.Phone, "phone", "", "only groups with this person; a `PHONE` in any spelling, or a chat id")
	f.StringVar(&o.Region, "region", "", "the `COUNTRY` of a --phone without a country code, as BR")
	f.StringVar(&o.ExternalRef, "external-ref", "", "only groups with this `ID` of yours")
}

// empty reports whether no filter was given.
func (o *groupFilter) empty() bool {
	return len(o.Statuses) == 0 && o.Batch+o.Instance+o.Phone+o.ExternalRef == ""
}

// maxListed is the maximum length of a page.
const maxListed = 500

func newListCommand(p *program) *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List groups, newest first",
		Long: `List groups, newest first. All filters that are given must match. A page holds --limit groups; give
the cursor at its end to --cursor for the next one. It stays valid while groups come and go.`,
		Example: `rollcall-producer list --status failed,review
rollcall-producer list --phone "+55 44 99999-9999"
rollcall-producer list --batch cohort.csv --limit 500 --output jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Limit < 1 || o.Limit > maxListed {
				return cli.Usage("--limit is 1 to %d, not %d; use --cursor for the next page", maxListed, o.Limit)
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runList(ctx, r, o) })
		},
	}
	f := cmd.Flags()
	o.addFlags(f)
	f.IntVar(&o.Limit, "limit", 50, "the most groups to list, up to 500")
	f.StringVar(&o.Cursor, "cursor", "", "go on where the list that gave out this `CURSOR` ended")
	return cli.WithExit(cmd, cli.ExitLines("0    done, also when nothing matches", "1    there is no such batch")...)
}

// listDocument is the JSON document of every list.
type listDocument[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"nextCursor"`
}

func runList(ctx context.Context, r *rooms, o listOptions) error {
	f, err := o.filter(ctx, r)
	if err != nil {
		return err
	}
	docs, next, err := r.status.Groups(ctx, f, o.Cursor, o.Limit)
	if errors.Is(err, store.ErrCursor) {
		return cli.Usage("--cursor: %w", err)
	}
	if err != nil {
		return err
	}
	if len(docs) == 0 && o.Cursor == "" {
		if err := r.unknownTarget(ctx, o.Instance, ""); err != nil {
			return err
		}
	}
	if docs == nil {
		docs = []group.Document{}
	}
	if len(docs) > 0 && r.Format != cli.Text { // the table shows no person
		r.control.Audit.Saw(ctx, audit.About{Count: len(docs), Detail: say.Phrase{Code: say.AuditSeen, Kind: "list"}})
	}
	if next != "" && r.Format != cli.JSON {
		defer r.Say("more follow: --cursor %s", next)
	}
	return cli.Print(r.Session, listDocument[group.Document]{docs, next}, docs, func(p *cli.Page) {
		if len(docs) == 0 {
			r.Say("no group matches")
			return
		}
		rows := make([][]string, len(docs))
		for i, d := range docs {
			rows[i] = listRow(p, d)
		}
		p.Table([]string{"ID", "STATUS", "GROUP", "AT", "PEOPLE", "UNTIL", "WAITS FOR"}, rows)
	})
}

func (o *groupFilter) filter(ctx context.Context, r *rooms) (store.Filter, error) {
	f := store.Filter{Instance: o.Instance, ExternalRef: o.ExternalRef}
	var err error
	if f.Statuses, err = statuses("--status", o.Statuses); err != nil {
		return f, err
	}
	if o.Phone != "" {
		if _, f.Person, err = phone.ParsePerson(o.Phone, o.Region); err != nil {
			return f, cli.Usage("--phone: %w", err)
		}
	}
	if o.Batch != "" {
		b, err := r.batch(ctx, o.Batch)
		if err != nil {
			return f, err
		}
		f.BatchID = b.ID
	}
	return f, nil
}

// usage turns the error for an unknown name into a usage error. A failing Redis stays one.
func usage(err error) error {
	if cli.Code(err) == cli.Failed {
		return cli.Exit(cli.BadUsage, err)
	}
	return err
}

func listRow(p *cli.Page, d group.Document) []string {
	where := d.Instance
	if where == "" {
		where = "pool " + d.Pool
	}
	why := d.WaitingFor
	if d.Error != nil && (d.Status == group.Failed || d.Status == group.Unreadable) {
		why = d.Error.Message
	}
	return []string{d.ID, cli.GroupState(d), d.GroupName, where, strconv.Itoa(asked(d)), p.Time(d.EtaAt), why.String()}
}

// asked counts the people that a group was asked for, without the pool's staff.
func asked(d group.Document) int {
	n := 0
	for _, counted := range d.Counts {
		n += counted
	}
	return n
}
