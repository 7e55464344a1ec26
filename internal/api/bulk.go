package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func (a *API) addBulk() {
	op := add(a, operation{
		method: http.MethodPost, path: "/v1/bulk", id: "beginBulk", tag: "bulk", role: auth.Operator, does: audit.BeginBulk, body: true, pools: true, status: http.StatusAccepted,
		summary: "Retry, cancel or move all groups that match a filter",
		about: "The filter is that of the list. Begin with dryRun: it answers 200 with how many groups would be changed and why the others would not, and changes nothing.\n\n" +
			"The job is stored when this answers 202. A server or a worker does it in the background, at a rate that leaves the creates alone, and another one goes on if that one is killed; each group is changed once. " +
			"Groups that are accepted after the job began are left as they are. A filter that matches nothing is 422 (code matchesNothing), and so is one that matches every group which the action can change, unless all is true (code matchesEverything).",
	}, a.beginBulk)
	op.RequestBody.Content["application/json"].Examples = map[string]*huma.Example{
		"retry": {Summary: "Try the failed groups of a batch again", Value: map[string]any{"action": "retry", "filter": map[string]any{"batchId": "cohort.csv", "status": []string{"failed"}}}},
	}
	answersWith(op, http.StatusOK, "With dryRun: what would be done.", op.Responses["202"].Content)
	op.Responses["202"].Headers["Location"].Description = "Where the job's document is."
	add(a, operation{
		method: http.MethodGet, path: "/v1/bulk", id: "listBulk", tag: "bulk", role: auth.Viewer, pools: true, summary: "List the jobs of the last week, newest first",
	}, a.listBulk)
	add(a, operation{
		method: http.MethodGet, path: "/v1/bulk/{id}", id: "getBulk", tag: "bulk", role: auth.Viewer, pools: true,
		summary: "Show one job with its progress", problems: []int{http.StatusNotFound},
	}, a.getBulk)
	add(a, operation{
		method: http.MethodGet, path: "/v1/bulk/{id}/outcomes", id: "listBulkOutcomes", tag: "bulk", role: auth.Viewer, pools: true,
		summary: "List what a job did with each group", problems: []int{http.StatusNotFound},
		about: "In the order in which the job came to the groups, the oldest group first. Of a job with more than a million groups the first million are listed.",
	}, a.listBulkOutcomes)
	add(a, operation{
		method: http.MethodPost, path: "/v1/bulk/{id}/abort", id: "abortBulk", tag: "bulk", role: auth.Operator, does: audit.AbortBulk, pools: true,
		summary: "Abort a job", problems: []int{http.StatusNotFound, http.StatusConflict},
		about: "The groups under way, fifty at most, are finished, and the job ends. What was done stays done.",
	}, a.abortBulk)
}

// The faults of a job's filter.
const (
	matchesEverything = "matchesEverything"
	matchesNothing    = "matchesNothing"
)

// BulkRequest is one action on all groups that match a filter.
type BulkRequest struct {
	_      struct{}           `additionalProperties:"false"`
	Action operate.BulkAction `json:"action" doc:"retry: groups that failed or were cancelled go back into the queue; an abandoned review opens again. cancel and move: groups that are queued."`
	Filter BulkFilter         `json:"filter" doc:"Which groups. All that is given must match."`
	To     *Destination       `json:"to,omitempty" doc:"The target of a move. Required with move, and only with it."`
	DryRun bool               `json:"dryRun,omitempty" doc:"Say what would be done; change nothing."`
	All    bool               `json:"all,omitempty" doc:"Confirms a filter that matches every group which the action can change."`
}

