package steps_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/tasks"
)

// calls counts the calls of a kind that the provider has had.
func (r *rig) calls(kind string) (n int) {
	for _, c := range r.sim.Ledger().Calls {
		if c.Kind == kind {
			n++
		}
	}
	return n
}

// repeated accepts a request for ana and bia and runs it until its group exists, made by a second create: the outcome of
// the first was unknown, and no look found a group.
func (r *rig) repeated() (id string) {
	r.t.Helper()
	r.script(simulator.Script{Method: "create", Fault: "500-not-created"})
	id = r.ask(r.reached.Name, "Turma 12", ana, bia)
	if g := r.until(id, func(g *group.Group) bool { return g.Status == group.Inviting }); len(g.Attempts) != 2 {
		r.t.Fatalf("the group exists after %d creates, want 2", len(g.Attempts))
	}
	return id
}

func TestStepsRollCall_ASecondGroupIsSeenAlsoIfEverybodyIsInTheFirst(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			r := start(t, p)
			id := r.repeated()
			if _, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana, bia}}); err != nil {
				t.Fatal(err)
			}
			if g := r.run(id); g.Status != group.Review || g.Error.Code != group.CodeDuplicate || len(g.Strays) != 1 {
				t.Errorf("the group is %s (%+v) with the other groups %v, want review, duplicate with one", g.Status, g.Error, g.Strays)
			}
		})
	}
}

func TestStepsRollCall_ListsThatCannotBeReadHoldNoInvitation(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			r := start(t, p)
			r.person(outside(bia))
			id := r.repeated()
			r.script(simulator.Script{Method: "list", Fault: "500", Times: -1})
			made := r.clock.Now()
			r.until(id, func(g *group.Group) bool { return g.Called })
			if held := r.clock.Now().Sub(made); held > 5*r.steps.Policy.RollLooks[1] {
				t.Errorf("the roll call took %s", held)
			}
			if g := r.run(id); g.Status != group.Done || g.Members[1].Status != group.Invited {
				t.Errorf("the group is %s (%+v), bia is %s; want done, invited", g.Status, g.Error, g.Members[1].Status)
			}
		})
	}
}

func TestStepsRollCall_OneCreateNeedsNoSearchForASecondGroup(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"", "429", "500-but-created"} {
		r := start(t, simulator.ZAPI)
		if fault != "" {
			r.script(simulator.Script{Method: "create", Fault: fault})
		}
		id := r.ask(simulator.ZAPI, "Turma 12", ana, bia)
		r.until(id, func(g *group.Group) bool { return g.Status == group.Inviting })
		lists := r.calls("list")
		if g := r.run(id); g.Status != group.Done || g.Roll.Looks != 1 || r.calls("list") != lists {
			t.Errorf("after a create with %q the group is %s after %d readings, and the lists were read %d times; want done after 1 and 0", fault, g.Status, g.Roll.Looks, r.calls("list")-lists)
		}
	}
}

// A person who keeps both groups has decided too.
func TestStepsRollCall_TheGroupThatAPersonHasChosenHasNoSecond(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI)
	r.person(outside(bia))
	id := r.repeated()
	if _, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana, bia}}); err != nil {
		t.Fatal(err)
	}
	g := r.run(id)
	if g.Status != group.Review {
		t.Fatalf("the group is %s (%+v), want review", g.Status, g.Error)
	}
	r.update(id, func(g *group.Group) {
		if err := g.AdoptByHand(g.WhatsAppID, r.clock.Now()); err != nil {
			t.Error(err)
		}
	})
	if err := r.queue.Put(t.Context(), r.steps.Policy.Next(r.load(id))...); err != nil {
		t.Fatal(err)
	}
	if g = r.run(id); g.Status != group.Done || g.Members[1].Status != group.Invited {
		t.Errorf("the group is %s (%+v), bia is %s; want done, invited", g.Status, g.Error, g.Members[1].Status)
	}
}

// serves connects a second provider's instance, which has the next slots of the pool, and returns it.
func (r *rig) serves(name string) *steps.Instance {
	r.t.Helper()
	first := steps.Instance{Name: r.reached.Name, Provider: r.provider, Via: provider.ViaText, CreateBudget: time.Second, InviteBudget: time.Second}
	second, in := first, instanceOf(name)
	r.reached.Provider, r.reached.Name, r.reached.InstanceID, r.reached.Credentials = name, name, in.ID, spec.Credentials{}
	for key, secret := range in.Credentials() {
		r.reached.Credentials[key] = provider.Token(secret)
	}
	var err error
	if second.Provider, err = all.New(r.reached); err != nil {
		r.t.Fatal(err)
	}
	second.Name = name
	r.has(name, in.Phone)
	set(r.steps, []*steps.Instance{&first, &second})
	return &second
}

