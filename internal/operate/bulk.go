package operate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// BulkAction is what a job does to each of its groups.
type BulkAction string

// The actions.
const (
	BulkRetry  BulkAction = "retry"
	BulkCancel BulkAction = "cancel"
	BulkMove   BulkAction = "move"
)

// BulkActions lists all actions.
var BulkActions = []BulkAction{BulkRetry, BulkCancel, BulkMove}

// From returns the states that allow the action.
func (a BulkAction) From() []group.Status {
	if a == BulkRetry {
		return []group.Status{group.Failed, group.Cancelled}
	}
	return []group.Status{group.Queued}
}

// Bulk is one action on all groups that match a filter.
type Bulk struct {
	Action BulkAction
	To     tasks.Target // of a move
	Filter store.Filter
	// All confirms a filter that matches every group which the action can change.
	All bool
	// Within lists the pools that the caller may use: the job touches only their groups. Empty means all pools.
	// Filter.Pools must be among them.
	Within []string
}

// bound returns the job with its filter narrowed to the caller's pools.
func (b Bulk) bound() Bulk {
	if len(b.Filter.Pools) == 0 {
		b.Filter.Pools = b.Within
	}
	return b
}

// OfPools reports whether a job touches only groups of these pools. Without pools it reports true.
func OfPools(j store.Job, pools []string) bool {
	of := j.Filter.Pools
	return len(pools) == 0 || len(of) > 0 && !slices.ContainsFunc(of, func(pool string) bool { return !slices.Contains(pools, pool) })
}

// ErrNoJobTarget is the Error of a job that ended because no worker serves the target of its move any longer.
const ErrNoJobTarget = "noTarget"

// Everything reports whether the filter matches every group that the action can change.
func (b Bulk) Everything() bool {
	f := b.Filter
	selects := f.BatchID != "" || f.Instance != "" || len(f.Pools) > 0 || !f.Person.Zero() || f.PersonToken != "" || f.ExternalRef != "" ||
		f.Name != "" || f.Fault != "" || !f.After.IsZero() || !f.Before.IsZero()
	if selects {
		return false
	}
	return len(f.Statuses) == 0 || !slices.ContainsFunc(b.Action.From(), func(s group.Status) bool { return !slices.Contains(f.Statuses, s) })
}

// Try does the action to a copy of a group.
func (b Bulk) Try(g *group.Group, now time.Time) error { return actOn(b.Action, b.To, g, now) }

func actOn(a BulkAction, to tasks.Target, g *group.Group, now time.Time) error {
	switch a {
	case BulkRetry:
		return g.Retry(now)
	case BulkCancel:
		return g.Cancel(now)
	default:
		return g.Move(to, now)
	}
}

// checkBulk fails when the action is unknown or no worker serves the target of a move.
func (c *Control) checkBulk(ctx context.Context, b Bulk) error {
	if !slices.Contains(BulkActions, b.Action) {
		return ErrNoAction
	}
	if b.Action == BulkMove {
		return c.CheckTarget(ctx, b.To)
	}
	return nil
}

// BulkPlan is what a job would do.
type BulkPlan struct {
	Total   int
	Done    int            // groups that would be changed
	DoneAs  map[string]int // the same groups by the state that they would be in; empty with AtMost
	Skipped map[string]int // by Reason
	// AtMost says that Total and Done are upper bounds: above PlannedExactly groups they come from the lengths of
	// lists, and no record is read.
	AtMost bool
	// Refused lists the first groups that would stay as they are.
	Refused []Refused
}

// Refused is a group that a plan leaves as it is.
type Refused struct {
	ID     string
	Reason Reason
}

const (
	// PlannedExactly is how many groups a plan reads one by one.
	PlannedExactly = 5000
	maxRefused     = 1000
	planSlice      = 500
)

// PlanBulk returns what a job would do and changes nothing. Its cost is bounded, however many groups match.
func (c *Control) PlanBulk(ctx context.Context, b Bulk) (BulkPlan, error) {
	b = b.bound()
	if err := c.checkBulk(ctx, b); err != nil {
		return BulkPlan{}, err
	}
	count, err := c.Store.Index.Count(ctx, b.Filter)
	if err != nil {
		return BulkPlan{}, err
	}
	if count.Total > PlannedExactly {
		p := BulkPlan{Total: count.Total, Done: count.Total, DoneAs: map[string]int{}, Skipped: map[string]int{}, AtMost: count.AtMost || b.Action != BulkCancel}
		if count.ByStatus != nil {
			p.Done = 0
			for s, n := range count.ByStatus {
				if slices.Contains(b.Action.From(), s) {
					p.Done += n
				} else if n > 0 {
					p.Skipped[string(s)] += n
				}
			}
		}
		return p, nil
	}
	return c.planEach(ctx, b)
}

