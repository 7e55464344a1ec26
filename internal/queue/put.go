package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"github.com/rollcallhq/rollcall/tasks"
)

// slice is how many tasks travel in one round trip: beyond some hundreds a pipeline gets no
// faster (facts/asynq.md 6.1), only the wait for its first answer longer.
const slice = 500

// PutError says which tasks are not, or perhaps not, on their queues. Putting all of them again
// is safe.
type PutError struct {
	IDs []string
	Err error // why the first of them failed
}

func (e *PutError) Error() string {
	return fmt.Sprintf("put %d tasks (first %s): %v", len(e.IDs), e.IDs[0], e.Err)
}

func (e *PutError) Unwrap() error { return e.Err }

// Put puts tasks onto their queues, in their order, one round trip per five hundred, and then
// rings the bell for the new ones that are due. A task whose id is there already is a success. On error
// it is a *PutError, possibly joined with faults of single tasks, and the other tasks are in.
func (q *Queue) Put(ctx context.Context, ts ...tasks.Task) error {
	_, err := q.PutMissing(ctx, ts...)
	return err
}

// PutMissing is Put, and returns the tasks whose ids were not there.
func (q *Queue) PutMissing(ctx context.Context, ts ...tasks.Task) (missing []tasks.Task, err error) {
	var (
		failed  PutError
		invalid []error
		due     []string
	)
	for len(ts) > 0 {
		n := min(slice, len(ts))
		rec := &recorder{UniversalClient: q.rdb, known: &q.known}
		client := asynq.NewClientFromRedisClient(rec)
		var sent []tasks.Task
		for _, t := range ts[:n] {
			if err := q.record(ctx, client, t); err != nil {
				invalid = append(invalid, err)
				continue
			}
			sent = append(sent, t)
		}
		for i, r := range rec.send(ctx, len(sent)) {
			switch {
			case r.err != nil:
				failed.IDs = append(failed.IDs, sent[i].ID)
				if failed.Err == nil {
					failed.Err = r.err
				}
			case r.fresh:
				missing = append(missing, sent[i])
				if !sent[i].At.After(time.Now()) {
					due = append(due, sent[i].Queue)
				}
			}
		}
		ts = ts[n:]
	}
	if len(due) > 0 {
		// Not heard is not lost: lanes look at all their queues every second anyway.
		_ = q.Ring(context.WithoutCancel(ctx), due...)
	}
	if failed.IDs != nil {
		invalid = append(invalid, &failed)
	}
	return missing, errors.Join(invalid...)
}

// record lets asynq build the message of one task; the recorder keeps it for the pipeline.
func (q *Queue) record(ctx context.Context, client *asynq.Client, t tasks.Task) error {
	if err := check(t); err != nil {
		return err
	}
	opts := []asynq.Option{
		asynq.Queue(t.Queue), asynq.TaskID(t.ID), asynq.MaxRetry(MaxRetry), asynq.Timeout(q.timeout),
	}
	if t.At.After(time.Now()) {
		// asynq truncates to seconds (rdb.go Schedule) and would run it early (asynq #1071).
		opts = append(opts, asynq.ProcessAt(t.At.Add(time.Second-1).Truncate(time.Second)))
	}
	if _, err := client.EnqueueContext(ctx, asynq.NewTaskWithHeaders(string(t.Type), t.Payload.Encode(), q.headers(ctx)), opts...); err != nil {
		return fmt.Errorf("put task %s: %w", t.ID, err)
	}
	return nil
}
