package status

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

// pauses finds the queues that asynq's own tools have paused, now that the queues have been read.
func (s *scene) pauses() {
	paused := func(name string) bool { return s.queues[name].Paused }
	for _, i := range s.instances {
		for _, name := range i.Queues() {
			if paused(name) {
				i.pausedQueues = append(i.pausedQueues, name)
			}
		}
		for _, all := range [][]string{i.CreateQueues(), {tasks.InviteQueue(i.Name)}, {tasks.ReadQueue(i.Name)}} {
			if at, stopped := s.stoppedBy(all); stopped && (!i.stopped || at.Before(i.stoppedSince)) {
				i.stopped, i.stoppedSince = true, at
			}
		}
	}
}

// stoppedBy says that each of some queues is paused, and since when the last of them is.
func (s *scene) stoppedBy(queues []string) (since time.Time, stopped bool) {
	for _, name := range queues {
		l := s.queues[name]
		if !l.Paused {
			return time.Time{}, false
		}
		since = latest(since, l.PausedAt)
	}
	return since, len(queues) > 0
}

// queuesStop says that each queue of a kind of call is paused.
func (i *seat) queuesStop(kind pacing.Kind) bool {
	if len(i.pausedQueues) == 0 {
		return false
	}
	all := []string{tasks.InviteQueue(i.Name)}
	if kind == pacing.Create {
		all = i.CreateQueues()
	}
	return !slices.ContainsFunc(all, func(name string) bool { return !slices.Contains(i.pausedQueues, name) })
}

// queuesPaused is why an instance does nothing whose queues are paused.
func queuesPaused(names []string) string {
	return "paused by asynq's own tools: " + strings.Join(names, ", ")
}

// queuePaused is the waiting for a queue that is paused, with the command that lifts it; "" for one that
// is not.
func (s *scene) queuePaused(queue string, names []string) string {
	if !s.queues[queue].Paused {
		return ""
	}
	return fmt.Sprintf("the queue %s, which asynq's own tools have paused; this lifts it: rollcall-producer %s", queue, liftedBy(names))
}

// liftedBy is the command that lifts the pauses of an instance's queues.
func liftedBy(names []string) string {
	if len(names) == 0 {
		return "resume INSTANCE"
	}
	return "resume " + names[0]
}
