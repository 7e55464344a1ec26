package sweep

import (
	"context"
	"maps"
	"slices"
)

// pauses tells once of each queue that asynq's own tools have paused, with the command that lifts it,
// and once that it is lifted. Queues that those tools have removed are listed again while they hold
// something: otherwise neither the tools nor parked would find what lies there.
func (s *Sweeper) pauses(ctx context.Context) error {
	instances, err := s.Store.Presence.Instances(ctx)
	if err != nil {
		return err
	}
	taker := map[string]string{} // who takes from a queue: for a pool's, the first of its instances
	for _, name := range slices.Sorted(maps.Keys(instances)) {
		for _, queue := range instances[name].Queues() {
			if taker[queue] == "" {
				taker[queue] = name
			}
		}
	}
	queues := slices.Sorted(maps.Keys(taker))
	again, err := s.Queue.Register(ctx, queues...)
	if err != nil {
		return err
	}
	for _, name := range again {
		s.Log.Warn().Str("queue", name).Msg("queue listed again")
	}
	lengths, err := s.Queue.Lengths(ctx, queues)
	if err != nil {
		return err
	}
	for _, name := range queues {
		switch is, was := lengths[name].Paused, s.held[name]; {
		case is && !was:
			s.Log.Warn().Str("queue", name).Str("remedy", "rollcall-producer resume "+taker[name]).Msg("queue paused by asynq's own tools")
		case was && !is:
			s.Log.Info().Str("queue", name).Msg("queue no longer paused")
		}
		s.held[name] = lengths[name].Paused
	}
	return nil
}
