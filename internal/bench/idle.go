package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
)

func idleRow(ctx context.Context, o Options) (Row, error) {
	const instances, lasts = 200, 15 * time.Second
	each, err := idling(ctx, o, instances, lasts)
	if err != nil {
		return Row{}, err
	}
	return Row{
		Unit: fmt.Sprintf("%% of a core, worker with %d instances", instances), Ours: 100 * instances * each.Own.Seconds(),
		Least: "≤ 5, Redis ≤ 3", Aim: "1, Redis 1",
		Detail: []Measurement{
			{"Redis", 100 * instances * each.Redis.Seconds(), "% of a core"},
			{"commands", instances * each.Commands, "a second"},
			{"watched", lasts.Seconds(), "s"},
		},
	}, nil
}

// idling runs an idle worker for a while, and returns what each instance costs per second. Own is the processor time of
// this whole process, so it includes the stand-in provider, which answers the worker's polls.
func idling(ctx context.Context, o Options, instances int, lasts time.Duration) (Cost, error) {
	provider, err := newStand()
	if err != nil {
		return Cost{}, err
	}
	defer provider.Close()
	stop, err := work(ctx, o.Redis, configOf(provider.URL, instances, config.Pace{Every: usualPace.Every}))
	if err != nil {
		return Cost{}, err
	}
	defer func() { _ = stop() }()
	if err := pause(ctx, 3*time.Second); err != nil { // until all instances are started and read
		return Cost{}, err
	}
	begun := time.Now()
	s, err := side(ctx, o.Redis.Client(), instances, func() error { return pause(ctx, lasts) })
	return s.cost(1 / time.Since(begun).Seconds()), err
}

// cost returns the cost of each piece of work, multiplied by part.
func (s Side) cost(part float64) Cost {
	return Cost{
		Own:   time.Duration((s.CPU - s.Redis) * float64(time.Microsecond)),
		Redis: time.Duration(s.Redis * float64(time.Microsecond)), Commands: s.Commands,
	}.times(part)
}
