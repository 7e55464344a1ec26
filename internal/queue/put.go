package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"github.com/rollcallhq/rollcall/tasks"
)

const (
	// window is how many tasks are put at once, and writers how many goroutines put them onto asynq. The goroutines'
	// commands share pipelines.
	window  = 512
	writers = 128
)

// PutError lists the tasks that are not, or may not be, on their queues. Putting all of them again is safe.
type PutError struct {
	IDs []string
	Err error // why the first of them failed
}

func (e *PutError) Error() string {
	return fmt.Sprintf("put %d tasks (first %s): %v", len(e.IDs), e.IDs[0], e.Err)
}

func (e *PutError) Unwrap() error { return e.Err }

// Put puts tasks onto their queues and into their lines, window by window in order, and then rings the bell for the
// lines. A task whose id is already there is a success. An error is a *PutError, possibly joined with faults of single
// tasks; the other tasks are put.
func (q *Queue) Put(ctx context.Context, ts ...tasks.Task) error {
	_, err := q.PutMissing(ctx, ts...)
	return err
}

// PutMissing does what Put does, and returns the tasks whose ids were not there. It removes a line's task if the task's
// group needs no more tasks.
func (q *Queue) PutMissing(ctx context.Context, ts ...tasks.Task) (missing []tasks.Task, err error) {
	var (
		failed  PutError
		invalid []error
		rung    []string
	)
	now, err := q.now(ctx, ts)
	if err != nil {
		for _, t := range ts {
			failed.add(t.ID, err)
		}
		return nil, &failed
	}
	for some := range slices.Chunk(ts, window) {
		in, fresh := make([]tasks.Task, 0, len(some)), make([]tasks.Task, 0, len(some))
		for i, err := range q.enqueue(ctx, some, now) {
			switch t := some[i]; {
			case err == nil:
				fresh, in = append(fresh, t), append(in, t)
			case errors.Is(err, asynq.ErrTaskIDConflict):
				in = append(in, t)
			case errors.Is(err, errInvalid):
				invalid = append(invalid, err)
			default:
				failed.add(t.ID, err)
			}
		}
		q.know(in)
		// asynq's task comes first, so that a task of a line can always be run.
		over, err := q.lines.Put(ctx, in...)
		if err != nil {
			missing = append(missing, fresh...)
			for _, t := range in {
				failed.add(t.ID, err)
			}
			continue
		}
		for _, t := range over {
			if err := q.Remove(ctx, t); err != nil && !errors.Is(err, ErrActive) {
				failed.add(t.ID, err)
			}
		}
		isOver := func(t tasks.Task) bool {
			return slices.ContainsFunc(over, func(o tasks.Task) bool { return o.ID == t.ID })
		}
		missing = append(missing, slices.DeleteFunc(fresh, isOver)...)
		for _, t := range slices.DeleteFunc(in, isOver) {
			rung = append(rung, t.Line)
		}
	}
	if rung = slices.DeleteFunc(rung, func(line string) bool { return line == "" }); len(rung) > 0 {
		_ = q.Ring(context.WithoutCancel(ctx), rung...) // if it is lost, the dispatcher's poll finds the tasks
	}
	if failed.IDs != nil {
		invalid = append(invalid, &failed)
	}
	return missing, errors.Join(invalid...)
}

func (e *PutError) add(id string, err error) {
	e.IDs = append(e.IDs, id)
	if e.Err == nil {
		e.Err = err
	}
}

// now returns the time by Redis' clock, to which the times of tasks refer. It returns the zero time, without asking
// Redis, if no task outside the lines has a time.
func (q *Queue) now(ctx context.Context, ts []tasks.Task) (time.Time, error) {
	if !slices.ContainsFunc(ts, func(t tasks.Task) bool { return t.Line == "" && !t.At.IsZero() }) {
		return time.Time{}, nil
	}
	now, err := q.rdb.Time(ctx).Result()
	if err != nil {
		return now, fmt.Errorf("ask Redis for the time: %w", err)
	}
	return now, nil
}

// know records the queues of some tasks.
func (q *Queue) know(ts []tasks.Task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, t := range ts {
		q.known[t.Queue()] = true
	}
}

