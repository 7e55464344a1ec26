package steps_test

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/store"
)

func TestNoCallIsMadeWhoseIntentIsNotOnEnoughReplicas(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	no := false
	if err := r.sim.SetPerson(simulator.Person{Phone: bia, Addable: &no}); err != nil {
		t.Fatal(err)
	}
	alone := r.open(store.Options{Replicas: 1}) // this Redis has no replica
	id := r.ask("zapi", "Turma 12", ana, bia)
	load := func() *group.Group {
		t.Helper()
		g, err := r.store.Records.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}

	r.steps.Store = alone
	for range 3 {
		r.step()
	}
	if g := load(); g.Status != group.Queued || !strings.Contains(g.Wait.For.String(), "wait_replicas") || len(r.sim.Ledger().Groups) != 0 {
		t.Errorf("the group is %s, waiting for %q, %d groups at WhatsApp; want queued, wait_replicas, 0", g.Status, g.Wait.For, len(r.sim.Ledger().Groups))
	}
	r.steps.Store = r.store
	for load().Status != group.Inviting || load().Members[1].Status != group.InviteQueued {
		if !r.step() {
			t.Fatalf("no member waits for an invitation: %+v", load().Members)
		}
	}
	r.steps.Store = alone
	for range 3 {
		r.step()
	}
	if g := load(); g.Members[1].Status != group.InviteQueued || g.Members[1].Invite != nil || len(r.sim.Ledger().Invites(g.WhatsAppID, bia)) != 0 {
		t.Errorf("the member is %s with the intent %v, want inviteQueued without an intent or an invitation", g.Members[1].Status, g.Members[1].Invite)
	}
	r.steps.Store = r.store
	if g := r.run(id); g.Status != group.Done || g.Members[1].Status != group.Invited || len(r.sim.Ledger().Invites(g.WhatsAppID, bia)) != 1 {
		t.Errorf("with enough replicas the group is %s, the member %s; want done, invited once", g.Status, g.Members[1].Status)
	}
}
