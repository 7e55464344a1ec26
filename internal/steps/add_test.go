package steps_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/steps"
)

// extend asks for more people for a group, as operate.Add does.
func (r *rig) extend(id, by string, people ...string) *group.Group {
	r.t.Helper()
	fresh := make([]group.Member, len(people))
	for i, p := range people {
		fresh[i] = group.Member{Number: phone.Number("+" + p), Input: p, Status: group.Pending}
	}
	g, err := r.store.Records.Extend(r.t.Context(), id, fresh, func(g *group.Group, now time.Time) error {
		_, err := g.Extend(fresh, by, now)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.queue.Put(r.t.Context(), r.steps.Policy.Next(g)...); err != nil {
		r.t.Fatal(err)
	}
	return g
}

// addCalls counts the calls to the provider that add a person.
func (r *rig) addCalls(number string) int {
	n := 0
	for _, c := range r.sim.Ledger().Calls {
		if c.Kind == "add" &&
			slices.ContainsFunc(c.To, func(to string) bool { return strings.Contains(to, number) }) {
			n++
		}
	}
	return n
}

// ready makes a done group with ana in it.
func (r *rig) ready(p string) *group.Group {
	r.t.Helper()
	g := r.run(r.ask(p, "Turma 12", ana))
	if g.Status != group.Done {
		r.t.Fatalf("the group is %s with %+v, want done", g.Status, g.Error)
	}
	return g
}

func TestStepsAdd_LatePeopleAreAddedOrInvitedAndTheGroupEndsAgain(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			no := false
			r.person(outside(late1))
			r.person(simulator.Person{Phone: late2, HasWhatsApp: &no})
			id := r.ready(name).ID
			r.extend(id, "cohort-2.csv", bia, late1, late2, late3)
			if err := r.store.People.Suppress(t.Context(), []phone.Number{"+" + late3}, "asked"); err != nil {
				t.Fatal(err)
			}
			g := r.run(id)
			want := []group.MemberStatus{group.Added, group.Added, group.Invited, group.NotOnWhatsApp, group.OptedOut}
			if diff := cmp.Diff(want, r.statuses(g)); diff != "" || g.Status != group.Done {
				t.Errorf("the group is %s, want done; its people (-want +got):\n%s", g.Status, diff)
			}
			got := [][2]int{}
			for _, p := range []string{bia, late1, late2, late3} {
				got = append(got, [2]int{r.addCalls(p), len(r.sim.Ledger().Invites(g.WhatsAppID, p))})
			}
			if want := [][2]int{{1, 0}, {1, 1}, {0, 0}, {0, 0}}; !slices.Equal(got, want) {
				t.Errorf("add calls and invitations of each late person: got %v, want %v", got, want)
			}
			if m := g.Members[1]; m.AskedBy != "cohort-2.csv" || m.AskedAt.IsZero() || g.Members[0].AskedBy != "" {
				t.Errorf("the members are %+v, want the second one asked for by cohort-2.csv", g.Members[:2])
			}
			if l := r.sim.Ledger(); len(l.Groups) != 1 {
				t.Errorf("%d groups at WhatsApp, want 1", len(l.Groups))
			}
		})
	}
}

// A person who is added later cannot be retried: an answer from before the request must not decide.
func TestStepsAdd_WhoHadNoWhatsAppIsAddedWhileTheCheckFails(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			r.person(simulator.Person{Phone: bia, HasWhatsApp: new(false)})
			if g := r.run(r.ask(name, "Turma 11", bia)); g.Members[0].Status != group.NotOnWhatsApp {
				t.Fatalf("the person is %s, want notOnWhatsApp", g.Members[0].Status)
			}
			r.clock.forward(r.clock.Now().Add(time.Hour))
			r.person(simulator.Person{Phone: bia, HasWhatsApp: new(true)})
			id := r.ready(name).ID
			r.script(simulator.Script{Method: "check", Fault: "503", Times: -1})
			r.extend(id, "cohort-2.csv", bia)
			if m := r.run(id).Members[1]; m.Status != group.Added {
				t.Errorf("the person is %s (%s), want added", m.Status, m.Reason)
			}
		})
	}
}

