package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestIndexAhead_CountsEarlierGroupsOfTheSamePriority(t *testing.T) {
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
			t.Errorf("Ahead (-want +got):\n%s", diff)
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

func TestIndexQueued_CountsOnlyLinesOfTargetsWithGroups(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	st := open(t, rdb)
	targets := []tasks.Target{{Pool: "default"}}
	for i := range 300 {
		targets = append(targets, tasks.Target{Instance: fmt.Sprintf("i%03d", i)})
	}
	own := fresh("own", "+5544999999991")
	own.Target = tasks.Target{Instance: "i007"}
	all := []*group.Group{fresh("pool's", "+5544999999991"), own}
	all[0].Priority = tasks.High
	accept(t, st, all...)
	queued := func() map[string]int {
		t.Helper()
		n, err := st.Index.Queued(t.Context(), targets, []tasks.Priority{tasks.High, tasks.Normal, tasks.Low})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	asked := &commands{}
	rdb.AddHook(asked)
	want := map[string]int{targets[0].Line(tasks.High): 1, own.Target.Line(tasks.Normal): 1}
	if diff := cmp.Diff(want, queued()); diff != "" || asked.sent != 6 {
		t.Errorf("Queued sent %d counts, want 6; its result (-want +got):\n%s", asked.sent, diff)
	}
	// A damaged counter hides no group.
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(rdb.HSet(t.Context(), "rollcall:{ix}:waiting", "gr:i007", "many").Err())
	if diff := cmp.Diff(want, queued()); diff != "" {
		t.Errorf("with a counter that is not a number (-want +got):\n%s", diff)
	}
	must(rdb.Del(t.Context(), "rollcall:{ix}:waiting").Err())
	must(rdb.Set(t.Context(), "rollcall:{ix}:waiting", "x", 0).Err())
	if diff := cmp.Diff(want, queued()); diff != "" {
		t.Errorf("with a key of another type (-want +got):\n%s", diff)
	}
}
