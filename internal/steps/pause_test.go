package steps_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/tasks"
)

// A slot may be taken seconds before its call. Here a pause begins in between, or WhatsApp restricts the number.
func TestStepsBegin_NothingIsCalledWithASlotFromBeforeThePause(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name string
		kind pacing.Kind
		task tasks.Type
		shut bool
	}{
		{"create, paused", pacing.Create, tasks.TypeCreate, false},
		{"invite, paused", pacing.Invite, tasks.TypeInvite, false},
		{"create, restricted", pacing.Create, tasks.TypeCreate, true},
		{"invite, restricted", pacing.Invite, tasks.TypeInvite, true},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, "zapi")
			no := false
			if err := r.sim.SetPerson(simulator.Person{Phone: bia, Addable: &no}); err != nil {
				t.Fatal(err)
			}
			id := r.ask("zapi", "Turma 12", ana, bia)
			next, ok := r.queue.next()
			for ; ok && next.Type != one.task; next, ok = r.queue.next() {
				r.step()
			}
			if !ok {
				t.Fatalf("the queue never holds a task %s", one.task)
			}
			r.clock.forward(next.At)
			slot, denied := r.take("zapi", one.kind)
			if denied != nil {
				t.Fatalf("denied %+v, want a slot", denied)
			}
			if one.shut {
				r.keeper.shuts(true)
			} else if err := r.pacer.Pause(t.Context(), "zapi", time.Time{}); err != nil {
				t.Fatal(err)
			}
			sent := func() int {
				return len(r.sim.Ledger().GroupsNamed("Turma 12")) + len(r.sim.Ledger().Messages)
			}
			before := sent()
			if _, later := errors.AsType[*steps.Later](r.steps.Do(t.Context(), next, slot)); !later || sent() != before {
				t.Fatalf("the step returns a Later: %v; the calls at the provider go from %d to %d; want true, and no new call", later, before, sent())
			}
			if err := errors.Join(slot.GiveBack(t.Context()), r.pacer.Unpause(t.Context(), "zapi")); err != nil {
				t.Fatal(err)
			}
			r.keeper.shuts(false)
			g := r.run(id)
			if g.Status != group.Done || g.Latest().N != 1 || g.Members[1].Status != group.Invited {
				t.Errorf("after the pause the group is %s after %d creates, with %v; want done after 1, bia invited", g.Status, g.Latest().N, r.statuses(g))
			}
		})
	}
}
