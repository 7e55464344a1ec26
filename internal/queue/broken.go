package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/tasks"
)

// ErrBroken means that asynq has the task and can never run it: its key holds another type of value, its message is gone
// or damaged, or the list of its state does not have it. See PutAgain.
var ErrBroken = errors.New("asynq cannot run the task")

// taskInfo asks asynq about a task. It fails with ErrBroken if asynq has it and can never run it. asynq has no error values
// for this. It reads a missing message as an empty one, and returns no due time for a task that its list does not have
// (asynq internal/rdb/inspect.go, GetTaskInfo).
func (q *Queue) taskInfo(ctx context.Context, queue, id string) (*asynq.TaskInfo, error) {
	info, err := q.inspector.GetTaskInfo(queue, id)
	if undecided(err) && q.rdb.Ping(ctx).Err() == nil { // asynq cannot decode the message, or the connection broke
		if info, err = q.inspector.GetTaskInfo(queue, id); undecided(err) {
			return nil, fmt.Errorf("%w: %w", ErrBroken, err)
		}
	}
	waits := err == nil && (info.State == asynq.TaskStateScheduled || info.State == asynq.TaskStateRetry)
	if wrongType(err) || err == nil && info.Type == "" || waits && info.NextProcessAt.IsZero() {
		return nil, ErrBroken
	}
	return info, err
}

// undecided reports whether an error of asynq tells nothing about a task: it is not an error that Redis returned, and
// does not say that the task or its queue is missing.
func undecided(err error) bool {
	var answer redis.Error
	return err != nil && !gone(err) && !errors.As(err, &answer)
}

// wrongType reports whether an error has Redis' code for a key that holds another type of value. asynq keeps some of Redis'
// errors as text alone.
func wrongType(err error) bool { return err != nil && strings.Contains(err.Error(), "WRONGTYPE") }

// runnable does what taskInfo does, and also fails with ErrBroken for a pending or active task that no server will run,
// because asynq has lost the list that should have it. It does not search the pending list, which can be long, so it
// notices the loss of that list only while no other task is pending.
func (q *Queue) runnable(ctx context.Context, queue, id string) (*asynq.TaskInfo, error) {
	info, err := q.taskInfo(ctx, queue, id)
	if err != nil {
		return nil, err
	}
	switch info.State {
	case asynq.TaskStatePending:
		// A list of asynq's leaves out the tasks that it cannot read.
		if all, err := q.info(queue); err != nil || all.Pending > 0 {
			return info, err
		}
	case asynq.TaskStateActive:
		held, err := q.Active(ctx)
		if err != nil || slices.ContainsFunc(held, func(h Held) bool { return h.ID == id }) {
			return info, err
		}
		if alive, err := q.alive(); err != nil || alive[id] {
			return info, err
		}
	default:
		return info, nil
	}
	was := info.State
	if info, err = q.taskInfo(ctx, queue, id); err == nil && info.State == was { // it did not move on meanwhile
		return nil, ErrBroken
	}
	return info, err
}

// PutAgain puts a task under its next id, because asynq cannot run it under its own. It reports whether it did: if asynq
// already has a redelivery of the task that it can run, PutAgain does nothing. It fails with a BlockedError while the key of
// a list holds another type of value: asynq writes the task before it fails at the list, so each try would use up an id.
func (q *Queue) PutAgain(ctx context.Context, t tasks.Task) (bool, error) {
	if _, err := q.info(t.Queue()); wrongType(err) {
		return false, fmt.Errorf("put task %s again: %w", t.ID, &BlockedError{Key: keysOf(t.Queue()), err: err})
	}
	for _, again := range redeliveries(t) {
		switch _, err := q.runnable(ctx, again.Queue(), again.ID); {
		case err == nil:
			return false, nil
		case gone(err):
			missing, err := q.PutMissing(ctx, again)
			return len(missing) > 0, err
		case !errors.Is(err, ErrBroken):
			return false, fmt.Errorf("put task %s again: %w", t.ID, err)
		}
	}
	return false, fmt.Errorf("put task %s again: %w under %d ids", t.ID, ErrBroken, maxRedeliveries)
}
