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

func (q *Queue) publish(ctx context.Context, message string) error {
	if err := q.rdb.Publish(ctx, Bell, message).Err(); err != nil {
		return fmt.Errorf("ring the bell: %w", err)
	}
	return nil
}

// Heard reads a message of the bell: the queues that hold something, the instances to wake.
func Heard(message string) (queues, instances []string) {
	for name := range strings.FieldsSeq(message) {
		if instance, ok := strings.CutPrefix(name, "@"); ok {
			instances = append(instances, instance)
		} else {
			queues = append(queues, name)
		}
	}
	return queues, instances
}
