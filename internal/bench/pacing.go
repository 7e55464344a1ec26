package bench

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/redisconn"
)

// pacingRow runs a hundred instances at their floor for a while, in four workers that share nothing but Redis,
// and measures the gaps at the provider.
func pacingRow(ctx context.Context, o Options) (Row, error) {
	const floor, instances, workers, lasts = 2 * time.Second, 100, 4, 20 * time.Second
	provider, err := newStand()
	if err != nil {
		return Row{}, err
	}
	defer provider.Close()
	var creates arrivals
	provider.Arrived = creates.note
	if err := accept(ctx, o.Redis.Client(), o.Seed, int(1.5*instances*lasts/floor), nil); err != nil {
		return Row{}, err
	}
	for range workers {
		stop, err := o.workAlone(ctx, configOf(provider.URL, instances, config.Pace{Every: floor}))
		if err != nil {
			return Row{}, err
		}
		defer func() { _ = stop() }()
	}
	if err := pause(ctx, lasts); err != nil {
		return Row{}, err
	}
	seen := creates.gaps()
	if len(seen) == 0 {
		return Row{}, errNoGaps
	}
	return Row{
		Unit: "of the allowed rate", Ours: float64(floor) / float64(mean(seen)), Least: "0.98, no violations", Aim: "0.995",
		Detail: append(seen.figures(floor), Measurement{"instances", instances, ""}, Measurement{"workers", workers, ""}),
	}, nil
}

// errNoGaps says that there is no gap to measure.
var errNoGaps = errors.New("no instance made two groups")

// workAlone starts a worker that has its own connections to Redis.
func (o Options) workAlone(ctx context.Context, cfg *config.Config) (stop func() error, err error) {
	conn, err := redisconn.Open(ctx, o.Redis.Shared(), redisconn.WithAccess(o.Redis.Access()))
	if err != nil {
		return nil, err
	}
	end, err := work(ctx, conn, cfg)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error { return errors.Join(end(), conn.Close()) }, nil
}
