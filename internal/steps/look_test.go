package steps_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/steps"
)

func (r *rig) load(id string) *group.Group {
	r.t.Helper()
	g, err := r.store.Records.Load(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return g
}

func (r *rig) rename(id, name string) {
	r.t.Helper()
	if err := r.sim.ChangeGroup(id, simulator.GroupChange{Name: name}); err != nil {
		r.t.Fatal(err)
	}
}

func TestStepsVerify_FindsALostGroupWhateverItIsCalled(t *testing.T) {
	t.Parallel()
	const name = "Escola São João ❤️  12"
	for how, change := range map[string]string{
		"decomposed letters":         norm.NFD.String(name),
		"other case":                 strings.ToUpper(name),
		"without variation selector": strings.ReplaceAll(name, "\ufe0f", ""),
		"other spaces":               " Escola\u00a0São João ❤️ 12 ",
		"renamed by people":          "Turma da Ana",
	} {
		for _, p := range providers {
			t.Run(p+" "+how, func(t *testing.T) {
				t.Parallel()
				r := start(t, p)
				r.script(simulator.Script{Method: "create", Fault: "500-but-created"})
				id := r.ask(p, name, ana, bia)
				r.step()
				r.rename(r.sim.Ledger().Groups[0].ID, change)
				g := r.run(id)
				if n := len(r.sim.Ledger().Groups); g.Status != group.Done || !g.Adopted || n != 1 {
					t.Errorf("the group is %s (%+v), adopted %v, %d groups at WhatsApp; want done, adopted, 1", g.Status, g.Error, g.Adopted, n)
				}
			})
		}
	}
}

// No provider documents 404 for a group that the number has left: a gateway, or a host of another version, answers so.
func TestStepsVerify_FindsALostGroupWhoseReadingIsNotFoundOnce(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			r := start(t, p)
			r.script(simulator.Script{Method: "create", Fault: "500-but-created"})
			r.script(simulator.Script{Method: "members", Fault: "404", Times: 1})
			g := r.run(r.ask(p, "Turma 12", ana, bia))
			if n := len(r.sim.Ledger().Groups); g.Status != group.Done || !g.Adopted || n != 1 {
				t.Errorf("the group is %s (%+v), adopted %v, %d groups at WhatsApp; want done, adopted, 1", g.Status, g.Error, g.Adopted, n)
			}
		})
	}
}

func TestStepsVerify_FindsAGroupWhoseNameTheProviderNormalised(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"nfc", "nfd", "plain"} {
		for _, p := range providers {
			t.Run(p+" "+form, func(t *testing.T) {
				t.Parallel()
				r := start(t, p, func(_ *steps.Policy, q *simulator.Quirks) { q.Names = form })
				no := false // the group has no people to be recognised by, only its name
				for _, number := range []string{ana, bia} {
					if err := r.sim.SetPerson(simulator.Person{Phone: number, Addable: &no, Joins: &no}); err != nil {
						t.Fatal(err)
					}
				}
				r.script(simulator.Script{Method: "create", Fault: "500-but-created"})
				g := r.run(r.ask(p, "Sa\u0303o ❤️  São", ana, bia))
				if n := len(r.sim.Ledger().Groups); g.Status != group.Done || !g.Adopted || n != 1 {
					t.Errorf("the group is %s (%+v), adopted %v, %d groups at WhatsApp; want done, adopted, 1", g.Status, g.Error, g.Adopted, n)
				}
			})
		}
	}
}

func TestStepsVerify_TwoCandidatesGoToAPerson(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			r := start(t, p)
			r.script(simulator.Script{Method: "create", Fault: "500-but-created"})
			id := r.ask(p, "Turma 12", ana, bia)
			r.step()
			if _, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "By hand", Addresses: []string{ana}}); err != nil {
				t.Fatal(err)
			}
			r.rename(r.sim.Ledger().Groups[0].ID, "Renamed")
			g := r.run(id)
			if g.Status != group.Review || g.Error.Code != group.CodeAmbiguous || len(g.Error.Candidates) != 2 || len(r.sim.Ledger().Groups) != 2 {
				t.Errorf("the group is %s with %+v, %d groups at WhatsApp; want review, ambiguous with two candidates, 2", g.Status, g.Error, len(r.sim.Ledger().Groups))
			}
		})
	}
}

