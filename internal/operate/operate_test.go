package operate_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// desk is a Control whose queue and pacer only record their calls.
type desk struct {
	*operate.Control
	store  *store.Store
	redis  *testutil.Meddler
	put    []string
	woken  []string
	rested []string
	paused map[string]bool

	removed []string
	lifted  int   // how often Unpause was called
	refuse  error // of Put
	late    []error
}

func (d *desk) Put(_ context.Context, ts ...tasks.Task) error {
	if d.refuse != nil {
		return d.refuse
	}
	for _, t := range ts {
		d.put = append(d.put, string(t.Type)+" "+t.Line)
	}
	return nil
}

func (d *desk) Wake(_ context.Context, instances ...string) error {
	d.woken = append(d.woken, instances...)
	return nil
}

func (d *desk) Remove(_ context.Context, t tasks.Task) error {
	d.removed = append(d.removed, t.Line)
	return nil
}

func (d *desk) Unpause(context.Context) ([]string, error) {
	d.lifted++
	return nil, nil
}

// pacer records its calls in the desk.
type pacer struct{ *desk }

func (p pacer) Pause(_ context.Context, instance string, _ time.Time) error {
	p.paused[instance] = true
	return nil
}

func (p pacer) Unpause(_ context.Context, instance string) error {
	delete(p.paused, instance)
	return nil
}

func (p pacer) ClearRest(_ context.Context, instance string) error {
	p.rested = append(p.rested, instance)
	return nil
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	rdb := testutil.Redis(t)
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{store: st, redis: testutil.Meddle(rdb), paused: map[string]bool{}}
	looks := []time.Duration{10 * time.Second, time.Minute}
	d.Control = operate.New(operate.Config{Store: st, Queue: d, Pacer: pacer{d}, Schedule: group.Schedule{VerifyLooks: looks, RollLooks: looks}, Late: func(_, _ string, err error) { d.late = append(d.late, err) }})
	return d
}

// accept records a group that waits for alpha, changed by the test.
func (d *desk) accept(t *testing.T, change func(g *group.Group, now time.Time)) string {
	t.Helper()
	now := time.Now().UTC()
	g := &group.Group{
		ID: group.NewID(), Name: "Turma", Target: tasks.Target{Instance: "alpha"}, Instance: "alpha", Priority: tasks.Normal,
		Status: group.Queued, CreatedAt: now, UpdatedAt: now, Members: []group.Member{{Number: "+5544999999991", Status: group.Pending}},
	}
	if change != nil {
		change(g, now)
	}
	if err := d.store.Records.Record(t.Context(), []*store.Entry{{Group: g}}); err != nil {
		t.Fatal(err)
	}
	return g.ID
}

// inReview leaves a group in review after a create without a clear answer.
func inReview(g *group.Group, now time.Time) {
	g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
	_ = g.Unknown(1, group.Answer{}, now)
	g.Doubtful(say.Phrase{Code: say.ErrorUnlisted}, now)
}

func (d *desk) wantPut(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(d.put, want) {
		t.Errorf("put %q on the queue, want %q", d.put, want)
	}
}

func TestControl_ADecisionHoldsAndSucceedsBeforeListsShowIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	retried := d.accept(t, func(g *group.Group, now time.Time) { _ = g.NoMembers(now) })
	added := d.accept(t, nil)
	people := []group.Member{{Number: "+5544999999992", Status: group.Pending}}
	d.redis.Refuse("rollcall:{ix}:held")
	if g, err := d.Retry(t.Context(), retried); err != nil || g.Status != group.Queued {
		t.Errorf("retry: got %+v, %v, want it queued", g, err)
	}
	if g, err := d.Add(t.Context(), added, people, "ana", func(*group.Group) {}); err != nil || len(g.Members) != 2 {
		t.Errorf("add: got %+v, %v, want 2 members", g, err)
	}
	if len(d.late) != 2 || !errors.Is(d.late[0], store.ErrIndexBehind) || !errors.Is(d.late[1], store.ErrIndexBehind) {
		t.Errorf("reported as late: got %v, want twice ErrIndexBehind", d.late)
	}
	d.wantPut(t, "group:create create:alpha", "group:create create:alpha")
	if _, err := d.Retry(t.Context(), retried); !errors.Is(err, group.ErrState) {
		t.Errorf("a second retry: got %v, want ErrState", err)
	}
	if g, err := d.Add(t.Context(), added, people, "ana", func(*group.Group) {}); g == nil || len(g.Members) != 2 {
		t.Errorf("a second add: got %+v, %v, want still 2 members", g, err)
	}
}

