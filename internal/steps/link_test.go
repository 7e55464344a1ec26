package steps_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/steps"
)

// uninvited makes a group with ana in it whose missing people wait for their invitations.
func (r *rig) uninvited(p string, missing ...string) string {
	r.t.Helper()
	no := false
	for _, number := range missing {
		if err := r.sim.SetPerson(simulator.Person{Phone: number, Addable: &no, Joins: &no}); err != nil {
			r.t.Fatal(err)
		}
	}
	id := r.ask(p, "Turma 12", append([]string{ana}, missing...)...)
	for !r.load(id).Called {
		r.step()
	}
	return id
}

func (r *rig) forgetLink(id string) {
	r.t.Helper()
	if _, err := r.store.Records.Update(r.t.Context(), id, func(g *group.Group, _ time.Time) error {
		g.InviteLink = ""
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
}

func TestStepsInvite_AMissingLinkIsJudgedByTheOwnNumber(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			r := start(t, p, func(policy *steps.Policy, _ *simulator.Quirks) { policy.Retry.GiveUpAfter = time.Hour })
			id := r.uninvited(p, bia)
			no, yes := false, true
			if err := r.sim.ChangeGroup(r.load(id).WhatsAppID, simulator.GroupChange{Admin: &no}); err != nil {
				t.Fatal(err)
			}
			r.forgetLink(id)
			r.clock.forward(r.clock.Now().Add(time.Minute))
			r.step()
			if g := r.load(id); g.Members[1].Status != group.InviteQueued || !strings.Contains(g.Wait.For.String(), "not an admin of the group") || g.Sight.Own != group.StandingMember {
				t.Errorf("the person is %s, the group waits for %q, the instance is %q; want inviteQueued, because it is not an admin, member", g.Members[1].Status, g.Wait.For, g.Sight.Own)
			}
			if err := r.sim.ChangeGroup(r.load(id).WhatsAppID, simulator.GroupChange{Admin: &yes, LinkUntold: &yes}); err != nil {
				t.Fatal(err)
			}
			r.clock.forward(r.clock.Now().Add(3 * time.Hour)) // longer than give_up_after
			for range 5 {
				r.step()
			}
			if g := r.load(id); g.Members[1].Status != group.InviteQueued || !strings.Contains(g.Wait.For.String(), "asked too often") {
				t.Errorf("without an answer to an admin the person is %s (%s), the group waits for %q; want inviteQueued, because it asked too often", g.Members[1].Status, g.Members[1].Reason, g.Wait.For)
			}
			if err := r.sim.ChangeGroup(r.load(id).WhatsAppID, simulator.GroupChange{LinkUntold: &no}); err != nil {
				t.Fatal(err)
			}
			if g := r.run(id); g.Members[1].Status != group.Invited || !g.Wait.For.Zero() {
				t.Errorf("with the link the person is %s (%s), the group waits for %q; want invited, nothing", g.Members[1].Status, g.Members[1].Reason, g.Wait.For)
			}
		})
	}
}

func TestStepsInvite_OneReadingServesTheWholeGroupForSomeSeconds(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			r := start(t, p)
			id := r.uninvited(p, bia, caz, "79001230004", "79001230005")
			r.clock.forward(r.clock.Now().Add(time.Minute))
			before := r.reads()
			for range 4 {
				r.step()
			}
			g := r.load(id)
			if n := r.reads() - before; n != 1 || g.Counts()[group.Invited] != 4 {
				t.Errorf("%d readings for %d invitations, want one for four", n, g.Counts()[group.Invited])
			}
		})
	}
}

func TestStepsCreate_AUsedUpQuotaOfNumberChecksHoldsOnlyGroupsThatNeedOne(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	if g := r.run(r.ask("greenapi", "Known people", ana)); g.Status != group.Done {
		t.Fatalf("the group of the known people is %s, want done", g.Status)
	}
	r.script(simulator.Script{Method: "check", Fault: "466", Times: -1})
	known, unknown := r.ask("greenapi", "Turma 12", ana), r.ask("greenapi", "Turma 13", ana, bia)
	for range 20 {
		r.step()
	}
	view, err := r.pacer.Views(t.Context(), "greenapi")
	if err != nil || !view[0].Rest.Until.IsZero() {
		t.Errorf("Look = %+v, %v; want no rest of the instance", view, err)
	}
	if g := r.load(known); g.Status != group.Done {
		t.Errorf("a group of people who were checked before is %s, want done", g.Status)
	}
	if g := r.load(unknown); g.Status != group.Queued || !strings.Contains(g.Wait.For.String(), "quota for number checks") || len(g.Attempts) != 0 {
		t.Errorf("a group with an unchecked person is %s, waiting for %q, attempts %+v; want queued, the quota, none", g.Status, g.Wait.For, g.Attempts)
	}
	r.sim.ClearScripts()
	if g := r.run(unknown); g.Status != group.Done {
		t.Errorf("with a new quota the group is %s, want done", g.Status)
	}
}

func TestStepsCreate_AUsedUpQuotaOfCreatesShutsNothingElse(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	invited := r.uninvited("greenapi", bia)
	r.script(simulator.Script{Method: "create", Fault: "466", Times: -1})
	id := r.ask("greenapi", "Turma 13", ana)
	for range 12 {
		r.step()
	}
	view, err := r.pacer.Views(t.Context(), "greenapi")
	if err != nil || view[0].Create.Rest.Until.IsZero() || !view[0].Invite.Rest.Until.IsZero() || !view[0].Rest.Until.IsZero() {
		t.Errorf("Look = %+v, %v; want only the creates to rest", view, err)
	}
	if g := r.load(invited); g.Members[1].Status != group.Invited {
		t.Errorf("the uninvited person of another group is %s, want invited", g.Members[1].Status)
	}
	if g := r.load(id); g.Status != group.Queued || g.Latest().Outcome != group.OutcomeLimited {
		t.Errorf("the group is %s, attempts %+v; want queued, the latest limited", g.Status, g.Attempts)
	}
}

// A number that is logged out for longer than give_up_after ends no invitation.
func TestStepsInvite_ALoggedOutInstanceEndsNoInvitation(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		for _, what := range []string{"the group", "the link"} {
			t.Run(p+" "+what, func(t *testing.T) {
				t.Parallel()
				r := start(t, p, func(policy *steps.Policy, _ *simulator.Quirks) { policy.Retry.GiveUpAfter = time.Hour })
				id := r.uninvited(p, bia)
				r.clock.forward(r.clock.Now().Add(time.Minute))
				if what == "the link" {
					r.forgetLink(id)
				}
				if err := r.sim.SetState(instanceOf(p).ID, simulator.State{State: "disconnected"}); err != nil {
					t.Fatal(err)
				}
				for range 4 {
					if what == "the link" {
						r.update(id, func(g *group.Group) { g.Sight.At = r.clock.Now() }) // so that only the link is read
					}
					r.step()
					r.clock.forward(r.clock.Now().Add(time.Hour))
				}
				if g := r.load(id); g.Members[1].Status != group.InviteQueued {
					t.Fatalf("after hours without a connection the person is %s (%s), want inviteQueued", g.Members[1].Status, g.Members[1].Reason)
				}
				if err := r.sim.SetState(instanceOf(p).ID, simulator.State{State: "connected", Phone: instanceOf(p).Phone}); err != nil {
					t.Fatal(err)
				}
				if g := r.run(id); g.Members[1].Status != group.Invited {
					t.Errorf("with the connection the person is %s (%s), want invited", g.Members[1].Status, g.Members[1].Reason)
				}
			})
		}
	}
}
