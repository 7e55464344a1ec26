package steps_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

var providers = all.Names()

// The people. ana, bia and caz have Russian numbers, of which each provider uses the same eleven digits.
const (
	ana = "79001230001"
	bia = "79001230002"
	caz = "79001230003"

	late1 = "5511965432101"
	late2 = "5511965432102"
	late3 = "5511965432103"
)

func TestStepsCreate_AnyAnswerLeavesOneGroupOrSurelyNone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault   string
		status  group.Status
		groups  int
		adopted bool
		tries   int // attempts at least
	}{
		{"500-but-created", group.Done, 1, true, 1},
		{"500-not-created", group.Done, 1, false, 2},
		{"502-but-created", group.Done, 1, true, 1},
		{"502-not-created", group.Done, 1, false, 2},
		{"hang-but-created", group.Done, 1, true, 1},
		{"hang-not-created", group.Done, 1, false, 2},
		{"reset-before", group.Done, 1, false, 2},
		{"reset-after", group.Done, 1, true, 1},
		{"torn-body", group.Done, 1, true, 1},
		{"empty-200", group.Done, 1, true, 1},
		{"429", group.Done, 1, false, 2},
		{"429-retry-after", group.Done, 1, false, 2},
		{"499", group.Done, 1, false, 2},
		{"rate-overlimit", group.Done, 1, false, 2},
	} {
		for _, name := range providers {
			t.Run(name+" "+tt.fault, func(t *testing.T) {
				t.Parallel()
				if name == "zapi" && (tt.fault == "499" || tt.fault == "rate-overlimit") {
					return // Z-API never answers so
				}
				r := start(t, name)
				if strings.HasPrefix(tt.fault, "hang") { // the provider makes the group after the client has given up
					r.hasty("create")
				}
				r.script(simulator.Script{Method: "create", Fault: tt.fault})
				g := r.run(r.ask(name, "Turma 12", ana, bia, caz))
				if g.Status != tt.status || g.Adopted != tt.adopted || len(g.Attempts) < tt.tries {
					t.Errorf("the group is %s (%+v), adopted %v, attempts %+v; want %s, %v, %d attempts at least", g.Status, g.Error, g.Adopted, g.Attempts, tt.status, tt.adopted, tt.tries)
				}
				if n := len(r.sim.Ledger().GroupsNamed("Turma 12")); n != tt.groups {
					t.Errorf("%d groups at WhatsApp, want %d", n, tt.groups)
				}
				if diff := cmp.Diff([]group.MemberStatus{group.Added, group.Added, group.Added}, r.statuses(g)); diff != "" {
					t.Errorf("the people (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestSteps_EachCallThatLeftIsCountedForTheHistory(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	r.script(simulator.Script{Method: "create", Fault: "500-not-created"})
	g := r.run(r.ask("zapi", "Turma 12", ana, bia, caz))
	h, err := r.store.Index.History(t.Context(), store.HistoryOfInstance("zapi"), 2)
	if err != nil {
		t.Fatal(err)
	}
	calls, created := h[0].Creates+h[1].Creates, h[0].Created+h[1].Created // midnight may have passed
	if len(g.Attempts) != 2 || calls != 2 || created != 1 {
		t.Errorf("%d attempts; %d calls and %d groups are counted; want 2, 2 and 1", len(g.Attempts), calls, created)
	}
}

func TestSteps_AnIndexThatRedisRefusesHoldsNoGroupAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			id := r.ask(name, "Turma 12", ana, bia, caz)
			testutil.Meddle(r.rdb).Refuse("rollcall:{ix}:held")
			g := r.run(id)
			if g.Status != group.Done || g.Adopted || len(g.Attempts) != 1 {
				t.Errorf("the group is %s (%+v), adopted %v, attempts %+v; want done by the first attempt", g.Status, g.Error, g.Adopted, g.Attempts)
			}
			if n := len(r.sim.Ledger().GroupsNamed("Turma 12")); n != 1 {
				t.Errorf("%d groups at WhatsApp, want 1", n)
			}
		})
	}
}

func TestStepsCreate_RefusalInUnknownWordsIsLookedUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault, text string
		status      group.Status
		adopted     bool
	}{
		{"200-error-body-but-created", "Erro ao processar", group.Done, true},
		{"400-but-created", "Erro ao processar", group.Done, true},
		{"422-but-created", "Erro ao processar", group.Done, true},
		{"200-error-body", "Erro ao processar", group.Failed, false},
		{"400", "Erro ao processar", group.Failed, false},
		{"422", "Erro ao processar", group.Failed, false},
	} {
		for _, name := range providers {
			t.Run(name+" "+tt.fault, func(t *testing.T) {
				t.Parallel()
				if name == "greenapi" && strings.HasPrefix(tt.fault, "200") {
					return // GREEN-API never answers so
				}
				r := start(t, name)
				r.script(simulator.Script{Method: "create", Fault: tt.fault, Text: tt.text, Times: -1})
				g := r.run(r.ask(name, "Turma 12", ana))
				made := 0
				if tt.adopted {
					made = 1
				}
				if g.Status != tt.status || g.Adopted != tt.adopted || len(g.Attempts) != 1 || len(r.sim.Ledger().GroupsNamed("Turma 12")) != made {
					t.Fatalf("the group is %s, adopted %v, attempts %+v, %d groups at WhatsApp; want %s, %v, one attempt, %d",
						g.Status, g.Adopted, g.Attempts, len(r.sim.Ledger().GroupsNamed("Turma 12")), tt.status, tt.adopted, made)
				}
				if tt.status == group.Failed && (g.Error.Code != group.CodeRefused || !strings.Contains(g.Error.Message.String(), tt.text) || len(g.Seen) == 0) {
					t.Errorf("the error is %+v after %d looks, want refused with the provider's words, after some look", g.Error, len(g.Seen))
				}
			})
		}
	}
}

