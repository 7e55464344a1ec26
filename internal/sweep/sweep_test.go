package sweep_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/sweep"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// scene is a Redis in which something lies that a crash has left.
type scene struct {
	t       *testing.T
	rdb     redis.UniversalClient
	ledger  *ledger.Ledger
	queue   *queue.Queue
	sweeper *sweep.Sweeper
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, rdb: testutil.Redis(t)}
	s.queue, s.ledger = queue.New(s.rdb), open(t, s.rdb)
	s.sweeper = sweep.New(sweep.Config{
		Ledger: s.ledger, Queue: s.queue, Worker: "sweeper", Log: zerolog.Nop(),
		Schedule: group.Schedule{VerifyLooks: []time.Duration{time.Second}, RollLooks: []time.Duration{0}},
	})
	return s
}

func open(t *testing.T, rdb redis.UniversalClient) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), rdb, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func fresh() *group.Group {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return &group.Group{
		ID: group.NewID(), Name: "Turma", Target: tasks.Target{Instance: "alpha"}, Priority: tasks.Normal,
		Status: group.Queued, CreatedAt: now, UpdatedAt: now,
		Members: []group.Member{{Number: phone.Number("+5511999990001"), Status: group.Pending, UpdatedAt: now}},
	}
}

// record writes a group as a producer does that dies before it puts the task.
func record(t *testing.T, l *ledger.Ledger, g *group.Group) {
	t.Helper()
	if err := l.Record(t.Context(), []*ledger.Entry{{Group: g}}); err != nil {
		t.Fatal(err)
	}
}

