package steps_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func joinLooks(p *steps.Policy, _ *simulator.Quirks) {
	p.JoinLooks = []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour}
}

func onLeaveAll(p *steps.Policy, _ *simulator.Quirks) { p.Leaves = true }

// until delivers tasks until as reports true for the group.
func (r *rig) until(id string, as func(g *group.Group) bool) *group.Group {
	r.t.Helper()
	for range 2000 {
		g, err := r.store.Records.Load(r.t.Context(), id)
		if err != nil {
			r.t.Fatal(err)
		}
		if as(g) {
			return g
		}
		if !r.step() {
			r.t.Fatalf("the queue is empty too early: the group is %s with %v", g.Status, r.statuses(g))
		}
	}
	r.t.Fatal("after 2000 tasks the group is still not as wanted")
	return nil
}

func done(g *group.Group) bool { return g.Status == group.Done }

// reads counts the readings of the members of groups.
func (r *rig) reads() int {
	n := 0
	for _, c := range r.sim.Ledger().Calls {
		if c.Kind == "members" && c.Method != "group/inviteCode" {
			n++
		}
	}
	return n
}

func (r *rig) person(p simulator.Person) {
	r.t.Helper()
	if err := r.sim.SetPerson(p); err != nil {
		r.t.Fatal(err)
	}
}

// outside is a person who cannot be added and does not follow an invitation.
func outside(number string) simulator.Person {
	no := false
	return simulator.Person{Phone: number, Addable: &no, Joins: &no}
}

func TestStepsJoins_APersonWhoFollowsTheInvitationIsFoundAtTheNextLook(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name, joinLooks)
			r.person(outside(bia))
			r.person(outside(caz))
			id := r.ask(name, "Turma 12", ana, bia, caz)
			g := r.until(id, done)
			before := r.reads()
			r.clock.forward(g.FinishedAt.Add(2 * time.Hour)) // after the first look
			if !r.step() {
				t.Fatal("no step looks for the invited people")
			}
			r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
			g = r.run(id)
			if diff := cmp.Diff([]group.MemberStatus{group.Added, group.Joined, group.Invited}, r.statuses(g)); diff != "" || g.Status != group.Done {
				t.Errorf("the group is %s, want done; its people (-want +got):\n%s", g.Status, diff)
			}
			joined, invited := g.Members[1].UpdatedAt, g.Members[1].InvitedAt
			if after := joined.Sub(invited); after < 6*time.Hour || after > 7*time.Hour {
				t.Errorf("bia was found %s after the invitation, want at the look after 6h", after)
			}
			if n := r.reads() - before; n < 4 || n > 8 {
				t.Errorf("%d readings for two people, want 4 to 8", n)
			}
			if n := len(r.sim.Ledger().Invites(g.WhatsAppID, caz)); n != 1 {
				t.Errorf("caz, who did not come, was invited %d times, want once", n)
			}
		})
	}
}

func TestStepsJoins_TheFunnelOfABatchGoesOnAfterItsEnd(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi", joinLooks)
	adding := &store.Adding{}
	if err := r.store.Index.JoinBatch(t.Context(), "cohort", adding); err != nil {
		t.Fatal(err)
	}
	r.person(outside(bia))
	r.person(outside(caz))
	id := r.askIn(adding.BatchID, "zapi", "Turma 12", ana, bia, caz)
	if err := r.store.Index.CloseBatch(t.Context(), adding, 0); err != nil {
		t.Fatal(err)
	}
	funnel := func() group.BatchDocument {
		b, err := r.store.Index.Batch(t.Context(), adding.BatchID)
		if err != nil {
			t.Fatal(err)
		}
		return b.Document(time.Time{})
	}
	g := r.until(id, done)
	first := funnel()
	if first.Status != "done" || first.Funnel != (group.Funnel{Asked: 3, Added: 1, Invited: 2}) {
		t.Errorf("the batch is %s with the funnel %+v, want done with 3 asked, 1 added, 2 invited", first.Status, first.Funnel)
	}
	r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
	r.run(id)
	last := funnel()
	if last.Funnel != (group.Funnel{Asked: 3, Added: 1, Invited: 2, Joined: 1}) || !last.FinishedAt.Equal(*first.FinishedAt) {
		t.Errorf("after the join the funnel is %+v, finished at %s; want 1 joined, and still %s", last.Funnel, last.FinishedAt, first.FinishedAt)
	}
}

