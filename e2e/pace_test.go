package e2e

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// Rows of the bench (pacing, instances) measure how much of the allowed rate is used.
func TestThreeWorkersKeepEveryFloor(t *testing.T) {
	t.Parallel()
	const (
		n     = 200
		floor = 300 * time.Millisecond
	)
	s := newStage(t, script{
		seed: 4, instances: fiveInstances(), create: floor.String(),
		quirks: []quirk{blocked(0), takes(50 * time.Millisecond)},
	})
	// The groups wait before the workers start, so every instance always has one to make.
	s.create(s.requests("Paced", n, nil), []int{0})
	s.worker("one", s.config)
	two := s.worker("two", s.config)
	s.worker("three", s.config)
	creates := func() int { return len(s.creates()) }
	until(t, 10*time.Millisecond, "half of the groups are made", func() bool { return creates() >= n/2 },
		func() string { return fmt.Sprintf("%d of %d", creates(), n) })
	if code := two.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("a drained worker exits %d, want 0:\n%s", code, two.tail(10))
	}
	s.worker("two-again", s.config)
	until(t, 50*time.Millisecond, "all groups are made", func() bool { return creates() >= n },
		func() string { return fmt.Sprintf("%d of %d", creates(), n) })
	f := s.judge(s.settle())
	if f.outcomes["done"] != n || f.creates != n {
		t.Errorf("%v, want %d groups done by as many creates", f, n)
	}

	byInstance := map[string][]simulator.Call{}
	for _, c := range s.creates() {
		byInstance[c.Instance] = append(byInstance[c.Instance], c)
	}
	closest := time.Hour
	for _, i := range s.instances {
		creates := byInstance[i.ID]
		if len(creates) < 2 {
			t.Fatalf("%s made %d groups of %d: the pool's groups do not go to a free instance", i.name, len(creates), n)
		}
		for k := 1; k < len(creates); k++ {
			gap := creates[k].ReceivedAt.Sub(creates[k-1].ReceivedAt)
			closest = min(closest, gap)
			if gap < floor {
				t.Errorf("rule 4, no two creates closer than the floor: creates %d and %d of %s arrived %v apart", k-1, k, i.name, gap)
			}
		}
	}
	t.Logf("%d creates on %d instances, floor %v, closest %v", n, len(s.instances), floor, closest)
}
