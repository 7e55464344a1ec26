package sweep_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestARecordWithoutATaskGetsOne(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	g := s.lost()
	s.pass()
	if !s.waiting(tasks.CallQueue, g.ID) {
		t.Errorf("asynq has no task of %s", g.ID)
	}
	s.pass()
	if n := s.rdb.ZCard(t.Context(), "asynq:{call}:scheduled").Val(); n != 1 {
		t.Errorf("after two passes there are %d tasks, want 1", n)
	}
	if line := s.standing("create:alpha"); !slices.Equal(line, []string{g.ID}) {
		t.Errorf("the line holds %v, want %s once", line, g.ID)
	}
}

func TestSweeper_DropsNumberChecksThatAreTooOld(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	old := map[string]provider.Checked{"5511999990001": {Exists: true, At: time.Now().Add(-70 * 24 * time.Hour)}}
	if err := s.store.People.RememberChecks(t.Context(), "zapi", old); err != nil {
		t.Fatal(err)
	}
	s.pass()
	if left := s.rdb.Keys(t.Context(), "rollcall:{people}:checks:*").Val(); len(left) > 0 {
		t.Errorf("%q are left, want none", left)
	}
}

func TestSweeper_AnOverdueReadingThatAsynqPutsOffIsLetGo(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	g := s.inDoubt()
	// The clock of the process that put the task was a day ahead.
	look := tasks.Verify(g.ID, 1, time.Now().Add(24*time.Hour))
	if err := s.queue.Put(t.Context(), look); err != nil {
		t.Fatal(err)
	}
	s.pass()
	if n := s.rdb.LLen(t.Context(), "asynq:{read}:pending").Val(); n != 1 {
		t.Errorf("%d tasks are pending, want the look that is due", n)
	}
	// A worker took it and died, asynq keeps it active until the clocks of its servers are a day on too, and a worker with
	// such a clock has put off the redelivery.
	s.rdb.LMove(t.Context(), "asynq:{read}:pending", "asynq:{read}:active", "right", "left")
	s.rdb.HSet(t.Context(), "asynq:{read}:t:"+look.ID, "state", "active")
	if err := s.queue.Put(t.Context(), look.Again()); err != nil {
		t.Fatal(err)
	}
	s.pass()
	if pending := s.rdb.LRange(t.Context(), "asynq:{read}:pending", 0, -1).Val(); !slices.Equal(pending, []string{look.Again().ID}) {
		t.Errorf("%q are pending, want the redelivery of the look", pending)
	}
}

func TestSweeper_ATaskThatStandsInNoLineIsPutThere(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	g := s.lost()
	task := tasks.Create(g.ID, 0, g.Target, g.Priority)
	if err := errors.Join(s.queue.Put(t.Context(), task), s.store.Lines.Remove(t.Context(), task)); err != nil { // a producer was killed between the two
		t.Fatal(err)
	}
	s.pass()
	if got := s.standing("create:alpha"); !slices.Equal(got, []string{g.ID}) {
		t.Errorf("the line holds %v, want %s", got, g.ID)
	}
}

func TestAnIntentWhoseWorkerAndTaskAreGoneGetsATaskThatAsksWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	g := s.lost()
	s.update(g, func(g *group.Group, now time.Time) error {
		g.Begin("dead", "alpha", time.Second, func(string) bool { return false }, now)
		return nil
	})
	s.pass()
	if !s.waiting(tasks.CallQueue, g.ID) {
		t.Error("no worker will ask what became of its create")
	}
}

// The groups are in every state that a worker must move on, without their tasks.
func TestSweep_EachOpenGroupGetsTheTaskThatMovesItOn(t *testing.T) {
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
		}, tasks.ReadQueue, ":verify:1"},
		"a group whose roll was not called": {created, tasks.ReadQueue, ":rollcall"},
		"an invitation that was queued":     {called, tasks.CallQueue, ":invite:0"},
		"an invitation's intent of a dead worker": {func(g *group.Group, now time.Time) {
			called(g, now)
			if begun := g.BeginInvite(0, "dead", time.Second, dead, now.Add(-time.Hour)); begun != group.Go {
				t.Error(begun)
			}
		}, tasks.CallQueue, ":invite:0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSnapshot(t)
			g := s.lost()
			s.update(g, func(g *group.Group, now time.Time) error {
				tt.change(g, now)
				return nil
			})
			s.pass()
			if !s.waiting(tt.queue, g.ID+tt.task) {
				t.Errorf("the queue %s has no task %s%s", tt.queue, g.ID, tt.task)
			}
		})
	}
}

func TestAGroupWhoseLastMemberArrivedUnnoticedEnds(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	g := s.lost()
	s.update(g, func(g *group.Group, _ time.Time) error {
		g.Status, g.Called, g.WhatsAppID, g.Members[0].Status = group.Inviting, true, "wa-1", group.Added
		return nil
	})
	s.pass()
	if got, err := s.store.Records.Load(t.Context(), g.ID); err != nil || got.Status != group.Done || got.FinishedAt.IsZero() {
		t.Errorf("got the group %+v, %v, want it done", got, err)
	}
	if ids := s.indexed(group.Done); len(ids) != 1 {
		t.Errorf("the index has %v as done, want the group", ids)
	}
}

