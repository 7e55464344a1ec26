package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/tasks"
)

// ErrActive is Remove's answer for a task that a handler is working on.
var ErrActive = errors.New("the task is being worked on")

// Remove deletes a task that waits, or that was parked. One that is not there is fine; one that is
// being worked on is ErrActive.
func (q *Queue) Remove(_ context.Context, queue, taskID string) error {
	err := q.inspector.DeleteTask(queue, taskID)
	if err == nil || errors.Is(err, asynq.ErrQueueNotFound) || errors.Is(err, asynq.ErrTaskNotFound) {
		return nil
	}
	// asynq has no error value for this (asynq internal/rdb/inspect.go, DeleteTask).
	if info, infoErr := q.inspector.GetTaskInfo(queue, taskID); infoErr == nil && info.State == asynq.TaskStateActive {
		return fmt.Errorf("remove task %s: %w", taskID, ErrActive)
	}
	return fmt.Errorf("remove task %s: %w", taskID, err)
}

// Names lists every queue that has ever held a task.
func (q *Queue) Names(ctx context.Context) ([]string, error) {
	names, err := q.rdb.SMembers(ctx, "asynq:queues").Result()
	if err != nil {
		return nil, fmt.Errorf("list the queues: %w", err)
	}
	return names, nil
}

// Parked is a task asynq has archived: its payload was unreadable or its type unknown. Its id
// stays taken until it is deleted.
type Parked struct {
	ID      string
	Type    tasks.Type
	LastErr string
}

// Archived lists the n oldest archived tasks of a queue. asynq forgets them by itself beyond ten
// thousand or ninety days (asynq internal/rdb/rdb.go:839-842): our dead letters are in the store.
func (q *Queue) Archived(ctx context.Context, queue string, n int) ([]Parked, error) {
	// Not ListArchivedTasks: one entry without its hash makes asynq's list script return shifted
	// columns, and nothing could be listed any more (asynq internal/rdb/inspect.go:818-830).
	ids, err := q.rdb.ZRange(ctx, key(queue, "archived"), 0, int64(n)-1).Result()
	if err != nil {
		return nil, fmt.Errorf("list archived tasks of %s: %w", queue, err)
	}
	parked := make([]Parked, 0, len(ids))
	for _, id := range ids {
		p := Parked{ID: id}
		switch info, err := q.inspector.GetTaskInfo(queue, id); {
		case err == nil:
			p.Type, p.LastErr = tasks.Type(info.Type), info.LastErr
		case !errors.Is(err, asynq.ErrTaskNotFound) && !errors.Is(err, asynq.ErrQueueNotFound):
			return nil, fmt.Errorf("read archived task %s: %w", id, err)
		}
		parked = append(parked, p)
	}
	return parked, nil
}

// deleteArchived forgets one archived task, whether or not its hash is still there.
//
// KEYS[1] archived, KEYS[2] the task; ARGV[1] its id. Returns 1 if it was archived.
var deleteArchived = redis.NewScript(`if redis.call("ZREM", KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call("DEL", KEYS[2])
return 1`)

// DeleteArchived deletes archived tasks and says how many there were. asynq's own "delete all" is
// one long script that blocks Redis; the caller cuts slices with Archived.
func (q *Queue) DeleteArchived(ctx context.Context, queue string, taskIDs ...string) (int, error) {
	deleted := 0
	for _, id := range taskIDs {
		n, err := deleteArchived.Run(ctx, q.rdb, []string{key(queue, "archived"), key(queue, "t:"+id)}, id).Int()
		if err != nil {
			return deleted, fmt.Errorf("delete archived task %s: %w", id, err)
		}
		deleted += n
	}
	return deleted, nil
}

// orphans lists what is active and has no lease.
//
// KEYS[1] active, KEYS[2] lease. Returns ids.
var orphans = redis.NewScript(`local found = {}
for _, id in ipairs(redis.call("LRANGE", KEYS[1], 0, -1)) do
  if not redis.call("ZSCORE", KEYS[2], id) then table.insert(found, id) end
end
return found`)

// Orphans lists the active tasks without a lease (evicted, or partly restored): asynq never looks
// at them again (asynq #1144). A dequeue writes both at once, so a task in this list is one.
func (q *Queue) Orphans(ctx context.Context, queue string) ([]string, error) {
	ids, err := orphans.Run(ctx, q.rdb, []string{key(queue, "active"), key(queue, "lease")}).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("list orphans of %s: %w", queue, err)
	}
	return ids, nil
}
