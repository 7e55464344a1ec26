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
)

// changeOptions are those of retry, cancel and move: groups by id, or all that a filter matches.
type changeOptions struct {
	IDs           []string
	Groups        groupFilter
	Pool          string
	After, Before string
	All           bool
	DryRun        bool
}

// byFilter reports whether the groups are named by a filter.
func (o *changeOptions) byFilter() bool {
	return o.All || !o.Groups.empty() || o.Pool != "" || o.After != "" || o.Before != ""
}

// change is one of the commands retry, cancel and move.
type change struct {
	past  string
	bulk  operate.Bulk   // the action, and where a move leads
	usual []group.Status // what a filter means without --status
	apply func(r *rooms, ctx context.Context, id string) (*group.Group, error)
}

func (c *change) verb() string { return string(c.bulk.Action) }

const bulkHelp = `

With filters (--batch, --status and others; all that are given must match) it is a job: this command does
it and shows the progress, at a rate that leaves the creates alone. Ctrl-C aborts the job: what was done
stays done. When the command is killed or its terminal closes, a server or a worker goes on with the job;
the page and POST /v1/bulk/ID/abort abort it. Groups that are accepted meanwhile are left as they are.`

func newRetryCommand(p *program) *cobra.Command {
	c := &change{
		past: "put back into the queue", bulk: operate.Bulk{Action: operate.BulkRetry}, usual: []group.Status{group.Failed},
		apply: func(r *rooms, ctx context.Context, id string) (*group.Group, error) { return r.control.Retry(ctx, id) },
	}
	return newChangeCommand(p, c, "Try groups again that failed or were cancelled",
		`Put groups that failed or were cancelled back into the queue, with a fresh clock. They surely do not
exist at WhatsApp: a group that may exist is in review, and "resolve" is for it. If its review was
abandoned, retry only opens the review again. Without --status a filter means those that failed.`,
		`rollcall-producer retry grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10
rollcall-producer retry --batch cohort.csv --status failed --dry-run
rollcall-producer retry --pool default --created-after 24h`)
}

func newCancelCommand(p *program) *cobra.Command {
	c := &change{
		past: "cancelled", bulk: operate.Bulk{Action: operate.BulkCancel}, usual: []group.Status{group.Queued},
		apply: func(r *rooms, ctx context.Context, id string) (*group.Group, error) { return r.control.Cancel(ctx, id) },
	}
	return newChangeCommand(p, c, "Cancel groups that do not exist yet",
		`Cancel groups that wait for their create. A group that is being created, or that exists, does not
change: a create cannot be undone.`,
		`rollcall-producer cancel grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10
rollcall-producer cancel --batch cohort.csv --dry-run
rollcall-producer cancel --batch cohort.csv --no-input
rollcall-producer cancel --all`)
}

func newMoveCommand(p *program) *cobra.Command {
	c := &change{past: "moved", bulk: operate.Bulk{Action: operate.BulkMove}, usual: []group.Status{group.Queued}}
	c.apply = func(r *rooms, ctx context.Context, id string) (*group.Group, error) {
		return r.control.Move(ctx, id, c.bulk.To)
	}
	cmd := newChangeCommand(p, c, "Let another instance or pool create waiting groups",
		`Move groups that wait for their create to another instance or pool, for example because their
number is logged out. They go behind those of their priority that wait there already. A group that is
being created or exists is not touched.`,
		`rollcall-producer move grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 --to-instance beta
rollcall-producer move --batch cohort.csv --to-pool default --dry-run
rollcall-producer move --instance alpha --to-instance beta`)
	cmd.Flags().StringVar(&c.bulk.To.Instance, "to-instance", "", "the `INSTANCE` that shall create them")
	cmd.Flags().StringVar(&c.bulk.To.Pool, "to-pool", "", "the `POOL` whose first free instance shall create them")
	return cmd
}