func TestStepsInvite_RefusalInUnknownWordsIsLookedUpAndNotRepeated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault, text string
		want        group.MemberStatus
	}{
		{"400-but-created", "Erro ao processar", group.Invited},
		{"400", "Erro ao processar", group.InviteUnknown},
		{"200-error-body-but-created", "Erro ao processar", group.Invited},
		{"200-error-body", "Erro ao processar", group.InviteUnknown},
	} {
		for _, name := range providers {
			t.Run(name+" "+tt.fault, func(t *testing.T) {
				t.Parallel()
				if name == "greenapi" && strings.HasPrefix(tt.fault, "200") {
					return
				}
				r := start(t, name)
				no := false
				if err := r.sim.SetPerson(simulator.Person{Phone: bia, Addable: &no, Joins: &no}); err != nil {
					t.Fatal(err)
				}
				r.script(simulator.Script{Method: "send", Fault: tt.fault, Text: tt.text, Times: -1})
				g := r.run(r.ask(name, "Turma 12", ana, bia))
				sends := 0
				for _, c := range r.sim.Ledger().Calls {
					if c.Kind == "send" {
						sends++
					}
				}
				if m := g.Members[1]; m.Status != tt.want || sends != 1 || tt.want == group.InviteUnknown && !strings.Contains(m.Reason.String(), tt.text) {
					t.Errorf("the person is %s (%s) after %d sends, want %s after one", m.Status, m.Reason, sends, tt.want)
				}
			})
		}
	}
}

