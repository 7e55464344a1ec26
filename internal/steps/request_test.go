package steps_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// change changes the group at WhatsApp.
func (r *rig) change(groupID string, change simulator.GroupChange) {
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
	r.change(g.WhatsAppID, simulator.GroupChange{ApproveJoins: new(true)})
	r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
	g = r.afterWebhook(id, func(g *group.Group) bool { return g.Members[1].Status == group.Requested })
	if m := g.Members[1]; m.Request == nil || m.Request.Method != group.ByLink {
		t.Errorf("bia's request is %+v, want one by link", m.Request)
	}
	g = r.until(id, done)
	if sent := r.sim.Ledger().Invites(g.WhatsAppID, bia); len(sent) != 0 || g.Members[2].Status != group.Invited {
		t.Errorf("%d invitations to bia, who asked to join; caz is %s; want 0, invited", len(sent), g.Members[2].Status)
	}
	r.change(g.WhatsAppID, simulator.GroupChange{Approve: bia})
	g = r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.Added })
	if g.Members[1].Request != nil {
		t.Errorf("bia was added, but her request is still open: %+v", g.Members[1].Request)
	}
}

func TestStepsInvite_ARequestThatEndsMakesNoInvitation(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi", joinLooks)
	r.listen("zapi", "I1")
	id := r.uninvited("zapi", bia, caz)
	g := r.load(id)
	r.change(g.WhatsAppID, simulator.GroupChange{ApproveJoins: new(true)})
	r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
	r.afterWebhook(id, func(g *group.Group) bool { return g.Members[1].Status == group.Requested })
	g = r.until(id, done)
	r.person(simulator.Person{Phone: caz, Join: g.WhatsAppID}) // caz has been invited
	r.afterWebhook(id, func(g *group.Group) bool { return g.Members[2].Status == group.Requested })
	r.change(g.WhatsAppID, simulator.GroupChange{Withdraw: bia})
	r.change(g.WhatsAppID, simulator.GroupChange{Withdraw: caz})
	r.afterWebhook(id, func(g *group.Group) bool { return g.Members[1].Request == nil && g.Members[2].Request == nil })
	g = r.run(id)
	if g.Members[1].Status != group.NotAdded || g.Members[2].Status != group.Invited {
		t.Errorf("bia is %s, caz is %s; want notAdded and invited", g.Members[1].Status, g.Members[2].Status)
	}
	if n, m := len(r.sim.Ledger().Invites(g.WhatsAppID, bia)), len(r.sim.Ledger().Invites(g.WhatsAppID, caz)); n != 0 || m != 1 {
		t.Errorf("%d invitations to bia, %d to caz; want 0 and 1", n, m)
	}
}

