package view

import (
	"strings"

	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// queuePaused returns the wait for a queue that asynq's own tools have paused, with an instance to resume; zero if
// it is not paused.
func (s *snapshot) queuePaused(queue string, names []string) say.Phrase {
	if !s.paused[queue] {
		return say.Phrase{}
	}
	p := say.Phrase{Code: say.WaitQueue, Place: queue}
	if len(names) > 0 {
		p.Name = names[0]
	}
	return p
}

// pauses notes which queues asynq's own tools have paused.
func (s *snapshot) pauses(counts map[string]queue.Counts) {
	s.paused = make(map[string]bool, len(counts))
	var names []string
	for _, name := range tasks.Queues() {
		if s.paused[name] = counts[name].Paused; s.paused[name] {
			names = append(names, name)
		}
	}
	for _, i := range s.instances {
		i.pausedQueues = names
	}
}

// queuesPaused returns why an instance does nothing while queues are paused.
func queuesPaused(names []string) say.Phrase {
	return say.Phrase{Code: say.QueuesPaused, Place: strings.Join(names, ", ")}
}
