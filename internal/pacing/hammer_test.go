package pacing_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// TestPacer_ThreeWorkersOnFiveInstancesNeverUndercutTheFloor lets three Pacers, each with its own client,
// compete for the same instances for two seconds, and checks the times of sending.
func TestPacer_ThreeWorkersOnFiveInstancesNeverUndercutTheFloor(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		hammer(t, testutil.Redis(t))
	})
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		hammer(t, testutil.RealRedis(t).Client())
	})
}

// another is a client of the same server with connections of its own, as another process has.
func another(t *testing.T, rdb redis.UniversalClient) redis.UniversalClient {
	t.Helper()
	c := redis.NewClient(rdb.(*redis.Client).Options())
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func hammer(t *testing.T, rdb redis.UniversalClient) {
	const (
		workers   = 3
		instances = 5
		floor     = 30 * time.Millisecond
		span      = 2 * time.Second
	)
	var (
		mu   sync.Mutex
		sent = make(map[string][]time.Time)
		busy = make(map[string]bool)
		wg   sync.WaitGroup
	)
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	for range workers {
		p := pacing.New(another(t, rdb))
		t.Cleanup(p.Close)
		for i := range instances {
			name := fmt.Sprintf("i%d", i)
			wg.Go(func() {
				for ctx.Err() == nil {
					slot, denied, err := taken(ctx, p, name, pacing.Create, pacing.Pace{Every: floor}, floor)
					if err != nil {
						return
					}
					if denied != nil {
						sleep(ctx, denied.Wait)
						continue
					}
					if slot.Wait(ctx) != nil {
						_ = slot.GiveBack(ctx)
						return
					}
					mu.Lock()
					at := time.Now()
					if busy[name] {
						t.Errorf("%s: two calls in flight, want one at a time", name)
					}
					busy[name] = true
					sent[name] = append(sent[name], at)
					mu.Unlock()
					sleep(ctx, 3*time.Millisecond) // the call
					mu.Lock()
					busy[name] = false
					mu.Unlock()
					err = slot.Used(ctx, at)
					for errors.Is(err, context.DeadlineExceeded) { // on a busy machine the time that Used takes at most may pass
						err = slot.Used(ctx, at)
					}
					if err != nil {
						t.Errorf("Used: %v", err)
					}
				}
			})
		}
	}
	began := time.Now()
	wg.Wait()
	took := time.Since(began)
	total := 0
	for name, at := range sent {
		slices.SortFunc(at, func(a, b time.Time) int { return cmp.Compare(a.Sub(began), b.Sub(began)) })
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < floor {
				t.Errorf("%s: calls %d and %d are %v apart, want at least %v", name, i-1, i, gap, floor)
			}
		}
		total += len(at)
	}
	t.Logf("%d calls, %.1f %% of the allowed rate", total, 100*float64(total)/(float64(instances)*(float64(took)/float64(floor)+1)))
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