// A provider that returns WhatsApp's code for a person says why the person was not added. A person who left is
// never invited.
func TestStepsAdd_WhatsAppsCodeForAPersonBecomesTheReason(t *testing.T) {
	t.Parallel()
	r := start(t, "evolution")
	r.person(outside(late1))
	g := r.ready("evolution")
	r.person(simulator.Person{Phone: late2, Join: g.WhatsAppID})
	r.person(simulator.Person{Phone: late2, Leave: g.WhatsAppID})
	r.extend(g.ID, "cohort-2.csv", late1, late2)
	g = r.run(g.ID)
	if diff := cmp.Diff([]group.MemberStatus{group.Added, group.Invited, group.Left}, r.statuses(g)); diff != "" || g.Status != group.Done {
		t.Errorf("the group is %s, want done; its people (-want +got):\n%s", g.Status, diff)
	}
	if reason := g.Members[1].Reason; !strings.Contains(reason.String(), "privacy settings leave adding to contacts") {
		t.Errorf("the reason of a person who cannot be added is %q, want their privacy settings", reason)
	}
	if n := len(r.sim.Ledger().Invites(g.WhatsAppID, late2)); n != 0 {
		t.Errorf("%d invitations to a person who left, want 0", n)
	}
}

// Only an answer that proves that the call did nothing is followed by a second call. Whatever the answer, the person ends
// with the true status.
func TestStepsAdd_NoAnswerRepeatsACall(t *testing.T) {
	t.Parallel()
	repeated := []string{"429", "429-retry-after", "466", "starting"} // answers that prove that the call did nothing
	for _, name := range providers {
		for _, fault := range []string{
			"hang-but-created", "hang-not-created", "reset-before", "reset-after", "torn-body", "500-but-created", "500-not-created",
			"empty-200", "200-error-body", "429", "429-retry-after", "466", "starting",
		} {
			t.Run(name+" "+fault, func(t *testing.T) {
				t.Parallel()
				r := start(t, name)
				r.person(simulator.Person{Phone: bia, Joins: new(bool)})
				id := r.ready(name).ID
				if strings.HasPrefix(fault, "hang") {
					r.hasty("add")
				}
				r.script(simulator.Script{Method: "add", Fault: fault, Hold: simulator.Duration(time.Second)})
				r.extend(id, "x", bia)
				g := r.run(id)
				want := group.Invited
				if made := r.sim.Ledger().Groups; made[0].Has(bia) {
					want = group.Added
				}
				if got := g.Members[1]; got.Status != want || g.Status != group.Done {
					t.Errorf("the group is %s, the person %s (%s); want done, %s", g.Status, got.Status, got.Reason, want)
				}
				if n, again := r.addCalls(bia), slices.Contains(repeated, fault); n != 1 && !again || n > 2 {
					t.Errorf("%d add calls, want one, or also two if the answer proves that the call did nothing (%v)", n, again)
				}
				if n := len(r.sim.Ledger().Invites(g.WhatsAppID, bia)); n > 1 {
					t.Errorf("%d invitations, want one at most", n)
				}
			})
		}
	}
}

func TestStepsAdd_ADeadWorkersCallIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		for _, arrived := range []bool{true, false} {
			t.Run(name+" "+strconv.FormatBool(arrived), func(t *testing.T) {
				t.Parallel()
				r := start(t, name)
				id := r.ready(name).ID
				r.extend(id, "x", bia)
				g, err := r.store.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error {
					if got := g.BeginAdd(1, "dead", time.Minute, func(string) bool { return false }, now); got != group.Go {
						t.Errorf("the dead worker's call: begun %v, want Go", got)
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				want, asked := group.Invited, 0
				if arrived {
					if err := r.provider.AddMember(t.Context(), g.WhatsAppID, bia); err != nil {
						t.Fatal(err)
					}
					want, asked = group.Added, 1
				}
				g = r.run(id)
				if got := g.Members[1]; got.Status != want || g.Status != group.Done || r.addCalls(bia) != asked {
					t.Errorf("the group is %s, the person %s (%s) after %d calls; want done, %s after %d", g.Status, got.Status, got.Reason, r.addCalls(bia), want, asked)
				}
			})
		}
	}
}