// decide answers a request to join as a person does.
func (r *rig) decide(id, number string, answer group.JoinAnswer) {
	r.t.Helper()
	g, err := r.store.Records.Update(r.t.Context(), id, func(g *group.Group, now time.Time) error {
		return g.AnswerJoin(phone.Identity{Digits: number}, answer, now)
	})
	if err == nil {
		err = r.queue.Put(r.t.Context(), g.NextReading()...)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// holds says that a person is in the first group at WhatsApp.
func (r *rig) holds(number string) bool {
	return slices.ContainsFunc(r.sim.Ledger().Groups[0].Members, func(m simulator.Member) bool { return m.Phone == number })
}

// strangers makes a group with one member in which two strangers ask to join.
func (r *rig) strangers(setup tasks.Setup) string {
	r.t.Helper()
	r.listen(simulator.ZAPI, instanceOf(simulator.ZAPI).ID)
	id := r.askFor(setup, "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana)
	g := r.until(id, done)
	r.change(g.WhatsAppID, simulator.GroupChange{ApproveJoins: new(true)})
	r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
	r.person(simulator.Person{Phone: caz, Join: g.WhatsAppID})
	r.afterWebhook(id, func(g *group.Group) bool { return len(g.Askers) == 2 })
	return id
}

func TestStepsJoins_AStrangerComesInOnlyIfAPersonApproves(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI, joinLooks, setAtOnce)
	id := r.strangers(tasks.Setup{})
	if g := r.run(id); len(g.Askers) != 2 || r.holds(bia) || r.holds(caz) {
		t.Fatalf("before a decision bia is in: %v, caz: %v, asking are %+v; want both only to ask", r.holds(bia), r.holds(caz), g.Askers)
	}
	r.decide(id, bia, group.ApproveJoin)
	r.decide(id, caz, group.RejectJoin)
	if g := r.run(id); len(g.Askers) != 0 || !r.holds(bia) || r.holds(caz) || len(g.Members) != 1 {
		t.Errorf("after the decisions bia is in: %v, caz: %v, asking are %+v; want bia alone in, no request, and no new member", r.holds(bia), r.holds(caz), g.Askers)
	}
	if n := len(r.sim.Ledger().CallsOf("", "reject-participant")); n != 1 {
		t.Errorf("%d rejections, want 1", n)
	}
}

func TestStepsJoins_NoRequestIsAnsweredWhileTheInstanceIsPausedOrRests(t *testing.T) {
	t.Parallel()
	for name, hold := range map[string]struct {
		begin, end func(r *rig) error
		why        say.Code
	}{
		"paused": {
			func(r *rig) error { return r.pacer.Pause(t.Context(), simulator.ZAPI, time.Time{}) },
			func(r *rig) error { return r.pacer.Unpause(t.Context(), simulator.ZAPI) },
			say.SetupPaused,
		},
		"resting": {
			func(r *rig) error {
				_, err := r.pacer.RestFor(t.Context(), simulator.ZAPI, time.Hour, pacing.Why{Cause: pacing.CauseBusy})
				return err
			},
			func(*rig) error { return nil }, // the hour ends it
			say.SetupResting,
		},
		"shut": {
			func(r *rig) error { r.keeper.shuts(true); return nil },
			func(r *rig) error { r.keeper.shuts(false); return nil },
			say.SetupUnable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.ZAPI, joinLooks, setAtOnce)
			id := r.strangers(tasks.Setup{})
			if err := hold.begin(r); err != nil {
				t.Fatal(err)
			}
			r.decide(id, bia, group.ApproveJoin)
			decided := r.load(id).UpdatedAt
			until := r.clock.Now().Add(10 * time.Minute)
			for next, some := r.queue.next(); some && next.At.Before(until); next, some = r.queue.next() {
				r.step()
			}
			if n := len(r.sim.Ledger().CallsOf("", "approve-participant")); n != 0 || r.holds(bia) {
				t.Errorf("%d approvals, bia is in: %v; want none yet", n, r.holds(bia))
			}
			g := r.load(id)
			if of := func(who string) say.Code { return g.RequestOf(phone.Identity{Digits: who}).Reason.Code }; of(bia) != hold.why || of(caz) != "" {
				t.Errorf("the reason of bia's request is %q, of caz's, which is not decided, %q; want %q, none", of(bia), of(caz), hold.why)
			}
			if !g.UpdatedAt.After(decided) {
				t.Errorf("the group was updated at %s, want it later than the decision, at %s: the reason is news", g.UpdatedAt, decided)
			}
			if err := hold.end(r); err != nil {
				t.Fatal(err)
			}
			if r.run(id); !r.holds(bia) {
				t.Error("bia is not let in afterwards")
			}
		})
	}
}

func TestStepsJoins_ASuppressedPersonIsNotLetInAndThePersonWhoDecidedIsTold(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI, joinLooks, setAtOnce)
	id := r.strangers(tasks.Setup{})
	r.decide(id, bia, group.ApproveJoin)
	if err := r.store.People.SuppressPeople(t.Context(), []phone.Identity{{Digits: bia}}, "asked us"); err != nil {
		t.Fatal(err)
	}
	g := r.run(id)
	if asks := g.RequestOf(phone.Identity{Digits: bia}); r.holds(bia) || asks == nil || asks.Answer != "" || asks.Reason.Code != say.JoinSuppressed {
		t.Errorf("bia is in: %v, the request is %+v; want false, open again because she is suppressed", r.holds(bia), asks)
	}
}

// The first of two answers, which admits bia, meets what must stop the second.
func TestStepsJoins_EachAnswerLooksWhetherItMayBeGiven(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stop func(r *rig) error
		why  say.Code
	}{
		"suppressed": {func(r *rig) error {
			return r.store.People.SuppressPeople(t.Context(), []phone.Identity{{Digits: caz}}, "asked us")
		}, say.JoinSuppressed},
		"shut": {func(r *rig) error { r.keeper.shuts(true); return nil }, say.SetupUnable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.ZAPI, joinLooks, setAtOnce)
			r.listen(simulator.ZAPI, instanceOf(simulator.ZAPI).ID)
			r.person(simulator.Person{Phone: bia, Addable: new(bool), Joins: new(bool)})
			id := r.askFor(tasks.Setup{Settings: &tasks.Settings{ApproveJoins: new(true)}}, "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana, bia)
			g := r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.Invited })
			r.change(g.WhatsAppID, simulator.GroupChange{ApproveJoins: new(true)})
			r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
			r.person(simulator.Person{Phone: caz, Join: g.WhatsAppID})
			r.afterWebhook(id, func(g *group.Group) bool { return g.Members[1].Status == group.Requested && len(g.Askers) == 1 })
			r.decide(id, caz, group.ApproveJoin)
			var once sync.Once
			r.asked.during = func(path string) {
				if strings.HasSuffix(path, "/approve-participant") {
					once.Do(func() {
						if err := c.stop(r); err != nil {
							t.Error(err)
						}
					})
				}
			}
			r.until(id, func(g *group.Group) bool { // until the second one's reason is told
				asks := g.RequestOf(phone.Identity{Digits: caz})
				return asks == nil || !asks.Reason.Zero()
			})
			asks := r.load(id).RequestOf(phone.Identity{Digits: caz})
			if !r.holds(bia) || r.holds(caz) || asks == nil || asks.Reason.Code != c.why {
				t.Errorf("bia is in: %v, caz: %v with the request %+v; want bia alone in, and caz's request open because of %s", r.holds(bia), r.holds(caz), asks, c.why)
			}
		})
	}
}

