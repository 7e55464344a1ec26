package producercmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// changeOptions are those of retry and cancel: groups by id, or all of a batch in some states.
type changeOptions struct {
	IDs      []string
	Batch    string
	Statuses []string
	DryRun   bool
}

// change is one of the two.
type change struct {
	verb, past string
	from       []group.Status                            // the states that allow it, in words for a refusal
	try        func(*group.Group, time.Time) error       // what apply does to a group, on a copy
	usual      []group.Status                            // what --batch means without --status
	check      func(r *rooms, ctx context.Context) error // asked once, before anything. Defaults to nothing
	apply      func(r *rooms, ctx context.Context, id string) (*group.Group, error)
}

func newRetryCommand(p *program) *cobra.Command {
	return newChangeCommand(p, change{
		verb: "retry", past: "put back into the queue",
		from: []group.Status{group.Failed, group.Cancelled}, usual: []group.Status{group.Failed}, try: (*group.Group).Retry,
		apply: func(r *rooms, ctx context.Context, id string) (*group.Group, error) { return r.control.Retry(ctx, id) },
	}, "Try groups again that failed or were cancelled",
		`Put groups that failed or were cancelled back into the queue, with a fresh clock. They surely do not
exist at WhatsApp: a group of which that is not sure is in review, and "resolve" is for it.

With --batch every group of the batch in the --status is retried (default failed).`,
		`rollcall-producer retry grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10
rollcall-producer retry --batch cohort.csv --status failed --dry-run`)
}

func newCancelCommand(p *program) *cobra.Command {
	return newChangeCommand(p, change{
		verb: "cancel", past: "cancelled",
		from: []group.Status{group.Queued}, usual: []group.Status{group.Queued}, try: (*group.Group).Cancel,
		apply: func(r *rooms, ctx context.Context, id string) (*group.Group, error) { return r.control.Cancel(ctx, id) },
	}, "Cancel groups that do not exist yet",
		`Cancel groups that wait for their create. A group that is being created or exists is not touched:
nobody can take that back.

With --batch every group of the batch in the --status is cancelled (default queued). A person at a
terminal is asked first; scripts (no terminal, or --no-input) are not.`,
		`rollcall-producer cancel grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10
rollcall-producer cancel --batch cohort.csv --dry-run
rollcall-producer cancel --batch cohort.csv --no-input`)
}

func newMoveCommand(p *program) *cobra.Command {
	var to tasks.Target
	cmd := newChangeCommand(p, change{
		verb: "move", past: "moved",
		from: []group.Status{group.Queued}, usual: []group.Status{group.Queued},
		try: func(g *group.Group, now time.Time) error { return g.Move(to, now) },
		check: func(r *rooms, ctx context.Context) error {
			if err := r.control.CheckTarget(ctx, to); errors.Is(err, operate.ErrTarget) {
				return cli.Usage("%w; give --to-instance or --to-pool", err)
			} else if err != nil {
				return err
			}
			return nil
		},
		apply: func(r *rooms, ctx context.Context, id string) (*group.Group, error) {
			return r.control.Move(ctx, id, to)
		},
	}, "Let another instance or pool create waiting groups",
		`Move groups that wait for their create to another instance or pool, for example because their
number is logged out. They go behind those of their priority that wait there already. A group that is
being created or exists is not touched.

With --batch every waiting group of the batch is moved. A person at a terminal is asked first; scripts
(no terminal, or --no-input) are not.`,
		`rollcall-producer move grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 --to-instance beta
rollcall-producer move --batch cohort.csv --to-pool default --dry-run`)
	cmd.Flags().StringVar(&to.Instance, "to-instance", "", "the `INSTANCE` that shall create them")
	cmd.Flags().StringVar(&to.Pool, "to-pool", "", "the `POOL` whose first free instance shall create them")
	return cmd
}