func newChangeCommand(p *program, c *change, short, long, examples string) *cobra.Command {
	var o changeOptions
	cmd := &cobra.Command{
		Use: c.verb() + " (ID... | --batch BATCH | FILTER...)", Short: short, Long: long + bulkHelp, Example: examples,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.IDs = args
			switch {
			case len(o.IDs) == 0 && !o.byFilter():
				return cli.Usage("nothing to %s; name groups by their ids, or give --batch or another filter", c.verb())
			case len(o.IDs) > 0 && o.byFilter():
				return cli.Usage("both ids and a filter (--batch, --status …) are given; keep one of the two")
			}
			for _, id := range o.IDs {
				if !strings.HasPrefix(id, group.IDPrefix) {
					return cli.Usage("%q is not a group's id; they begin with %s. A whole batch is named by --batch", id, group.IDPrefix)
				}
			}
			var after, before time.Time
			var err error
			if after, err = timeOf("--created-after", o.After, p.Now()); err != nil {
				return err
			}
			if before, err = timeOf("--created-before", o.Before, p.Now()); err != nil {
				return err
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error {
				if len(o.IDs) > 0 {
					return runChange(ctx, r, c, o)
				}
				b := c.bulk
				if b.Filter, err = o.Groups.filter(ctx, r); err != nil {
					return err
				}
				if len(b.Filter.Statuses) == 0 {
					b.Filter.Statuses = c.usual
				}
				if b.Filter.After, b.Filter.Before, b.All = after, before, o.All; o.Pool != "" {
					b.Filter.Pools = []string{o.Pool}
				}
				return runBulk(ctx, r, c, b, o)
			})
		},
	}
	f := cmd.Flags()
	o.Groups.addFlags(f)
	f.Lookup("status").Usage += " (default " + joined(c.usual) + ")"
	f.StringVar(&o.Pool, "pool", "", "only groups that were addressed to this `POOL`")
	f.StringVar(&o.After, "created-after", "", "only groups accepted from this `TIME` on: as 2026-12-01T08:00:00Z, or how long ago, as 24h")
	f.StringVar(&o.Before, "created-before", "", "only groups accepted before this `TIME`")
	f.BoolVar(&o.All, "all", false, "confirm a filter that matches every group which can be changed; alone: all of them")
	f.BoolVar(&o.DryRun, "dry-run", false, "count what would be changed; change nothing")
	return cli.WithExit(cmd, cli.ExitLines(
		"0    done, also when a filter matches nothing",
		"1    there is no such group or batch, or no group's state allows it",
		"3    some groups' states do not allow it",
		"130  interrupted: the job is aborted")...)
}

// changed is the answer of retry, cancel and move.
type changed struct {
	Job     string         `json:"job"` // "" with ids, and in a dry run
	DryRun  bool           `json:"dryRun"`
	Matched int            `json:"matched"`
	Changed int            `json:"changed"`
	DoneAs  map[string]int `json:"doneAs"`  // the changed groups by their new state; empty with AtMost
	AtMost  bool           `json:"atMost"`  // in a dry run: matched and changed are upper bounds
	Skipped map[string]int `json:"skipped"` // by reason; with ids it is empty, and refused has them all
	Refused []refusal      `json:"refused"` // the first of them
}

// refusal is a group that is not changed.
type refusal struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

// maxRefusals is the maximum of groups that an answer names.
const maxRefusals = 1000

