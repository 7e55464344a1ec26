package sweep

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/tasks"
)

// pauses tells once of each queue that asynq's own tools have paused, with the command that lifts it,
// and once that it is lifted. Queues that those tools have removed are listed again; the rest of the pass
// puts onto them what must be there.
func (s *Sweeper) pauses(ctx context.Context) error {
	again, err := s.Queue.Register(ctx)
	if err != nil {
		return err
	}
	for _, name := range again {
		s.Log.Warn().EmbedObject(event.QueueRemoved).Str("queue", name).Msg("removed queue listed again")
	}
	counts, err := s.Queue.Counts(ctx)
	if err != nil {
		return err
	}
	for _, name := range tasks.Queues() {
		switch is, was := counts[name].Paused, s.held[name]; {
		case is && !was:
			s.Log.Warn().EmbedObject(event.QueuePaused).Str("queue", name).Str("remedy", "rollcall-producer resume INSTANCE").Msg("queue paused")
		case was && !is:
			s.Log.Info().EmbedObject(event.QueueUnpaused).Str("queue", name).Msg("queue no longer paused")
		}
		s.held[name] = counts[name].Paused
	}
	return nil
}