func (s *scene) pass() {
	s.t.Helper()
	if err := s.sweeper.Pass(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// waiting says whether a task stands in a queue.
func (s *scene) waiting(queue, id string) bool {
	return s.rdb.HGet(s.t.Context(), "asynq:{"+queue+"}:t:"+id, "state").Val() != ""
}

func (s *scene) indexed(status group.Status) []string {
	s.t.Helper()
	ids, err := s.ledger.Indexed(s.t.Context(), status, "", 10)
	if err != nil {
		s.t.Fatal(err)
	}
	return ids
}

func TestARecordWithoutATaskGetsOne(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	g := fresh()
	record(t, s.ledger, g)
	s.pass()
	if !s.waiting("create:alpha", g.ID) {
		t.Error("there is no task")
	}
	s.pass()
	if n := s.rdb.LLen(t.Context(), "asynq:{create:alpha}:pending").Val(); n != 1 {
		t.Errorf("after two passes there are %d tasks", n)
	}
}

func TestAnIntentWhoseWorkerAndTaskAreGoneGetsATaskThatAsksWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	g := fresh()
	record(t, s.ledger, g)
	if _, err := s.ledger.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error {
		g.Begin("dead", "alpha", time.Second, func(string) bool { return false }, now)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s.pass()
	if !s.waiting("create:alpha", g.ID) {
		t.Error("nobody will ask what became of its create")
	}
}

// Every state that somebody must move on, left without its task.
func TestWhateverHasNotEndedGetsTheTaskThatMovesItOn(t *testing.T) {
	t.Parallel()
	dead := func(string) bool { return false }
	created := func(g *group.Group, now time.Time) {
		g.Begin("dead", "alpha", time.Second, dead, now)
		if err := g.Created(1, group.Answer{GroupID: "wa-1"}, now); err != nil {
			t.Error(err)
		}
	}
	called := func(g *group.Group, now time.Time) {
		created(g, now)
		g.Called, g.Members[0].Status = true, group.InviteQueued
	}
	for name, tt := range map[string]struct {
		change      func(g *group.Group, now time.Time)
		queue, task string // behind the group's id
	}{
		"a create of an unknown outcome": {func(g *group.Group, now time.Time) {
			g.Begin("dead", "alpha", time.Second, dead, now)
			g.Begin("next", "alpha", time.Second, dead, now)
		}, "read:alpha", ":verify:1"},
		"a group whose roll was not called": {created, "read:alpha", ":rollcall"},
		"an invitation that was queued":     {called, "invite:alpha", ":invite:0"},
		"an invitation's intent of the dead": {func(g *group.Group, now time.Time) {
			called(g, now)
			if begun, err := g.BeginInvite(0, "dead", time.Second, dead, now.Add(-time.Hour)); begun != group.Go || err != nil {
				t.Error(begun, err)
			}
		}, "invite:alpha", ":invite:0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			g := fresh()
			record(t, s.ledger, g)
			if _, err := s.ledger.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error {
				tt.change(g, now)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			s.pass()
			if !s.waiting(tt.queue, g.ID+tt.task) {
				t.Errorf("there is no task %s in %s", tt.task, tt.queue)
			}
		})
	}
}

func TestAGroupWhoseLastMemberArrivedUnnoticedEnds(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	g := fresh()
	record(t, s.ledger, g)
	if _, err := s.ledger.Update(t.Context(), g.ID, func(g *group.Group, _ time.Time) error {
		g.Status, g.Called, g.WhatsAppID, g.Members[0].Status = group.Inviting, true, "wa-1", group.Added
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s.pass()
	if got, err := s.ledger.Load(t.Context(), g.ID); err != nil || got.Status != group.Done || got.FinishedAt.IsZero() {
		t.Errorf("it is %+v, %v", got, err)
	}
	if ids := s.indexed(group.Done); len(ids) != 1 {
		t.Errorf("the index shows %v as done", ids)
	}
}

// An old worker sweeps while new ones already write.
func TestARecordThatCannotBeReadIsLeftAndHoldsNobodyElseUp(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	newer, behind := fresh(), fresh()
	record(t, s.ledger, newer)
	record(t, s.ledger, behind)
	key := "rollcall:{" + newer.ID + "}"
	written := "7.00c0ffee0000|\x7fa form to come"
	s.rdb.Set(t.Context(), key, written, 0)
	s.pass()
	s.pass()
	if !s.waiting("create:alpha", behind.ID) {
		t.Error("the group behind it waits for ever")
	}
	if got := s.rdb.Get(t.Context(), key).Val(); got != written {
		t.Errorf("it was written over by %q", got)
	}
	if ids := s.indexed(group.Queued); len(ids) != 2 {
		t.Errorf("the index shows %v, want both", ids)
	}
}

func TestAParkedTaskBlocksItsGroupNoLonger(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	g := fresh()
	record(t, s.ledger, g)
	if err := s.queue.Put(t.Context(), tasks.Create(g.ID, 0, g.Target, g.Priority)); err != nil {
		t.Fatal(err)
	}
	if err := asynq.NewInspectorFromRedisClient(s.rdb).ArchiveTask("create:alpha", g.ID); err != nil {
		t.Fatal(err)
	}
	s.pass()
	if got := s.rdb.LRange(t.Context(), "asynq:{create:alpha}:pending", 0, -1).Val(); len(got) != 1 || got[0] != g.ID {
		t.Errorf("pending are %v, want %s", got, g.ID)
	}
	if n := s.rdb.ZCard(t.Context(), "asynq:{create:alpha}:archived").Val(); n != 0 {
		t.Errorf("%d tasks are parked", n)
	}
}

func TestAnIndexBehindItsRecordIsMended(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	g := fresh()
	record(t, s.ledger, g)
	// The same group elsewhere goes on; only its record comes over, as if the index were cut off.
	elsewhere := testutil.Redis(t)
	other := open(t, elsewhere)
	twin := *g
	record(t, other, &twin)
	if _, err := other.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error {
		g.Begin("w", "alpha", time.Second, func(string) bool { return true }, now)
		return g.Unknown(1, group.Answer{}, now)
	}); err != nil {
		t.Fatal(err)
	}
	key := "rollcall:{" + g.ID + "}"
	s.rdb.Set(t.Context(), key, elsewhere.Get(t.Context(), key).Val(), 0)
	s.pass()
	if ids := s.indexed(group.Verifying); len(ids) != 1 {
		t.Errorf("the index shows %v as verifying", ids)
	}
	if !s.waiting("read:alpha", g.ID+":verify:1") {
		t.Error("nobody will look for it")
	}
}

func TestTheGhostOfACutAcceptanceIsRemovedWhenItIsOldEnough(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	young, old := fresh(), fresh()
	id := uuid.Must(uuid.NewV7())
	for i, b := 0, time.Now().Add(-time.Hour).UnixMilli(); i < 6; i++ {
		id[i] = byte(b >> (40 - 8*i)) //nolint:gosec // one byte is what is wanted
	}
	old.ID = group.IDPrefix + id.String()
	for _, g := range []*group.Group{young, old} {
		record(t, s.ledger, g)
		s.rdb.Del(t.Context(), "rollcall:{"+g.ID+"}")
	}
	s.pass()
	if ids := s.indexed(group.Queued); len(ids) != 1 || ids[0] != young.ID {
		t.Errorf("left are %v, want the young %s, whose producer may still write it", ids, young.ID)
	}
}

func TestABatchThatADeadProducerLeftOpenEnds(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	var adding ledger.Adding
	if err := s.ledger.JoinBatch(t.Context(), "lista.csv", &adding); err != nil {
		t.Fatal(err)
	}
	g := fresh()
	g.BatchID = adding.BatchID
	record(t, s.ledger, g)
	if _, err := s.ledger.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error { return g.NoMembers(now) }); err != nil {
		t.Fatal(err)
	}
	ended := func() bool {
		b, err := s.ledger.Batch(t.Context(), adding.BatchID)
		if err != nil {
			t.Fatal(err)
		}
		return !b.FinishedAt.IsZero()
	}
	s.pass()
	if ended() {
		t.Error("it ended although its producer may be alive")
	}
	s.rdb.Del(t.Context(), "rollcall:{ix}:adding:"+adding.BatchID) // as its time to live does
	s.pass()
	if !ended() {
		t.Error("it stays open")
	}
}
