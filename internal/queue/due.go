package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/tasks"
)

// Due says of each task when it comes: its time when it is scheduled or waits for another try, zero
// when it is pending, under way or not there at all. A task is found by its ID and Queue.
func (q *Queue) Due(ctx context.Context, ts []tasks.Task) ([]time.Time, error) {
	due := make([]time.Time, len(ts))
	if len(ts) == 0 {
		return due, nil
	}
	scores := make([][2]*redis.FloatCmd, len(ts))
	_, err := q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, t := range ts {
			scores[i] = [2]*redis.FloatCmd{
				p.ZScore(ctx, key(t.Queue, "scheduled"), t.ID),
				p.ZScore(ctx, key(t.Queue, "retry"), t.ID),
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("look when %d tasks are due: %w", len(ts), err)
	}
	for i := range scores {
		for _, score := range scores[i] {
			if at, err := score.Result(); err == nil {
				due[i] = time.Unix(int64(at), 0).UTC()
			}
		}
	}
	return due, nil
}
