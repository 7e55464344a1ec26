package lane

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/tasks"
)

// ErrDraining is the cause of the context's end when the lane drains before a slot's start.
var ErrDraining = errors.New("lane: draining")

// errCut is a task's fate in the second phase of a drain.
var errCut = errors.New("lane: cut off while its call was under way")

const (
	// breath is how long a lane's paced queues stay shut after a task came back from there to its
	// place, so that a gate and a step of different opinions do not run in circles.
	breath = 100 * time.Millisecond
	// forNewer is how long a task that only a newer worker can do is left alone before somebody looks
	// at it again.
	forNewer = 15 * time.Second
	// soonest is how soon an unpaced task is tried again: no gate holds it back.
	soonest = time.Second
)

// verdict is the error asynq gets: what becomes of the task.
type verdict struct {
	after time.Duration
	fault bool // a bug or the infrastructure, not a wait
	err   error
}

func (v *verdict) Error() string { return v.err.Error() }
func (v *verdict) Unwrap() error { return v.err }

// ProcessTask is asynq's handler.
func (l *lane) ProcessTask(ctx context.Context, at *asynq.Task) error {
	err := l.process(ctx, at)
	if v := (*verdict)(nil); errors.As(err, &v) {
		id, _ := asynq.GetTaskID(ctx)
		l.due.Store(id, l.clock.now().Add(v.after))
	}
	return err
}

func (l *lane) process(ctx context.Context, at *asynq.Task) error {
	l.busy.Add(1)
	defer l.busy.Add(-1)
	id, _ := asynq.GetTaskID(ctx)
	queue, _ := asynq.GetQueueName(ctx)
	paced := l.gate.paced(queue)
	var h *hand
	if paced {
		h = l.gate.collect()
		defer l.gate.done()
	}
	t, err := rebuild(at, id, queue)
	if err != nil {
		if h != nil {
			l.gate.giveBack(h.slot)
		}
		if errors.Is(err, tasks.ErrNewer) {
			return l.leave(id, queue, err)
		}
		l.counts.parked.Add(1)
		l.opts.Log.Error().Err(err).Str("task", id).Str("queue", queue).Msg("a task cannot be read and is parked in asynq's archive")
		return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
	}
	l.back.Delete(id) // of a delivery whose retry asynq never wrote: it had lost its lease
	l.due.Delete(id)
	l.running.Store(id, l)
	defer l.running.Delete(id)
	return l.judge(ctx, t, paced, l.work(l.opts.Context(ctx, at.Headers()), t, paced, h))
}

// rebuild makes our task of asynq's.
func rebuild(at *asynq.Task, id, queue string) (tasks.Task, error) {
	t := tasks.Task{Type: tasks.Type(at.Type()), ID: id, Queue: queue}
	switch t.Type {
	case tasks.TypeCreate, tasks.TypeVerify, tasks.TypeRollCall, tasks.TypeAdd, tasks.TypeInvite, tasks.TypeJoins, tasks.TypeDeliver:
	default:
		return t, fmt.Errorf("%w: a task of type %q", tasks.ErrNewer, at.Type())
	}
	var err error
	t.Payload, err = tasks.DecodePayload(at.Payload())
	return t, err
}

// leave puts a task that only a newer worker can do back for one to take, and says so once for each
// kind of reason: in the middle of a deploy there may be thousands.
func (l *lane) leave(id, queue string, why error) error {
	level := zerolog.DebugLevel
	if _, said := l.newer.LoadOrStore(why.Error(), struct{}{}); !said {
		level = zerolog.WarnLevel
	}
	l.opts.Log.WithLevel(level).Err(why).Str("task", id).Str("queue", queue).Msg("a task is left for a newer worker; finish the deploy, or nobody does it")
	return &verdict{after: forNewer, err: why}
}

// work runs the step, unless the lane is cut: then it leaves the step alone with its call, whose
// journal tells whoever takes the task next.
func (l *lane) work(ctx context.Context, t tasks.Task, paced bool, h *hand) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var slot *pacing.Slot
	if paced {
		if h == nil {
			var err error
			if h, err = l.waitForSlot(ctx); err != nil {
				return err
			}
		}
		slot = h.slot
		// Until its start the step only waits and prepares; after it, its call may be under way.
		stop := context.AfterFunc(l.gate.ctx, func() {
			if time.Until(slot.Start()) > time.Millisecond {
				cancel(ErrDraining)
			}
		})
		defer stop()
	}
	done := make(chan error, 1)
	l.runners.run(func() {
		err := l.do(ctx, t, slot)
		if later := (*steps.Later)(nil); err != nil && errors.Is(context.Cause(ctx), ErrDraining) && !errors.As(err, &later) {
			err = ErrDraining // whatever the step made of it
		}
		l.settle(slot, err)
		if slot != nil && !slot.Asked().IsZero() {
			l.gate.lead.observe(slot.Asked().Sub(h.fetched))
			if err == nil {
				l.gate.takes.observe(h.getting + time.Since(h.fetched) - max(0, slot.Start().Sub(slot.Asked())))
			}
		}
		done <- err
	})
	select {
	case err := <-done:
		return err
	case <-l.abort:
		return errCut
	}
}

// do calls the step and makes a panic an error. asynq would do so too, but the step runs in a
// goroutine of ours.
func (l *lane) do(ctx context.Context, t tasks.Task, slot *pacing.Slot) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return l.opts.Steps.Do(ctx, t, l.instance, slot)
}

