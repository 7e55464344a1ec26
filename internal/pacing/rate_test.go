package pacing_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPacerWait_AllWorkersShareARate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rdb := testutil.Redis(t)
		var (
			mu    sync.Mutex
			turns []time.Time
			wg    sync.WaitGroup
		)
		for range 3 {
			p := worker(t, rdb)
			wg.Go(func() {
				for range 5 {
					if err := p.Wait(t.Context(), "alpha:read", 1); err != nil {
						t.Errorf("Wait: %v", err)
					}
					mu.Lock()
					turns = append(turns, time.Now())
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for i := 1; i < len(turns); i++ {
			if gap := turns[i].Sub(turns[i-1]); gap < time.Second || gap > 1050*time.Millisecond {
				t.Errorf("turns %d and %d are %v apart, want 1s to 1.05s", i-1, i, gap)
			}
		}
	})
}

func TestPacerWait_RefusesATurnAfterTheDeadlineAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		wait := func(timeout time.Duration) (time.Duration, error) {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			began := time.Now()
			err := p.Wait(ctx, "alpha:read", 0.1)
			return time.Since(began), err
		}
		if _, err := wait(time.Second); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if took, err := wait(5 * time.Second); !errors.Is(err, pacing.ErrTooLong) || took != 0 {
				t.Errorf("Wait = %v after %v, want ErrTooLong at once", err, took)
			}
		}
		if took, err := wait(time.Minute); err != nil || took > 11*time.Second {
			t.Errorf("Wait = %v after %v, want the next turn, within 11s: refused turns must not be reserved", err, took)
		}
		if err := p.Wait(t.Context(), "alpha:read", 0); err != nil {
			t.Errorf("without a limit Wait = %v, want nil", err)
		}
	})
}

func TestPacerWait_GivesItsTurnBackWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		if err := p.Wait(t.Context(), "k", 0.1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := p.Wait(ctx, "k", 0.1); !errors.Is(err, context.Canceled) {
			t.Fatalf("Wait = %v, want Canceled", err)
		}
		began := time.Now()
		if err := p.Wait(t.Context(), "k", 0.1); err != nil || time.Since(began) > 10*time.Second {
			t.Errorf("Wait = %v after %v, want the turn that was given back", err, time.Since(began))
		}
	})
}