// BulkFilter selects the groups of a job.
type BulkFilter struct {
	_             struct{}       `additionalProperties:"false"`
	Status        []group.Status `json:"status,omitempty" minItems:"1" maxItems:"8" doc:"Only groups in one of these states."`
	BatchID       string         `json:"batchId,omitempty" minLength:"1" maxLength:"255" doc:"Only groups of this batch, by its id or name."`
	Instance      string         `json:"instance,omitempty" minLength:"1" maxLength:"40" doc:"Only groups that this instance creates or created."`
	Pool          string         `json:"pool,omitempty" minLength:"1" maxLength:"40" doc:"Only groups that were addressed to this pool."`
	Phone         filterPhone    `json:"phone,omitempty" doc:"Only groups with this person: a phone in any spelling, or a chat id."`
	Region        string         `json:"region,omitempty" maxLength:"2" doc:"The country of a phone without a country code, two letters as BR."`
	ExternalRef   string         `json:"externalRef,omitempty" minLength:"1" maxLength:"255" doc:"Only groups with this reference of yours."`
	Fault         string         `json:"fault,omitempty" minLength:"1" maxLength:"255" doc:"Only groups that failed or are reviewed with this fault, as a need of /v1/status names it."`
	CreatedAfter  time.Time      `json:"createdAfter,omitzero" doc:"Only groups accepted at this time or later."`
	CreatedBefore time.Time      `json:"createdBefore,omitzero" doc:"Only groups accepted before this time."`
}

// filterPhone is the phone of a job's filter. An empty one is refused: the filter would match the groups of all people.
type filterPhone tasks.Phone

// UnmarshalJSON reads a phone as tasks.Phone does.
func (p *filterPhone) UnmarshalJSON(data []byte) error {
	err := (*tasks.Phone)(p).UnmarshalJSON(data)
	if err == nil && *p == "" {
		err = errors.New("the phone of a filter is empty; leave it out to match every person")
	}
	return err
}

// Bulk is a job and its progress.
type Bulk struct {
	ID         string             `json:"id" doc:"The job's id; empty with dryRun."`
	Action     operate.BulkAction `json:"action"`
	To         *BulkTarget        `json:"to,omitempty" doc:"The target of a move; absent for other actions."`
	Filter     BulkOf             `json:"filter"`
	DryRun     bool               `json:"dryRun"`
	Status     string             `json:"status" enum:"planned,running,done,aborted,failed" doc:"planned: the answer of a dry run. running: accepted, and not ended yet. failed: the target of a move is gone."`
	Total      int                `json:"total" doc:"The groups that match. While the job runs, this is an upper bound."`
	Done       int                `json:"done" doc:"The groups that were changed; with dryRun, that would be."`
	DoneAs     map[string]int     `json:"doneAs,omitempty" doc:"Done, by the state that the groups get; absent with atMost. A retry opens an abandoned review again (review) and takes a group that turned out to exist (inviting); all others are queued."`
	Skipped    map[string]int     `json:"skipped" doc:"The groups that were left as they are, by reason."`
	Failed     int                `json:"failed" doc:"The groups that could not be changed because of an error of Redis. Begin another job for them."`
	AtMost     bool               `json:"atMost" doc:"With dryRun: total and done are upper bounds. So many groups match that lists were counted and no group was read."`
	By         string             `json:"by" doc:"Who began it: the name of a key or a user."`
	AbortedBy  string             `json:"abortedBy" doc:"Who asked it to end; the job ends when the groups under way are finished."`
	CreatedAt  *time.Time         `json:"createdAt"`
	UpdatedAt  *time.Time         `json:"updatedAt" doc:"When it last made progress."`
	FinishedAt *time.Time         `json:"finishedAt"`
}

// BulkTarget is the target of a move: an instance or a pool.
type BulkTarget struct {
	Instance string `json:"instance"`
	Pool     string `json:"pool"`
}

// BulkOf is a job's filter. A phone is not repeated.
type BulkOf struct {
	Status        []group.Status `json:"status"`
	BatchID       string         `json:"batchId"`
	Instance      string         `json:"instance"`
	Pools         []string       `json:"pools" doc:"Only groups that were addressed to one of these pools; empty for all."`
	Person        bool           `json:"person" doc:"Whether the filter names a person."`
	ExternalRef   string         `json:"externalRef"`
	Name          string         `json:"name" doc:"What the groups' names begin with; only the page has this filter."`
	Fault         string         `json:"fault"`
	CreatedAfter  *time.Time     `json:"createdAfter"`
	CreatedBefore *time.Time     `json:"createdBefore"`
}