func TestStepsAdd_WhoIsInOrLeftOrTooLateIsNotCalledFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		since func(r *rig, g *group.Group)
		want  group.MemberStatus
	}{
		{"in", func(r *rig, g *group.Group) { r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID}) }, group.Added},
		{"left", func(r *rig, g *group.Group) {
			r.update(g.ID, func(g *group.Group) { g.Told(phone.IdentityOf(bia), group.SaidLeft) })
		}, group.Left},
		{"expired", func(r *rig, g *group.Group) {
			r.update(g.ID, func(g *group.Group) { g.ExpiresAt = r.clock.Now().Add(time.Minute) })
			r.clock.forward(r.clock.Now().Add(time.Hour))
		}, group.NotAdded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, "zapi")
			g := r.ready("zapi")
			r.clock.forward(r.clock.Now().Add(time.Minute)) // so that the latest reading is too old to use
			r.extend(g.ID, "x", bia)
			tt.since(r, g)
			g = r.run(g.ID)
			if got := g.Members[1]; got.Status != tt.want || r.addCalls(bia) != 0 || len(r.sim.Ledger().Messages) != 0 || g.Status != group.Done {
				t.Errorf("the group is %s, the person %s (%s), %d add calls, %d messages; want done, %s, 0 and 0", g.Status, got.Status, got.Reason, r.addCalls(bia), len(r.sim.Ledger().Messages), tt.want)
			}
		})
	}
}

// A restored backup may lack a call that was made, so a reading from before the restore proves nothing.
func TestStepsAdd_AfterARestoredBackupThePersonIsLookedForFirst(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	if _, _, _, err := r.store.Attend(t.Context(), true, 0); err != nil {
		t.Fatal(err)
	}
	g := r.ready("zapi")
	r.extend(g.ID, "x", bia) // the group was read this second
	if err := r.provider.AddMember(t.Context(), g.WhatsAppID, bia); err != nil {
		t.Fatal(err)
	}
	if err := r.store.DeclareRestored(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if g = r.run(g.ID); g.Members[1].Status != group.Added || r.addCalls(bia) != 1 {
		t.Errorf("the person is %s (%s) after %d add calls, want added, and only the call from before the restore", g.Members[1].Status, g.Members[1].Reason, r.addCalls(bia))
	}
}

// unable is a provider that cannot add people to an existing group.
type unable struct{ provider.Provider }

func (u unable) Traits() provider.Traits {
	t := u.Provider.Traits()
	t.AddLater = false
	return t
}

func TestStepsAdd_WhereTheProviderCannotAddThePersonIsInvited(t *testing.T) {
	t.Parallel()
	for _, invite := range []bool{true, false} {
		t.Run(strconv.FormatBool(invite), func(t *testing.T) {
			t.Parallel()
			r := start(t, "zapi")
			r.person(simulator.Person{Phone: bia, Joins: new(bool)})
			set(r.steps, []*steps.Instance{{
				Name: "zapi", Provider: unable{r.provider}, Via: provider.ViaText, CreateBudget: time.Second, InviteBudget: time.Second,
			}})
			g := r.ready("zapi")
			r.update(g.ID, func(g *group.Group) { g.AutoInvite = invite })
			r.extend(g.ID, "x", bia)
			g = r.run(g.ID)
			want, sent := group.NotAdded, 0
			if invite {
				want, sent = group.Invited, 1
			}
			if g.Members[1].Status != want || r.addCalls(bia) != 0 || len(r.sim.Ledger().Invites(g.WhatsAppID, bia)) != sent {
				t.Errorf("autoInvite %v: the person is %s after %d add calls and %d invitations; want %s after 0 and %d", invite, g.Members[1].Status, r.addCalls(bia),
					len(r.sim.Ledger().Invites(g.WhatsAppID, bia)), want, sent)
			}
		})
	}
}

func TestStepsAdd_AGroupThatCannotBeReadIsGivenUpWithoutInvitations(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi", func(p *steps.Policy, _ *simulator.Quirks) { p.Retry.GiveUpAfter = 5 * time.Second })
	g := r.ready("greenapi")
	r.extend(g.ID, "x", bia)
	r.until(g.ID, func(g *group.Group) bool { return !g.Members[1].CalledAt.IsZero() })
	r.script(simulator.Script{Method: "members", Fault: "500", Times: -1})
	g = r.run(g.ID)
	if got := g.Members[1]; got.Status != group.Unidentified || g.Status != group.Done || len(r.sim.Ledger().Messages) != 0 {
		t.Errorf("the group is %s, the person %s (%s), %d messages; want done, unidentified, 0", g.Status, got.Status, got.Reason, len(r.sim.Ledger().Messages))
	}
}

// update changes a group's record directly.
func (r *rig) update(id string, change func(g *group.Group)) {
	r.t.Helper()
	if _, err := r.store.Records.Update(r.t.Context(), id, func(g *group.Group, _ time.Time) error {
		change(g)
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
}
