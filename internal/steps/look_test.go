package steps_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
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
		"parted letters":    norm.NFD.String(name),
		"other case":        strings.ToUpper(name),
		"without selector":  strings.ReplaceAll(name, "\ufe0f", ""),
		"other spaces":      " Escola\u00a0São João ❤️ 12 ",
		"renamed by people": "Turma da Ana",
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
					t.Errorf("%s, adopted %v, %d groups, %+v", g.Status, g.Adopted, n, g.Error)
				}
			})
		}
	}
}

func TestStepsVerify_FindsAGroupWhoseNameTheProviderNormalised(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"nfc", "nfd", "plain"} {
		for _, p := range providers {
			t.Run(p+" "+form, func(t *testing.T) {
				t.Parallel()
				r := start(t, p, func(_ *steps.Policy, q *simulator.Quirks) { q.Names = form })
				no := false // no person can be added, so only the name identifies the group
				for _, number := range []string{ana, bia} {
					if err := r.sim.SetPerson(simulator.Person{Phone: number, Addable: &no, Joins: &no}); err != nil {
						t.Fatal(err)
					}
				}
				r.script(simulator.Script{Method: "create", Fault: "500-but-created"})
				g := r.run(r.ask(p, "Sa\u0303o ❤️  São", ana, bia))
				if n := len(r.sim.Ledger().Groups); g.Status != group.Done || !g.Adopted || n != 1 {
					t.Errorf("%s, adopted %v, %d groups, %+v", g.Status, g.Adopted, n, g.Error)
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
				t.Errorf("%s %+v", g.Status, g.Error)
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
		t.Errorf("%s %+v after %d looks, %d groups", g.Status, g.Error, len(g.Seen), len(r.sim.Ledger().Groups))
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
				// The same people, as one class in two groups.
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
					t.Errorf("%s %q and %s %q of %v, %d groups", a.Status, a.WhatsAppID, b.Status, b.WhatsAppID, made, len(r.sim.Ledger().Groups))
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
			t.Fatalf("%s after %+v", g.Status, g.Attempts)
		}
		return most, reads() - from
	}
	if most, all := lost("Turma 12"); most > 20 || all < 70 || all > 80 {
		t.Errorf("the first look reads %d groups in one step, %d in all; want 20 and each once", most, all)
	}
	if _, all := lost("Turma 13"); all > 10 {
		t.Errorf("a later look reads %d groups again", all)
	}
}
