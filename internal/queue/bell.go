package queue

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bell is the pub/sub channel that tells the dispatcher what has changed. The dispatcher also polls, so a lost message
// only delays it.
const Bell = "rollcall:bell"

// Cancellations is the channel on which every server of asynq listens for tasks that its tools cancel.
const Cancellations = "asynq:cancel"

// Ring announces that these lines hold new tasks.
func (q *Queue) Ring(ctx context.Context, lines ...string) error {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return q.publish(ctx, strings.Join(slices.Compact(lines), " "))
}

// Wake makes the dispatcher try these instances now instead of after their denial ends: an instance was resumed, or its
// rest or pace changed.
func (q *Queue) Wake(ctx context.Context, instances ...string) error {
	names := make([]string, len(instances))
	for i, name := range instances {
		names[i] = "@" + name
	}
	return q.publish(ctx, strings.Join(names, " "))
}

// Free announces that a call of an instance has ended, so that the next one of its kind may be dispatched.
func (q *Queue) Free(ctx context.Context, f Free) error {
	return q.publish(ctx, fmt.Sprintf("~%s/%s/%d", f.Instance, f.Kind, f.Prepared.Milliseconds()))
}

// workersWord is the message of Gather. No line and no instance has this name.
const workersWord = "!workers"

// Gather tells all workers that one starts or stops.
func (q *Queue) Gather(ctx context.Context) error { return q.publish(ctx, workersWord) }

func (q *Queue) publish(ctx context.Context, message string) error {
	if err := q.rdb.Publish(ctx, Bell, message).Err(); err != nil {
		return fmt.Errorf("ring the bell: %w", err)
	}
	return nil
}

// Free is the end of a call.
type Free struct {
	Instance string
	Kind     string // create or invite
	// Prepared is the time from the dispatch of the task until its call was prepared; 0 if no call was prepared, Unused
	// if the worker could not use the slot yet.
	Prepared time.Duration
}

// Unused is Free.Prepared of a slot that its worker gave back unused. The dispatcher does not retry at once.
const Unused = -time.Millisecond

// Rung is a message of the bell.
type Rung struct {
	Lines     []string // that hold new tasks
	Instances []string // to wake
	Freed     []Free   // whose calls have ended
	Workers   bool     // one starts or stops
}

// Heard reads a message of the bell.
func Heard(message string) (r Rung) {
	for name := range strings.FieldsSeq(message) {
		switch name[0] {
		case '@':
			r.Instances = append(r.Instances, name[1:])
		case '~':
			if f := strings.Split(name[1:], "/"); len(f) == 3 {
				ms, _ := strconv.ParseInt(f[2], 10, 64) // 0, not measured, if it cannot be read
				r.Freed = append(r.Freed, Free{Instance: f[0], Kind: f[1], Prepared: time.Duration(ms) * time.Millisecond})
			}
		case workersWord[0]:
			r.Workers = true
		default:
			r.Lines = append(r.Lines, name)
		}
	}
	return r
}