func TestControl_ADecisionHoldsAndSucceedsWithoutItsTask(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.accept(t, func(g *group.Group, now time.Time) { _ = g.NoMembers(now) })
	d.refuse = errors.New("the queue is away")
	if g, err := d.Retry(t.Context(), id); err != nil || g.Status != group.Queued {
		t.Errorf("got %+v, %v, want it queued", g, err)
	}
	if len(d.late) != 1 || !errors.Is(d.late[0], d.refuse) {
		t.Errorf("reported as late: got %v, want that the queue is away", d.late)
	}
}

func TestControl_ADecisionPutsTheNextTaskOnTheQueue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		before func(g *group.Group, now time.Time)
		decide func(d *desk, id string) (*group.Group, error)
		status group.Status
		put    []string
	}{
		{"cancel", nil, func(d *desk, id string) (*group.Group, error) { return d.Cancel(t.Context(), id) }, group.Cancelled, nil},
		{
			"retry", func(g *group.Group, now time.Time) { _ = g.NoMembers(now) },
			func(d *desk, id string) (*group.Group, error) { return d.Retry(t.Context(), id) }, group.Queued,
			[]string{"group:create create:alpha"},
		},
		{
			"recreate", inReview,
			func(d *desk, id string) (*group.Group, error) { return d.Recreate(t.Context(), id) }, group.Queued,
			[]string{"group:create create:alpha"},
		},
		{
			"adopt", inReview,
			func(d *desk, id string) (*group.Group, error) { return d.Adopt(t.Context(), id, "1-group") }, group.Inviting,
			[]string{"group:rollcall "},
		},
		{"abandon", inReview, func(d *desk, id string) (*group.Group, error) { return d.Abandon(t.Context(), id) }, group.Cancelled, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			g, err := c.decide(d, d.accept(t, c.before))
			if err != nil || g.Status != c.status {
				t.Fatalf("got %+v and %v, want the status %s", g, err, c.status)
			}
			d.wantPut(t, c.put...)
		})
	}
}

func TestControlRetry_AnExpiredGroupIsNotQueuedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	expired := func(before func(g *group.Group, now time.Time)) string {
		return d.accept(t, func(g *group.Group, now time.Time) {
			before(g, now)
			g.ExpiresAt = now
		})
	}
	failed := expired(func(g *group.Group, now time.Time) { _ = g.NoMembers(now) })
	if g, err := d.Retry(t.Context(), failed); !errors.Is(err, group.ErrExpired) || g.Status != group.Failed {
		t.Errorf("retry: got %+v and %v, want ErrExpired", g, err)
	}
	doubtful := expired(inReview)
	if g, err := d.Recreate(t.Context(), doubtful); !errors.Is(err, group.ErrExpired) || g.Status != group.Review {
		t.Errorf("recreate: got %+v and %v, want ErrExpired", g, err)
	}
	if _, err := d.Abandon(t.Context(), doubtful); err != nil {
		t.Errorf("abandon, which stays allowed: got %v, want no error", err)
	}
	d.wantPut(t)
}

func TestControl_ADecisionThatIsNotAllowedChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.accept(t, nil)
	if _, err := d.Adopt(t.Context(), id, "1-group"); !errors.Is(err, group.ErrState) {
		t.Errorf("adopting a queued group: got %v, want ErrState", err)
	}
	if owners, err := d.store.Records.WhatsAppOwners(t.Context(), []string{"1-group"}); err != nil || len(owners) > 0 {
		t.Errorf("got the owners %v (%v), want none: another request may adopt the group", owners, err)
	}
	if _, err := d.Cancel(t.Context(), group.NewID()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("cancelling an unknown group: got %v, want ErrNotFound", err)
	}
	d.wantPut(t)
}