func TestStepsVerify_AnUnknownCreateWhoseListsCannotBeReadGoesToAPersonAndIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A failing read is tried a few times, which takes real time, so the test allows few looks.
			r := start(t, name, func(p *steps.Policy, _ *simulator.Quirks) { p.Retry.GiveUpAfter = 6 * time.Minute })
			r.script(simulator.Script{Method: "create", Fault: "500-but-created"},
				simulator.Script{Method: "list", Fault: "500", Times: -1})
			g := r.run(r.ask(name, "Turma 12", ana))
			if g.Status != group.Review || g.Error.Code != group.CodeUnverifiable {
				t.Errorf("the group is %s with %+v, want review, unverifiable", g.Status, g.Error)
			}
			creates := 0
			for _, c := range r.sim.Ledger().Calls {
				if c.Kind == "create" {
					creates++
				}
			}
			if creates != 1 {
				t.Errorf("%d creates were sent, want 1", creates)
			}
		})
	}
}

func TestSteps_EachPersonGetsAStatusAndOneInvitationAtMost(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			no := false
			for _, p := range []simulator.Person{{Phone: bia, Addable: &no, Joins: &no}, {Phone: caz, HasWhatsApp: &no}} {
				if err := r.sim.SetPerson(p); err != nil {
					t.Fatal(err)
				}
			}
			g := r.run(r.ask(name, "Turma 12", ana, bia, caz))
			want := []group.MemberStatus{group.Added, group.Invited, group.NotOnWhatsApp}
			if diff := cmp.Diff(want, r.statuses(g)); diff != "" || g.Status != group.Done {
				t.Errorf("the group is %s, want done; its people (-want +got):\n%s", g.Status, diff)
			}
			invites := r.sim.Ledger().Invites(g.WhatsAppID, bia)
			if len(invites) != 1 || !strings.Contains(invites[0].Text, "Join Turma 12: https://") {
				t.Errorf("invitations are %+v, want one with the link", invites)
			}
		})
	}
}

func TestSteps_APersonWhoCannotBeCheckedDoesNotFailTheGroupForEver(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	no := false
	if err := r.sim.SetPerson(simulator.Person{Phone: caz, HasWhatsApp: &no}); err != nil {
		t.Fatal(err)
	}
	r.script(simulator.Script{Method: "check", Phone: caz, Fault: "400", Text: "bad phone number, valid 11 or 12 digits", Times: -1})
	g := r.run(r.ask("greenapi", "Turma 12", ana, bia, caz))
	if g.Status != group.Done || len(g.Attempts) != 3 || len(r.sim.Ledger().GroupsNamed("Turma 12")) != 1 {
		t.Errorf("the group is %s after attempts %+v, want done by the third, which leaves out the person who could not be checked", g.Status, g.Attempts)
	}
	if got := r.statuses(g); got[0] != group.Added || got[1] != group.Added || got[2] == group.Added {
		t.Errorf("the people are %v, want the first two added, and the third not", got)
	}
}

func TestAnInviteWhoseAnswerIsLostIsLookedForAndNeverRepeated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault string
		want  group.MemberStatus
	}{
		{"500-but-created", group.Invited},
		{"reset-after", group.Invited},
		{"torn-body", group.Invited},
		{"500-not-created", group.InviteUnknown},
		{"429", group.Invited},
	} {
		for _, name := range providers {
			t.Run(name+" "+tt.fault, func(t *testing.T) {
				t.Parallel()
				r := start(t, name)
				no := false
				if err := r.sim.SetPerson(simulator.Person{Phone: bia, Addable: &no, Joins: &no}); err != nil {
					t.Fatal(err)
				}
				r.script(simulator.Script{Method: "send", Fault: tt.fault})
				g := r.run(r.ask(name, "Turma 12", ana, bia))
				if got := g.Members[1].Status; got != tt.want || g.Status != group.Done {
					t.Errorf("the group is %s, the person %s (%s); want done, %s", g.Status, got, g.Members[1].Reason, tt.want)
				}
				if n := len(r.sim.Ledger().Invites(g.WhatsAppID, bia)); n > 1 {
					t.Errorf("%d invitations, want one at most", n)
				}
			})
		}
	}
}

