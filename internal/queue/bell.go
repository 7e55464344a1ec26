package queue

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bell is the pub/sub channel that tells the dispatcher what to look at. The dispatcher also looks at everything
// in turn, so it finds later what it did not receive.
const Bell = "rollcall:bell"

// Cancellations is the channel on which every server of asynq listens for tasks that its tools cancel.
const Cancellations = "asynq:cancel"

// Ring tells that these lines hold something new.
func (q *Queue) Ring(ctx context.Context, lines ...string) error {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return q.publish(ctx, strings.Join(slices.Compact(lines), " "))
}

// Wake tells to ask again whether instances may go on, instead of waiting for the end of a denial: one
// was resumed, its rest was ended, its pace was changed.
func (q *Queue) Wake(ctx context.Context, instances ...string) error {
	names := make([]string, len(instances))
	for i, name := range instances {
		names[i] = "@" + name
	}
	return q.publish(ctx, strings.Join(names, " "))
}

// Free tells that a call of an instance has ended, so that the next one of its kind may be let go.
func (q *Queue) Free(ctx context.Context, f Free) error {
	return q.publish(ctx, fmt.Sprintf("~%s/%s/%d", f.Instance, f.Kind, f.Prepared.Milliseconds()))
}

// workersWord stands for no line and no instance.
const workersWord = "!workers"

// Gather tells all workers that one has come or goes.
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
	// Prepared is how long it took from letting the task go until its call was prepared; 0 where none was,
	// Unused where its worker could not use the slot yet.
	Prepared time.Duration
}

// Unused is Free.Prepared of a slot that its worker gave back unused: it is of no use to try again at once.
const Unused = -time.Millisecond

// Rung is a message of the bell.
type Rung struct {
	Lines     []string // that hold something new
	Instances []string // to wake
	Freed     []Free   // whose calls have ended
	Workers   bool     // one has come or goes
}

// Heard reads a message of the bell.
func Heard(message string) (r Rung) {
	for name := range strings.FieldsSeq(message) {
		switch name[0] {
		case '@':
			r.Instances = append(r.Instances, name[1:])
		case '~':
			if f := strings.Split(name[1:], "/"); len(f) == 3 {
				ms, _ := strconv.ParseInt(f[2], 10, 64) // what cannot be read was not measured
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