// runChange changes the groups that are named by their ids.
func runChange(ctx context.Context, r *rooms, c *change, o changeOptions) error {
	if err := c.checkTarget(ctx, r); err != nil {
		return err
	}
	ctx, flush := r.control.Audit.Gather(ctx)
	defer flush()
	doc := changed{DryRun: o.DryRun, DoneAs: map[string]int{}, Skipped: map[string]int{}, Refused: []refusal{}}
	progress := r.Progress("groups " + c.past)
	defer progress.Stop()
	var unknown []string
	for _, id := range o.IDs {
		doc.Matched++
		status, err := c.one(ctx, r, id, o.DryRun)
		switch {
		case errors.Is(err, store.ErrNotFound):
			unknown = append(unknown, id)
		case errors.Is(err, store.ErrUnreadable):
			doc.Refused = append(doc.Refused, refusal{id, err.Error()})
		case errors.Is(err, group.ErrState):
			doc.Refused = append(doc.Refused, refusal{id, c.refusal(status, err)})
		case err == nil:
			doc.Changed++
			doc.DoneAs[string(status)]++
		}
		progress.Set(cli.Step{Done: doc.Changed, Failed: len(doc.Refused)})
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		} else if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnreadable) || errors.Is(err, group.ErrState) {
			err = nil
		}
		if err != nil {
			return cli.Exit(cli.Code(err), fmt.Errorf("%s; %s before that, and stay so", cli.Explain(err), doc.did(c)))
		}
	}
	progress.Stop()
	if err := printChanged(r, c, doc); err != nil {
		return err
	}
	if len(unknown) > 0 {
		return cli.Exit(cli.Failed, fmt.Errorf("there is no group %s", strings.Join(unknown, ", ")))
	}
	return doc.exit(len(doc.Refused))
}

// exit returns the error with the exit code for an answer that leaves some groups unchanged.
func (d changed) exit(left int) error {
	switch {
	case left > 0 && d.Changed == 0:
		return cli.Exit(cli.Failed, nil)
	case left > 0:
		return cli.Exit(cli.Partly, nil)
	}
	return nil
}

func (c *change) checkTarget(ctx context.Context, r *rooms) error {
	if c.bulk.Action != operate.BulkMove {
		return nil
	}
	return badTarget(r.control.CheckTarget(ctx, c.bulk.To))
}

// badTarget turns the error for an unknown target into a usage error.
func badTarget(err error) error {
	if errors.Is(err, operate.ErrTarget) {
		return cli.Usage("%w; give --to-instance or --to-pool", err)
	}
	return err
}

// one changes one group, or finds out whether it could be changed. It returns the state that follows; on an error, the
// state that the group is in.
func (c *change) one(ctx context.Context, r *rooms, id string, dry bool) (group.Status, error) {
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
	if err := c.bulk.Try(g, at.Now()); err != nil {
		return status, err
	}
	return g.Status, nil
}

// refusal says why a group of a status is not changed.
func (c *change) refusal(s group.Status, err error) string {
	if slices.Contains(c.bulk.Action.From(), s) { // the status allows it: something else does not
		return strings.TrimSuffix(err.Error(), ": "+group.ErrState.Error())
	}
	return c.wrongState(string(s))
}

func (c *change) wrongState(s string) string {
	return fmt.Sprintf("it is %s; %s is for groups that are %s", s, c.verb(), joined(c.bulk.Action.From()))
}

// elsewhere are the states other than queued in which a retry leaves a group: its abandoned review opens again, or it
// turned out to exist.
var elsewhere = []group.Status{group.Review, group.Inviting}

// did says what was done to the changed groups, or would be.
func (d changed) did(c *change) string {
	did := c.past
	if d.DryRun {
		did = "would be " + c.past
	}
	n, others := d.Changed, ""
	for _, s := range elsewhere {
		if other := d.DoneAs[string(s)]; other > 0 {
			n -= other
			others += fmt.Sprintf(", %d %s", other, s)
		}
	}
	return plural(n, "group") + " " + did + others
}

func printChanged(r *rooms, c *change, d changed) error {
	return cli.Print[changed](r.Session, d, nil, func(p *cli.Page) {
		most := ""
		if d.AtMost {
			most = "at most "
		}
		p.Printf("%s%s", most, d.did(c))
		left := len(d.Refused)
		if len(d.Skipped) > 0 {
			left = total(d.Skipped)
		}
		if left > 0 {
			p.Printf(", %d not", left)
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
