package operate_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func failedGroup(g *group.Group, now time.Time) { _ = g.NoMembers(now) }

// late leaves a failed group whose create turns out to have made a group at WhatsApp.
func late(g *group.Group, now time.Time) {
	failedGroup(g, now)
	g.Strays, g.Attempts = []group.Stray{{GroupID: "120363000000000009-group", Instance: "alpha"}}, []group.Attempt{{N: 1, Instance: "alpha", Outcome: group.OutcomeCreated}}
}

var (
	retryFailed = operate.Bulk{Action: operate.BulkRetry, Filter: store.Filter{Statuses: []group.Status{group.Failed}}}
	retryAll    = operate.Bulk{Action: operate.BulkRetry, All: true}
)

// runner starts a Runner and stops it at the end of the test.
func (d *desk) runner(t *testing.T, name string, rate int) *operate.Runner {
	t.Helper()
	r := operate.NewRunner(operate.RunnerConfig{Control: d.Control, Name: name, Rate: rate, Poll: 5 * time.Millisecond, Cut: func(err error) {
		if t.Context().Err() == nil && !errors.Is(err, store.ErrJobTaken) {
			t.Errorf("%s was cut short: %v", name, err)
		}
	}})
	r.Start(t.Context())
	t.Cleanup(r.Stop)
	return r
}

