package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
)

// slowRow times nine quick instances, alone and beside one whose creates take a quarter of a second.
func slowRow(ctx context.Context, o Options) (Row, error) {
	n := o.scaled(100, 10)
	nine := func(instances int) (time.Duration, error) {
		provider, err := newStand()
		if err != nil {
			return 0, err
		}
		defer provider.Close()
		slow := nameOf(9)
		var mu sync.Mutex
		quick, done := 0, make(chan time.Time, 1)
		provider.Lag = func(instance string) time.Duration {
			if instance == slow {
				return 250 * time.Millisecond
			}
			return 0
		}
		provider.Arrived = func(instance string, now time.Time) {
			mu.Lock()
			defer mu.Unlock()
			if instance == slow {
				return
			}
			if quick++; quick == 9*n {
				done <- now
			}
		}
		if err := accept(ctx, o.Redis.Client(), o.Seed, instances*n, func(i int) string { return nameOf(i % instances) }); err != nil {
			return 0, err
		}
		begun := time.Now()
		stop, err := work(ctx, o.Redis, configOf(provider.URL, instances, config.Pace{}))
		if err != nil {
			return 0, err
		}
		var took time.Duration
		select {
		case at := <-done:
			took = at.Sub(begun)
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		if stopping := stop(); err == nil {
			err = stopping
		}
		if clearing := clean(ctx, o.Redis.Client()); err == nil {
			err = clearing
		}
		return took, err
	}
	alone, err := nine(9)
	if err != nil {
		return Row{}, err
	}
	beside, err := nine(10)
	if err != nil {
		return Row{}, err
	}
	return Row{
		Unit: fmt.Sprintf("s for %d groups", 9*n), Ours: beside.Seconds(), Baseline: alone.Seconds(), Against: "the nine alone",
		Ratio: alone.Seconds() / beside.Seconds(), Least: "0.77 (1.3 times as long)", Aim: "0.95",
	}, nil
}
