package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"github.com/rollcallhq/rollcall/tasks"
)

// ErrActive means that a handler is working on the task.
var ErrActive = errors.New("the task is being worked on")

// ErrMissing means that asynq has no such task or queue.
var ErrMissing = errors.New("asynq has no such task")

// Counts are what one queue holds, as asynq reports it.
type Counts struct {
	Pending, Active, Scheduled, Retry, Archived int

	Latency           time.Duration // how long the next pending task has waited
	Paused            bool          // by asynq's own tools: no worker gets a task from it
	Processed, Failed int           // since the queue was first used
}

// Counts returns the counts of each queue by its name. A queue that was never used is missing, and so is one that asynq
// cannot count: asynq fails at a task whose key is gone, and panics at a counter that is not a number. It returns a
// BlockedError if a key of asynq's holds another type of value.
func (q *Queue) Counts(ctx context.Context) (map[string]Counts, error) {
	listed, err := q.listed() // GetQueueInfo has no error value for a missing queue
	if err != nil {
		return nil, err
	}
	all := make(map[string]Counts, 2)
	for _, name := range tasks.Queues() {
		if !listed[name] {
			continue
		}
		i, err := q.info(name)
		_, leases := q.inspector.ListActiveTasks(name, asynq.PageSize(1)) // GetQueueInfo does not read them
		for _, err := range []error{err, leases} {
			if wrongType(err) {
				return nil, &BlockedError{Key: keysOf(name), err: err}
			}
		}
		if err != nil && q.rdb.Ping(ctx).Err() == nil {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the queue %s: %w", name, err)
		}
		all[name] = Counts{
			Pending: i.Pending, Active: i.Active, Scheduled: i.Scheduled, Retry: i.Retry, Archived: i.Archived,
			Latency: i.Latency, Paused: i.Paused, Processed: i.ProcessedTotal, Failed: i.FailedTotal,
		}
	}
	return all, nil
}

// info asks asynq about a queue. It turns a panic of asynq into an error.
func (q *Queue) info(name string) (i *asynq.QueueInfo, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("asynq: %v", fault)
		}
	}()
	return q.inspector.GetQueueInfo(name)
}

