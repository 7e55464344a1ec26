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

// put is a queue that remembers what it was given.
type put struct {
	*queue.Queue
	ids map[string]int
}

func (p *put) Put(_ context.Context, ts ...tasks.Task) error {
	for _, t := range ts {
		p.ids[t.ID]++
	}
	return nil
}

func TestALostReadingOfADoneGroupIsPushedOnAndNoOtherDoneGroupIs(t *testing.T) {
	t.Parallel()
	schedule := group.Schedule{JoinLooks: []time.Duration{time.Hour}}
	s := newScene(t)
	q := &put{Queue: s.queue, ids: map[string]int{}}
	s.sweeper.Queue, s.sweeper.Schedule = q, schedule
	self := phone.Identity{Digits: "5511900000000"}
	made := func(invitedAgo time.Duration) *group.Group {
		at := time.Now().UTC().Truncate(time.Millisecond).Add(-invitedAgo)
		g := fresh()
		g.AutoInvite, g.Instance, g.CreatedAt, g.UpdatedAt, g.Members[0].UpdatedAt = true, "alpha", at, at, at
		s.record(g)
		g = s.update(g, func(g *group.Group, _ time.Time) error {
			g.Begin("w", "alpha", time.Minute, nil, at)
			reading := group.Reading{Self: self, People: []phone.Identity{self}, Complete: true}
			err := errors.Join(g.Created(1, group.Answer{GroupID: "wa-" + g.ID}, at), g.CallRoll(reading, true, at))
			_, begun := g.BeginInvite(0, "w", time.Minute, nil, at)
			err = errors.Join(err, begun, g.Invited(0, "3EB0", at))
			schedule.Plan(g)
			return err
		})
		if g.Status != group.Done {
			t.Fatal(g.Status)
		}
		return g
	}
	lost, _ := made(2*time.Hour), made(time.Minute) // whose task is gone, and whose has still time
	s.pass()
	s.pass()
	want := tasks.Joins(lost.ID, "alpha", lost.Watch.At).ID
	if len(q.ids) != 1 || q.ids[want] != 2 {
		t.Errorf("pushed %v, want %s in each pass", q.ids, want)
	}
}