func (c *Control) planEach(ctx context.Context, b Bulk) (BulkPlan, error) {
	p := BulkPlan{DoneAs: map[string]int{}, Skipped: map[string]int{}}
	now, err := c.Store.Now(ctx)
	if err != nil {
		return p, err
	}
	for left, cursor := PlannedExactly, ""; ; { // more groups may match by now than were counted; the plan leaves them out
		some, next, err := c.Store.Index.Candidates(ctx, b.Filter, cursor, min(planSlice, left))
		if err != nil {
			return p, err
		}
		groups, err := c.Store.Index.Matching(ctx, b.Filter, some)
		if err != nil {
			return p, err
		}
		for _, g := range groups {
			p.Total++
			status := g.Status
			err := b.Try(g, now)
			if err == nil {
				p.Done++
				p.DoneAs[string(g.Status)]++
				continue
			}
			why := reasonOf(b.Action, status, err)
			p.Skipped[string(why)]++
			if len(p.Refused) < maxRefused {
				p.Refused = append(p.Refused, Refused{g.ID, why})
			}
		}
		if left -= len(some); left == 0 || next == "" {
			return p, nil
		}
		cursor = next
	}
}

// BeginBulk stores a job for a Runner and writes it to the audit log. It fails with
// ErrEverything, ErrNothing, ErrNoAction or ErrTarget.
func (c *Control) BeginBulk(ctx context.Context, b Bulk) (store.Job, error) {
	j, err := c.beginBulk(ctx, b)
	about := audit.About{Count: j.Total, Detail: say.Words(b.bound().String())}
	if j.ID != "" {
		about.Subjects = []string{j.ID}
	}
	c.Audit.Did(ctx, audit.BeginBulk, about, err)
	return j, err
}

func (c *Control) beginBulk(ctx context.Context, b Bulk) (store.Job, error) {
	if !slices.Contains(BulkActions, b.Action) {
		return store.Job{}, ErrNoAction
	}
	if b.Everything() && !b.All {
		return store.Job{}, ErrEverything
	}
	plan, err := c.PlanBulk(ctx, b)
	if err != nil {
		return store.Job{}, err
	}
	if plan.Total == 0 {
		return store.Job{}, ErrNothing
	}
	f := b.bound().Filter
	if !f.Person.Zero() { // a stored job holds no phone number
		f.PersonToken = c.Store.Index.PersonToken(f.Person)
		f.Person = phone.Identity{}
	}
	return c.Store.Trail.AddJob(ctx, store.Job{
		Action: string(b.Action), To: b.To, Filter: f, By: audit.ActorOf(ctx).Name, Total: plan.Total, Skipped: map[string]int{},
	})
}

// AbortBulk asks a job to end. The runner finishes the groups under way, a few dozen at most; changed groups stay
// changed. It fails with store.ErrNotFound, or with group.ErrState when the job has ended.
func (c *Control) AbortBulk(ctx context.Context, id string) (store.Job, error) {
	j, err := c.Store.Trail.AbortJob(ctx, id, audit.ActorOf(ctx).Name)
	if errors.Is(err, store.ErrJobEnded) {
		err = group.Refuse("abort "+id, say.Phrase{Code: say.RefusedJobOver})
	}
	c.Audit.Did(ctx, audit.AbortBulk, audit.About{Subjects: []string{id}, Count: j.Settled()}, err)
	return j, err
}

// String returns the action and the filter for the audit log, which masks it.
func (b Bulk) String() string {
	said := []string{string(b.Action)}
	if b.Action == BulkMove {
		said[0] += " to " + b.To.String()
	}
	f := b.Filter
	if len(f.Statuses) > 0 {
		words := make([]string, len(f.Statuses))
		for i, s := range f.Statuses {
			words[i] = string(s)
		}
		said = append(said, "status="+strings.Join(words, ","))
	}
	person := ""
	if !f.Person.Zero() || f.PersonToken != "" {
		person = "one"
	}
	for _, field := range [][2]string{
		{"batch", f.BatchID},
		{"instance", f.Instance},
		{"pool", strings.Join(f.Pools, ",")},
		{"person", person},
		{"ref", f.ExternalRef},
		{"name", f.Name},
		{"fault", f.Fault},
		{"createdAfter", timeText(f.After)},
		{"createdBefore", timeText(f.Before)},
	} {
		if field[1] != "" {
			said = append(said, field[0]+"="+field[1])
		}
	}
	return strings.Join(said, " ")
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// BulkState is the state of a job.
type BulkState string

// The states of a job.
const (
	BulkRunning BulkState = "running"
	BulkDone    BulkState = "done"
	BulkAborted BulkState = "aborted"
	BulkFailed  BulkState = "failed"
)

// BulkStates lists all states.
var BulkStates = []BulkState{BulkRunning, BulkDone, BulkAborted, BulkFailed}

// StateOf returns the state of a job.
func StateOf(j store.Job) BulkState {
	switch {
	case j.Ended.IsZero():
		return BulkRunning
	case j.Error != "":
		return BulkFailed
	case !j.Aborted.IsZero():
		return BulkAborted
	}
	return BulkDone
}