// An old worker sweeps while newer ones already write.
func TestSweep_AnUnreadableRecordIsLeftAndDelaysNoOther(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	newer, behind := s.lost(), s.lost()
	key := "rollcall:{" + newer.ID + "}"
	written := "7.00c0ffee0000|\x7fa form to come"
	s.rdb.Set(t.Context(), key, written, 0)
	s.pass()
	s.pass()
	if !s.waiting(tasks.CallQueue, behind.ID) {
		t.Error("the group behind it has no task and waits for ever")
	}
	if got := s.rdb.Get(t.Context(), key).Val(); got != written {
		t.Errorf("the unreadable record is now %q, want it unchanged", got)
	}
	if ids := s.indexed(group.Queued); len(ids) != 2 {
		t.Errorf("the index has %v as queued, want both", ids)
	}
}

func TestAParkedTaskBlocksItsGroupNoLonger(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	g := s.lost()
	if err := s.queue.Put(t.Context(), tasks.Create(g.ID, 0, g.Target, g.Priority)); err != nil {
		t.Fatal(err)
	}
	if err := asynq.NewInspectorFromRedisClient(s.rdb).ArchiveTask(tasks.CallQueue, g.ID); err != nil {
		t.Fatal(err)
	}
	s.pass()
	if got := s.standing("create:alpha"); !s.waiting(tasks.CallQueue, g.ID) || !slices.Equal(got, []string{g.ID}) {
		t.Errorf("the line holds %v, want %s, with a task in asynq", got, g.ID)
	}
	if n := s.rdb.ZCard(t.Context(), "asynq:{call}:archived").Val(); n != 0 {
		t.Errorf("%d tasks are archived, want none", n)
	}
}

// cutOff changes a group's record and leaves the index behind, as a worker does that dies in between.
func (s *snapshot) cutOff(g *group.Group, change func(g *group.Group, now time.Time) error) {
	s.t.Helper()
	s.redis.Refuse("rollcall:{ix}:held")
	defer s.redis.With(nil)
	if _, err := s.store.Records.Update(s.t.Context(), g.ID, change); !errors.Is(err, store.ErrIndexBehind) {
		s.t.Fatal(err)
	}
}

func TestSweeper_AnIndexBehindItsRecordIsMended(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	g := s.lost()
	s.cutOff(g, func(g *group.Group, now time.Time) error {
		g.Begin("w", "alpha", time.Second, func(string) bool { return true }, now)
		return g.Unknown(1, group.Answer{}, now)
	})
	s.pass()
	if ids := s.indexed(group.Verifying); len(ids) != 1 {
		t.Errorf("the index has %v as verifying, want the group", ids)
	}
	if !s.waiting(tasks.ReadQueue, g.ID+":verify:1") {
		t.Error("no task verifies the group")
	}
}

func TestSweeper_CountsBehindARecordOfTheSameStateAreMended(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	s.cutOff(s.lost(), func(g *group.Group, now time.Time) error {
		g.Members[0].End(group.OptedOut, say.Words("asked"), now)
		return nil
	})
	s.pass()
	if _, people, err := s.store.Index.Totals(t.Context()); err != nil || people[group.OptedOut] != 1 || people[group.Pending] != 0 {
		t.Errorf("got the counts %v, %v, want one person opted out and none pending", people, err)
	}
}