func TestStepsVerify_AGroupWithStrangersUnderAnotherNameIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	r.script(simulator.Script{Method: "create", Fault: "500-not-created"})
	id := r.ask("greenapi", "Turma 12", ana, bia)
	r.step()
	if _, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "By hand", Addresses: []string{ana, "79007776655"}}); err != nil {
		t.Fatal(err)
	}
	g := r.run(id)
	if g.Status != group.Review || g.Error.Code != group.CodeAmbiguous || len(r.sim.Ledger().Groups) != 1 || len(g.Seen) != 4 {
		t.Errorf("the group is %s with %+v after %d looks, %d groups at WhatsApp; want review, ambiguous after 4, 1", g.Status, g.Error, len(g.Seen), len(r.sim.Ledger().Groups))
	}
}

func TestStepsVerify_RequestsOfOneNumberKeepTheirOwnGroups(t *testing.T) {
	t.Parallel()
	for _, renamed := range []bool{false, true} {
		for _, p := range providers {
			t.Run(fmt.Sprint(p, " renamed ", renamed), func(t *testing.T) {
				t.Parallel()
				r := start(t, p)
				r.script(simulator.Script{Method: "create", Fault: "500-but-created", Times: 2})
				// Both groups have the same people.
				first, second := r.ask(p, "Turma 12", ana, bia), r.ask(p, "Turma 13", ana, bia)
				for r.load(first).Status != group.Verifying || r.load(second).Status != group.Verifying {
					r.step()
				}
				made := map[string]string{}
				for _, g := range r.sim.Ledger().Groups {
					made[g.Name] = g.ID
				}
				if renamed {
					r.rename(made["Turma 13"], "Another")
				}
				r.run(first)
				a, b := r.load(first), r.load(second)
				if a.Status != group.Done || a.WhatsAppID != made["Turma 12"] || b.Status != group.Done || b.WhatsAppID != made["Turma 13"] || len(r.sim.Ledger().Groups) != 2 {
					t.Errorf("the groups are %s as %q and %s as %q, %d groups at WhatsApp; want both done with their own of %v, 2", a.Status, a.WhatsAppID, b.Status, b.WhatsAppID, len(r.sim.Ledger().Groups), made)
				}
			})
		}
	}
}

func TestStepsVerify_ReadsOfManyGroupsAreBoundedAndRemembered(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	for i := range 70 {
		if _, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: fmt.Sprint("Old ", i), Addresses: []string{ana}}); err != nil {
			t.Fatal(err)
		}
	}
	r.clock.forward(r.clock.Now().Add(24 * 60 * 60 * 1e9))
	reads := func() (n int) {
		for _, c := range r.sim.Ledger().Calls {
			if c.Method == "getGroupData" {
				n++
			}
		}
		return n
	}
	lost := func(name string) (most, all int) {
		t.Helper()
		r.script(simulator.Script{Method: "create", Fault: "500-not-created"})
		id := r.ask("greenapi", name, ana)
		from := reads()
		for last := from; ; last = reads() {
			if !r.step() {
				break
			}
			most = max(most, reads()-last)
		}
		if g := r.load(id); g.Status != group.Done || len(g.Attempts) != 2 {
			t.Fatalf("the group is %s after %+v, want done after two attempts", g.Status, g.Attempts)
		}
		return most, reads() - from
	}
	if most, all := lost("Turma 12"); most > 20 || all < 70 || all > 80 {
		t.Errorf("the first looks read up to %d groups in one step, %d in all; want at most 20, and each group once", most, all)
	}
	if _, all := lost("Turma 13"); all > 10 {
		t.Errorf("the looks of the second group read %d groups, want at most 10: the old ones are remembered", all)
	}
}

func nameless(_ *steps.Policy, q *simulator.Quirks) { q.EmptyNames = 1 }

