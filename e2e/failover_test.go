package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// The master is killed once, and once it freezes for so long that a replica takes its place: then
// it goes on for a moment as a second master, with what clients had sent to it. A call is only made
// when one replica has its intent, so every later master knows of it. A row that was just accepted may be
// gone, and comes back when its file is sent again.
func TestTheSameWhileTheMasterFailsOverTwice(t *testing.T) {
	t.Parallel()
	w := testutil.WatchedRedis(t)
	c := newChaos(t, script{seed: 16, waitReplicas: 1}, w.URL(), w.Client())
	// Some of what the dead held waits for the new master too.
	c.patience = 45 * time.Second
	c.staff(3)

	first := w.Master()
	old, frozen := first, false
	steps := []struct {
		after time.Duration
		do    func()
	}{
		{6 * time.Second, func() { old.Kill() }},
		{6 * time.Second, func() { old.Restart() }},
		{4 * time.Second, func() { old, frozen = w.Master(), true; old.Freeze() }},
		{5 * time.Second, func() { old.Thaw() }},
	}
	next := time.Now().Add(steps[0].after)
	masters := []string{first.Addr} // one after the other; who was it before may be it again
	look := func() {
		if now := w.Master().Addr; now != masters[len(masters)-1] {
			masters = append(masters, now)
		}
	}
	c.rage(rageFor, func() {
		// The second failover needs replicas to fall back on.
		if len(steps) == 0 || time.Now().Before(next) || len(steps) == 2 && !frozen && !w.Ready() {
			return
		}
		steps[0].do()
		if steps = steps[1:]; len(steps) > 0 {
			next = time.Now().Add(steps[0].after)
		}
		look()
	})
	until(t, 200*time.Millisecond, "both failovers are over", func() bool {
		for len(steps) > 0 && w.Ready() {
			steps[0].do()
			steps = steps[1:]
		}
		look()
		c.pauses.look()
		return len(steps) == 0 && w.Ready()
	}, func() string { return fmt.Sprintf("%d steps left, master is %s", len(steps), w.Master().Addr) })
	t.Logf("masters were %v", masters)
	if len(masters) < 3 {
		t.Errorf("the master was replaced %d times, want twice: this proves too little", len(masters)-1)
	}
	c.again()
	c.conclude()
}
