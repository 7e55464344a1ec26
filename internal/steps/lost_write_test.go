package steps_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/tasks"
)

// silencing loses Redis' answer to the first write of a record that leaves it as wanted: the write is made, and the
// client gets an error.
type silencing struct {
	holds func() bool
	then  func() // done before the client gets the error, if it is not nil
	left  atomic.Int32
}

func (*silencing) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *silencing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if args := cmd.Args(); err != nil || len(args) < 5 || args[4] != "head" || !h.holds() || h.left.Add(-1) < 0 {
			return err
		}
		if h.then != nil {
			h.then()
		}
		err = errors.New("read tcp: i/o timeout")
		cmd.SetErr(err)
		return err
	}
}

func (*silencing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// greeting reports whether a worker has begun to send the welcome.
func greeting(g *group.Group) bool {
	s := g.Step(group.StepWelcome)
	return s != nil && s.Intent != nil
}

// drain delivers tasks until the queue is empty. A task that ends with an error comes again.
func (r *rig) drain() {
	r.t.Helper()
	for some := true; some; {
		some, _ = r.try()
	}
}

// Redis may hang for a while, and then do what its clients have given up.
func TestSteps_ACallWhoseIntentIsWrittenWithoutAnAnswerIsMadeOnce(t *testing.T) {
	t.Parallel()
	invite := func(g *group.Group) bool {
		return slices.ContainsFunc(g.Members, func(m group.Member) bool { return m.Invite != nil })
	}
	for what, intent := range map[tasks.Type]func(g *group.Group) bool{
		tasks.TypeCreate:  func(g *group.Group) bool { return g.Status == group.Creating },
		tasks.TypeInvite:  func(g *group.Group) bool { return invite(g) && !g.Members[1].Late },
		tasks.TypeAdd:     func(g *group.Group) bool { return invite(g) && g.Members[1].Late },
		tasks.TypeWelcome: greeting,
	} {
		t.Run(string(what), func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.Evolution, setAtOnce)
			no := false
			if err := r.sim.SetPerson(simulator.Person{Phone: bia, Addable: &no, Joins: &no}); err != nil {
				t.Fatal(err)
			}
			id := r.askFor(tasks.Setup{WelcomeMessage: "welcome"}, "", tasks.Target{Instance: simulator.Evolution}, "Turma 12", ana, bia)
			if what == tasks.TypeAdd {
				for !r.load(id).Called {
					r.step()
				}
				r.update(id, func(g *group.Group) { g.Members[1].Status, g.Members[1].Late = group.Pending, true })
				if err := r.queue.Put(t.Context(), r.steps.Policy.Next(r.load(id))...); err != nil {
					t.Fatal(err)
				}
			}
			h := &silencing{holds: func() bool { return intent(r.load(id)) }}
			h.left.Store(1)
			r.rdb.AddHook(h)
			r.drain()
			g := r.load(id)
			if h.left.Load() == 1 {
				t.Fatal("no answer was lost")
			}
			looked := slices.ContainsFunc(g.Attempts, func(a group.Attempt) bool { return a.Outcome == group.OutcomeUnknown })
			if g.Status != group.Done || looked || g.Members[1].Status != group.Invited || setUp(g)[group.StepWelcome] != group.StepDone {
				t.Errorf("the group is %s, in doubt: %v, with %v and the set-up %v; want done, false, bia invited, the welcome done",
					g.Status, looked, r.statuses(g), setUp(g))
			}
			adds := strings.Count(r.asked.text(), "/group/updateParticipant/")
			if l := r.sim.Ledger(); len(l.Groups) != 1 || len(l.Messages) != 2 || adds > 1 || what == tasks.TypeAdd && adds != 1 {
				t.Errorf("the provider got %d creates, %d messages and %d calls to add; want 1, 2 and one where bia comes late", len(l.Groups), len(l.Messages), adds)
			}
			views, err := r.pacer.Views(t.Context(), simulator.Evolution)
			if err != nil {
				t.Fatal(err)
			}
			if v := views[0]; v.Create.Today != 1 || v.Invite.Today != 2+adds {
				t.Errorf("the pace counts %d creates and %d invitations, want 1 and %d: no call was made without an intent", v.Create.Today, v.Invite.Today, 2+adds)
			}
		})
	}
}

// A person adopts another group between the write of the intent and its withdrawal. No call was made, so nothing about
// the person or the welcome is in doubt.
func TestSteps_AnIntentWithoutAnAnswerIsWithdrawnFromAnAdoptedGroupToo(t *testing.T) {
	t.Parallel()
	for what, intent := range map[tasks.Type]func(g *group.Group) bool{
		tasks.TypeInvite:  func(g *group.Group) bool { return g.Members[1].Invite != nil },
		tasks.TypeWelcome: greeting,
	} {
		t.Run(string(what), func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.Evolution, setAtOnce)
			r.person(outside(bia))
			id := r.askFor(tasks.Setup{WelcomeMessage: "welcome"}, "", tasks.Target{Instance: simulator.Evolution}, "Turma 12", ana, bia)
			other, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana}})
			if err != nil {
				t.Fatal(err)
			}
			h := &silencing{holds: func() bool { return intent(r.load(id)) }}
			h.left.Store(1)
			h.then = func() {
				h.then = nil
				r.update(id, func(g *group.Group) {
					now := r.clock.Now()
					if err := errors.Join(g.Stray(other.GroupID, g.Instance, now), g.AdoptByHand(other.GroupID, now)); err != nil {
						t.Error(err)
					}
				})
				if err := r.queue.Put(t.Context(), r.steps.Policy.Next(r.load(id))...); err != nil {
					t.Error(err)
				}
			}
			r.rdb.AddHook(h)
			r.drain()
			g := r.load(id)
			if h.then != nil {
				t.Fatal("no answer was lost")
			}
			if g.Status != group.Done || g.WhatsAppID != other.GroupID || g.Members[1].Status != group.Invited || setUp(g)[group.StepWelcome] != group.StepDone {
				t.Errorf("the group is %s (%+v) with %s, %v and the set-up %v; want done with %s, bia invited, the welcome done",
					g.Status, g.Error, g.WhatsAppID, r.statuses(g), setUp(g), other.GroupID)
			}
			if l := r.sim.Ledger(); len(l.Messages) != 2 {
				t.Errorf("the provider got %d messages; want the invitation and the welcome", len(l.Messages))
			}
		})
	}
}
