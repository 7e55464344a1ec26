package dispatch

import (
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

// planned are the instances whose turn to create is in the queue of turns.
func (t *turns) planned() (names []string) {
	for _, is := range t.queue {
		if is.kind == pacing.Create {
			names = append(names, is.instance)
		}
	}
	slices.Sort(names)
	return names
}

func TestTurns_HoldNothingOfInstancesWithoutWork(t *testing.T) {
	t.Parallel()
	is := newTurns(rosterOf([]Instance{{Name: "gamma", Pools: []string{"p"}}, {Name: "alpha", Pools: []string{"p", "q"}}, {Name: "beta"}}))
	if len(is.byKey) != 0 || len(is.lines) != 0 {
		t.Fatalf("%d turns and %d lines before any work, want none", len(is.byKey), len(is.lines))
	}
	is.ring("create:beta:high")
	if got := is.planned(); !slices.Equal(got, []string{"beta"}) || len(is.byKey) != 1 {
		t.Errorf("after work for beta: planned are %v of %d turns, want beta of 1", got, len(is.byKey))
	}
	for _, unserved := range []string{"create:delta", "create:pool:r", "invite:delta", "create:pool"} {
		is.ring(unserved)
		is.found(unserved, time.Time{})
	}
	if got := is.planned(); !slices.Equal(got, []string{"beta"}) || len(is.lines) != 1 {
		t.Errorf("after work that no instance here serves: planned are %v, %d lines; want beta and 1", got, len(is.lines))
	}
	is.found("create:pool:p:low", time.Time{})
	if got := is.planned(); !slices.Equal(got, []string{"alpha", "beta", "gamma"}) {
		t.Errorf("after work for pool p: planned are %v, want alpha, beta and gamma", got)
	}
}

func TestTurnsSet_KeepsTheTurnsOfUnchangedInstances(t *testing.T) {
	t.Parallel()
	now := time.Now()
	is := newTurns(rosterOf([]Instance{{Name: "alpha", Pools: []string{"p"}}, {Name: "beta", Pools: []string{"p"}}}))
	is.ring("create:pool:p")
	is.ring("create:alpha")
	later := now.Add(time.Hour)
	for _, one := range is.byKey {
		one.notBefore = later
	}
	is.set(rosterOf([]Instance{{Name: "beta", Pools: []string{"p"}}, {Name: "gamma", Pools: []string{"p"}, Create: pacing.Pace{Every: time.Minute}}}), now)
	if got := is.planned(); !slices.Equal(got, []string{"beta", "gamma"}) {
		t.Errorf("planned are %v, want beta, which stayed, and gamma, which is new", got)
	}
	if is.lines["create:alpha"] != nil || is.turn(turnKey{"alpha", pacing.Create}) != nil {
		t.Error("alpha was removed, but its line or its turn is still there")
	}
	if beta := is.turn(turnKey{"beta", pacing.Create}); beta.notBefore != later {
		t.Errorf("beta, which did not change, waits until %v, want %v", beta.notBefore, later)
	}
	is.set(rosterOf([]Instance{{Name: "beta", Pools: []string{"p"}, Create: pacing.Pace{Every: time.Second}}}), now)
	if beta := is.turn(turnKey{"beta", pacing.Create}); beta.notBefore != now || beta.pace.Every != time.Second {
		t.Errorf("beta, whose pace changed, waits until %v at a pace of %v; want %v at 1s", beta.notBefore, beta.pace.Every, now)
	}
}

func TestMeanNews_ReportsAChangeOfAnEighthOnce(t *testing.T) {
	t.Parallel()
	is := &mean{}
	if _, fresh := is.news(); fresh {
		t.Error("a mean without a measurement is news")
	}
	is.observe(time.Second)
	if value, fresh := is.news(); !fresh || value != time.Second {
		t.Errorf("after the first measurement: %v, news %v; want 1s, which is news", value, fresh)
	}
	is.observe(1100 * time.Millisecond)
	if value, fresh := is.news(); fresh {
		t.Errorf("a small change, to %v, is news", value)
	}
	for range 10 {
		is.observe(2 * time.Second)
	}
	if value, fresh := is.news(); !fresh || value < 1500*time.Millisecond {
		t.Errorf("after ten measurements of 2s: %v, news %v; want at least 1.5s, which is news", value, fresh)
	}
}
