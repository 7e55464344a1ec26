package bench

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// pickUpRow creates one group after the other on an idle system, at odd moments, and waits for each
// create at the provider.
func pickUpRow(ctx context.Context, o Options) (Row, error) {
	provider, err := newStand()
	if err != nil {
		return Row{}, err
	}
	defer provider.Close()
	doors := make(chan time.Time, 1)
	provider.Arrived = func(_ string, at time.Time) { doors <- at }
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
