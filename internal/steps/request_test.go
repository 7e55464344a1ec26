package steps_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// approving lets the group's admins approve who follows its link.
func (r *rig) approving(groupID string, change simulator.GroupChange) {
	r.t.Helper()
	if err := r.sim.ChangeGroup(groupID, change); err != nil {
		r.t.Fatal(err)
	}
}

func TestStepsInvite_WhoAskedToJoinIsNotInvited(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi", joinLooks)
	r.listen("zapi", "I1")
	id := r.uninvited("zapi", bia, caz)
	g := r.load(id)
	r.approving(g.WhatsAppID, simulator.GroupChange{ApproveJoins: new(true)})
	r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
	g = r.heard(id, func(g *group.Group) bool { return g.Members[1].Status == group.Requested })
	if m := g.Members[1]; m.Request == nil || m.Request.Method != group.ByLink {
		t.Errorf("the request: %+v", m.Request)
	}
	g = r.until(id, done)
	if sent := r.sim.Ledger().Invites(g.WhatsAppID, bia); len(sent) != 0 || g.Members[2].Status != group.Invited {
		t.Errorf("%d invitations to who asked to join; caz is %s", len(sent), g.Members[2].Status)
	}
	r.approving(g.WhatsAppID, simulator.GroupChange{Approve: bia})
	g = r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.Added })
	if g.Members[1].Request != nil {
		t.Error("the request is still open")
	}
}

func TestStepsInvite_ARequestThatEndsMakesNoInvitation(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi", joinLooks)
	r.listen("zapi", "I1")
	id := r.uninvited("zapi", bia, caz)
	g := r.load(id)
	r.approving(g.WhatsAppID, simulator.GroupChange{ApproveJoins: new(true)})
	r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
	r.heard(id, func(g *group.Group) bool { return g.Members[1].Status == group.Requested })
	g = r.until(id, done)
	r.person(simulator.Person{Phone: caz, Join: g.WhatsAppID}) // who was invited
	r.heard(id, func(g *group.Group) bool { return g.Members[2].Status == group.Requested })
	r.approving(g.WhatsAppID, simulator.GroupChange{Withdraw: bia})
	r.approving(g.WhatsAppID, simulator.GroupChange{Withdraw: caz})
	r.heard(id, func(g *group.Group) bool { return g.Members[1].Request == nil && g.Members[2].Request == nil })
	g = r.run(id)
	if g.Members[1].Status != group.NotAdded || g.Members[2].Status != group.Invited {
		t.Errorf("bia is %s, caz is %s", g.Members[1].Status, g.Members[2].Status)
	}
	if n, m := len(r.sim.Ledger().Invites(g.WhatsAppID, bia)), len(r.sim.Ledger().Invites(g.WhatsAppID, caz)); n != 0 || m != 1 {
		t.Errorf("%d invitations to bia, %d to caz", n, m)
	}
}

func TestStepsRollCall_AUsedUpQuotaOfReadingsIsNoReasonToGiveUp(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	r.script(simulator.Script{Method: "members", Fault: "466", Times: -1})
	id := r.ask("greenapi", "Turma 12", ana)
	begun := r.clock.Now()
	for r.clock.Now().Sub(begun) < 72*time.Hour {
		r.step()
	}
	if g := r.load(id); g.Status != group.Inviting || g.Wait.For.Zero() {
		t.Errorf("%s, waiting for %q", g.Status, g.Wait.For)
	}
	r.sim.ClearScripts()
	if g := r.run(id); g.Status != group.Done {
		t.Errorf("with quota again: %s", g.Status)
	}
}