func TestStepsJoins_APersonWhoLeavesIsNotedAndWithOnLeaveAllSuppressed(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		for _, all := range []bool{false, true} {
			t.Run(name+map[bool]string{false: " group", true: " all"}[all], func(t *testing.T) {
				t.Parallel()
				options := []option{joinLooks}
				if all {
					options = append(options, onLeaveAll)
				}
				r := start(t, name, options...)
				r.person(outside(caz)) // an invited person, so that the group is read
				id := r.ask(name, "Turma 12", ana, bia, caz)
				g := r.until(id, done)
				r.person(simulator.Person{Phone: bia, Leave: g.WhatsAppID})
				g = r.run(id)
				if diff := cmp.Diff([]group.MemberStatus{group.Added, group.Left, group.Invited}, r.statuses(g)); diff != "" {
					t.Errorf("the people (-want +got):\n%s", diff)
				}
				out, err := r.store.People.Suppressed(t.Context(), []phone.Identity{{Digits: bia}, {Digits: ana}})
				if err != nil || out[0] != all || out[1] {
					t.Errorf("bia and ana suppressed: %v, %v; want %v and false", out, err, all)
				}
				next := r.run(r.ask(name, "Turma 13", ana, bia))
				want := map[bool]group.MemberStatus{false: group.Added, true: group.OptedOut}[all]
				if got := next.Members[1].Status; got != want {
					t.Errorf("in the next group bia is %s, want %s", got, want)
				}
			})
		}
	}
}

func TestSteps_OnLeaveAllNoticesALeaverWithoutInvitations(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi", joinLooks, onLeaveAll)
	id := r.ask("greenapi", "Turma 12", ana, bia)
	g := r.until(id, done)
	r.person(simulator.Person{Phone: bia, Leave: g.WhatsAppID})
	if g = r.run(id); g.Members[1].Status != group.Left {
		t.Errorf("the people are %v, want bia left", r.statuses(g))
	}
}

func TestSteps_OnLeaveAllSuppressesTheTypedNumberToo(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi", joinLooks, onLeaveAll)
	untold := true
	if err := r.sim.SetPerson(simulator.Person{Phone: koffi, Form: koffiForm, LIDUntold: &untold}); err != nil {
		t.Fatal(err)
	}
	r.person(outside(caz))
	id := r.ask("zapi", "Turma 12", ana, koffi, caz)
	g := r.until(id, done)
	r.person(simulator.Person{Phone: koffi, Leave: g.WhatsAppID})
	if g = r.run(id); g.Members[1].Status != group.Left {
		t.Fatalf("the people are %v, want the second to have left", r.statuses(g))
	}
	out, err := r.store.People.Suppressed(t.Context(), []phone.Identity{{Digits: koffiForm}, {Digits: koffi}})
	if err != nil || !out[0] || !out[1] {
		t.Errorf("suppressed by WhatsApp's form and by the typed number: %v, %v; want both", out, err)
	}
}

func TestALookThatCannotBeReadIsRepeated(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi", joinLooks)
	r.person(outside(bia))
	id := r.ask("zapi", "Turma 12", ana, bia)
	g := r.until(id, done)
	r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
	// More failures than one reading has tries.
	r.script(simulator.Script{Method: "members", Fault: "500-not-created", Times: 4})
	g = r.run(id)
	if after := g.Members[1].UpdatedAt.Sub(g.Members[1].InvitedAt); g.Members[1].Status != group.Joined || after > 2*time.Hour {
		t.Errorf("bia is %s %s after the invitation, want joined within 2h", g.Members[1].Status, after)
	}
}

func TestStepsJoins_AnOverdueReadingIsListedUntilTheLastLook(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi", joinLooks)
	r.person(outside(bia))
	id := r.ask("zapi", "Turma 12", ana, bia)
	g := r.until(id, done)
	overdue := func(at time.Time) []string {
		ids, err := r.store.Index.Overdue(t.Context(), at, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	if ids := overdue(g.Watch.At.Add(-time.Second)); len(ids) != 0 {
		t.Errorf("before the reading is due, %v are overdue, want none", ids)
	}
	if diff := cmp.Diff([]string{id}, overdue(g.Watch.At)); diff != "" {
		t.Errorf("overdue groups (-want +got):\n%s", diff)
	}
	// A task that comes before the reading is due reads nothing and puts the next task.
	before := r.reads()
	if err := r.queue.Put(t.Context(), tasks.Joins(id, r.clock.Now())); err != nil {
		t.Fatal(err)
	}
	r.step()
	if r.reads() != before {
		t.Errorf("%d readings before the reading is due, want 0", r.reads()-before)
	}
	r.run(id)
	if ids := overdue(r.clock.Now().Add(1000 * time.Hour)); len(ids) != 0 {
		t.Errorf("after the last look %v are overdue, want none", ids)
	}
	if _, err := r.store.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error {
		g.FinishedAt = now.AddDate(-10, 0, 0)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if gone, err := r.store.Records.ForgetExpired(t.Context(), id); err != nil || !gone {
		t.Fatalf("the group was forgotten: %v (%v), want it gone", gone, err)
	}
}

func TestStepsJoins_ARefusedReadingIsNotRepeatedBeforeTheNextLook(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi", joinLooks)
	r.person(outside(bia))
	id := r.ask("greenapi", "Turma 12", ana, bia)
	r.until(id, done)
	before := r.reads()
	r.script(simulator.Script{Method: "members", Fault: "404", Times: -1})
	g := r.run(id)
	if n := r.reads() - before; n > 4 || g.Members[1].Status != group.Invited || g.Status != group.Done {
		t.Errorf("%d readings, the group is %s with %v; want one for each of the 4 looks at most, done, bia invited", n, g.Status, r.statuses(g))
	}
}
