package bench

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

func enqueueRow(ctx context.Context, o Options) (Row, error) {
	bare, ours, memory, err := Enqueue(ctx, o.Redis.Client(), o.Seed, o.scaled(20_000, 500))
	row := versus(ours, bare, Measurement{"Redis memory per queued group", memory, "bytes"})
	row.Unit, row.Against, row.Least, row.Aim = "rows/s", "bare asynq, serial Client.Enqueue of the same requests", "1", "2"
	return row, err
}

// Enqueue accepts n rows with ten phones each; before that bare asynq enqueues the same requests, one
// after the other. It empties the Redis in between. Memory is what one accepted row takes of Redis, in bytes.
func Enqueue(ctx context.Context, rdb redis.UniversalClient, seed uint64, n int) (bare, ours Side, memory float64, err error) {
	client := asynq.NewClientFromRedisClient(rdb)
	bare, err = side(ctx, rdb, n, func() error {
		for i := range n {
			payload, err := json.Marshal(Request(seed, i))
			if err != nil {
				return err
			}
			task := asynq.NewTask("group:create", payload)
			if _, err := client.EnqueueContext(ctx, task, asynq.TaskID(strconv.Itoa(i))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return bare, ours, 0, err
	}
	if err := clean(ctx, rdb); err != nil {
		return bare, ours, 0, err
	}
	before, err := usedMemory(ctx, rdb)
	if err != nil {
		return bare, ours, 0, err
	}
	ours, err = side(ctx, rdb, n, func() error { return accept(ctx, rdb, seed, n, nil) })
	if err != nil {
		return bare, ours, 0, err
	}
	after, err := usedMemory(ctx, rdb)
	return bare, ours, (after - before) / float64(n), err
}
