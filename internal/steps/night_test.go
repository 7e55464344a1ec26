package steps_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/tasks"
)

// quietAtNight sets quiet hours by UTC.
func quietAtNight(p *steps.Policy, _ *simulator.Quirks) {
	p.Quiet, p.QuietZone = &pacing.Quiet{From: 21 * time.Hour, To: 8 * time.Hour}, time.UTC
}

// Between a step's start and its call it reads the group and waits for its slot: the night can begin meanwhile.
func TestSteps_NoPersonIsDisturbedWhenTheNightBeginsDuringTheStep(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		task  tasks.Type
		setup tasks.Setup
	}{
		"an invitation": {tasks.TypeInvite, tasks.Setup{}},
		"a late member": {tasks.TypeAdd, tasks.Setup{}},
		"a welcome":     {tasks.TypeWelcome, tasks.Setup{WelcomeMessage: "Welcome"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.ZAPI, quietAtNight)
			r.person(outside(bia))
			evening := r.clock.Now().Truncate(24 * time.Hour).Add(24*time.Hour + 20*time.Hour + 50*time.Minute)
			r.clock.forward(evening)
			id := r.askFor(one.setup, "", tasks.Target{Instance: simulator.ZAPI}, "Turma 12", ana, bia)
			if one.task == tasks.TypeAdd {
				g := r.until(id, func(g *group.Group) bool { return g.Status == group.Done })
				r.update(id, func(g *group.Group) {
					if _, err := g.Extend([]group.Member{{Number: "+" + caz, Input: caz, Status: group.Pending}}, "late.csv", r.clock.Now()); err != nil {
						t.Error(err)
					}
				})
				if err := r.queue.Put(t.Context(), group.Schedule{}.Next(r.load(g.ID))...); err != nil {
					t.Fatal(err)
				}
			}
			next, ok := r.queue.next()
			for ; ok && next.Type != one.task; next, ok = r.queue.next() {
				r.step()
			}
			if !ok || !r.clock.Now().Before(evening.Add(9*time.Minute)) {
				t.Fatalf("no task %s before the night: %v, at %s", one.task, ok, r.clock.Now())
			}
			sent := func() int { return len(r.sim.Ledger().Messages) + len(r.sim.Ledger().CallsOf("", "add")) }
			before, fell := sent(), false
			r.clock.forward(evening.Add(9 * time.Minute))
			r.keeper.asked = func() { // after the step's first check of the hour
				fell = true
				r.elapsed.Store(int64(2 * time.Minute))
			}
			r.step()
			r.keeper.asked = nil
			r.elapsed.Store(0)
			if !fell || sent() != before {
				t.Errorf("the night fell: %v; then the calls at the provider go from %d to %d; want true, and no new call", fell, before, sent())
			}
			r.clock.forward(evening.Add(12 * time.Minute))
			if r.run(id); sent() == before || r.clock.Now().Before(evening.Add(11*time.Hour)) {
				t.Errorf("at %s the calls are %d, want one after the night", r.clock.Now(), sent()-before)
			}
		})
	}
}
