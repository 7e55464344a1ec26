package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestAGroupStandsBehindThoseOfItsOwnPriority(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	var all []*group.Group
	for _, p := range []tasks.Priority{tasks.Normal, tasks.High, tasks.Normal, tasks.High, tasks.Normal} {
		g := fresh("g", "+5544999999991")
		g.Priority = p
		all = append(all, g)
	}
	accept(t, st, all...)
	ranks := func(want ...int) {
		t.Helper()
		got, err := st.Index.Ahead(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ahead (-want +got):\n%s", diff)
		}
	}
	ranks(0, 0, 1, 1, 2)
	if _, err := st.Records.Update(t.Context(), all[0].ID, func(g *group.Group, now time.Time) error { return g.Cancel(now) }); err != nil {
		t.Fatal(err)
	}
	ranks(-1, 0, 0, 1, 1)
	if _, err := st.Records.Update(t.Context(), all[0].ID, func(g *group.Group, now time.Time) error { return g.Retry(now) }); err != nil {
		t.Fatal(err)
	}
	ranks(0, 0, 1, 1, 2)
	if err := st.Records.Forget(t.Context(), all[1].ID); err != nil {
		t.Fatal(err)
	}
	ranks(0, -1, 1, 0, 2)
}
