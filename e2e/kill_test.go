package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// killer kills the worker that is making a group, at a given moment of the create. Each worker
// reaches the provider by a front of its own, so the provider's request says which one it is.
type killer struct {
	s *stage

	mu      sync.Mutex
	moments map[string]simulator.Moment // by group, the moment its worker dies at; deleted then
	workers map[string]*process         // by the front's host
	kills   []killed
}

type killed struct {
	name   string
	moment simulator.Moment
	at     time.Time
}

// watch is told of every create by the provider.
func (k *killer) watch(m simulator.Moment, c simulator.Call) (lost bool) {
	k.mu.Lock()
	if c.Kind != "create" || k.moments[c.GroupName] != m {
		k.mu.Unlock()
		return false
	}
	delete(k.moments, c.GroupName)
	victim := k.workers[c.Host]
	k.mu.Unlock()
	victim.kill()
	at := time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kills = append(k.kills, killed{name: c.GroupName, moment: m, at: at})
	// A request that has "not arrived" when its worker dies never does.
	return m == simulator.Arrived
}

func (k *killer) dead() []killed {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]killed(nil), k.kills...)
}

// keep starts n workers and puts a new one in place of each that died, as an init system does.
func (k *killer) keep(n int, until <-chan struct{}) {
	start := func(i, life int) *process {
		front := k.s.front()
		name := fmt.Sprintf("worker-%d-%d", i, life)
		p := k.s.worker(name, k.s.write(name+".yaml", front))
		k.mu.Lock()
		defer k.mu.Unlock()
		k.workers[strings.TrimPrefix(front, "http://")] = p
		return p
	}
	for i := range n {
		p := start(i, 0)
		go func() {
			for life := 1; ; life++ {
				select {
				case <-p.done:
					p = start(i, life)
				case <-until:
					return
				}
			}
		}()
	}
}

func TestAKilledWorkerLeavesAtMostOneGroupAndItsWorkGoesOnSoon(t *testing.T) {
	t.Parallel()
	const (
		n     = 60
		kills = 15
	)
	k := &killer{moments: map[string]simulator.Moment{}, workers: map[string]*process{}}
	s := newStage(t, script{
		seed: 5, instances: fiveInstances(), create: "200ms",
		quirks: []quirk{blocked(0.2), lag(300 * time.Millisecond), takes(30 * time.Millisecond)}, watch: k.watch,
	})
	k.s = s
	moments := []simulator.Moment{simulator.Arrived, simulator.Done, simulator.Answered}
	for i := range kills {
		k.moments[fmt.Sprintf("Deadly %03d", i*4)] = moments[i%len(moments)]
	}
	s.create(s.requests("Deadly", n, nil), []int{0})
	end := make(chan struct{})
	k.keep(3, end)

	// The next step of what the dead held shows in its document: it moves on, or ends.
	type seen struct {
		status  string
		updated time.Time
	}
	before, after := map[string]seen{}, map[string]time.Duration{}
	poll := func() bool {
		dead := k.dead()
		for _, g := range s.groups() {
			for _, d := range dead {
				if d.name != g.GroupName {
					continue
				}
				now := seen{g.Status, g.UpdatedAt}
				if was, ok := before[d.name]; !ok {
					before[d.name] = now
				} else if _, done := after[d.name]; !done && was != now {
					after[d.name] = time.Since(d.at)
				}
				// What had been written before the kill took effect has nothing left to wait for.
				if _, done := after[d.name]; !done && g.ended() {
					after[d.name] = g.UpdatedAt.Sub(d.at)
				}
			}
		}
		return len(dead) == kills && len(after) == kills
	}
	until(t, time.Second, "the work of all the dead goes on", poll, func() string {
		return fmt.Sprintf("%d of %d killed, of whom %d go on: %v", len(k.dead()), kills, len(after), after)
	})
	groups := s.settle()
	f := s.judge(groups)
	close(end)

	longest, which := time.Duration(0), killed{}
	for _, d := range k.dead() {
		if after[d.name] > longest {
			longest, which = after[d.name], d
		}
	}
	t.Logf("%d workers killed; the longest wait was %v (%s, %s); %v", kills, longest.Round(10*time.Millisecond), which.name, which.moment, f)
	if longest > asynqAlone {
		t.Errorf("the work of a killed worker stood still for %v, want less than asynq alone needs, %v: %q, killed when its create was %s", longest, asynqAlone, which.name, which.moment)
	}
	// A group that three of the killed workers were working on by chance is left to a person.
	if review := f.outcomes["review"]; f.outcomes["done"]+review != n || review*20 > n {
		for _, g := range groups {
			if g.Status != "done" {
				t.Log(g)
			}
		}
		t.Errorf("%v, want all %d done, but for one in twenty in review", f.outcomes, n)
	}
}
