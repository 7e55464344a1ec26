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

// The people. Both providers take the eleven digits of a Russian number in every form.
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
					return // GREEN-API's own
				}
				r := start(t, name)
				if strings.HasPrefix(tt.fault, "hang") { // the group comes to exist after the client has gone
					r.hasty("create")
				}
				r.script(simulator.Script{Method: "create", Fault: tt.fault})
				g := r.run(r.ask(name, "Turma 12", ana, bia, caz))
				if g.Status != tt.status || g.Adopted != tt.adopted || len(g.Attempts) < tt.tries {
					t.Errorf("%s, adopted %v, attempts %+v, error %+v", g.Status, g.Adopted, g.Attempts, g.Error)
				}
				if n := len(r.sim.Ledger().GroupsNamed("Turma 12")); n != tt.groups {
					t.Errorf("%d groups at WhatsApp, want %d", n, tt.groups)
				}
				if diff := cmp.Diff([]group.MemberStatus{group.Added, group.Added, group.Added}, r.statuses(g)); diff != "" {
					t.Error(diff)
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
		t.Errorf("%d attempts, %d calls and %d groups are counted", len(g.Attempts), calls, created)
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
				t.Errorf("%s, adopted %v, attempts %+v, error %+v", g.Status, g.Adopted, g.Attempts, g.Error)
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
					return // Z-API's own
				}
				r := start(t, name)
				r.script(simulator.Script{Method: "create", Fault: tt.fault, Text: tt.text, Times: -1})
				g := r.run(r.ask(name, "Turma 12", ana))
				made := 0
				if tt.adopted {
					made = 1
				}
				if g.Status != tt.status || g.Adopted != tt.adopted || len(g.Attempts) != 1 || len(r.sim.Ledger().GroupsNamed("Turma 12")) != made {
					t.Fatalf("%s, adopted %v, attempts %+v, %d groups", g.Status, g.Adopted, g.Attempts, len(r.sim.Ledger().GroupsNamed("Turma 12")))
				}
				if tt.status == group.Failed && (g.Error.Code != group.CodeRefused || !strings.Contains(g.Error.Message.String(), tt.text) || len(g.Seen) == 0) {
					t.Errorf("%+v after %d looks, want refused with the provider's words", g.Error, len(g.Seen))
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
					t.Errorf("%s (%s) after %d sends, want %s after one", m.Status, m.Reason, sends, tt.want)
				}
			})
		}
	}
}

func TestAnUnknownCreateWithoutReadableListsEndsWithAPersonAndIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Each failing read is tried a few times in real time, so few looks must do.
			r := start(t, name, func(p *steps.Policy, _ *simulator.Quirks) { p.Retry.GiveUpAfter = 6 * time.Minute })
			r.script(simulator.Script{Method: "create", Fault: "500-but-created"},
				simulator.Script{Method: "list", Fault: "500", Times: -1})
			g := r.run(r.ask(name, "Turma 12", ana))
			if g.Status != group.Review || g.Error.Code != group.CodeUnverifiable {
				t.Errorf("%s %+v", g.Status, g.Error)
			}
			creates := 0
			for _, c := range r.sim.Ledger().Calls {
				if c.Kind == "create" {
					creates++
				}
			}
			if creates != 1 {
				t.Errorf("%d creates were sent", creates)
			}
		})
	}
}

