package sweep_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/sweep"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// snapshot is a Redis as a crash left it, and a sweeper for it.
type snapshot struct {
	t       *testing.T
	rdb     redis.UniversalClient
	store   *store.Store
	queue   *queue.Queue
	sweeper *sweep.Sweeper
	redis   *testutil.Meddler
}

func newSnapshot(t *testing.T) *snapshot {
	t.Helper()
	s := &snapshot{t: t, rdb: testutil.Redis(t)}
	s.redis = testutil.Meddle(s.rdb)
	var err error
	if s.store, err = store.Open(t.Context(), s.rdb, store.Options{}); err != nil {
		t.Fatal(err)
	}
	s.queue = queue.New(s.rdb, s.store.Lines)
	s.sweeper = sweep.New(sweep.Config{
		Store: s.store, Queue: s.queue, Worker: "sweeper", Log: zerolog.Nop(),
		Schedule: group.Schedule{VerifyLooks: []time.Duration{time.Second}, RollLooks: []time.Duration{0}},
	})
	return s
}

func fresh() *group.Group {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return &group.Group{
		ID: group.NewID(), Name: "Turma", Target: tasks.Target{Instance: "alpha"}, Priority: tasks.Normal,
		Status: group.Queued, CreatedAt: now, UpdatedAt: now,
		Members: []group.Member{{Number: phone.Number("+5511999990001"), Status: group.Pending, UpdatedAt: now}},
	}
}

// record writes a group without a task, as a producer does that dies between the two.
func (s *snapshot) record(g *group.Group) {
	s.t.Helper()
	if err := s.store.Records.Record(s.t.Context(), []*store.Entry{{Group: g}}); err != nil {
		s.t.Fatal(err)
	}
}

// lost records a fresh group without a task.
func (s *snapshot) lost() *group.Group {
	s.t.Helper()
	g := fresh()
	s.record(g)
	return g
}

// inDoubt is lost, with a create an hour ago whose answer was lost.
func (s *snapshot) inDoubt() *group.Group {
	s.t.Helper()
	return s.update(s.lost(), func(g *group.Group, now time.Time) error {
		long := now.Add(-time.Hour)
		g.Begin("w", "alpha", time.Minute, nil, long)
		return g.Unknown(1, group.Answer{}, long)
	})
}

// update changes a group as a worker does.
func (s *snapshot) update(g *group.Group, change func(g *group.Group, now time.Time) error) *group.Group {
	s.t.Helper()
	g, err := s.store.Records.Update(s.t.Context(), g.ID, change)
	if err != nil {
		s.t.Fatal(err)
	}
	return g
}

func (s *snapshot) pass() {
	s.t.Helper()
	if err := s.sweeper.Pass(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// waiting reports whether asynq has a task in a queue.
func (s *snapshot) waiting(queue, id string) bool {
	return s.rdb.HGet(s.t.Context(), "asynq:{"+queue+"}:t:"+id, "state").Val() != ""
}

// standing returns the ids of the tasks that are ready in a line.
func (s *snapshot) standing(line string) []string {
	ids := s.rdb.ZRange(s.t.Context(), "rollcall:{ln}:ready:"+line, 0, -1).Val()
	for i, id := range ids {
		ids[i] = group.IDPrefix + uuid.UUID([]byte(id[:16])).String() + id[16:]
	}
	return ids
}

func (s *snapshot) indexed(status group.Status) []string {
	s.t.Helper()
	ids, err := s.store.Index.Indexed(s.t.Context(), status, "", 10)
	if err != nil {
		s.t.Fatal(err)
	}
	return ids
}
