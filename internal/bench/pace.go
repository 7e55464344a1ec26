package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// pickUpRow creates one group after the other on an idle system, at odd moments, and waits for each
// create at the provider.
func pickUpRow(ctx context.Context, o Options) (Row, error) {
	provider, err := newInstant()
	if err != nil {
		return Row{}, err
	}
	defer provider.Close()
	doors := make(chan time.Time, 1)
	provider.arrived = func(_ string, at time.Time) { doors <- at }
	stop, err := work(ctx, o.Redis, configOf(provider.URL, 50, config.Pace{}))
	if err != nil {
		return Row{}, err
	}
	defer func() { _ = stop() }()
	client, err := enqueue.New(ctx, o.Redis.Client(), enqueue.Options{})
	if err != nil {
		return Row{}, err
	}
	random := rand.New(rand.NewPCG(o.Seed, 1))
	var waits []time.Duration
	for i := range o.scaled(200, 20) {
		if err := pause(ctx, time.Duration(random.Int64N(int64(20*time.Millisecond)))); err != nil {
			return Row{}, err
		}
		if _, err := client.Create(ctx, Request(o.Seed, i), enqueue.Rules{}); err != nil {
			return Row{}, err
		}
		accepted := time.Now()
		select {
		case at := <-doors:
			waits = append(waits, at.Sub(accepted))
		case <-ctx.Done():
			return Row{}, context.Cause(ctx)
		}
	}
	slices.Sort(waits)
	ours := milliseconds(mean(waits[1:])) // the first one also asks whose number the instance is
	bare, err := pickUpBare(ctx, o, random)
	return Row{
		Unit: "ms mean", Ours: ours, Baseline: bare, Against: "asynq's default server, from Enqueue to the handler", Ratio: bare / ours,
		Least: "mean ≤ 50 ms, p99 ≤ 200 ms", Aim: "20 / 60 ms",
		Detail: []Measurement{{"p99", milliseconds(waits[len(waits)*99/100]), "ms"}, {"samples", float64(len(waits)), ""}},
	}, err
}

func pickUpBare(ctx context.Context, o Options, random *rand.Rand) (float64, error) {
	client := asynq.NewClientFromRedisClient(o.Redis.Client())
	srv := asynq.NewServerFromRedisClient(o.Redis.Client(), asynq.Config{Queues: map[string]int{"bare": 1}, LogLevel: asynq.FatalLevel})
	started := make(chan time.Time, 1)
	if err := srv.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error { started <- time.Now(); return nil })); err != nil {
		return 0, err
	}
	defer srv.Shutdown()
	var waits []time.Duration
	for range o.scaled(10, 5) {
		if err := pause(ctx, time.Duration(random.Int64N(int64(time.Second)))); err != nil {
			return 0, err
		}
		begun := time.Now()
		if _, err := client.EnqueueContext(ctx, asynq.NewTask("x", nil), asynq.Queue("bare")); err != nil {
			return 0, err
		}
		select {
		case at := <-started:
			waits = append(waits, at.Sub(begun))
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	return milliseconds(mean(waits)), nil
}

func mean(all []time.Duration) (sum time.Duration) {
	for _, d := range all {
		sum += d
	}
	return sum / time.Duration(max(len(all), 1))
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// pacingRow lets two workers create at the floor for a while and takes the gaps at the provider.
func pacingRow(ctx context.Context, o Options) (Row, error) {
	const floor, instances, lasts = 500 * time.Millisecond, 20, 10 * time.Second
	provider, err := newInstant()
	if err != nil {
		return Row{}, err
	}
	defer provider.Close()
	var mu sync.Mutex
	at := map[string][]time.Time{}
	provider.arrived = func(instance string, now time.Time) {
		mu.Lock()
		defer mu.Unlock()
		at[instance] = append(at[instance], now)
	}
	if err := accept(ctx, o.Redis.Client(), o.Seed, int(2*instances*lasts/floor), nil); err != nil {
		return Row{}, err
	}
	for range 2 {
		stop, err := work(ctx, o.Redis, configOf(provider.URL, instances, config.Pace{Every: floor}))
		if err != nil {
			return Row{}, err
		}
		defer func() { _ = stop() }()
	}
	if err := pause(ctx, lasts); err != nil {
		return Row{}, err
	}
	mu.Lock()
	defer mu.Unlock()
	violations, gaps := 0, []time.Duration(nil)
	for _, times := range at {
		slices.SortFunc(times, time.Time.Compare)
		for i := 1; i < len(times); i++ {
			gap := times[i].Sub(times[i-1])
			gaps = append(gaps, gap)
			if gap < floor {
				violations++
			}
		}
	}
	used := float64(floor) / float64(mean(gaps))
	return Row{
		Unit: "of the allowed rate", Ours: used, Least: "0.98, no violations", Aim: "0.995",
		Detail: []Measurement{{"violations", float64(violations), ""}, {"gaps", float64(len(gaps)), ""}, {"floor", milliseconds(floor), "ms"}},
	}, nil
}

// slowRow times nine quick instances, alone and beside one whose creates take a quarter of a second.
func slowRow(ctx context.Context, o Options) (Row, error) {
	n := o.scaled(100, 10)
	nine := func(instances int) (time.Duration, error) {
		provider, err := newInstant()
		if err != nil {
			return 0, err
		}
		defer provider.Close()
		slow := nameOf(9)
		var mu sync.Mutex
		quick, done := 0, make(chan time.Time, 1)
		provider.lag = func(instance string) time.Duration {
			if instance == slow {
				return 250 * time.Millisecond
			}
			return 0
		}
		provider.arrived = func(instance string, now time.Time) {
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