func TestEverybodyIsAccountedForAndInvitedOnce(t *testing.T) {
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
				t.Errorf("%s %s", g.Status, diff)
			}
			invites := r.sim.Ledger().Invites(g.WhatsAppID, bia)
			if len(invites) != 1 || !strings.Contains(invites[0].Text, "Join Turma 12: https://") {
				t.Errorf("invites %+v", invites)
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
		t.Errorf("%s after attempts %+v, want done by the third, which leaves out the person who could not be checked", g.Status, g.Attempts)
	}
	if got := r.statuses(g); got[0] != group.Added || got[1] != group.Added || got[2] == group.Added {
		t.Errorf("%v", got)
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
					t.Errorf("%s: %s (%s)", g.Status, got, g.Members[1].Reason)
				}
				if n := len(r.sim.Ledger().Invites(g.WhatsAppID, bia)); n > 1 {
					t.Errorf("invited %d times", n)
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
	for {
		g, err := r.store.Records.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if g.Members[1].Status == group.InviteQueued {
			break
		}
		if !r.step() {
			t.Fatalf("no member waits for an invitation: %+v", g.Members)
		}
	}
	if err := r.store.People.Suppress(t.Context(), []phone.Number{"+" + bia}, "asked"); err != nil {
		t.Fatal(err)
	}
	g := r.run(id)
	if g.Members[1].Status != group.OptedOut || len(r.sim.Ledger().Invites(g.WhatsAppID, bia)) != 0 {
		t.Errorf("%s, %d invites", g.Members[1].Status, len(r.sim.Ledger().Invites(g.WhatsAppID, bia)))
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
				t.Error(diff)
			}
			if made := r.sim.Ledger().GroupsNamed("Turma 12"); len(made) != 1 || made[0].Has(bia) {
				t.Errorf("at WhatsApp: %+v", made)
			}
			none := r.run(r.ask(name, "Suppressed", bia))
			if none.Status != group.Failed || none.Error.Code != group.CodeNoMembers {
				t.Errorf("a group of suppressed people: %s %+v", none.Status, none.Error)
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
				t.Skip("its number check tells no LID (docs/providers.md, W2)")
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
				t.Error(diff)
			}
			if made := r.sim.Ledger().GroupsNamed("Turma 12"); len(made) != 1 || made[0].Has(bia) {
				t.Errorf("at WhatsApp: %+v", made)
			}
		})
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
				t.Errorf("%s %q and %s %q (%+v)", a.Status, a.WhatsAppID, b.Status, b.WhatsAppID, b.Error)
			}
			if n := len(r.sim.Ledger().GroupsNamed("Turma 12")); n != 2 {
				t.Errorf("%d groups for two requests", n)
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
			// A worker that wrote its intent, called, and died before it could record the answer.
			if _, err := r.store.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error {
				g.Begin("dead", name, time.Minute, nil, now)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			g := r.run(id)
			if g.Status != group.Done || len(g.Attempts) != 2 || g.Attempts[0].Outcome != group.OutcomeUnknown {
				t.Errorf("%s %+v", g.Status, g.Attempts)
			}
			if n := len(r.sim.Ledger().GroupsNamed("Turma 12")); n != 1 {
				t.Errorf("%d groups", n)
			}
		})
	}
}

func TestALoggedOutInstanceFailsNoGroup(t *testing.T) {
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
		t.Errorf("%s, %v", g.Status, err)
	}
	if len(r.keeper.states) == 0 || r.keeper.states[0].Health == "ready" {
		t.Errorf("the keeper heard %+v", r.keeper.states)
	}
}

func TestAProviderThatCannotBeReachedIsNotSaidToHaveAnswered(t *testing.T) {
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
	view, err := r.pacer.Look(t.Context(), "zapi")
	if err != nil || view[0].Rest.Until.IsZero() {
		t.Fatalf("it does not rest: %+v, %v", view, err)
	}
	if why := view[0].Rest.Why; why.Cause != pacing.CauseFailing || !strings.HasPrefix(why.Said.String(), "read own number: ") {
		t.Errorf("it rests because of %+v", why)
	}
	if g, err := r.store.Records.Load(t.Context(), id); err != nil || g.Status != group.Queued {
		t.Errorf("%s, %v", g.Status, err)
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
		t.Errorf("%s %+v", g.Status, g.Error)
	}
}

func TestATaskWithoutARecordIsDropped(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	if err := r.queue.Put(t.Context(), tasks.Create(group.NewID(), 0, tasks.Target{Instance: "zapi"}, tasks.Normal)); err != nil {
		t.Fatal(err)
	}
	if !r.step() || r.step() {
		t.Error("the task came again")
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
			t.Fatalf("no invitation after %d steps: %s, %+v, %v", n, g.Status, g.Members[1], err)
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
		t.Errorf("%s (%s), want inviteUnknown", g.Members[1].Status, g.Members[1].Reason)
	}
	if n := len(r.sim.Ledger().Invites(whatsApp, bia)); n != 0 {
		t.Errorf("sent %d more times, want none", n)
	}
}
