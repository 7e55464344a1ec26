package simulator_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// watch records what a simulator reports of its creates, and may make it lose them.
type watch struct {
	mu   sync.Mutex
	told []string
	lose bool
}

func (w *watch) note(m simulator.Moment, c simulator.Call) bool {
	if c.Kind != "create" {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, fmt.Sprintf("%s %s %v", m, c.GroupName, c.Effect))
	return w.lose
}

func (w *watch) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string{}, w.told...)
}

func TestConfigWatch_IsCalledAtEachMomentOfACall(t *testing.T) {
	t.Parallel()
	w := &watch{}
	b := setup(t, func(c *simulator.Config) { c.Watch = w.note })
	b.zCreate("A", ana)
	b.script(simulator.Script{Method: "create", Group: "B", Fault: "500-not-created"}, simulator.Script{Method: "create", Group: "C", Fault: "reset-after"})
	b.zCreate("B", ana)
	b.gCreate("C", vera)
	want := []string{"arrived A false", "done A true", "answered A true", "arrived B false", "answered B false", "arrived C false", "done C true"}
	b.eventually("all moments are reported", func() bool { return len(w.all()) >= len(want) })
	b.want("moments", w.all(), want)
	b.want("the host that the client called", "http://"+b.sim.Ledger().Calls[0].Host, b.url)
}

func TestConfigWatch_CanLoseACallOnItsWay(t *testing.T) {
	t.Parallel()
	w := &watch{lose: true}
	b := setup(t, func(c *simulator.Config) { c.Watch = w.note })
	b.impatient()
	if a := b.zCreate("A", ana); a.err == nil {
		t.Errorf("a lost call got status %d, want no answer", a.status)
	}
	b.eventually("the call has ended", func() bool { return !b.sim.Ledger().Calls[0].EndedAt.IsZero() })
	l := b.sim.Ledger()
	b.want("fault", l.Calls[0].Fault, "hang-not-created")
	b.want("groups", len(l.Groups), 0)
	b.want("moments", w.all(), []string{"arrived A false"})
}

func TestScriptShare_HitsItsShareOfTheCallsForEver(t *testing.T) {
	t.Parallel()
	run := func() (faults []string) {
		b := setup(t, nil)
		b.script(
			simulator.Script{Method: "create", Fault: "500-not-created", Share: 0.2},
			simulator.Script{Method: "create", Fault: "502-not-created", Share: 0.2},
			simulator.Script{Method: "create", Group: "whole", Fault: "503"},
		)
		for range 300 {
			b.zCreate("G", ana)
		}
		b.want("a script without a share comes first", b.zCreate("whole", ana).status, 503)
		for _, c := range b.sim.Ledger().Calls {
			faults = append(faults, c.Fault)
		}
		return faults
	}
	one, two := run(), run()
	counts := map[string]int{}
	for i := range one {
		if one[i] != two[i] {
			t.Fatalf("call %d: got faults %q and %q in two runs with one seed, want the same", i, one[i], two[i])
		}
		counts[one[i]]++
	}
	for _, name := range []string{"500-not-created", "502-not-created"} {
		if counts[name] < 40 || counts[name] > 80 {
			t.Errorf("%d of 300 calls met %s, want 40 to 80", counts[name], name)
		}
	}
	b := setup(t, nil)
	if err := b.sim.Script(simulator.Script{Fault: "500", Share: 1.5}); err == nil {
		t.Error("a script with a share of 1.5 was accepted, want an error")
	}
}
