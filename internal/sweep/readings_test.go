package sweep_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/tasks"
)

// put is a queue that counts the tasks it gets.
type put struct {
	*queue.Queue
	ids map[string]int
}

func (p *put) PutMissing(_ context.Context, ts ...tasks.Task) ([]tasks.Task, error) {
	for _, t := range ts {
		p.ids[t.ID]++
	}
	return nil, nil
}

// invited records a done group with one invited person, as if it had ended ago before now.
func (s *snapshot) invited(schedule group.Schedule, ago time.Duration) *group.Group {
	s.t.Helper()
	at := time.Now().UTC().Truncate(time.Millisecond).Add(-ago)
	g := fresh()
	g.AutoInvite, g.Instance, g.CreatedAt, g.UpdatedAt, g.Members[0].UpdatedAt = true, "alpha", at, at, at
	s.record(g)
	g = s.update(g, func(g *group.Group, _ time.Time) error {
		g.Begin("w", "alpha", time.Minute, nil, at)
		self := phone.Identity{Digits: "5511900000000"}
		reading := group.Reading{Self: self, People: []phone.Identity{self}, Complete: true}
		err := errors.Join(g.Created(1, group.Answer{GroupID: "wa-" + g.ID}, at), g.CallRoll(reading, true, at))
		g.BeginInvite(0, "w", time.Minute, nil, at)
		err = errors.Join(err, g.Invited(0, "3EB0", at))
		schedule.Plan(g)
		return err
	})
	if g.Status != group.Done {
		s.t.Fatal(g.Status)
	}
	return g
}

func TestSweeperPass_PutsTheLostReadingOfADoneGroupAndNoOther(t *testing.T) {
	t.Parallel()
	schedule := group.Schedule{JoinLooks: []time.Duration{time.Hour}}
	s := newSnapshot(t)
	q := &put{Queue: s.queue, ids: map[string]int{}}
	s.sweeper.Queue, s.sweeper.Schedule = q, schedule
	lost := s.invited(schedule, 2*time.Hour) // its task is gone
	s.invited(schedule, time.Minute)         // not yet due
	s.pass()
	s.pass()
	want := tasks.Joins(lost.ID, lost.Watch.At).ID
	if len(q.ids) != 1 || q.ids[want] != 2 {
		t.Errorf("put %v, want %s alone, in each pass", q.ids, want)
	}
}

func TestSweeperPass_PutsTheLostSetupOfADoneGroupAndNoOther(t *testing.T) {
	t.Parallel()
	schedule := group.Schedule{} // without readings
	s := newSnapshot(t)
	q := &put{Queue: s.queue, ids: map[string]int{}}
	s.sweeper.Queue, s.sweeper.Schedule = q, schedule
	setting := func(ago time.Duration, status group.StepStatus, next time.Duration) *group.Group {
		return s.update(s.invited(schedule, ago), func(g *group.Group, now time.Time) error {
			g.Setup = group.NewSetup(tasks.Setup{Description: "about"}, g.CreatedAt)
			g.Setup.From, g.Setup.Released = g.CreatedAt, true
			g.Setup.Steps[0].Status, g.Setup.Steps[0].At = status, g.CreatedAt.Add(next)
			schedule.Plan(g)
			return nil
		})
	}
	lost := setting(2*time.Hour, group.StepWanted, time.Hour) // its task is gone
	setting(2*time.Hour, group.StepWanted, 3*time.Hour)       // not yet due
	setting(2*time.Hour, group.StepRefused, 0)                // ended
	s.pass()
	s.pass()
	want := tasks.Setting(lost.ID, lost.Setup.At).ID
	if len(q.ids) != 1 || q.ids[want] != 2 {
		t.Errorf("put %v, want %s alone, in each pass", q.ids, want)
	}
}

func TestSweeperPass_PutsTheLostWelcomeOfADoneGroupUntilItIsSent(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	q := &put{Queue: s.queue, ids: map[string]int{}}
	s.sweeper.Queue, s.sweeper.Schedule = q, group.Schedule{}
	g := s.update(s.invited(group.Schedule{}, 2*time.Hour), func(g *group.Group, _ time.Time) error {
		g.Setup = group.NewSetup(tasks.Setup{WelcomeMessage: "hello"}, g.CreatedAt)
		g.Setup.From, g.Setup.Released = g.CreatedAt, true
		return nil
	})
	s.pass()
	want := tasks.Welcome(g.ID, "alpha").ID
	if len(q.ids) != 1 || q.ids[want] != 1 {
		t.Errorf("put %v, want %s alone", q.ids, want)
	}
	s.update(g, func(g *group.Group, now time.Time) error { return g.Welcomed("3EB0", now) })
	s.pass()
	if q.ids[want] != 1 {
		t.Errorf("put %v although the welcome was sent", q.ids)
	}
}

func TestSweeperPass_MendsAnIndexThatMissedTheEndOfAWatch(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	g := s.invited(group.Schedule{JoinLooks: []time.Duration{time.Hour}}, 2*time.Hour)
	before := s.rdb.ZRangeWithScores(t.Context(), "rollcall:{ix}:watch", 0, -1).Val()
	held := s.rdb.HGetAll(t.Context(), "rollcall:{ix}:held").Val()
	s.update(g, func(g *group.Group, _ time.Time) error { // no further reading is planned
		g.Watch = group.Watch{}
		return nil
	})
	if err := errors.Join(s.rdb.ZAdd(t.Context(), "rollcall:{ix}:watch", before...).Err(), s.rdb.HSet(t.Context(), "rollcall:{ix}:held", held).Err()); err != nil {
		t.Fatal(err)
	}
	overdue := func() []string {
		ids, err := s.store.Index.Overdue(t.Context(), time.Now(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	if len(overdue()) != 1 {
		t.Fatal("the index is not behind its record: this proves nothing")
	}
	s.pass()
	if ids := overdue(); len(ids) != 0 {
		t.Errorf("still overdue: %v", ids)
	}
}
