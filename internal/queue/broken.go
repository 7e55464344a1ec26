package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/tasks"
)

// ErrBroken means that asynq has the task but can never run it: its key holds another type of value or no message, or the
// list of its state does not have it.
var ErrBroken = errors.New("asynq cannot run the task")

// brokenAtOnce is how many due tasks of a queue Broken looks at: asynq moves as many in one step (asynq
// internal/rdb/rdb.go, forwardCmd).
const brokenAtOnce = 100

// key returns a key of asynq's for a queue (asynq internal/base/base.go, QueueKeyPrefix).
func key(queue, name string) string { return "asynq:{" + queue + "}:" + name }

// Broken returns the tasks that asynq has and cannot read, of those that servers took and those that are due. asynq keeps
// their ids and never runs them. One of them can also keep asynq from moving any other due task of its queue, or from
// returning the tasks of dead servers.
func (q *Queue) Broken(ctx context.Context) ([]Parked, error) {
	alive, err := q.alive()
	if err != nil {
		return nil, err
	}
	var broken []Parked
	for _, name := range tasks.Queues() {
		due := &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(time.Now().Unix(), 10), Count: brokenAtOnce}
		var ids []string
		for _, found := range []*redis.StringSliceCmd{
			q.rdb.LRange(ctx, key(name, "active"), 0, -1),
			q.rdb.ZRangeByScore(ctx, key(name, "scheduled"), due),
			q.rdb.ZRangeByScore(ctx, key(name, "retry"), due),
		} {
			if found.Err() != nil {
				return broken, fmt.Errorf("list the tasks of %s: %w", name, found.Err())
			}
			ids = append(ids, found.Val()...)
		}
		for _, id := range ids {
			if alive[id] {
				continue
			}
			if _, err := q.taskInfo(ctx, name, id); errors.Is(err, ErrBroken) {
				broken = append(broken, Parked{ID: id, Queue: name})
			}
		}
	}
	return broken, nil
}

// taskInfo asks asynq about a task. It fails with ErrBroken if asynq has it and cannot read it. asynq has no error values for
// this, and reads a missing message as an empty one (asynq internal/rdb/inspect.go, GetTaskInfo).
func (q *Queue) taskInfo(ctx context.Context, queue, id string) (*asynq.TaskInfo, error) {
	info, err := q.inspector.GetTaskInfo(queue, id)
	switch {
	case err == nil && info.Type == "", err != nil && strings.Contains(err.Error(), "could not decode task message"):
		return nil, ErrBroken
	case err != nil && strings.Contains(err.Error(), "WRONGTYPE"): // the task's key, or asynq's own
		if is, typeErr := q.rdb.Type(ctx, key(queue, "t:"+id)).Result(); typeErr == nil && is != "hash" {
			return nil, ErrBroken
		}
	}
	return info, err
}

// inNoList reports whether asynq's error about a task says that the list of its state does not have it (asynq
// internal/rdb/inspect.go, runTaskCmd).
func inNoList(err error) bool { return strings.Contains(err.Error(), "task id not found in zset") }

// Discard removes a broken task from asynq, so that its id can be put again.
func (q *Queue) Discard(ctx context.Context, p Parked) error {
	_, err := q.rdb.TxPipelined(ctx, func(tx redis.Pipeliner) error {
		for _, list := range []string{"active", "pending"} {
			tx.LRem(ctx, key(p.Queue, list), 0, p.ID)
		}
		for _, set := range []string{"lease", "scheduled", "retry", "archived"} {
			tx.ZRem(ctx, key(p.Queue, set), p.ID)
		}
		tx.Del(ctx, key(p.Queue, "t:"+p.ID))
		return nil
	})
	if err != nil {
		return fmt.Errorf("discard task %s: %w", p.ID, err)
	}
	return nil
}
