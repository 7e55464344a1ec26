package store_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestIndexFailedEver_KeepsGroupsThatAreRetriedOrForgotten(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	one, two := fresh("one", "+5544999999991"), fresh("two", "+5544999999992")
	accept(t, st, one, two)
	failed := func(want int64) {
		t.Helper()
		if n, err := st.Index.FailedEver(t.Context()); err != nil || n != want {
			t.Errorf("FailedEver = %d (%v), want %d", n, err, want)
		}
	}
	change := func(id string, how func(g *group.Group, now time.Time) error) {
		t.Helper()
		if _, err := st.Records.Update(t.Context(), id, how); err != nil {
			t.Fatal(err)
		}
	}
	failed(0)
	change(one.ID, (*group.Group).NoMembers)
	change(two.ID, (*group.Group).NoMembers)
	failed(2)
	change(one.ID, (*group.Group).Retry)
	if err := st.Records.Forget(t.Context(), two.ID); err != nil {
		t.Fatal(err)
	}
	failed(2)
	change(one.ID, (*group.Group).NoMembers)
	failed(3)
}