// settle ends a slot that the step left open. If nothing says that the call was not sent, it was.
func (l *lane) settle(slot *pacing.Slot, err error) {
	if slot == nil || !slot.Valid() {
		return
	}
	if later := (*steps.Later)(nil); err == nil || errors.As(err, &later) || errors.Is(err, ErrDraining) {
		l.gate.giveBack(slot)
		return
	}
	if err := slot.Used(context.Background(), time.Time{}); err != nil {
		l.opts.Log.Warn().Err(err).Str("instance", l.instance).Msg("a slot could not be closed; it lapses with its lease")
	}
}

// judge turns the step's answer into asynq's.
func (l *lane) judge(ctx context.Context, t tasks.Task, paced bool, err error) error {
	var later *steps.Later
	log := l.opts.Log.With().Str("task", t.ID).Str("type", string(t.Type)).Str("queue", t.Queue).Str("instance", l.instance).Logger()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errCut):
		log.Warn().Msg("shutting down while a call was under way; its journal tells the next worker")
		return l.toHead(t, err)
	case errors.Is(err, ErrDraining):
		return l.toHead(t, err)
	case errors.As(err, &later) && later.After <= 0 && (paced || l.gate.ctx.Err() != nil):
		log.Debug().Str("why", later.Why).Msg("back to its place")
		l.gate.hold(breath)
		return l.toHead(t, err)
	case errors.As(err, &later):
		log.Debug().Str("why", later.Why).Dur("after", later.After).Msg("again later")
		return &verdict{after: max(later.After, soonest), err: err}
	}
	n, _ := asynq.GetRetryCount(ctx)
	most, _ := asynq.GetMaxRetry(ctx)
	after := l.opts.Retry.after(n)
	l.counts.faults.Add(1)
	log.Error().Err(err).Int("tries", n+1).Dur("after", after).Msg("a task failed unexpectedly and is tried again")
	// Counting makes the pauses grow. A foreign task with few retries is never counted out.
	return &verdict{after: after, fault: most-n > 1, err: err}
}

// toHead marks a task so that the retry asynq is about to write becomes a return to its place.
func (l *lane) toHead(t tasks.Task, err error) error {
	l.back.Store(t.ID, struct{}{})
	return &verdict{err: err}
}

// dequeue lets the gate decide.
func (l *lane) dequeue(ctx context.Context, queue string, run func() *redis.Cmd) *redis.Cmd {
	return l.gate.dequeue(ctx, queue, run)
}

// retry replaces asynq's retry where the task is to return to the head of its queue: asynq would
// send it to the tail after up to seconds (internal/rdb/rdb.go:772, :971). asynq's syncer repeats
// this call until it succeeds, so the mark stays until then.
//
// Any other task is due at the time of its verdict: asynq reckons by this machine's clock, which may
// have been set since (internal/rdb/rdb.go:831).
func (l *lane) retry(ctx context.Context, queue, taskID string, due time.Time, run func(due time.Time) *redis.Cmd) *redis.Cmd {
	if _, marked := l.back.Load(taskID); !marked {
		if at, judged := l.due.Load(taskID); judged {
			due = at.(time.Time).Add(time.Second - time.Nanosecond).Truncate(time.Second)
		}
		cmd := run(due)
		if cmd.Err() == nil {
			l.due.Delete(taskID)
			l.board.note(queue, l.clock.due(due))
		}
		return cmd
	}
	keys := []string{key(queue, "active"), key(queue, "lease"), key(queue, "pending"), key(queue, "t:"+taskID)}
	cmd := giveBack.Run(ctx, l.opts.Redis, keys, taskID, "")
	if cmd.Err() == nil { // also when it is active no more: a reaper was faster
		l.back.Delete(taskID)
		l.due.Delete(taskID)
		l.board.ring(queue)
	}
	return cmd
}

// waitForSlot takes a slot in the handler: asynq has changed its dequeue and the gate is out of
// work, or a task took longer than pickUp to get here.
func (l *lane) waitForSlot(ctx context.Context) (*hand, error) {
	fetched := time.Now()
	for {
		wait := pollHealth
		if l.opts.Health.Open(l.instance) {
			pace := l.gate.inForce()
			slot, denied, err := l.opts.Pacer.Take(ctx, l.instance, l.gate.kind, pace, l.gate.lead.of(pace))
			if err != nil {
				return nil, err
			}
			if slot != nil {
				return &hand{slot: slot, fetched: time.Now()}, nil
			}
			wait = denied.Wait
		}
		if time.Since(fetched)+wait > time.Minute {
			return nil, &steps.Later{After: wait, Why: "the instance's gate is closed"}
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, context.Cause(ctx)
		case <-l.gate.ctx.Done():
			timer.Stop()
			return nil, ErrDraining
		}
	}
}

// retryDelay is asynq's question when to try again.
func (l *lane) retryDelay(n int, err error, _ *asynq.Task) time.Duration {
	after := l.opts.Retry.after(n)
	if v := (*verdict)(nil); errors.As(err, &v) {
		after = v.after
	}
	// asynq cuts the time off to seconds of this machine's clock (internal/rdb/rdb.go:831); the
	// forwarder compares with Redis's.
	return after + l.clock.offset() + time.Second - time.Nanosecond
}

// isFault is asynq's IsFailure: whether a retry is counted.
func isFault(err error) bool {
	v := (*verdict)(nil)
	return errors.As(err, &v) && v.fault
}

// after is the pause before try n+1. The backoff is made anew each time: one is not safe for
// several goroutines, and says "stop", which is -1, after its MaxElapsedTime unless that is 0.
func (r Retry) after(n int) time.Duration {
	b := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(r.Initial), backoff.WithMultiplier(r.Multiplier),
		backoff.WithRandomizationFactor(r.Jitter), backoff.WithMaxInterval(r.Max),
		backoff.WithMaxElapsedTime(0))
	pause := b.NextBackOff()
	for range min(n, 100) { // by then every backoff has reached its maximum
		pause = b.NextBackOff()
	}
	return pause
}
