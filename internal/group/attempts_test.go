package group_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Many limited creates must not make a record forget a create whose outcome was unknown: its group may appear later.
func TestGroupBegin_KeepsTheAttemptsInDoubt(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := &group.Group{Status: group.Queued, Name: "Turma"}
	attempt := func(end func(n int) error) {
		t.Helper()
		now = now.Add(time.Minute)
		if begun := g.Begin("w1", "alpha", budget, func(string) bool { return true }, now); begun != group.Go {
			t.Fatalf("the create is not begun: %v, the group is %s", begun, g.Status)
		}
		if err := end(g.Latest().N); err != nil {
			t.Fatal(err)
		}
	}
	limited := func(n int) error { return g.Limited(n, group.Answer{Error: say.Words("rest")}, now) }
	unknown := func(n int) error {
		return errors.Join(g.Unknown(n, group.Answer{Error: say.Words("timeout")}, now), g.Absent(1000*time.Hour, now))
	}

	attempt(limited)
	attempt(unknown)
	doubt := now
	attempt(limited)
	attempt(unknown)
	for range 100 {
		attempt(limited)
	}
	if since, ok := g.FirstDoubt(); !ok || !since.Equal(doubt) {
		t.Errorf("after many limited creates the first doubt is of %v, %v; want %v", since, ok, doubt)
	}
	if len(g.Attempts) != 30 || g.Attempts[0].N != 1 || g.Attempts[2].N != 4 || g.Latest().N != 104 {
		t.Errorf("the record keeps %d attempts, from %d, %d to %d; want 30, from 1, 4 to 104", len(g.Attempts), g.Attempts[0].N, g.Attempts[2].N, g.Latest().N)
	}

	for range 100 {
		attempt(unknown)
	}
	if since, ok := g.FirstDoubt(); !ok || !since.Equal(doubt) || len(g.Attempts) != 30 {
		t.Errorf("after many uncertain creates the first doubt is of %v, %v, in %d attempts; want %v in 30", since, ok, len(g.Attempts), doubt)
	}
}