func TestStepsInvite_APersonSuppressedAfterTheRollCallIsNotInvited(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	no := false
	if err := r.sim.SetPerson(simulator.Person{Phone: bia, Addable: &no}); err != nil {
		t.Fatal(err)
	}
	id := r.ask("zapi", "Turma 12", ana, bia)
	r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.InviteQueued })
	if err := r.store.People.Suppress(t.Context(), []phone.Number{"+" + bia}, "asked"); err != nil {
		t.Fatal(err)
	}
	g := r.run(id)
	if g.Members[1].Status != group.OptedOut || len(r.sim.Ledger().Invites(g.WhatsAppID, bia)) != 0 {
		t.Errorf("the person is %s with %d invitations, want optedOut with 0", g.Members[1].Status, len(r.sim.Ledger().Invites(g.WhatsAppID, bia)))
	}
}

func TestStepsCreate_ASuppressedPersonIsNotAdded(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			id := r.ask(name, "Turma 12", ana, bia)
			if err := r.store.People.Suppress(t.Context(), []phone.Number{"+" + bia}, "asked"); err != nil {
				t.Fatal(err)
			}
			g := r.run(id)
			if diff := cmp.Diff([]group.MemberStatus{group.Added, group.OptedOut}, r.statuses(g)); diff != "" {
				t.Errorf("the people (-want +got):\n%s", diff)
			}
			if made := r.sim.Ledger().GroupsNamed("Turma 12"); len(made) != 1 || made[0].Has(bia) {
				t.Errorf("at WhatsApp there are %+v, want one group without bia", made)
			}
			none := r.run(r.ask(name, "Suppressed", bia))
			if none.Status != group.Failed || none.Error.Code != group.CodeNoMembers {
				t.Errorf("a group of suppressed people is %s with %+v, want failed, noMembers", none.Status, none.Error)
			}
		})
	}
}

func TestStepsCreate_APersonSuppressedByTheirLIDIsNotAdded(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == simulator.GOWA {
				t.Skip("its number check returns no LID (docs/providers.md, W2)")
			}
			r := start(t, name)
			const lid = "77001122334455@lid"
			if err := r.sim.SetPerson(simulator.Person{Phone: bia, LID: lid}); err != nil {
				t.Fatal(err)
			}
			if err := r.store.People.SuppressPeople(t.Context(), []phone.Identity{{LID: lid}}, "left the group"); err != nil {
				t.Fatal(err)
			}
			g := r.run(r.ask(name, "Turma 12", ana, bia))
			if diff := cmp.Diff([]group.MemberStatus{group.Added, group.OptedOut}, r.statuses(g)); diff != "" {
				t.Errorf("the people (-want +got):\n%s", diff)
			}
			if made := r.sim.Ledger().GroupsNamed("Turma 12"); len(made) != 1 || made[0].Has(bia) {
				t.Errorf("at WhatsApp there are %+v, want one group without bia", made)
			}
		})
	}
}

func TestStepsCreate_APersonSuppressedDuringTheNumberCheckIsNotAdded(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			untold := true
			if err := r.sim.SetPerson(simulator.Person{Phone: bia, LIDUntold: &untold}); err != nil {
				t.Fatal(err)
			}
			id := r.ask(name, "Turma 12", ana, bia)
			testutil.Meddle(r.rdb).Before([]string{"hset"}, func() { // the answers of the check are stored
				if err := r.store.People.Suppress(t.Context(), []phone.Number{"+" + bia}, "asked"); err != nil {
					t.Error(err)
				}
			})
			g := r.run(id)
			if diff := cmp.Diff([]group.MemberStatus{group.Added, group.OptedOut}, r.statuses(g)); diff != "" {
				t.Errorf("the people (-want +got):\n%s", diff)
			}
			if made := r.sim.Ledger().GroupsNamed("Turma 12"); len(made) != 1 || made[0].Has(bia) {
				t.Errorf("at WhatsApp there are %+v, want one group without bia", made)
			}
		})
	}
}

// WhatsApp keeps the form that a number of Benin had before 2024.
const (
	koffi     = "2290197123456"
	koffiForm = "22997123456"
)