func newChangeCommand(p *program, c change, short, long, examples string) *cobra.Command {
	var o changeOptions
	cmd := &cobra.Command{
		Use: c.verb + " (ID... | --batch BATCH)", Short: short, Long: long, Example: examples,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.IDs = args
			switch {
			case len(o.IDs) == 0 && o.Batch == "":
				return cli.Usage("nothing to %s; name groups by their ids, or give --batch", c.verb)
			case len(o.IDs) > 0 && (o.Batch != "" || len(o.Statuses) > 0):
				return cli.Usage("both ids and --batch or --status are given; keep one of the two")
			}
			for _, id := range o.IDs {
				if !strings.HasPrefix(id, group.IDPrefix) {
					return cli.Usage("%q is no group's id; they begin with %s. A whole batch is named by --batch", id, group.IDPrefix)
				}
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runChange(ctx, r, c, o) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Batch, "batch", "", "all groups of this `BATCH`, by id or name")
	f.StringSliceVar(&o.Statuses, "status", nil, "with --batch: only those in this `STATUS`; several with commas (default "+joined(c.usual)+")")
	f.BoolVar(&o.DryRun, "dry-run", false, "count what would be changed; change nothing")
	return cli.WithExit(cmd, cli.ExitLines(
		"0    done",
		"1    there is no such group or batch, or no group's state allows it",
		"3    some groups' states do not allow it")...)
}

// changed is the answer of retry and cancel.
type changed struct {
	DryRun  bool      `json:"dryRun"`
	Matched int       `json:"matched"`
	Changed int       `json:"changed"`
	Refused []refusal `json:"refused"`
}

// refusal is a group whose state does not allow the change.
type refusal struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

func runChange(ctx context.Context, r *rooms, c change, o changeOptions) error {
	if c.check != nil {
		if err := c.check(r, ctx); err != nil {
			return err
		}
	}
	pages := idsGiven(o.IDs)
	if o.Batch != "" {
		f, n, err := c.filter(ctx, r, o)
		if err != nil {
			return err
		}
		if !o.DryRun && n > 0 {
			if err := r.Confirm("%s %s of batch %s?", c.verb, plural(n, "group"), o.Batch); err != nil {
				return err
			}
		}
		pages = r.idsOf(f)
	}
	ctx, flush := r.control.Audit.Gather(ctx)
	defer flush()
	doc := changed{DryRun: o.DryRun, Refused: []refusal{}}
	progress := r.Progress("groups " + c.past)
	var unknown []string
	err := pages(ctx, func(id string) error {
		doc.Matched++
		status, err := c.one(ctx, r, id, o.DryRun)
		switch {
		case errors.Is(err, store.ErrNotFound):
			unknown = append(unknown, id)
		case errors.Is(err, store.ErrUnreadable):
			doc.Refused = append(doc.Refused, refusal{id, err.Error()})
		case errors.Is(err, group.ErrState):
			doc.Refused = append(doc.Refused, refusal{id, c.refusal(status, err)})
		case err != nil:
			return err
		default:
			doc.Changed++
		}
		progress.Set(cli.Step{Done: doc.Changed, Failed: len(doc.Refused)})
		return ctx.Err()
	})
	progress.Stop()
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return cli.Exit(cli.Code(err), fmt.Errorf("%s; %s %s before that, and stay so", cli.Explain(err), plural(doc.Changed, "group"), c.past))
	}
	if err := printChanged(r, c, doc); err != nil {
		return err
	}
	switch {
	case len(unknown) > 0:
		return cli.Exit(cli.Failed, fmt.Errorf("there is no group %s", strings.Join(unknown, ", ")))
	case len(doc.Refused) > 0 && doc.Changed == 0:
		return cli.Exit(cli.Failed, nil)
	case len(doc.Refused) > 0:
		return cli.Exit(cli.Partly, nil)
	}
	return nil
}

// one changes one group, or finds out whether it could be changed. It returns how the group stands.
func (c change) one(ctx context.Context, r *rooms, id string, dry bool) (group.Status, error) {
	if !dry {
		g, err := c.apply(r, ctx, id)
		if g == nil {
			return "", err
		}
		return g.Status, err
	}
	g, at, err := r.store.Records.LoadNow(ctx, id)
	if err != nil {
		return "", err
	}
	status := g.Status
	return status, c.try(g, at.Now())
}

// refusal says why a group of a status is not changed.
func (c change) refusal(s group.Status, err error) string {
	if slices.Contains(c.from, s) { // it is not the status then
		return strings.TrimSuffix(err.Error(), ": "+group.ErrState.Error())
	}
	return fmt.Sprintf("it is %s; %s is for groups that are %s", s, c.verb, joined(c.from))
}

// filter is the groups of a batch that are meant, and how many there are now.
func (c change) filter(ctx context.Context, r *rooms, o changeOptions) (store.Filter, int, error) {
	wanted, err := statuses("--status", o.Statuses)
	if err != nil {
		return store.Filter{}, 0, err
	}
	if len(wanted) == 0 {
		wanted = c.usual
	}
	b, err := r.batch(ctx, o.Batch)
	if err != nil {
		return store.Filter{}, 0, err
	}
	n := 0
	for _, s := range wanted {
		n += b.Counts[s]
	}
	return store.Filter{BatchID: b.ID, Statuses: wanted, OldestFirst: true}, n, nil
}

// pages hands out ids, however many there are.
type pages func(ctx context.Context, each func(id string) error) error

func idsGiven(ids []string) pages {
	return func(_ context.Context, each func(string) error) error {
		for _, id := range ids {
			if err := each(id); err != nil {
				return err
			}
		}
		return nil
	}
}

// idsOf hands out the groups of a filter. The cursor is an id, so a group that leaves the filter
// because it was changed moves no other one out of sight.
func (r *rooms) idsOf(f store.Filter) pages {
	return func(ctx context.Context, each func(string) error) error {
		for cursor := ""; ; {
			groups, next, err := r.store.Index.List(ctx, f, cursor, 500)
			if err != nil {
				return err
			}
			for _, g := range groups {
				if err := each(g.ID); err != nil {
					return err
				}
			}
			if cursor = next; cursor == "" {
				return nil
			}
		}
	}
}

func printChanged(r *rooms, c change, d changed) error {
	return cli.Print[changed](r.Session, d, nil, func(p *cli.Page) {
		did := c.past
		if d.DryRun {
			did = "would be " + c.past
		}
		p.Printf("%s %s", plural(d.Changed, "group"), did)
		if n := len(d.Refused); n > 0 {
			p.Printf(", %d not", n)
		}
		p.Printf("\n")
		if len(d.Refused) == 0 {
			return
		}
		rows := make([][]string, len(d.Refused))
		for i, f := range d.Refused {
			rows[i] = []string{f.ID, f.Message}
		}
		p.Table([]string{"GROUP", "WHY NOT"}, rows)
	})
}