func TestStepsJoins_APersonSuppressedUnderTheTypedNumberIsNotLetIn(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI, joinLooks, setAtOnce)
	r.listen(simulator.ZAPI, instanceOf(simulator.ZAPI).ID)
	r.person(simulator.Person{Phone: koffi, Form: koffiForm, Addable: new(bool), Joins: new(bool), LIDUntold: new(true)})
	id := r.askFor(tasks.Setup{Settings: &tasks.Settings{ApproveJoins: new(true)}}, "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana, koffi)
	g := r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.Invited })
	if err := r.store.People.Suppress(t.Context(), []phone.Number{"+" + koffi}, "asked us"); err != nil {
		t.Fatal(err)
	}
	r.change(g.WhatsAppID, simulator.GroupChange{ApproveJoins: new(true)})
	r.person(simulator.Person{Phone: koffi, Join: g.WhatsAppID})
	r.afterWebhook(id, func(g *group.Group) bool { return g.Members[1].Status == group.Requested })
	if g = r.run(id); g.Members[1].Request == nil || r.holds(koffi) || r.holds(koffiForm) {
		t.Errorf("the request is %+v, the person is %s; want the request open", g.Members[1].Request, g.Members[1].Status)
	}
}

func TestStepsJoins_AnAnswerThatTheProviderNeverTakesGoesBackToThePerson(t *testing.T) {
	t.Parallel()
	const fault = "500-not-created"
	for _, times := range []int{1, -1} {
		r := start(t, simulator.ZAPI, joinLooks, setAtOnce)
		id := r.strangers(tasks.Setup{})
		r.decide(id, bia, group.ApproveJoin)
		r.script(simulator.Script{Method: "approve-participant", Fault: fault, Times: times})
		g := r.run(id)
		asks := g.RequestOf(phone.Identity{Digits: bia})
		if times > 0 && (!r.holds(bia) || asks != nil) {
			t.Errorf("%s once: bia is in: %v, the request is %+v; want true, no request", fault, r.holds(bia), asks)
		}
		if times < 0 && (r.holds(bia) || asks == nil || asks.Answer != "" || asks.Reason.Zero()) {
			t.Errorf("%s always: bia is in: %v, the request is %+v; want false, open again with a reason", fault, r.holds(bia), asks)
		}
	}
}

func TestStepsJoins_WithoutWebhooksTheRequestsToJoinAreRead(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.GOWA, joinLooks, setAtOnce)
	r.pool = "default" // a request for an instance may not ask for a setting that its provider cannot change
	r.person(simulator.Person{Phone: bia, Addable: new(bool), Joins: new(bool)})
	id := r.askFor(tasks.Setup{Settings: &tasks.Settings{ApproveJoins: new(true)}}, "", tasks.Target{Pool: "default"}, "Turma", ana, bia)
	g := r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.Invited })
	r.change(g.WhatsAppID, simulator.GroupChange{ApproveJoins: new(true)}) // as a person does on a phone
	r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
	r.person(simulator.Person{Phone: caz, Join: g.WhatsAppID})
	g = r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.Joined })
	if len(g.Askers) != 1 || g.Askers[0].Digits != caz || !r.holds(bia) || r.holds(caz) {
		t.Fatalf("bia is in: %v, caz: %v, asking are %+v; want bia alone in, caz asking", r.holds(bia), r.holds(caz), g.Askers)
	}
	r.decide(id, caz, group.RejectJoin)
	if r.until(id, func(g *group.Group) bool { return len(g.Askers) == 0 }); r.holds(caz) {
		t.Error("caz, who was rejected, is in the group")
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
		t.Errorf("after 72h the group is %s, waiting for %q; want inviting, waiting", g.Status, g.Wait.For)
	}
	r.sim.ClearScripts()
	if g := r.run(id); g.Status != group.Done {
		t.Errorf("with a new quota the group is %s, want done", g.Status)
	}
}
