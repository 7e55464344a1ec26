package steps_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

const otherPhone = "5511977770000"

// scanned connects the instance to a phone with this number.
func (r *rig) scanned(instance, number string) {
	r.t.Helper()
	id := instanceOf(instance).ID
	if err := r.sim.SetState(id, simulator.State{State: "disconnected"}); err != nil {
		r.t.Fatal(err)
	}
	if err := r.sim.SetState(id, simulator.State{State: "connected", Phone: number}); err != nil {
		r.t.Fatal(err)
	}
}

func TestStepsVerify_LooksIntoTheListsOfTheNumberThatCalled(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			r := start(t, p)
			first := instanceOf(p).Phone
			r.script(simulator.Script{Method: "create", Fault: "500-but-created"})
			id := r.ask(p, "Turma 12", ana)
			for r.load(id).Status != group.Verifying {
				r.step()
			}
			r.scanned(p, otherPhone) // no webhook reports it
			begun := r.clock.Now()
			for r.clock.Now().Sub(begun) < time.Hour {
				r.step()
			}
			if g := r.load(id); g.Status != group.Verifying || len(g.Attempts) != 1 || !strings.Contains(g.Wait.For.String(), "has another number now") {
				t.Fatalf("the group is %s after %d creates, waiting for %q; want verifying after 1, because of the number", g.Status, len(g.Attempts), g.Wait.For)
			}
			r.scanned(p, first)
			if g := r.run(id); g.Status != group.Done || !g.Adopted {
				t.Errorf("with the first number again the group is %s, adopted %v; want done, adopted", g.Status, g.Adopted)
			}
			if n := len(r.sim.Ledger().Groups); n != 1 {
				t.Errorf("%d groups at WhatsApp, want 1", n)
			}
		})
	}
}

// A gateway answers 404 too. The number stays known, so the group is looked for in its lists.
func TestStepsVerify_ANumberThatIsNotFoundOnceIsTheSame(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			r := start(t, p)
			r.script(simulator.Script{Method: "create", Fault: "500-but-created"})
			id := r.ask(p, "Turma 12", ana)
			for r.load(id).Status != group.Verifying {
				r.step()
			}
			number := r.load(id).Latest().Number
			r.script(simulator.Script{Method: "state", Fault: "404", Times: 1})
			for range 3 {
				r.step()
				if now := r.keeper.Number(p); now != number && now != "" {
					t.Fatalf("the number is %q, want %q or none", now, number)
				}
			}
			if g := r.run(id); g.Status != group.Done || !g.Adopted {
				t.Errorf("the group is %s (%+v), adopted %v; want done, adopted", g.Status, g.Error, g.Adopted)
			}
		})
	}
}

func TestStepsVerify_ANumberThatIsGoneIsToldToAPerson(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	r.script(simulator.Script{Method: "create", Fault: "500-but-created"})
	id := r.ask("zapi", "Turma 12", ana)
	for r.load(id).Status != group.Verifying {
		r.step()
	}
	r.scanned("zapi", otherPhone)
	if g := r.run(id); g.Status != group.Review || g.Error.Code != group.CodeUnverifiable || !strings.Contains(g.Error.Message.String(), "has another number now") {
		t.Errorf("the group is %s with %+v, want review, unverifiable because of the number", g.Status, g.Error)
	}
}

func TestSteps_WorkGoesOnWithTheNewNumber(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	made := r.uninvited("zapi", bia)
	r.scanned("zapi", otherPhone)
	r.has("zapi", otherPhone)
	id := r.ask("zapi", "Turma 13", ana, otherPhone)
	r.clock.forward(r.clock.Now().Add(time.Minute))
	for r.load(id).Status != group.Done {
		r.step()
	}
	for _, g := range r.sim.Ledger().Groups {
		if g.Name == "Turma 13" && len(g.Asked) != 1 {
			t.Errorf("the create asked for %v, want only ana, without the instance's own number", g.Asked)
		}
	}
	g := r.load(made)
	if m := g.Members[1]; m.Status != group.InviteQueued || !strings.Contains(g.Wait.For.String(), "this one is not in the group") {
		t.Errorf("a person of the first number's group is %s, the group waits for %q; want inviteQueued, the number", m.Status, g.Wait.For)
	}
	r.scanned("zapi", "5511988880000")
	r.has("zapi", "5511988880000")
	if g := r.run(made); g.Members[1].Status != group.Invited {
		t.Errorf("with the first number again the person is %s (%s), want invited", g.Members[1].Status, g.Members[1].Reason)
	}
}

// A worker that has not used the instance yet asks for its number while it prepares the create, and finds that the
// phone was exchanged. The slot belongs to the first number; the second one has its own floor and day.
func TestStepsCreate_ASlotOfAnotherNumberMakesNoCall(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			r := start(t, p)
			r.scanned(p, otherPhone) // no reading of the instance's state has shown it
			id := r.ask(p, "Turma 12", ana)
			r.step()
			if g := r.load(id); g.Status != group.Queued || len(g.Attempts) != 0 {
				t.Fatalf("with the slot of the first number the group is %s after %d creates, want queued after none", g.Status, len(g.Attempts))
			}
			if g := r.run(id); g.Status != group.Done || len(g.Attempts) != 1 {
				t.Fatalf("the group is %s after %d creates, want done after 1", g.Status, len(g.Attempts))
			}
			views, err := r.pacer.Views(t.Context(), p)
			if err != nil || views[0].Create.Today != 1 {
				t.Errorf("the second number has made %d creates today, %v; want 1", views[0].Create.Today, err)
			}
		})
	}
}
