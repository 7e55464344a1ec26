package steps_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// retry retries a group as rollcall-producer retry does.
func (r *rig) retry(id string) {
	r.t.Helper()
	g, err := r.store.Records.Update(r.t.Context(), id, func(g *group.Group, now time.Time) error { return g.Retry(now) })
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.queue.Put(r.t.Context(), group.Schedule{}.Next(g)...); err != nil {
		r.t.Fatal(err)
	}
}

func TestStepsRollCall_AsksAgainAboutPeopleOfWhomTheCheckBeforeTheCreateToldNothing(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			if p == simulator.GOWA {
				t.Skip("its number check returns no LID (docs/providers.md, W2)")
			}
			r := start(t, p)
			r.person(simulator.Person{Phone: bia, ListedAsLID: new(true), LIDUntold: new(false)})
			r.script(simulator.Script{Method: "check", Fault: "503", Times: -1})
			id := r.ask(p, "Turma 12", ana, bia)
			r.until(id, func(g *group.Group) bool { return g.WhatsAppID != "" })
			r.sim.ClearScripts()
			if diff := cmp.Diff([]group.MemberStatus{group.Added, group.Added}, r.statuses(r.run(id))); diff != "" {
				t.Errorf("the people (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStepsCreate_ARetryAsksAgainWhoHadNoWhatsApp(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			r := start(t, p)
			r.person(simulator.Person{Phone: bia, HasWhatsApp: new(false)})
			id := r.ask(p, "Turma 12", bia)
			if g := r.run(id); g.Status != group.Failed || g.Members[0].Reason.String() != "has no WhatsApp, says the network" {
				t.Fatalf("the group is %s, the person's reason %q; want failed, no WhatsApp", g.Status, g.Members[0].Reason)
			}
			asked := r.clock.Now().UTC().Truncate(time.Second)
			r.clock.forward(asked.Add(time.Hour))
			r.person(simulator.Person{Phone: bia, HasWhatsApp: new(true)})
			other := r.ask(p, "Turma 13", bia)
			if g := r.run(other); g.Status != group.Failed || !strings.Contains(g.Members[0].Reason.String(), "asked at "+asked.Format(time.RFC3339)) {
				t.Errorf("with the remembered check the group is %s, the person's reason %q; want failed, with the time of the check", g.Status, g.Members[0].Reason)
			}
			r.script(simulator.Script{Method: "check", Fault: "503", Times: 8})
			r.retry(id)
			if g := r.run(id); g.Status != group.Failed || !strings.Contains(g.Members[0].Reason.String(), "a retry asks again") {
				t.Errorf("while the check fails the group is %s, the person's reason %q; want failed, and that a retry asks again", g.Status, g.Members[0].Reason)
			}
			r.sim.ClearScripts()
			r.retry(id)
			if g := r.run(id); g.Status != group.Done || g.Members[0].Status != group.Added {
				t.Errorf("after the retry the group is %s, the person %s (%s); want done, added", g.Status, g.Members[0].Status, g.Members[0].Reason)
			}
		})
	}
}