// others makes groups with the instance's number, as a person does on its phone.
func (r *rig) others(n int, people ...string) {
	r.t.Helper()
	for i := range n {
		if _, err := r.provider.CreateGroup(r.t.Context(), provider.CreateRequest{Name: fmt.Sprint("By hand ", i), Addresses: people}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// A person may use the instance's number too. Such a group is newer than the doubt, and no time that a reading shows
// rules it out.
func TestStepsVerify_ALookThatTakesSeveralStepsReadsEachGroupOnce(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi", nameless)
	r.person(outside(bia))
	r.script(simulator.Script{Method: "create", Fault: "500-not-created"})
	id := r.ask("greenapi", "Turma 12", ana, bia)
	r.step()
	r.others(50, caz)
	g := r.run(id)
	if g.Status != group.Done || len(g.Attempts) != 2 || g.Members[1].Status != group.Invited {
		t.Errorf("the group is %s (%+v) after %d creates, bia is %s; want done after 2, invited", g.Status, g.Error, len(g.Attempts), g.Members[1].Status)
	}
	reads := 0
	for _, c := range r.sim.Ledger().Calls {
		if c.Method == "getGroupData" {
			reads++
		}
	}
	if looks := len(g.Seen) + 1; reads > 55*looks { // the last one before the invitations
		t.Errorf("%d looks read %d groups, want each of 50 once in a look", looks, reads)
	}
}

// More groups than a step reads may be the request's, or surely are.
func TestStepsVerify_ALookAtManyThatMayBeTheGroupReadsThemAll(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		with []string
		want int // candidates
	}{
		"perhaps": {[]string{ana, koffi}, 50},
		"surely":  {[]string{ana}, 20}, // of which two are enough
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, "greenapi", nameless)
			r.script(simulator.Script{Method: "create", Fault: "500-not-created"})
			id := r.ask("greenapi", "Turma 12", ana, bia)
			r.step()
			r.others(50, tt.with...)
			g := r.run(id)
			if g.Status != group.Review || g.Error.Code != group.CodeAmbiguous || len(g.Error.Candidates) < tt.want {
				t.Errorf("the group is %s with %+v and %d candidates; want review of at least %d", g.Status, g.Error, len(g.Error.Candidates), tt.want)
			}
			if took := g.UpdatedAt.Sub(g.CreatedAt); took > time.Hour {
				t.Errorf("the looks took %s, want less than an hour", took)
			}
		})
	}
}

func TestStepsRollCall_ASearchForASecondGroupReadsAllThatMayBeIt(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi", nameless)
	r.script(simulator.Script{Method: "create", Fault: "500-not-created"})
	r.person(outside(bia)) // an invitation is needed
	id := r.ask("greenapi", "Turma 12", ana, bia)
	r.until(id, func(g *group.Group) bool { return g.Status == group.Inviting })
	r.others(30, ana, koffi) // each may be the request's
	if g := r.run(id); g.Status != group.Done || g.Members[1].Status != group.Invited {
		t.Errorf("the group is %s (%+v), bia is %s; want done, invited", g.Status, g.Error, g.Members[1].Status)
	}
}

func TestStepsRollCall_ASearchForASecondGroupEnds(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi", nameless, func(p *steps.Policy, _ *simulator.Quirks) { p.Retry.GiveUpAfter = 10 * time.Minute })
	r.script(simulator.Script{Method: "create", Fault: "500-not-created"})
	r.person(outside(bia)) // an invitation is needed
	id := r.ask("greenapi", "Turma 12", ana, bia)
	r.until(id, func(g *group.Group) bool { return g.Status == group.Inviting })
	r.others(30, ana, koffi)
	g := r.until(id, func(g *group.Group) bool {
		if g.Wait.For.Code == say.WaitMoreGroups {
			r.others(20, ana, koffi) // as many as a step reads
			r.clock.forward(r.clock.Now().Add(time.Minute))
		}
		return g.Status != group.Inviting
	})
	if g.Status != group.Review || g.Error.Code != group.CodeUnverifiable || !strings.Contains(g.Error.Message.String(), "more groups") {
		t.Errorf("the group is %s with %+v; want review, because more groups are to be read", g.Status, g.Error)
	}
	if over := r.clock.Now().Sub(g.Roll.From); over > 20*time.Minute {
		t.Errorf("the search took %s, want 10 minutes", over)
	}
}
