package operate_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestControlMove_AGroupWaitsOnlyForItsNewTarget(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "beta", Pools: []string{"default"}}}); err != nil {
		t.Fatal(err)
	}
	id := d.accept(t, nil)
	if _, err := d.Move(t.Context(), id, tasks.Target{Instance: "unknown"}); !errors.Is(err, operate.ErrTarget) {
		t.Errorf("to an unknown instance: got %v, want ErrTarget", err)
	}
	if _, err := d.Move(t.Context(), id, tasks.Target{}); !errors.Is(err, operate.ErrTarget) {
		t.Errorf("without a target: got %v, want ErrTarget", err)
	}
	d.wantPut(t)
	g, err := d.Move(t.Context(), id, tasks.Target{Pool: "default"})
	if err != nil || g.Target.Pool != "default" || g.Instance != "" || g.Round != 1 || g.Status != group.Queued {
		t.Fatalf("got %+v and %v, want it queued for the pool default in round 1", g, err)
	}
	d.wantPut(t, "group:create create:pool:default")
	if !slices.Equal(d.removed, []string{"create:alpha"}) {
		t.Errorf("removed tasks from %v, want create:alpha", d.removed)
	}
	waiting, _, err := d.store.Index.List(t.Context(), store.Filter{Instance: "alpha", Statuses: []group.Status{group.Queued}}, "", 10)
	if err != nil || len(waiting) != 0 {
		t.Errorf("%d groups still wait for alpha (%v), want none", len(waiting), err)
	}
	if _, err := d.Move(t.Context(), id, tasks.Target{Pool: "default"}); !errors.Is(err, group.ErrState) {
		t.Errorf("to its own target: got %v, want ErrState", err)
	}
	done := d.accept(t, func(g *group.Group, now time.Time) { _ = g.Cancel(now) })
	if _, err := d.Move(t.Context(), done, tasks.Target{Instance: "beta"}); !errors.Is(err, group.ErrState) {
		t.Errorf("a group that does not wait: got %v, want ErrState", err)
	}
}