func TestStepsCreate_APersonSuppressedUnderWhatsAppsFormOfTheNumberIsNotAdded(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == simulator.GOWA {
				t.Skip("its number check returns no form of the number (docs/providers.md, W2)")
			}
			r := start(t, name)
			untold := true
			if err := r.sim.SetPerson(simulator.Person{Phone: koffi, Form: koffiForm, LIDUntold: &untold}); err != nil {
				t.Fatal(err)
			}
			if err := r.store.People.SuppressPeople(t.Context(), []phone.Identity{{Digits: koffiForm}}, "left the group"); err != nil {
				t.Fatal(err)
			}
			g := r.run(r.ask(name, "Turma 12", ana, koffi))
			if diff := cmp.Diff([]group.MemberStatus{group.Added, group.OptedOut}, r.statuses(g)); diff != "" {
				t.Errorf("the people (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStepsInvite_APersonSuppressedUnderTheTypedNumberIsNotInvited(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	no, untold := false, true
	if err := r.sim.SetPerson(simulator.Person{Phone: koffi, Form: koffiForm, Addable: &no, LIDUntold: &untold}); err != nil {
		t.Fatal(err)
	}
	id := r.ask("zapi", "Turma 12", ana, koffi)
	r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.InviteQueued })
	if err := r.store.People.Suppress(t.Context(), []phone.Number{"+" + koffi}, "asked"); err != nil {
		t.Fatal(err)
	}
	g := r.run(id)
	if g.Members[1].WhatsApp != koffiForm || g.Members[1].Status != group.OptedOut {
		t.Errorf("the person with the form %q is %s, want %q and optedOut", g.Members[1].WhatsApp, g.Members[1].Status, koffiForm)
	}
}

func TestTwoRequestsOfOneNameNeverAdoptTheSameGroup(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			r.script(simulator.Script{Method: "create", Fault: "500-but-created"}, simulator.Script{Method: "create", Fault: "500-but-created"})
			first, second := r.ask(name, "Turma 12", ana, bia), r.ask(name, "Turma 12", ana, bia)
			a := r.run(first)
			b, err := r.store.Records.Load(t.Context(), second)
			if err != nil {
				t.Fatal(err)
			}
			if a.Status != group.Done || b.Status != group.Done || a.WhatsAppID == b.WhatsAppID {
				t.Errorf("the groups are %s as %q and %s as %q (%+v), want both done as different groups", a.Status, a.WhatsAppID, b.Status, b.WhatsAppID, b.Error)
			}
			if n := len(r.sim.Ledger().GroupsNamed("Turma 12")); n != 2 {
				t.Errorf("%d groups at WhatsApp for two requests, want 2", n)
			}
		})
	}
}

func TestADeadWorkersCreateIsVerifiedAndNotRepeated(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			id := r.ask(name, "Turma 12", ana)
			// A worker wrote its intent and died. Its call never left, but the record does not show that.
			if _, err := r.store.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error {
				g.Begin("dead", name, time.Minute, nil, now)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			g := r.run(id)
			if g.Status != group.Done || len(g.Attempts) != 2 || g.Attempts[0].Outcome != group.OutcomeUnknown {
				t.Errorf("the group is %s after %+v, want done after two attempts, the first unknown", g.Status, g.Attempts)
			}
			if n := len(r.sim.Ledger().GroupsNamed("Turma 12")); n != 1 {
				t.Errorf("%d groups at WhatsApp, want 1", n)
			}
		})
	}
}

func TestStepsCreate_ALoggedOutInstanceFailsNoGroup(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	id := r.ask("greenapi", "Turma 12", ana)
	if err := r.sim.SetState("7105000001", simulator.State{State: "notAuthorized"}); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		r.step()
	}
	g, err := r.store.Records.Load(t.Context(), id)
	if err != nil || g.Status != group.Queued {
		t.Errorf("the group is %s, %v; want queued", g.Status, err)
	}
	if len(r.keeper.states) == 0 || r.keeper.states[0].Health == "ready" {
		t.Errorf("the reported states are %+v, want one that is not ready", r.keeper.states)
	}
}

