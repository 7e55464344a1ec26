package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
)

// idleRow lets a worker with 200 instances have nothing to do for a while. Its share of a core is this
// whole process's: what the provider's stand-in takes to answer its questions is in it.
func idleRow(ctx context.Context, o Options) (Row, error) {
	const instances, settles, lasts = 200, 3 * time.Second, 15 * time.Second
	provider, err := newInstant()
	if err != nil {
		return Row{}, err
	}
	defer provider.Close()
	stop, err := work(ctx, o.Redis, configOf(provider.URL, instances, config.Pace{Every: 5 * time.Minute}))
	if err != nil {
		return Row{}, err
	}
	defer func() { _ = stop() }()
	if err := pause(ctx, settles); err != nil {
		return Row{}, err
	}
	rdb := o.Redis.Client()
	redisBefore, err := redisCPU(ctx, rdb)
	if err != nil {
		return Row{}, err
	}
	ownBefore, begun := ownCPU(), time.Now()
	if err := pause(ctx, lasts); err != nil {
		return Row{}, err
	}
	own, passed := ownCPU()-ownBefore, time.Since(begun).Seconds()
	redisAfter, err := redisCPU(ctx, rdb)
	return Row{
		Unit: fmt.Sprintf("%% of a core, worker with %d instances", instances), Ours: 100 * own / passed,
		Least: "≤ 5, Redis ≤ 3", Aim: "1, Redis 1",
		Detail: []Measurement{{"Redis", 100 * (redisAfter - redisBefore) / passed, "% of a core"}, {"watched", passed, "s"}},
	}, err
}
