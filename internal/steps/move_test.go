package steps_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestStepsCreate_TheOldTaskOfAMovedGroupCreatesNothing(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	id := r.ask("zapi", "Turma 12", ana)
	elsewhere := tasks.Target{Instance: "elsewhere"}
	if _, err := r.store.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error { return g.Move(elsewhere, now) }); err != nil {
		t.Fatal(err)
	}
	if !r.step() {
		t.Fatal("the old task is not in the queue, so the test proves nothing")
	}
	if calls := r.sim.Ledger().GroupsNamed("Turma 12"); len(calls) != 0 {
		t.Errorf("the old instance made %+v, want no group", calls)
	}
	g, err := r.store.Records.Load(t.Context(), id)
	if err != nil || g.Status != group.Queued || g.Target != elsewhere || len(g.Attempts) != 0 {
		t.Errorf("the group is %+v (%v), want it queued for the other instance, without attempts", g, err)
	}
	next, ok := r.queue.next()
	if want := tasks.Create(id, 1, elsewhere, tasks.Normal); !ok || next.ID != want.ID || next.Line != want.Line {
		t.Errorf("the next task is %+v, want %+v", next, want)
	}
}
