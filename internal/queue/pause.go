package queue

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Unpause lifts the pauses that asynq's own tools have set on some queues, and names those that had one.
// Inspector.UnpauseQueue fails for a queue that has none, and knows none that was removed.
func (q *Queue) Unpause(ctx context.Context, queues ...string) ([]string, error) {
	lifted := make([]*redis.IntCmd, len(queues))
	if _, err := q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range queues {
			lifted[i] = p.Del(ctx, key(name, "paused"))
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("lift the pause of queues: %w", err)
	}
	var had []string
	for i, name := range queues {
		if lifted[i].Val() > 0 {
			had = append(had, name)
		}
	}
	return had, nil
}

// Register lists queues that hold something, or are paused, and that asynq no longer lists: its tools
// leave them out after "queue rm", and a client that runs on does not list them again. It names those
// that were missing.
func (q *Queue) Register(ctx context.Context, queues ...string) ([]string, error) {
	used, err := q.used(ctx, queues, "pending", "active", "scheduled", "retry", "archived", "paused")
	if err != nil || len(used) == 0 {
		return nil, err
	}
	added := make([]*redis.IntCmd, len(used))
	if _, err := q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range used {
			added[i] = p.SAdd(ctx, "asynq:queues", name)
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("list the queues again: %w", err)
	}
	var missing []string
	for i, name := range used {
		if added[i].Val() > 0 {
			missing = append(missing, name)
		}
	}
	return missing, nil
}
