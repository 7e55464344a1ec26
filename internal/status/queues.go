package status

import (
	"fmt"
	"strings"

	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/tasks"
)

// queuePaused is the waiting for a queue that asynq's own tools have paused, with the command that lifts
// it; "" for one that is not.
func (s *scene) queuePaused(queue string, names []string) string {
	if !s.paused[queue] {
		return ""
	}
	return fmt.Sprintf("the queue %s, which asynq's own tools have paused; this lifts it: rollcall-producer %s", queue, liftedBy(names))
}

// pauses takes in which queues asynq's own tools have paused.
func (s *scene) pauses(counts map[string]queue.Counts) {
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

// queuesPaused is why an instance does nothing while queues are paused.
func queuesPaused(names []string) string {
	return "paused by asynq's own tools: " + strings.Join(names, ", ")
}

// liftedBy is the command that lifts the pauses of the queues.
func liftedBy(names []string) string {
	if len(names) == 0 {
		return "resume INSTANCE"
	}
	return "resume " + names[0]
}