func TestStepsTrouble_AnInstanceRestsWhenItsProviderCannotBeReached(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	away, err := all.New(all.Config{
		Provider: "zapi", Name: "zapi", BaseURL: "http://127.0.0.1:1", InstanceID: "I1",
		Credentials: spec.Credentials{"token": "zapi-token", "client_token": "client-token"},
	})
	if err != nil {
		t.Fatal(err)
	}
	set(r.steps, []*steps.Instance{{Name: "zapi", Provider: away, CreateBudget: time.Second, InviteBudget: time.Second}})
	id := r.ask("zapi", "Turma 12", ana)
	r.step()
	view, err := r.pacer.Views(t.Context(), "zapi")
	if err != nil || view[0].Rest.Until.IsZero() {
		t.Fatalf("Look = %+v, %v; want a rest", view, err)
	}
	if why := view[0].Rest.Why; why.Cause != pacing.CauseFailing || !strings.HasPrefix(why.Said.String(), "read own number: ") {
		t.Errorf("the rest is because of %+v, want a failing provider, and the call that failed", why)
	}
	if g, err := r.store.Records.Load(t.Context(), id); err != nil || g.Status != group.Queued {
		t.Errorf("the group is %s, %v; want queued", g.Status, err)
	}
}

func TestStepsCreate_AGroupThatExpiresBeforeItsTurnFails(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	id := r.ask("zapi", "Turma 12", ana)
	if _, err := r.store.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error {
		g.ExpiresAt = now.Add(time.Minute)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	r.clock.forward(r.clock.Now().Add(2 * time.Minute))
	if g := r.run(id); g.Status != group.Failed || g.Error.Code != group.CodeExpired || len(g.Attempts) != 0 {
		t.Errorf("the group is %s with %+v after %d attempts, want failed, expired after 0", g.Status, g.Error, len(g.Attempts))
	}
}

func TestStepsDo_ATaskWithoutARecordIsDropped(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	if err := r.queue.Put(t.Context(), tasks.Create(group.NewID(), 0, tasks.Target{Instance: "zapi"}, tasks.Normal)); err != nil {
		t.Fatal(err)
	}
	if !r.step() || r.step() {
		t.Error("the task must be delivered once and not come again")
	}
}

func TestStepsInvite_LostAnswerWithoutALinkIsNotRepeated(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	no := false
	if err := r.sim.SetPerson(simulator.Person{Phone: bia, Addable: &no, Joins: &no}); err != nil {
		t.Fatal(err)
	}
	r.script(simulator.Script{Method: "send", Fault: "500-not-created"})
	id := r.ask("zapi", "Turma 12", ana, bia)
	whatsApp := ""
	for n := 0; whatsApp == ""; n++ {
		r.step()
		g, err := r.store.Records.Load(t.Context(), id)
		if err != nil || n > 50 {
			t.Fatalf("no invitation has begun after %d steps: the group is %s, the person %+v, %v", n, g.Status, g.Members[1], err)
		}
		if g.Members[1].Invite != nil {
			whatsApp = g.WhatsAppID
		}
	}
	if _, err := r.store.Records.Update(t.Context(), id, func(g *group.Group, _ time.Time) error {
		g.WhatsAppID, g.InviteLink = "120363000000000404-group", "" // as if a person had adopted another group
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	g := r.run(id)
	if g.Members[1].Status != group.InviteUnknown {
		t.Errorf("the person is %s (%s), want inviteUnknown", g.Members[1].Status, g.Members[1].Reason)
	}
	if n := len(r.sim.Ledger().Invites(whatsApp, bia)); n != 0 {
		t.Errorf("%d invitations arrived, want 0", n)
	}
}
