package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Bell is the pub/sub channel that wakes idle lanes. asynq itself only polls; with the bell a
// task is picked up within milliseconds although nobody polls.
const Bell = "rollcall:bell"

// Ring tells all lanes that these queues hold something due.
func (q *Queue) Ring(ctx context.Context, queues ...string) error {
	queues = slices.Clone(queues)
	slices.Sort(queues)
	return q.publish(ctx, strings.Join(slices.Compact(queues), " "))
}

// Wake tells the lanes of an instance to ask again whether they may go on, instead of waiting for
// the end of the denial they remember: it was resumed, its rest was ended, its pace was changed.
func (q *Queue) Wake(ctx context.Context, instances ...string) error {
	names := make([]string, len(instances))
	for i, name := range instances {
		names[i] = "@" + name
	}
	return q.publish(ctx, strings.Join(names, " "))
}

// workersWord stands for no queue and no instance; a lane of an older version overhears it.
const workersWord = "!workers"

// Gather tells all workers that one has come or goes, so that they divide their instances anew now
// and not when they look the next time.
func (q *Queue) Gather(ctx context.Context) error { return q.publish(ctx, workersWord) }

func (q *Queue) publish(ctx context.Context, message string) error {
	if err := q.rdb.Publish(ctx, Bell, message).Err(); err != nil {
		return fmt.Errorf("ring the bell: %w", err)
	}
	return nil
}

// Rung is a message of the bell.
type Rung struct {
	Queues    []string // that hold something
	Instances []string // to wake
	Workers   bool     // one has come or goes
}

// Heard reads a message of the bell.
func Heard(message string) (r Rung) {
	for name := range strings.FieldsSeq(message) {
		if instance, ok := strings.CutPrefix(name, "@"); ok {
			r.Instances = append(r.Instances, instance)
		} else if name == workersWord {
			r.Workers = true
		} else {
			r.Queues = append(r.Queues, name)
		}
	}
	return r
}
