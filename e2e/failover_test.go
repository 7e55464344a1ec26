package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// The master is killed once. Its successor freezes until a replica replaces it, and then goes on for a moment as
// a second master with the writes that clients had sent to it. A call is made only when one replica has its intent,
// so every later master has it too. A row that was just accepted may be lost, and is accepted again when its file is
// sent again.
func TestKilledWorkers_LoseAndRepeatNothingWhileTheMasterFailsOver(t *testing.T) {
	t.Parallel()
	w := testutil.WatchedRedis(t)
	c := newChaos(t, script{seed: 16, waitReplicas: 1}, w.URL(), w.Client())
	c.addWorkers(3)

	old := w.Master()
	masters := []string{old.Addr} // one after the other; a former master may become one again
	replaced := func() bool { return w.Master() != old }
	steps := []struct {
		after time.Duration
		when  func() bool
		do    func()
	}{
		{6 * time.Second, func() bool { return true }, func() { old.Kill() }},
		{6 * time.Second, replaced, func() { old.Restart() }},
		// The second failover needs replicas to fall back on.
		{4 * time.Second, w.Ready, func() { old = w.Master(); old.Freeze() }},
		{5 * time.Second, replaced, func() { old.Thaw() }},
	}
	next := time.Now().Add(steps[0].after)
	proceed := func() {
		if now := w.Master().Addr; now != masters[len(masters)-1] {
			masters = append(masters, now)
		}
		if len(steps) == 0 || time.Now().Before(next) || !steps[0].when() {
			return
		}
		steps[0].do()
		if steps = steps[1:]; len(steps) > 0 {
			next = time.Now().Add(steps[0].after)
		}
	}
	c.disrupt(disruptFor, proceed)
	until(t, 200*time.Millisecond, "both failovers are over", func() bool {
		proceed()
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
