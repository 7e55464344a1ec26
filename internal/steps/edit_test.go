package steps_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
)

func TestStepsCreate_AGroupEditedWhileItIsPreparedIsCreatedOnceAsEdited(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	id := r.ask("zapi", "Truma 12", ana)
	want := r.load(id).Copied()
	want.Name = "Turma 12"
	if _, err := r.store.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error { return g.Edit(want, now) }); err != nil {
		t.Fatal(err)
	}
	if !r.step() {
		t.Fatal("the old task is not in the queue, so the test proves nothing")
	}
	if g := r.load(id); g.Status != group.Queued || len(g.Attempts) != 0 || len(r.sim.Ledger().GroupsNamed("Truma 12")) != 0 {
		t.Fatalf("after the old task the group is %s with %d attempts; want queued with 0, and no group of the old name", g.Status, len(g.Attempts))
	}
	g := r.run(id)
	if made := r.sim.Ledger().GroupsNamed("Turma 12"); len(made) != 1 || g.Status != group.Done || len(g.Attempts) != 1 || len(r.sim.Ledger().GroupsNamed("Truma 12")) != 0 {
		t.Errorf("the group is %s after %d attempts, with %d groups of the new name; want done after 1, with 1", g.Status, len(g.Attempts), len(made))
	}
}