func TestSweeper_AnEndedGroupThatWasOpenedAgainIsFoundWithoutItsEntry(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	g := s.lost()
	s.update(g, func(g *group.Group, now time.Time) error { return g.Cancel(now) })
	s.cutOff(g, (*group.Group).Retry)
	again, err := s.store.Records.Load(t.Context(), g.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.pass()
	if ids := s.indexed(group.Queued); len(ids) != 0 {
		t.Fatalf("mended %v at once, want it left for now: its entry may still be written", ids)
	}
	marks := "rollcall:{ix}:reopened"
	for _, m := range s.rdb.ZRangeWithScores(t.Context(), marks, 0, -1).Val() { // as if two minutes had passed
		s.rdb.ZAdd(t.Context(), marks, redis.Z{Member: m.Member, Score: m.Score - 120e6})
	}
	s.pass()
	if ids := s.indexed(group.Queued); len(ids) != 1 {
		t.Errorf("the index has %v as queued, want the group", ids)
	}
	if !s.waiting(tasks.CallQueue, tasks.Create(again.ID, again.Round, again.Target, again.Priority).ID) {
		t.Error("no task creates the group")
	}
	if n := s.rdb.ZCard(t.Context(), marks).Val(); n != 0 {
		t.Errorf("%d marks are left, want none", n)
	}
}

func TestSweeper_RemovesAnOldIndexEntryWithoutARecord(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	young, old := fresh(), fresh()
	old.ID = anHourOld(old.ID)
	for _, g := range []*group.Group{young, old} {
		s.record(g)
		s.rdb.Del(t.Context(), "rollcall:{"+g.ID+"}")
	}
	s.pass()
	if ids := s.indexed(group.Queued); len(ids) != 1 || ids[0] != young.ID {
		t.Errorf("the index has %v, want %s, whose producer may still write its record", ids, young.ID)
	}
}

// A request whose first acceptance was cut keeps its id, so the entry is old when the request is sent again.
func TestSweeper_ARecordWrittenAfterItsOldIndexEntryStays(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(g *group.Group) []string{
		"before the entry is read again": func(g *group.Group) []string { return []string{"evalsha", "rollcall:{" + g.ID + "}"} },
		"before the entry is removed":    func(*group.Group) []string { return []string{"evalsha", "out"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSnapshot(t)
			g := fresh()
			g.ID = anHourOld(g.ID)
			s.record(g)
			key := "rollcall:{" + g.ID + "}"
			record := s.rdb.GetDel(t.Context(), key).Val()
			met := false
			s.redis.Before(at(g), func() {
				met = true
				s.rdb.Set(t.Context(), key, record, 0)
			})
			s.pass()
			if _, err := s.store.Records.Load(t.Context(), g.ID); err != nil || !met {
				t.Errorf("the record is gone: %v; want it kept (written in time: %t)", err, met)
			}
			if ids := s.indexed(group.Queued); len(ids) != 1 {
				t.Errorf("the index has %v as queued, want the group", ids)
			}
		})
	}
}

func TestSweeper_AGroupThatIsOpenedAgainAtTheEndOfItsRetentionStays(t *testing.T) {
	t.Parallel()
	for name, at := range map[string][]string{
		"before its record is read":    {"evalsha"},
		"before its record is removed": {"evalsha", "delete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSnapshot(t)
			g := s.lost()
			s.update(g, func(g *group.Group, now time.Time) error { return g.Cancel(now.Add(-100 * 24 * time.Hour)) })
			met := false
			s.redis.Before(append(at, "rollcall:{"+g.ID+"}"), func() {
				met = true
				s.update(g, (*group.Group).Retry)
			})
			s.pass()
			if is, err := s.store.Records.Load(t.Context(), g.ID); err != nil || is.Status != group.Queued || !met {
				t.Fatalf("the group is %+v (%v), want queued (opened in time: %t)", is, err, met)
			}
			if ids := s.indexed(group.Queued); len(ids) != 1 {
				t.Errorf("the index has %v as queued, want the group", ids)
			}
		})
	}
}

// anHourOld returns the id with the time of an hour ago.
func anHourOld(id string) string {
	u := uuid.MustParse(strings.TrimPrefix(id, group.IDPrefix))
	for i, ms := 0, time.Now().Add(-time.Hour).UnixMilli(); i < 6; i++ {
		u[i] = byte(ms >> (40 - 8*i)) //nolint:gosec // one byte is what is wanted
	}
	return group.IDPrefix + u.String()
}

// A producer that dies after the index and before the record leaves a batch with a group that will
// never end, and that row can be sent again only under its own key.
func TestSweeper_ABatchEndsWithoutTheEntryOfACutAcceptance(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	var adding store.Adding
	if err := s.store.Index.JoinBatch(t.Context(), "lista.csv", &adding); err != nil {
		t.Fatal(err)
	}
	whole, cut := fresh(), fresh()
	cut.ID = anHourOld(cut.ID)
	for _, g := range []*group.Group{whole, cut} {
		g.BatchID = adding.BatchID
		s.record(g)
	}
	s.update(whole, func(g *group.Group, now time.Time) error { return g.NoMembers(now) })
	s.rdb.Del(t.Context(), "rollcall:{"+cut.ID+"}")
	s.rdb.Del(t.Context(), "rollcall:{ix}:adding:"+adding.BatchID) // as if it had expired
	s.pass()
	b, err := s.store.Index.Batch(t.Context(), adding.BatchID)
	if err != nil || b.FinishedAt.IsZero() || b.Total != 1 || b.Counts[group.Queued] != 0 {
		t.Errorf("the batch is %+v (%v), want ended with its one group", b, err)
	}
}

func TestABatchThatADeadProducerLeftOpenEnds(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	var adding store.Adding
	if err := s.store.Index.JoinBatch(t.Context(), "lista.csv", &adding); err != nil {
		t.Fatal(err)
	}
	g := fresh()
	g.BatchID = adding.BatchID
	s.record(g)
	s.update(g, func(g *group.Group, now time.Time) error { return g.NoMembers(now) })
	ended := func() bool {
		b, err := s.store.Index.Batch(t.Context(), adding.BatchID)
		if err != nil {
			t.Fatal(err)
		}
		return !b.FinishedAt.IsZero()
	}
	s.pass()
	if ended() {
		t.Error("the batch ended although its producer may be alive")
	}
	s.rdb.Del(t.Context(), "rollcall:{ix}:adding:"+adding.BatchID) // as if it had expired
	s.pass()
	if !ended() {
		t.Error("the batch did not end after its producer's death")
	}
}