func (d *desk) begin(t *testing.T, b operate.Bulk) store.Job {
	t.Helper()
	j, err := d.BeginBulk(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (d *desk) ended(t *testing.T, id string) store.Job {
	t.Helper()
	var j store.Job
	testutil.Until(t, "the job's end", func() bool {
		var err error
		if j, err = d.store.Trail.Job(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		return !j.Ended.IsZero()
	})
	return j
}

// outcomes returns the outcomes of a job, by group.
func (d *desk) outcomes(t *testing.T, id string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for cursor := ""; ; {
		page, next, err := d.BulkOutcomes(t.Context(), id, cursor, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page {
			if all[o.ID] != "" {
				t.Errorf("%s has two outcomes", o.ID)
			}
			all[o.ID] = strings.TrimSpace(o.Outcome + " " + string(o.Reason))
		}
		if cursor = next; cursor == "" {
			return all
		}
	}
}

func (d *desk) load(t *testing.T, id string) *group.Group {
	t.Helper()
	g, err := d.store.Records.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (d *desk) want(t *testing.T, id string, status group.Status, round int) {
	t.Helper()
	if g := d.load(t, id); g.Status != status || g.Round != round {
		t.Errorf("%s is %s in round %d, want %s in %d", id, g.Status, g.Round, status, round)
	}
}

func TestRunner_ChangesEveryGroupThatMatchesAndSaysWhyNotTheOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Audit = &audit.Log{Trail: d.store.Trail}
	failed := d.accept(t, failedGroup)
	waiting := d.accept(t, nil)
	expired := d.accept(t, func(g *group.Group, now time.Time) { failedGroup(g, now); g.ExpiresAt = now })
	doubtful := d.accept(t, inReview)
	abandoned := d.accept(t, func(g *group.Group, now time.Time) { exists(g, now); g.Status = group.Cancelled })
	undecided := d.accept(t, func(g *group.Group, now time.Time) { inReview(g, now); _ = g.Abandon(now) })
	named := d.accept(t, late)
	plan, err := d.PlanBulk(t.Context(), retryAll)
	skipped := map[string]int{"queued": 1, "expired": 1, "review": 1, "exists": 1}
	if err != nil || plan.Total != 7 || plan.Done != 3 || !maps.Equal(plan.DoneAs, map[string]int{"queued": 1, "review": 1, "inviting": 1}) || !maps.Equal(plan.Skipped, skipped) || plan.AtMost || len(plan.Refused) != 4 {
		t.Fatalf("planned %+v (%v), want 3 of 7 done, one of them queued, one in review and one inviting, and %v skipped", plan, err, skipped)
	}
	d.want(t, failed, group.Failed, 0)
	j := d.begin(t, retryAll)
	later := d.accept(t, func(g *group.Group, now time.Time) { failedGroup(g, now); g.CreatedAt = j.Begun.Add(time.Millisecond) })
	d.runner(t, "a", 0)
	j = d.ended(t, j.ID)
	if operate.StateOf(j) != operate.BulkDone || j.Total != 7 || j.Done != 3 || !maps.Equal(j.DoneAs, plan.DoneAs) || !maps.Equal(j.Skipped, skipped) || j.Failed != 0 {
		t.Errorf("got the job %+v, want 3 of 7 done, as planned %v, and %v skipped", j, plan.DoneAs, skipped)
	}
	want := map[string]string{failed: "done", undecided: "done", named: "done", waiting: "skipped queued", expired: "skipped expired", doubtful: "skipped review", abandoned: "skipped exists"}
	if got := d.outcomes(t, j.ID); !maps.Equal(got, want) {
		t.Errorf("outcomes %v, want %v", got, want)
	}
	d.want(t, failed, group.Queued, 1)
	d.want(t, later, group.Failed, 0)
	testutil.Until(t, "no open job", func() bool { // a runner records the end first
		open, err := d.store.Trail.OpenJobs(t.Context())
		return err == nil && len(open) == 0
	})
	entries, _, err := d.store.Trail.AuditPage(t.Context(), store.AuditFilter{}, "", 10)
	if err != nil || len(entries) != 1 || entries[0].Action != "bulk.begin" || entries[0].Count != 7 || !slices.Equal(entries[0].Subjects, []string{j.ID}) || entries[0].Detail.String() != "retry" {
		t.Errorf("the audit log has %+v (%v), want one entry for the job", entries, err)
	}
}

func TestRunner_AfterAKillEachGroupIsChangedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := []string{d.accept(t, failedGroup), d.accept(t, failedGroup), d.accept(t, failedGroup), d.accept(t, late), d.accept(t, func(g *group.Group, now time.Time) {
		inReview(g, now)
		_ = g.Abandon(now)
	}), d.accept(t, failedGroup)}
	j := d.begin(t, retryAll)
	// A process takes the job, stores five groups as open, changes four and is killed. One of the two fails again.
	if _, err := d.store.Trail.TakeJob(t.Context(), j.ID, "killed"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.Trail.SettleJob(t.Context(), j.ID, "killed", nil, func(j *store.Job) {
		for i, as := range []group.Status{group.Queued, group.Queued, group.Queued, group.Inviting, group.Review} {
			j.Open = append(j.Open, store.OpenGroup{ID: ids[i], As: string(as)})
		}
		j.Cursor = ids[4]
	}); err != nil {
		t.Fatal(err)
	}
	for _, id := range slices.Concat(ids[:2], ids[3:5]) {
		if _, err := d.Retry(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.store.Records.Update(t.Context(), ids[0], func(g *group.Group, now time.Time) error { return g.NoMembers(now) }); err != nil {
		t.Fatal(err)
	}
	d.runner(t, "heir", 0)
	j = d.ended(t, j.ID)
	if j.Done != 6 || j.Total != 6 || len(j.Skipped) > 0 || !maps.Equal(j.DoneAs, map[string]int{"queued": 4, "inviting": 1, "review": 1}) {
		t.Errorf("got the job %+v, want 6 done, 4 of them queued, 1 inviting and 1 in review", j)
	}
	if got := d.outcomes(t, j.ID); len(got) != 6 {
		t.Errorf("got the outcomes %v, want 6", got)
	}
	d.want(t, ids[0], group.Failed, 1)
	for i, status := range []group.Status{group.Queued, group.Queued, group.Inviting, group.Review, group.Queued} {
		d.want(t, ids[1+i], status, 1)
	}
	if _, err := d.store.Trail.SettleJob(t.Context(), j.ID, "killed", nil, func(*store.Job) {}); !errors.Is(err, store.ErrJobTaken) {
		t.Errorf("progress of the killed process: got %v, want ErrJobTaken", err)
	}
}

func TestRunner_OfSeveralOneWorksAndAnotherTakesOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var ids []string
	for range 130 {
		ids = append(ids, d.accept(t, failedGroup))
	}
	j := d.begin(t, retryFailed)
	runners := map[string]*operate.Runner{}
	for _, name := range []string{"a", "b", "c"} {
		runners[name] = d.runner(t, name, 1) // the one that works waits long after its first slice
	}
	var first string
	testutil.Until(t, "the first slice", func() bool {
		now, err := d.store.Trail.Job(t.Context(), j.ID)
		first = now.Holder
		return err == nil && now.Done > 0
	})
	d.runner(t, "heir", 0)
	for name, r := range runners {
		if name != first {
			r.Stop()
		}
	}
	if now, err := d.store.Trail.Job(t.Context(), j.ID); err != nil || now.Holder != first {
		t.Errorf("the job is held by %s, %v, want %s", now.Holder, err, first)
	}
	runners[first].Stop()
	j = d.ended(t, j.ID)
	if j.Done != 130 || j.Holder != "heir" {
		t.Errorf("after %s was stopped: got %d done by %s, want 130 by heir", first, j.Done, j.Holder)
	}
	if got := d.outcomes(t, j.ID); len(got) != 130 {
		t.Errorf("got %d outcomes, want 130", len(got))
	}
	for _, id := range ids {
		d.want(t, id, group.Queued, 1)
	}
}

func TestRunner_AnOutageIsToldOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var away atomic.Bool
	var tries, told atomic.Int64 // in this state of Redis; in all
	d.redis.With(func(args []any) error {
		if !slices.Contains(args, any("rollcall:jobs:open")) {
			return nil
		}
		tries.Add(1)
		if away.Load() {
			return errCut{}
		}
		return nil
	})
	r := operate.NewRunner(operate.RunnerConfig{Control: d.Control, Name: "a", Poll: time.Millisecond, Cut: func(error) { told.Add(1) }})
	r.Start(t.Context())
	t.Cleanup(r.Stop)
	for outage := range 2 {
		for _, is := range []bool{true, false} {
			away.Store(is)
			tries.Store(0)
			testutil.Until(t, "the runner tries again and again", func() bool { return tries.Load() > 5 })
		}
		if n := told.Load(); n != int64(outage+1) {
			t.Errorf("after %d outages Cut was called %d times, want once for each", outage+1, n)
		}
	}
}

func TestControlAbortBulk_EndsTheJobAfterTheGroupsUnderWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Audit = &audit.Log{Trail: d.store.Trail}
	ids := make([]string, 160)
	for i := range ids {
		ids[i] = d.accept(t, failedGroup)
	}
	j := d.begin(t, retryFailed)
	aborted := make(chan struct{})
	abort := sync.OnceFunc(func() { close(aborted) })
	t.Cleanup(abort)
	d.redis.With(func(args []any) error {
		if slices.Contains(args, any("rollcall:{"+ids[60]+"}")) { // a group of the second slice
			<-aborted
		}
		return nil
	})
	d.runner(t, "a", 0)
	testutil.Until(t, "the first slice", func() bool {
		now, err := d.store.Trail.Job(t.Context(), j.ID)
		return err == nil && now.Done > 0
	})
	if _, err := d.AbortBulk(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	abort()
	j = d.ended(t, j.ID)
	if operate.StateOf(j) != operate.BulkAborted || j.Done >= 160 {
		t.Errorf("got the job %+v, want it aborted before its end", j)
	}
	count, err := d.store.Index.Count(t.Context(), store.Filter{Statuses: []group.Status{group.Failed}})
	if err != nil || count.Total != 160-j.Done {
		t.Errorf("%d groups are still failed (%v), want %d", count.Total, err, 160-j.Done)
	}
	if _, err := d.AbortBulk(t.Context(), j.ID); !errors.Is(err, group.ErrState) {
		t.Errorf("a second abort: got %v, want ErrState", err)
	}
	if _, err := d.AbortBulk(t.Context(), "job_none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown job: got %v, want ErrNotFound", err)
	}
}

func TestControlBeginBulk_RefusesNothingAndUnconfirmedEverything(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.accept(t, nil)
	statuses := func(all ...group.Status) store.Filter { return store.Filter{Statuses: all} }
	for _, c := range []struct {
		name string
		bulk operate.Bulk
		want error
	}{
		{"no filter", operate.Bulk{Action: operate.BulkCancel}, operate.ErrEverything},
		{"all that can be cancelled", operate.Bulk{Action: operate.BulkCancel, Filter: statuses(group.Queued)}, operate.ErrEverything},
		{"all that can be retried", operate.Bulk{Action: operate.BulkRetry, Filter: statuses(group.Failed, group.Cancelled, group.Done)}, operate.ErrEverything},
		{"nothing failed", retryFailed, operate.ErrNothing},
		{"an unknown instance", operate.Bulk{Action: operate.BulkCancel, Filter: store.Filter{Instance: "beta"}}, operate.ErrNothing},
		{"an unknown action", operate.Bulk{Action: "explode", All: true}, operate.ErrNoAction},
		{"a move to nowhere", operate.Bulk{Action: operate.BulkMove, To: tasks.Target{Pool: "none"}, All: true}, operate.ErrTarget},
		{"confirmed", operate.Bulk{Action: operate.BulkCancel, All: true}, nil},
	} {
		if _, err := d.BeginBulk(t.Context(), c.bulk); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	if jobs, _, err := d.store.Trail.Jobs(t.Context(), "", 10); err != nil || len(jobs) != 1 {
		t.Errorf("got the jobs %+v (%v), want the confirmed one alone", jobs, err)
	}
}

func TestRunner_AMoveEndsWhenItsTargetIsGone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "beta", Pools: []string{"default"}}}); err != nil {
		t.Fatal(err)
	}
	id := d.accept(t, nil)
	move := operate.Bulk{Action: operate.BulkMove, To: tasks.Target{Pool: "default"}, Filter: store.Filter{Instance: "alpha"}}
	j := d.begin(t, move)
	if err := d.store.Presence.Withdraw(t.Context(), "beta"); err != nil {
		t.Fatal(err)
	}
	r := d.runner(t, "a", 0)
	if j = d.ended(t, j.ID); operate.StateOf(j) != operate.BulkFailed || j.Error != operate.ErrNoJobTarget || j.Done != 0 {
		t.Errorf("got the job %+v, want it failed without its target", j)
	}
	if err := d.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "beta", Pools: []string{"default"}}}); err != nil {
		t.Fatal(err)
	}
	j = d.begin(t, move)
	r.Wake()
	if j = d.ended(t, j.ID); j.Done != 1 {
		t.Errorf("got the job %+v, want 1 moved", j)
	}
	if g := d.load(t, id); g.Target.Pool != "default" || g.Round != 1 {
		t.Errorf("the group waits for %s in round %d, want the pool default in round 1", g.Target, g.Round)
	}
	// A move to the pool for which the group already waits.
	plan, err := d.PlanBulk(t.Context(), operate.Bulk{Action: operate.BulkMove, To: tasks.Target{Pool: "default"}, Filter: store.Filter{Pools: []string{"default"}}})
	if err != nil || plan.Total != 1 || plan.Skipped[string(operate.SkipThere)] != 1 {
		t.Errorf("planned %+v (%v), want 1 group, skipped because it is there", plan, err)
	}
}

func TestControlPlanBulk_BeyondItsBoundCountsByTheLists(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var entries []*store.Entry
	now := time.Now().UTC()
	for n := range operate.PlannedExactly + 10 {
		status := group.Failed
		if n < 10 {
			status = group.Done
		}
		entries = append(entries, &store.Entry{Group: &group.Group{
			ID: group.NewID(), Name: "Turma", Target: tasks.Target{Instance: "alpha"}, Instance: "alpha", Priority: tasks.Normal, Status: status, CreatedAt: now, UpdatedAt: now,
		}})
	}
	for some := range slices.Chunk(entries, 500) {
		if err := d.store.Records.Record(t.Context(), some); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := d.PlanBulk(t.Context(), operate.Bulk{Action: operate.BulkRetry, Filter: store.Filter{Instance: "alpha"}})
	if err != nil || plan.Total != operate.PlannedExactly+10 || plan.Done != operate.PlannedExactly || plan.Skipped["done"] != 10 || !plan.AtMost {
		t.Errorf("planned %+v (%v), want at most %d done and 10 skipped", plan, err, operate.PlannedExactly)
	}
}