func TestStepsRollCall_ASecondGroupOfAnotherInstanceOfThePoolIsSeen(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]group.Status{"connected": group.Review, "disconnected": group.Done} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.ZAPI)
			r.pool = "default"
			r.script(simulator.Script{Method: "create", Fault: "500-not-created"})
			id := r.askFor(tasks.Setup{}, "", tasks.Target{Pool: r.pool}, "Turma 12", ana, bia)
			r.until(id, func(g *group.Group) bool { return g.Status == group.Verifying })
			r.serves(simulator.GreenAPI)
			g := r.until(id, func(g *group.Group) bool { return g.Status == group.Inviting })
			if g.Instance != simulator.GreenAPI || len(g.Attempts) != 2 || g.Attempts[0].Instance != simulator.ZAPI {
				t.Fatalf("the group is made by %s with %+v, want one attempt of each instance", g.Instance, g.Attempts)
			}
			if _, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana, bia}}); err != nil {
				t.Fatal(err)
			}
			if err := r.sim.SetState(instanceOf(simulator.ZAPI).ID, simulator.State{State: state}); err != nil {
				t.Fatal(err)
			}
			made := r.clock.Now()
			g = r.run(id)
			if g.Status != want || want == group.Review && (g.Error.Code != group.CodeDuplicate || len(g.Strays) != 1) {
				t.Errorf("the group is %s (%+v) with the other groups %v, want %s", g.Status, g.Error, g.Strays, want)
			}
			if held := g.UpdatedAt.Sub(made); held > 2*r.steps.Policy.RollLooks[1] {
				t.Errorf("the roll call took %s", held)
			}
			if want == group.Review {
				r.adopts(g, g.Strays[0].GroupID, simulator.ZAPI)
			}
		})
	}
}

// adopts ends a review by a group that only the named instance sees. That instance must carry the request on.
func (r *rig) adopts(g *group.Group, groupID, instance string) {
	r.t.Helper()
	r.update(g.ID, func(g *group.Group) {
		if err := g.AdoptByHand(groupID, r.clock.Now()); err != nil {
			r.t.Error(err)
		}
	})
	if err := r.queue.Put(r.t.Context(), r.steps.Policy.Next(r.load(g.ID))...); err != nil {
		r.t.Fatal(err)
	}
	if g = r.run(g.ID); g.Status != group.Done || g.Instance != instance || g.WhatsAppID != groupID {
		r.t.Errorf("after %s was adopted, the group is %s (%+v) at %s with %s; want done at %s", groupID, g.Status, g.Error, g.Instance, g.WhatsAppID, instance)
	}
}

// An invitation waits in the line of one instance when a person adopts a group of another.
func TestSteps_ASlotOfTheFormerInstanceMakesNoCall(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI)
	r.person(outside(bia))
	id := r.ask(simulator.ZAPI, "Turma 12", ana, bia)
	green := r.serves(simulator.GreenAPI)
	other, err := green.Provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana}})
	if err != nil {
		t.Fatal(err)
	}
	r.until(id, func(g *group.Group) bool { return g.Called })
	r.update(id, func(g *group.Group) {
		now := r.clock.Now()
		if err := errors.Join(g.Stray(other.GroupID, simulator.GreenAPI, now), g.AdoptByHand(other.GroupID, now)); err != nil {
			t.Error(err)
		}
	})
	if err := r.queue.Put(t.Context(), r.steps.Policy.Next(r.load(id))...); err != nil {
		t.Fatal(err)
	}
	r.until(id, func(g *group.Group) bool { return g.Called })
	slot, denied := r.take(simulator.ZAPI, pacing.Invite)
	if denied != nil {
		t.Fatalf("no slot: %+v", denied)
	}
	err = r.do(tasks.Invite(id, 1, simulator.ZAPI), slot)
	if turn, ok := errors.AsType[*steps.Turn](err); !ok || turn.Line != tasks.InviteLine(simulator.GreenAPI) {
		t.Errorf("with a slot of the former instance the invitation ends with %v, want its turn in the line of the other one", err)
	}
	if g := r.run(id); g.Status != group.Done || g.Members[1].Status != group.Invited || len(r.sim.Ledger().Invites(other.GroupID, bia)) != 1 {
		t.Errorf("the group is %s (%+v), bia is %s; want done, invited once", g.Status, g.Error, g.Members[1].Status)
	}
}
