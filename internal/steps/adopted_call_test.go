package steps_test

import (
	"errors"
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/tasks"
)

// While a worker prepares a call for a group, a person adopts another group for the request, and the roll call of that
// group ends. The worker must not make the call.
func TestStepsDelivery_MakesNoCallForTheGroupThatWasReplaced(t *testing.T) {
	t.Parallel()
	for _, call := range []tasks.Type{tasks.TypeInvite, tasks.TypeAdd, tasks.TypeWelcome} {
		t.Run(string(call), func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.ZAPI)
			r.person(outside(bia))
			id := r.askFor(tasks.Setup{WelcomeMessage: "Welcome"}, "", tasks.Target{Instance: simulator.ZAPI}, "Turma 12", ana, bia)
			if call == tasks.TypeAdd {
				r.run(id)
				r.extend(id, "late.csv", caz)
			}
			prepared := func() bool {
				next, ok := r.queue.next()
				if !ok {
					t.Fatalf("no %s is due", call)
				}
				return next.Type == call
			}
			for !prepared() {
				r.step()
			}
			first := r.load(id).WhatsAppID
			calls := func() int {
				return len(r.sim.Ledger().Invites(first, bia)) + len(r.posted()) + r.addCalls(caz)
			}
			before := calls()
			other, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana}})
			if err != nil {
				t.Fatal(err)
			}
			r.keeper.asked = func() {
				r.keeper.asked = nil
				r.update(id, func(g *group.Group) {
					now := r.clock.Now()
					roll := group.Reading{People: []phone.Identity{{Digits: ana}}, Complete: true}
					err := errors.Join(g.Stray(other.GroupID, g.Instance, now), g.AdoptByHand(other.GroupID, now), g.CallRoll(roll, true, now))
					if err != nil {
						t.Error(err)
					}
				})
			}
			r.step()
			if r.keeper.asked != nil {
				t.Fatal("no group was adopted while the call was prepared")
			}
			if calls() != before {
				t.Error("the call was made for the group that the adopted one replaced")
			}
		})
	}
}