// Due returns when each task is due. A task that is scheduled or waits for a retry has a time. An active task has the
// time of its first redelivery that waits, if there is one: its worker may be dead. All other tasks have the zero time.
func (q *Queue) Due(ctx context.Context, ts []tasks.Task) ([]time.Time, error) {
	due, errs := make([]time.Time, len(ts)), make([]error, len(ts))
	var all sync.WaitGroup
	turn := make(chan struct{}, writers)
	for i, t := range ts {
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			info, err := q.taskInfo(ctx, t.Queue(), t.ID)
			switch {
			case gone(err), errors.Is(err, ErrBroken):
			case err != nil:
				errs[i] = err
			case info.State == asynq.TaskStateScheduled, info.State == asynq.TaskStateRetry:
				due[i] = info.NextProcessAt.UTC()
			case info.State == asynq.TaskStateActive:
				again, err := q.again(ctx, t.Queue(), t.ID)
				if errs[i] = err; len(again) > 0 {
					due[i] = again[0].NextProcessAt.UTC()
				}
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("look when %d tasks are due: %w", len(ts), err)
	}
	return due, nil
}

// again returns the redeliveries of a task that are scheduled or wait for a retry.
func (q *Queue) again(ctx context.Context, queue, id string) ([]*asynq.TaskInfo, error) {
	var waiting []*asynq.TaskInfo
	for _, t := range redeliveries(tasks.Task{ID: id}) {
		info, err := q.taskInfo(ctx, queue, t.ID)
		switch {
		case gone(err), errors.Is(err, ErrBroken):
		case err != nil:
			return nil, fmt.Errorf("look for the redeliveries of task %s: %w", id, err)
		case info.State == asynq.TaskStateScheduled, info.State == asynq.TaskStateRetry:
			waiting = append(waiting, info)
		}
	}
	return waiting, nil
}

// WaitingAgain returns the ids of the redeliveries of a task that are scheduled or wait for a retry.
func (q *Queue) WaitingAgain(ctx context.Context, queue, id string) ([]string, error) {
	waiting, err := q.again(ctx, queue, id)
	ids := make([]string, len(waiting))
	for i, info := range waiting {
		ids[i] = info.ID
	}
	return ids, err
}

func gone(err error) bool {
	return errors.Is(err, asynq.ErrQueueNotFound) || errors.Is(err, asynq.ErrTaskNotFound)
}

// Run makes a task pending that is scheduled or waits for a retry. It returns ErrActive if a handler is working on the
// task, ErrMissing if asynq does not have it, and ErrBroken if asynq can never run it.
func (q *Queue) Run(ctx context.Context, queue, id string) error {
	err := q.inspector.RunTask(queue, id)
	switch {
	case err == nil:
		return nil
	case gone(err):
		return fmt.Errorf("run task %s: %w: %w", id, ErrMissing, err)
	}
	// asynq has no error value for an active or pending task.
	info, infoErr := q.runnable(ctx, queue, id)
	switch {
	case errors.Is(infoErr, ErrBroken):
		return fmt.Errorf("run task %s: %w", id, infoErr)
	case infoErr != nil:
	case info.State == asynq.TaskStatePending:
		return nil
	case info.State == asynq.TaskStateActive:
		return fmt.Errorf("run task %s: %w", id, ErrActive)
	}
	return fmt.Errorf("run task %s: %w", id, err)
}

// RunAgain makes the redeliveries of a task pending that are scheduled or wait for a retry.
func (q *Queue) RunAgain(ctx context.Context, queue, id string) error {
	for _, t := range redeliveries(tasks.Task{ID: id}) {
		switch err := q.Run(ctx, queue, t.ID); {
		case err == nil, errors.Is(err, ErrActive), errors.Is(err, ErrMissing), errors.Is(err, ErrBroken):
		default:
			return err
		}
	}
	return nil
}

// Hasten runs an overdue task, or its redeliveries if a worker has it: that worker may be dead. If asynq can never run the
// task, Hasten puts it under its next id and reports true. A task that asynq does not have is a success.
func (q *Queue) Hasten(ctx context.Context, t tasks.Task) (replaced bool, err error) {
	err = q.Run(ctx, t.Queue(), t.ID)
	switch {
	case errors.Is(err, ErrActive):
		err = q.RunAgain(ctx, t.Queue(), t.ID)
	case errors.Is(err, ErrBroken):
		return q.PutAgain(ctx, t)
	case errors.Is(err, ErrMissing):
		err = nil
	}
	return false, err
}

// Remove deletes a task that waits or was parked, and then takes it out of its line. After a crash between the two, the
// sweeper still finds it in the line. Remove does the same with the task's redeliveries that stand in the line. A
// missing task is a success. If a handler is working on the task, Remove returns ErrActive and leaves it in the line.
func (q *Queue) Remove(ctx context.Context, t tasks.Task) error {
	again, err := q.lines.Standing(ctx, redeliveries(t)...)
	faults, active := []error{err}, error(nil)
	for _, one := range append(again, t) {
		switch err := q.remove(ctx, one); {
		case errors.Is(err, ErrActive):
			active = err
		default:
			faults = append(faults, err)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	return active
}

func (q *Queue) remove(ctx context.Context, t tasks.Task) error {
	if err := q.inspector.DeleteTask(t.Queue(), t.ID); err != nil && !gone(err) {
		// asynq has no error value for an active or broken task.
		info, infoErr := q.runnable(ctx, t.Queue(), t.ID)
		switch {
		case errors.Is(infoErr, ErrBroken):
		case infoErr == nil && info.State == asynq.TaskStateActive:
			return fmt.Errorf("remove task %s: %w", t.ID, ErrActive)
		default:
			return fmt.Errorf("remove task %s: %w", t.ID, err)
		}
	}
	return q.lines.Remove(ctx, t)
}

// Unpause ends the pauses that asynq's own tools have set, and returns the queues that had one.
func (q *Queue) Unpause(ctx context.Context) ([]string, error) {
	all, err := q.Counts(ctx)
	if err != nil {
		return nil, err
	}
	var had []string
	for _, name := range tasks.Queues() {
		if !all[name].Paused {
			continue
		}
		if err := q.inspector.UnpauseQueue(name); err != nil {
			return had, fmt.Errorf("lift the pause of the queue %s: %w", name, err)
		}
		had = append(had, name)
	}
	return had, nil
}

// Register returns the queues that asynq's tools have removed since this process put tasks onto them or saw them
// listed. Their tasks must be put again. asynq's client lists a queue only once, so Register makes a new client, which
// lists the queue with its next task.
func (q *Queue) Register(_ context.Context) ([]string, error) {
	listed, err := q.listed()
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var lost []string
	for _, name := range tasks.Queues() {
		if q.known[name] && !listed[name] {
			lost = append(lost, name)
		}
		q.known[name] = listed[name]
	}
	if len(lost) > 0 {
		q.client.Store(asynq.NewClientFromRedisClient(q.rdb))
		q.many = nil
	}
	return lost, nil
}

// BlockedError means that a key of asynq's holds another type of value. Tasks cannot be put or run.
type BlockedError struct {
	Key string // or a pattern that fits the keys of a queue: asynq does not say which of them it is
	err error
}

func (e *BlockedError) Error() string { return e.Key + ": " + e.err.Error() }

// Unwrap returns Redis' own error.
func (e *BlockedError) Unwrap() error { return e.err }

// keysOf returns a pattern that fits the keys of a queue.
func keysOf(queue string) string { return "asynq:*" + queue + "*" }

// queuesKey is asynq's set of its queues (base.AllQueues of asynq/internal/base).
const queuesKey = "asynq:queues"

// listed returns the queues that asynq knows. It returns a BlockedError if their key holds another type of value.
func (q *Queue) listed() (map[string]bool, error) {
	names, err := q.inspector.Queues()
	if wrongType(err) {
		err = &BlockedError{Key: queuesKey, err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("list the queues: %w", err)
	}
	listed := make(map[string]bool, len(names))
	for _, name := range names {
		listed[name] = true
	}
	return listed, nil
}

// Parked is a task that asynq has archived, because it could not be read or because a person archived it. Its id stays
// taken until it is deleted.
type Parked struct {
	ID, Queue string
	Type      tasks.Type
	LastErr   string
}

// Archived returns the n oldest archived tasks of each queue. asynq keeps at most ten thousand, for ninety days (asynq
// internal/rdb/rdb.go:839-842), so rollcall keeps failures in the store instead.
func (q *Queue) Archived(_ context.Context, n int) ([]Parked, error) {
	var parked []Parked
	for _, name := range tasks.Queues() {
		found, err := q.inspector.ListArchivedTasks(name, asynq.PageSize(n))
		if gone(err) {
			continue
		}
		if err != nil {
			return parked, fmt.Errorf("list archived tasks of %s: %w", name, err)
		}
		for _, i := range found {
			parked = append(parked, Parked{ID: i.ID, Queue: name, Type: tasks.Type(i.Type), LastErr: i.LastErr})
		}
	}
	return parked, nil
}

// DeleteArchived deletes an archived task, so that its id can be put again.
func (q *Queue) DeleteArchived(_ context.Context, p Parked) error {
	if err := q.inspector.DeleteTask(p.Queue, p.ID); err != nil && !gone(err) {
		return fmt.Errorf("delete archived task %s: %w", p.ID, err)
	}
	return nil
}

// Held is a task that a server took and has not finished.
type Held struct {
	ID, Queue string
	Type      tasks.Type
	Payload   []byte
	Headers   map[string]string
	Alive     bool // a server reported at most ten seconds ago that it works on it
}

// Active returns the tasks that servers have taken, without those that asynq cannot read.
func (q *Queue) Active(_ context.Context) ([]Held, error) {
	alive, err := q.alive()
	if err != nil {
		return nil, err
	}
	var held []Held
	const page = 500
	for _, name := range tasks.Queues() {
		for n := 1; ; n++ {
			found, err := q.inspector.ListActiveTasks(name, asynq.PageSize(page), asynq.Page(n))
			if gone(err) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("list active tasks of %s: %w", name, err)
			}
			for _, i := range found {
				if i.Type == "" { // asynq has lost its message
					continue
				}
				held = append(held, Held{ID: i.ID, Queue: name, Type: tasks.Type(i.Type), Payload: i.Payload, Headers: i.Headers, Alive: alive[i.ID]})
			}
			if len(found) < page {
				break
			}
		}
	}
	return held, nil
}

// alive returns the ids of the tasks that a server reported at most ten seconds ago to work on.
func (q *Queue) alive() (map[string]bool, error) {
	servers, err := q.inspector.Servers()
	if err != nil {
		return nil, fmt.Errorf("list the servers: %w", err)
	}
	alive := map[string]bool{}
	for _, s := range servers {
		for _, w := range s.ActiveWorkers {
			alive[w.TaskID] = true
		}
	}
	return alive, nil
}