func TestControlAdopt_OneRequestAloneAdoptsAGroup(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.accept(t, inReview), d.accept(t, inReview)
	if _, err := d.Adopt(t.Context(), first, "1-group"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Adopt(t.Context(), second, "1@g.us"); !errors.Is(err, operate.ErrTaken) { // the same group in another spelling
		t.Errorf("got %v, want ErrTaken", err)
	}
}

// The first request was given a group that is the second one's, and a person has corrected that.
func TestControlAdopt_AGroupThatItsOwnerHasLeftIsFree(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.accept(t, inReview), d.accept(t, inReview)
	adopt := func(id, groupID string, want error) {
		t.Helper()
		if _, err := d.Adopt(t.Context(), id, groupID); !errors.Is(err, want) {
			t.Errorf("adopting %s for %s: got %v, want %v", groupID, id, err, want)
		}
	}
	review := func(g *group.Group, now time.Time) error {
		return g.RollFailed(say.Phrase{}, 0, now)
	}
	adopt(first, "1-group", nil)
	if _, err := d.store.Records.Update(t.Context(), first, review); err != nil {
		t.Fatal(err)
	}
	adopt(second, "1-group", operate.ErrTaken) // it may still be the first one's
	adopt(first, "2-group", nil)
	adopt(second, "2-group", operate.ErrTaken)
	adopt(second, "1-group", nil)
	third := d.accept(t, inReview)
	if owner, err := d.store.Records.ClaimWhatsApp(t.Context(), "3-group", group.NewID()); err != nil { // its record is gone
		t.Fatal(owner, err)
	}
	adopt(third, "3-group", nil)
}

func TestControlAdopt_AnOwnerThatComesBackMeanwhileKeepsItsGroup(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.accept(t, inReview), d.accept(t, inReview)
	adopt := func(groupID string) {
		t.Helper()
		if _, err := d.Adopt(t.Context(), first, groupID); err != nil {
			t.Fatal(err)
		}
	}
	review := func() {
		t.Helper()
		if _, err := d.store.Records.Update(t.Context(), first, func(g *group.Group, now time.Time) error {
			return g.RollFailed(say.Phrase{}, 0, now)
		}); err != nil {
			t.Fatal(err)
		}
	}
	adopt("1-group")
	review()
	adopt("2-group")
	d.redis.Before([]string{"delete"}, func() { // of the claim
		review()
		adopt("1-group")
	})
	if _, err := d.Adopt(t.Context(), second, "1-group"); !errors.Is(err, operate.ErrTaken) {
		t.Errorf("got %v, want ErrTaken: the group is the first one's again", err)
	}
	if owner, err := d.store.Records.ClaimWhatsApp(t.Context(), "1-group", second); err != nil || owner != first {
		t.Errorf("the group is claimed by %s (%v), want %s", owner, err, first)
	}
}

func TestControlResume_WakesTheInstanceAndLeavesARestAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.Pause(t.Context(), "alpha", "new SIM", operate.Ending{}); err != nil {
		t.Fatal(err)
	}
	if !d.paused["alpha"] {
		t.Error("the pacer did not get the pause")
	}
	if err := d.Resume(t.Context(), "alpha", "", false); err != nil {
		t.Fatal(err)
	}
	if d.paused["alpha"] {
		t.Error("the pacer still holds alpha after the resume")
	}
	if d.lifted != 1 {
		t.Errorf("Resume lifted the pauses of the queues %d times, want once", d.lifted)
	}
	if len(d.rested) > 0 || !slices.Equal(d.woken, []string{"alpha"}) {
		t.Errorf("ended the rests of %v and woke %v, want no rest ended and alpha woken", d.rested, d.woken)
	}
	if err := d.Resume(t.Context(), "alpha", "", true); err != nil || !slices.Equal(d.rested, []string{"alpha"}) {
		t.Errorf("ended the rests of %v (%v), want alpha's", d.rested, err)
	}
}

// Tasks of cancelled groups would delay the groups behind them in line.
func TestControlCancel_TakesTheTaskOutOfItsLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Cancel(t.Context(), d.accept(t, nil)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.removed, []string{"create:alpha"}) {
		t.Errorf("removed tasks from %v, want create:alpha", d.removed)
	}
	if _, err := d.Cancel(t.Context(), d.accept(t, func(g *group.Group, now time.Time) { _ = g.Cancel(now) })); !errors.Is(err, group.ErrState) || len(d.removed) != 1 {
		t.Errorf("a cancelled group: got %v and removed tasks from %v, want ErrState and no further line", err, d.removed)
	}
}
