package dispatch

import (
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

// planned are the instances whose turns to create are to be looked at.
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
		t.Fatalf("%d turns and %d lines before any work", len(is.byKey), len(is.lines))
	}
	is.ring("create:beta:high")
	if got := is.planned(); !slices.Equal(got, []string{"beta"}) || len(is.byKey) != 1 {
		t.Errorf("after work for beta: %v of %d turns", got, len(is.byKey))
	}
	for _, unserved := range []string{"create:delta", "create:pool:r", "invite:delta", "create:pool"} {
		is.ring(unserved)
		is.found(unserved, time.Time{})
	}
	if got := is.planned(); !slices.Equal(got, []string{"beta"}) || len(is.lines) != 1 {
		t.Errorf("after work that no instance here serves: %v, %d lines", got, len(is.lines))
	}
	is.found("create:pool:p:low", time.Time{})
	if got := is.planned(); !slices.Equal(got, []string{"alpha", "beta", "gamma"}) {
		t.Errorf("after work of a pool: %v", got)
	}
}

func TestTurnsSet_KeepsWhatIsKnownOfTheLinesAndServesThemAnew(t *testing.T) {
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
		t.Errorf("planned are %v", got)
	}
	if is.lines["create:alpha"] != nil || is.turn(turnKey{"alpha", pacing.Create}) != nil {
		t.Error("alpha, which went, is still there")
	}
	if beta := is.turn(turnKey{"beta", pacing.Create}); beta.notBefore != later {
		t.Errorf("beta, which stayed as it was, waits until %v, want %v", beta.notBefore, later)
	}
	is.set(rosterOf([]Instance{{Name: "beta", Pools: []string{"p"}, Create: pacing.Pace{Every: time.Second}}}), now)
	if beta := is.turn(turnKey{"beta", pacing.Create}); beta.notBefore != now || beta.pace.Every != time.Second {
		t.Errorf("beta, whose pace was changed, waits until %v at a pace of %v", beta.notBefore, beta.pace.Every)
	}
}

func TestMeanNews_TellsAChangeOfAnEighthOnce(t *testing.T) {
	t.Parallel()
	is := &mean{}
	if _, fresh := is.news(); fresh {
		t.Error("nothing was measured, and it is news")
	}
	is.observe(time.Second)
	if value, fresh := is.news(); !fresh || value != time.Second {
		t.Errorf("the first measurement is %v, %v", value, fresh)
	}
	is.observe(1100 * time.Millisecond)
	if value, fresh := is.news(); fresh {
		t.Errorf("a change to %v is news", value)
	}
	for range 10 {
		is.observe(2 * time.Second)
	}
	if value, fresh := is.news(); !fresh || value < 1500*time.Millisecond {
		t.Errorf("a change to %v is not news", value)
	}
}
