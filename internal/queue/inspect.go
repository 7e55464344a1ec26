package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/tasks"
)

// ErrActive says of a task that a handler is working on it.
var ErrActive = errors.New("the task is being worked on")

// ErrMissing says that asynq has no such task, or no such queue.
var ErrMissing = errors.New("asynq has no such task")

// Counts are what one queue holds, as asynq tells it.
type Counts struct {
	Pending, Active, Scheduled, Retry, Archived int

	Latency           time.Duration // how long the next pending task has waited
	Paused            bool          // by asynq's own tools: no worker gets a task from it
	Processed, Failed int           // since the queue was first used
}

// Counts reads the queues by their names. One that was never used is missing, and so is one that asynq cannot
// count: it fails at a task whose key is gone, and panics at a counter that is no number. Neither may hold up the rest.
func (q *Queue) Counts(ctx context.Context) (map[string]Counts, error) {
	listed, err := q.listed() // GetQueueInfo has no error value for a queue that is not
	if err != nil {
		return nil, err
	}
	all := make(map[string]Counts, 2)
	for _, name := range tasks.Queues() {
		if !listed[name] {
			continue
		}
		i, err := q.info(name)
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

// info asks asynq about a queue. A panic of asynq is an error.
func (q *Queue) info(name string) (i *asynq.QueueInfo, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("asynq: %v", fault)
		}
	}()
	return q.inspector.GetQueueInfo(name)
}

// Due says of each task when it comes: its time when it is scheduled or waits for another try, zero
// when it is pending, under way or not there at all.
func (q *Queue) Due(_ context.Context, ts []tasks.Task) ([]time.Time, error) {
	due, errs := make([]time.Time, len(ts)), make([]error, len(ts))
	var all sync.WaitGroup
	turn := make(chan struct{}, writers)
	for i, t := range ts {
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			info, err := q.inspector.GetTaskInfo(t.Queue(), t.ID)
			switch {
			case gone(err):
			case err != nil:
				errs[i] = err
			case info.State == asynq.TaskStateScheduled, info.State == asynq.TaskStateRetry:
				due[i] = info.NextProcessAt.UTC()
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("look when %d tasks are due: %w", len(ts), err)
	}
	return due, nil
}

func gone(err error) bool {
	return errors.Is(err, asynq.ErrQueueNotFound) || errors.Is(err, asynq.ErrTaskNotFound)
}

// Run lets a task go now that is scheduled or waits for another try. ErrActive says that it is being worked
// on, ErrMissing that it is not there.
func (q *Queue) Run(_ context.Context, queue, id string) error {
	err := q.inspector.RunTask(queue, id)
	switch {
	case err == nil:
		return nil
	case gone(err):
		return fmt.Errorf("run task %s: %w: %w", id, ErrMissing, err)
	}
	// asynq has no error value for a task that runs already, or is about to.
	info, infoErr := q.inspector.GetTaskInfo(queue, id)
	switch {
	case infoErr != nil:
	case info.State == asynq.TaskStatePending:
		return nil
	case info.State == asynq.TaskStateActive:
		return fmt.Errorf("run task %s: %w", id, ErrActive)
	}
	return fmt.Errorf("run task %s: %w", id, err)
}

// Remove deletes a task that waits, or that was parked, and then takes it out of its line: cut between the two,
// the line still tells the sweeper of it. One that is not there is fine; one that is being worked on is ErrActive,
// and stays in its line if it stands there again already.
func (q *Queue) Remove(ctx context.Context, t tasks.Task) error {
	if err := q.inspector.DeleteTask(t.Queue(), t.ID); err != nil && !gone(err) {
		// asynq has no error value for this either.
		if info, infoErr := q.inspector.GetTaskInfo(t.Queue(), t.ID); infoErr == nil && info.State == asynq.TaskStateActive {
			return fmt.Errorf("remove task %s: %w", t.ID, ErrActive)
		}
		return fmt.Errorf("remove task %s: %w", t.ID, err)
	}
	return q.lines.Remove(ctx, t)
}

// Unpause lifts the pauses that asynq's own tools have set, and names the queues that had one.
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

// Register makes asynq list the queues again that its tools have removed: a client that runs on does not.
// It names those that it had put tasks onto, or seen listed. What was on them must be put again.
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
	}
	return lost, nil
}

// BlockedError says that a key of asynq's holds another type of value. Nothing can be put, or let go.
type BlockedError struct {
	Key string
	err error
}

func (e *BlockedError) Error() string { return e.Key + ": " + e.err.Error() }

// Unwrap is Redis' own error.
func (e *BlockedError) Unwrap() error { return e.err }

// queuesKey is asynq's set of its queues (base.AllQueues of asynq/internal/base).
const queuesKey = "asynq:queues"

// listed are the queues that asynq knows. It fails with a BlockedError where their key holds another type of value.
func (q *Queue) listed() (map[string]bool, error) {
	names, err := q.inspector.Queues()
	if redis.HasErrorPrefix(err, "WRONGTYPE") {
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

// Parked is a task asynq has archived: its payload was unreadable or its type unknown, or a person did it.
// Its id stays taken until it is deleted.
type Parked struct {
	ID, Queue string
	Type      tasks.Type
	LastErr   string
}

// Archived lists the n oldest archived tasks of each queue. asynq forgets them beyond ten
// thousand or ninety days (asynq internal/rdb/rdb.go:839-842): our dead letters are in the store.
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

// Held is a task that some server took and has not ended.
type Held struct {
	ID, Queue string
	Type      tasks.Type
	Payload   []byte
	Alive     bool // a server that shows signs of life works on it, as it said at most ten seconds ago
}

// Active lists the tasks that servers have taken.
func (q *Queue) Active(_ context.Context) ([]Held, error) {
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
				held = append(held, Held{ID: i.ID, Queue: name, Type: tasks.Type(i.Type), Payload: i.Payload, Alive: alive[i.ID]})
			}
			if len(found) < page {
				break
			}
		}
	}
	return held, nil
}
