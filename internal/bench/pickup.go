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

// pickUpRow creates one group after the other on an idle system, at random moments, and waits for each
// create at the provider.
func pickUpRow(ctx context.Context, o Options) (Row, error) {
	c, err := newCaller(ctx, o)
	if err != nil {
		return Row{}, err
	}
	defer c.close()
	waits, err := c.pickUps(ctx, o.scaled(200, 20), 20*time.Millisecond)
	if err != nil {
		return Row{}, err
	}
	slices.Sort(waits)
	ours := milliseconds(mean(waits[1:])) // the first one also reads the instance's own number
	bare, err := pickUpBare(ctx, o, c.random)
	return Row{
		Unit: "ms mean", Ours: ours, Baseline: bare, Against: "asynq's default server, from Enqueue to the handler", Ratio: bare / ours,
		Least: "mean ≤ 50 ms, p99 ≤ 200 ms", Aim: "20 / 60 ms",
		Detail: []Measurement{{"p99", milliseconds(waits[len(waits)*99/100]), "ms"}, {"samples", float64(len(waits)), ""}},
	}, err
}

// idleInstances is how many instances a caller's worker has.
const idleInstances = 50

// caller creates groups one by one through a worker whose instances are idle and unpaced.
type caller struct {
	provider *stand
	client   *enqueue.Client
	arrived  chan time.Time // when each create reaches the provider
	random   *rand.Rand
	seed     uint64
	made     int
	stop     func() error
}

func newCaller(ctx context.Context, o Options) (c *caller, err error) {
	c = &caller{arrived: make(chan time.Time, 1), random: rand.New(rand.NewPCG(o.Seed, 1)), seed: o.Seed}
	if c.client, err = enqueue.New(ctx, o.Redis.Client(), enqueue.Options{}); err != nil {
		return nil, err
	}
	if c.provider, err = newStand(); err != nil {
		return nil, err
	}
	c.provider.Arrived = func(_ string, at time.Time) { c.arrived <- at }
	if c.stop, err = work(ctx, o.Redis, configOf(c.provider.URL, idleInstances, config.Pace{})); err != nil {
		c.provider.Close()
		return nil, err
	}
	return c, nil
}

func (c *caller) close() {
	_ = c.stop()
	c.provider.Close()
}

// pickUps creates n groups one after the other, each after a random pause up to maxPause, and returns how long each took
// from its acceptance to the provider.
func (c *caller) pickUps(ctx context.Context, n int, maxPause time.Duration) ([]time.Duration, error) {
	var waits []time.Duration
	for range n {
		if err := pause(ctx, time.Duration(c.random.Int64N(int64(maxPause)))); err != nil {
			return nil, err
		}
		if _, err := c.client.Create(ctx, Request(c.seed, c.made), enqueue.Rules{}); err != nil {
			return nil, err
		}
		c.made++
		accepted := time.Now()
		select {
		case at := <-c.arrived:
			waits = append(waits, at.Sub(accepted))
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return waits, nil
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