// enqueue puts tasks onto asynq and returns the result of each. Many tasks share pipelines, so ctx does not end a put
// that has been sent.
func (q *Queue) enqueue(ctx context.Context, ts []tasks.Task, now time.Time) []error {
	errs := make([]error, len(ts))
	if len(ts) == 1 {
		errs[0] = q.enqueueOne(ctx, q.client.Load(), ts[0], now)
		return errs
	}
	client, err := q.bulk()
	if err != nil {
		for i, t := range ts {
			errs[i] = fmt.Errorf("put task %s: %w", t.ID, err)
		}
		return errs
	}
	next := make(chan int)
	var all sync.WaitGroup
	for range min(writers, len(ts)) {
		all.Go(func() {
			for i := range next {
				errs[i] = q.enqueueOne(ctx, client, ts[i], now)
			}
		})
	}
	for i := range ts {
		next <- i
	}
	close(next)
	all.Wait()
	return errs
}

// bulk returns the client for many tasks. The Redis client owns the pipeliner, and makes another one after a caller has
// closed it.
func (q *Queue) bulk() (*asynq.Client, error) {
	pipeliner, err := q.rdb.AutoPipeline()
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.many == nil || q.pipeliner != pipeliner {
		q.many, q.pipeliner = asynq.NewClientFromRedisClient(pipeliner), pipeliner
	}
	return q.many, nil
}

func (q *Queue) enqueueOne(ctx context.Context, client *asynq.Client, t tasks.Task, now time.Time) error {
	if err := check(t); err != nil {
		return err
	}
	opts := []asynq.Option{asynq.Queue(t.Queue()), asynq.TaskID(t.ID), asynq.MaxRetry(MaxRetry), asynq.Timeout(Timeout)}
	switch {
	case t.Line != "":
		opts = append(opts, asynq.ProcessAt(tasks.FarDay))
	case t.At.After(now):
		// asynq uses its servers' clocks, which may be hours off, so give it a duration. It truncates to seconds
		// (rdb.go Schedule) and would run the task early (asynq #1071).
		opts = append(opts, asynq.ProcessIn(t.At.Sub(now)+time.Second-1))
	}
	_, err := client.EnqueueContext(ctx, asynq.NewTaskWithHeaders(string(t.Type), t.Payload.Encode(), q.headers(ctx)), opts...)
	if err != nil {
		return fmt.Errorf("put task %s: %w", t.ID, err)
	}
	return nil
}

// maxRedeliveries is how many redeliveries of one task may exist at once.
const maxRedeliveries = 16

// redeliveries returns the tasks, each with its own id, as which Redeliver may have delivered a task again.
func redeliveries(t tasks.Task) []tasks.Task {
	all := make([]tasks.Task, maxRedeliveries)
	for i := range all {
		t = t.Again()
		all[i] = t
	}
	return all
}

// Redelivered reports whether asynq still has the first redelivery of a task.
func (q *Queue) Redelivered(_ context.Context, h Held) (bool, error) {
	_, err := q.inspector.GetTaskInfo(h.Queue, tasks.Task{ID: h.ID}.Again().ID)
	switch {
	case err == nil:
		return true, nil
	case gone(err):
		return false, nil
	}
	return false, fmt.Errorf("look whether task %s was delivered again: %w", h.ID, err)
}

// Redeliver delivers a task again at once, under a new id, although a server took it and has not finished it. The step
// finds out how the first delivery ended. It keeps the headers, so it belongs to the same trace.
func (q *Queue) Redeliver(ctx context.Context, h Held) error {
	t, err := tasks.Task{ID: h.ID, Type: h.Type}, error(nil)
	for range maxRedeliveries {
		t = t.Again()
		_, err = q.client.Load().EnqueueContext(ctx, asynq.NewTaskWithHeaders(string(h.Type), h.Payload, h.Headers),
			asynq.Queue(h.Queue), asynq.TaskID(t.ID), asynq.MaxRetry(MaxRetry), asynq.Timeout(Timeout))
		if !errors.Is(err, asynq.ErrTaskIDConflict) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("deliver task %s again: %w", h.ID, err)
	}
	return nil
}
