package sweep_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/sweep"
	"github.com/rollcallhq/rollcall/internal/testutil"
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
	rdb := testutil.Redis(t)
	l, err := ledger.Open(t.Context(), rdb, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	schedule := group.Schedule{JoinLooks: []time.Duration{time.Hour}}
	self := phone.Identity{Digits: "5511900000000"}
	made := func(invitedAgo time.Duration) *group.Group {
		at := time.Now().UTC().Truncate(time.Millisecond).Add(-invitedAgo)
		g := &group.Group{
			ID: group.NewID(), Name: "Turma", AutoInvite: true, Target: tasks.Target{Instance: "alpha"}, Instance: "alpha",
			Priority: tasks.Normal, Status: group.Queued, CreatedAt: at, UpdatedAt: at,
			Members: []group.Member{{Number: "+5511900000001", Status: group.Pending, UpdatedAt: at}},
		}
		entries := []*ledger.Entry{{Group: g}}
		if err := errors.Join(l.Claim(t.Context(), entries, nil), l.Record(t.Context(), entries)); err != nil {
			t.Fatal(err)
		}
		g, err := l.Update(t.Context(), g.ID, func(g *group.Group, _ time.Time) error {
			g.Begin("w", "alpha", time.Minute, nil, at)
			reading := group.Reading{Self: self, People: []phone.Identity{self}, Complete: true}
			err := errors.Join(g.Created(1, group.Answer{GroupID: "wa-" + g.ID}, at), g.CallRoll(reading, true, at))
			_, begun := g.BeginInvite(0, "w", time.Minute, nil, at)
			err = errors.Join(err, begun, g.Invited(0, "3EB0", at))
			schedule.Plan(g)
			return err
		})
		if err != nil || g.Status != group.Done {
			t.Fatal(g.Status, err)
		}
		return g
	}
	lost, _ := made(2*time.Hour), made(time.Minute) // whose task is gone, and whose has still time
	q := &put{Queue: queue.New(rdb), ids: map[string]int{}}
	s := sweep.New(sweep.Config{Ledger: l, Queue: q, Schedule: schedule, Worker: "w", Log: zerolog.Nop()})
	for range 2 {
		if err := s.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := tasks.Joins(lost.ID, "alpha", lost.Watch.At).ID
	if len(q.ids) != 1 || q.ids[want] != 2 {
		t.Errorf("pushed %v, want %s in each pass", q.ids, want)
	}
}
