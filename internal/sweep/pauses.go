package sweep

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/tasks"
)

// pauses logs once when asynq's own tools have paused a queue, with the command that ends the pause, and once when the
// pause has ended. It also logs the queues that those tools have removed. The rest of the pass queues their tasks,
// which lists the queues again.
func (s *Sweeper) pauses(ctx context.Context) error {
	again, err := s.Queue.Register(ctx)
	if err != nil {
		return err
	}
	for _, name := range again {
		s.Log.Warn().EmbedObject(event.QueueRemoved).Str("queue", name).Msg("removed queue found")
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
