package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Tally is a Length with what asynq itself counts of a queue.
type Tally struct {
	Length
	Processed, Failed int // since the queue was first used
}

// Tallies reads many queues in two round trips.
func (q *Queue) Tallies(ctx context.Context, queues []string) (map[string]Tally, error) {
	lengths, err := q.Lengths(ctx, queues)
	if err != nil {
		return nil, err
	}
	type counts struct {
		processed, failed *redis.StringCmd
	}
	read := make([]counts, len(queues))
	_, err = q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range queues {
			read[i] = counts{p.Get(ctx, key(name, "processed")), p.Get(ctx, key(name, "failed"))}
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("read what the queues have done: %w", err)
	}
	out := make(map[string]Tally, len(queues))
	for i, name := range queues {
		t := Tally{Length: lengths[name]}
		t.Processed, _ = read[i].processed.Int() // a queue that has done nothing has no counter
		t.Failed, _ = read[i].failed.Int()
		out[name] = t
	}
	return out, nil
}