// BulkOutcome is what a job did with one group.
type BulkOutcome struct {
	ID      string `json:"id" doc:"The group's id."`
	Outcome string `json:"outcome" enum:"done,skipped,failed"`
	Reason  string `json:"reason" doc:"Why it was skipped: the group's state, or expired, replaced, exists (its review was abandoned), there (it waits at the target already), changed (another change came first), gone, unreadable."`
}

func targetOf(to tasks.Target) *BulkTarget {
	if to == (tasks.Target{}) {
		return nil
	}
	return &BulkTarget{Instance: to.Instance, Pool: to.Pool}
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func bulkOf(f store.Filter) BulkOf {
	return BulkOf{
		Status: append([]group.Status{}, f.Statuses...), BatchID: f.BatchID, Instance: f.Instance, Pools: append([]string{}, f.Pools...), Person: f.PersonToken != "" || !f.Person.Zero(),
		ExternalRef: f.ExternalRef, Name: f.Name, Fault: f.Fault, CreatedAfter: timeOf(f.After), CreatedBefore: timeOf(f.Before),
	}
}

func bulkDocument(j store.Job) Bulk {
	d := Bulk{
		ID: j.ID, Action: operate.BulkAction(j.Action), To: targetOf(j.To), Filter: bulkOf(j.Filter), Status: string(operate.StateOf(j)),
		Total: j.Total, Done: j.Done, DoneAs: j.DoneAs, Skipped: j.Skipped, Failed: j.Failed, By: j.By, AbortedBy: j.AbortedBy,
		CreatedAt: timeOf(j.Begun), UpdatedAt: timeOf(j.At), FinishedAt: timeOf(j.Ended),
	}
	if d.Skipped == nil {
		d.Skipped = map[string]int{}
	}
	return d
}

type bulkInput struct{ Body BulkRequest }

type bulkAnswer struct {
	Status   int
	Location string `header:"Location"`
	Body     Bulk
}

func (a *API) beginBulk(ctx context.Context, in *bulkInput) (*bulkAnswer, error) {
	b, err := a.bulk(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	if in.Body.DryRun {
		p, err := a.Control.PlanBulk(ctx, b)
		if err != nil {
			return nil, ofBulk(err)
		}
		return &bulkAnswer{Status: http.StatusOK, Body: Bulk{
			Action: b.Action, To: targetOf(b.To), Filter: bulkOf(b.Filter), DryRun: true, Status: "planned",
			Total: p.Total, Done: p.Done, DoneAs: p.DoneAs, Skipped: p.Skipped, AtMost: p.AtMost, By: audit.ActorOf(ctx).Name,
		}}, nil
	}
	j, err := a.Control.BeginBulk(ctx, b)
	if err != nil {
		return nil, ofBulk(err)
	}
	return &bulkAnswer{Status: http.StatusAccepted, Location: "/v1/bulk/" + j.ID, Body: bulkDocument(j)}, nil
}

// bulk reads a request. For a key that is bound to pools, the job touches only their groups.
func (a *API) bulk(ctx context.Context, r BulkRequest) (operate.Bulk, error) {
	b := operate.Bulk{Action: r.Action, All: r.All, Within: auth.Of(ctx).Pools}
	switch move := r.Action == operate.BulkMove; {
	case move && r.To == nil:
		return b, invalid("body.to", "", "move needs to: an instance or a pool.")
	case !move && r.To != nil:
		return b, invalid("body.to", "", "to is for move only.")
	case move:
		to := tasks.GroupRequest{Instance: r.To.Instance, Pool: r.To.Pool}
		if bad := (enqueue.Rules{Pools: b.Within}).Place(&to); bad != nil {
			return b, invalid("body.to", "", "%s", bad.Message)
		}
		b.To = tasks.Target{Instance: to.Instance, Pool: to.Pool}
	}
	f := r.Filter
	if f.Pool != "" && len(b.Within) > 0 && !slices.Contains(b.Within, f.Pool) {
		return b, invalid("body.filter.pool", "", "This key is bound to the pools %s.", strings.Join(b.Within, ", "))
	}
	var err error
	b.Filter, err = a.filter(ctx, &listInput{
		Status: texts(f.Status), BatchID: f.BatchID, Instance: f.Instance, Phone: string(f.Phone), Region: f.Region,
		ExternalRef: f.ExternalRef, CreatedAfter: f.CreatedAfter, CreatedBefore: f.CreatedBefore,
	}, "body.filter")
	if errors.Is(err, store.ErrNotFound) {
		return b, invalid("body.filter.batchId", "", "There is no batch of this id or name.")
	}
	if b.Filter.Fault = f.Fault; f.Pool != "" {
		b.Filter.Pools = []string{f.Pool}
	}
	if err != nil {
		return b, err
	}
	return b, a.known(ctx, b.Filter, "body.filter")
}

func texts[S ~string](words []S) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return all
}

// ofBulk returns the problem of a job that cannot begin.
func ofBulk(err error) error {
	switch {
	case errors.Is(err, operate.ErrEverything):
		return invalid("body.filter", matchesEverything, "This filter matches every group that the action can change. Narrow it, or send \"all\": true.")
	case errors.Is(err, operate.ErrNothing):
		return invalid("body.filter", matchesNothing, "No group matches this filter. Nothing was begun.")
	case errors.Is(err, operate.ErrTarget):
		return invalid("body.to", "", "%s.", err)
	}
	return err
}

// BulkID names a job.
type BulkID struct {
	ID string `path:"id" doc:"The job's id." example:"job_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10"`
}

func (b BulkID) mine(ctx context.Context, a *API) error {
	j, err := a.Store.Trail.Job(ctx, b.ID)
	if err == nil && !shows(ctx, j) {
		err = store.ErrNotFound
	}
	return noJob(b.ID, err)
}

// shows reports whether the key of a request may see a job.
func shows(ctx context.Context, j store.Job) bool { return operate.OfPools(j, auth.Of(ctx).Pools) }

func (a *API) getBulk(ctx context.Context, in *BulkID) (*answered[Bulk], error) {
	j, err := a.Store.Trail.Job(ctx, in.ID)
	if err != nil {
		return nil, noJob(in.ID, err)
	}
	return &answered[Bulk]{bulkDocument(j)}, nil
}

func noJob(id string, err error) error { return unknown(err, "There is no job %s.", id) }

type bulkList struct {
	Items      []Bulk `json:"items"`
	NextCursor string `json:"nextCursor"`
}

func (a *API) listBulk(ctx context.Context, in *Page) (*answered[bulkList], error) {
	jobs, next, err := a.Store.Trail.Jobs(ctx, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	list := bulkList{Items: []Bulk{}, NextCursor: next}
	for _, j := range jobs {
		if shows(ctx, j) {
			list.Items = append(list.Items, bulkDocument(j))
		}
	}
	return &answered[bulkList]{list}, nil
}

type bulkOutcomesInput struct {
	BulkID
	Page
}

type bulkOutcomeList struct {
	Items      []BulkOutcome `json:"items"`
	NextCursor string        `json:"nextCursor"`
}

func (a *API) listBulkOutcomes(ctx context.Context, in *bulkOutcomesInput) (*answered[bulkOutcomeList], error) {
	outcomes, next, err := a.Control.BulkOutcomes(ctx, in.ID, in.Cursor, in.Limit)
	if err != nil {
		return nil, noJob(in.ID, err)
	}
	list := bulkOutcomeList{Items: make([]BulkOutcome, len(outcomes)), NextCursor: next}
	for i, o := range outcomes {
		list.Items[i] = BulkOutcome{ID: o.ID, Outcome: o.Outcome, Reason: string(o.Reason)}
	}
	return &answered[bulkOutcomeList]{list}, nil
}

func (a *API) abortBulk(ctx context.Context, in *BulkID) (*answered[Bulk], error) {
	j, err := a.Control.AbortBulk(ctx, in.ID)
	if err != nil {
		return nil, noJob(in.ID, err)
	}
	return &answered[Bulk]{bulkDocument(j)}, nil
}
