package steps_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/steps"
)

// between does something once, right after a number check.
type between struct {
	provider.Provider

	do func()
}

func (b *between) CheckPhones(ctx context.Context, numbers []string) (map[string]provider.Checked, error) {
	checked, err := b.Provider.CheckPhones(ctx, numbers)
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
	return checked, err
}

func TestStepsCreate_APersonWhoIsAddedMeanwhileIsLookedForOnTheSuppressionList(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI)
	id := r.ask(simulator.ZAPI, "Turma 12", ana)
	set(r.steps, []*steps.Instance{{
		Name: simulator.ZAPI, Via: provider.ViaText, CreateBudget: time.Second, InviteBudget: time.Second,
		Provider: &between{r.provider, func() {
			r.update(id, func(g *group.Group) {
				if _, err := g.Extend([]group.Member{{Number: "+" + bia, Input: bia, Status: group.Pending}}, "late.csv", r.clock.Now()); err != nil {
					t.Error(err)
				}
			})
			if err := r.store.People.SuppressPeople(t.Context(), []phone.Identity{{Digits: bia}}, "asked us"); err != nil {
				t.Error(err)
			}
		}},
	}})
	g := r.run(id)
	if len(g.Members) != 2 || g.Members[0].Status != group.Added || g.Members[1].Status != group.OptedOut || len(g.Attempts) != 1 {
		t.Errorf("after %d creates the members are %v; want ana added, bia opted out", len(g.Attempts), r.statuses(g))
	}
	if slices.ContainsFunc(r.sim.Ledger().Groups[0].Members, func(m simulator.Member) bool { return m.Phone == bia }) {
		t.Error("bia, who is on the suppression list, was added")
	}
}
