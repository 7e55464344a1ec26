package dispatch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/hibiken/asynq"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/panics"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// ErrDraining is the cause of a step's cancelled context when the server drains before the step's slot starts.
var ErrDraining = errors.New("dispatch: draining")

// errCut is the result of a task whose step is still in a call in the second phase of a drain.
var errCut = errors.New("dispatch: cut off while its call was under way")

const (
	// forNewer is the pause before the retry of a task that only a newer worker can do.
	forNewer = 15 * time.Second
	// soonest is the shortest pause before a task is delivered again.
	soonest = time.Second
	// handover is roughly how long a dispatched task takes to reach its handler.
	handover = 50 * time.Millisecond
)

// verdict is the error that the handler returns to asynq. It says when the task runs again.
type verdict struct {
	after time.Duration // 0: it waits in its line, scheduled for tasks.FarDay
	fault bool          // an unexpected error, which counts as a retry
	err   error
}

func (v *verdict) Error() string { return v.err.Error() }
func (v *verdict) Unwrap() error { return v.err }

// delivery is one delivery of a task to this process.
type delivery struct {
	*shared

	task    tasks.Task
	queue   string
	permit  store.Permit // zero if the dispatcher did not dispatch the task
	slot    *pacing.Slot // nil if the task may make no paced call
	claimed time.Time
	log     zerolog.Logger
}

// ProcessTask is asynq's handler.
func (s *shared) ProcessTask(ctx context.Context, at *asynq.Task) error {
	s.busy.Add(1)
	defer s.busy.Add(-1)
	id, _ := asynq.GetTaskID(ctx)
	name, _ := asynq.GetQueueName(ctx)
	d := &delivery{shared: s, queue: name, log: s.opts.Log.With().Str("task", id).Str("type", at.Type()).Logger()}
	var err error
	if d.task, err = rebuild(at, id); err != nil {
		return d.unreadable(err)
	}
	s.running.Store(id, struct{}{})
	defer s.running.Delete(id)
	if name == callQueue {
		if err := d.claim(ctx); err != nil {
			if d.permit.Instance != "" { // the leader waits for the end of this call, which will not be made
				d.tell(ctx, queue.Unused)
			}
			return d.judge(ctx, err)
		}
	}
	err = d.judge(ctx, d.work(s.opts.Context(ctx, at.Headers())))
	if d.slot != nil {
		d.free(ctx)
	}
	return err
}

// rebuild turns asynq's task into ours.
func rebuild(at *asynq.Task, id string) (tasks.Task, error) {
	t := tasks.Task{Type: tasks.Type(at.Type()), ID: id}
	switch t.Type {
	case tasks.TypeCreate, tasks.TypeVerify, tasks.TypeRollCall, tasks.TypeAdd, tasks.TypeInvite, tasks.TypeJoins,
		tasks.TypeSetup, tasks.TypeWelcome, tasks.TypeDeliver:
	default:
		return t, fmt.Errorf("%w: a task of type %q", tasks.ErrNewer, at.Type())
	}
	var err error
	t.Payload, err = tasks.DecodePayload(at.Payload())
	return t, err
}

// unreadable parks a task that cannot be read. A task that only a newer worker can do is retried instead, with one
// warning for each reason: in the middle of a deploy there may be thousands of such tasks.
func (d *delivery) unreadable(why error) error {
	if !errors.Is(why, tasks.ErrNewer) {
		d.counts.parked.Add(1)
		d.log.Error().EmbedObject(event.TaskParked).Err(why).Msg("unreadable task parked")
		return fmt.Errorf("%w: %w", why, asynq.SkipRetry)
	}
	level := zerolog.DebugLevel
	if _, said := d.newer.LoadOrStore(why.Error(), struct{}{}); !said {
		level = zerolog.WarnLevel
	}
	d.log.WithLevel(level).EmbedObject(event.TaskLeftForNewer).Err(why).Msg("task needs a newer worker")
	return &verdict{after: forNewer, err: why}
}

// claim claims the task's permit and slot, if it has them.
func (d *delivery) claim(ctx context.Context) error {
	permit, err := d.opts.Store.Lines.Claim(ctx, d.task.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	d.permit, d.task.Line = permit, permit.Line
	d.log = d.log.With().Str("instance", permit.Instance).Logger()
	slot, err := d.opts.Pacer.Claim(ctx, permit.Grant, permit.Instance, permit.Kind, d.pace(permit.Instance, permit.Kind))
	if errors.Is(err, pacing.ErrLost) {
		return &steps.Later{Why: say.Phrase{Code: say.SlotLost}}
	}
	if err != nil {
		return err
	}
	if !d.opts.Health.Open(permit.Instance) {
		// The leader may learn before this process that a hold has ended. Until this process learns it too, it does not
		// know which lost calls to look for before a create.
		if err := slot.GiveBack(context.WithoutCancel(ctx)); err != nil {
			d.log.Warn().EmbedObject(event.SlotGiveBackFailed).Err(err).Msg("unused slot not given back")
		}
		return &steps.Later{After: soonest, Why: say.Phrase{Code: say.SnoozeUnopened}}
	}
	d.slot, d.claimed = slot, time.Now()
	return nil
}

// pace returns the pace in force for a kind of call by an instance.
func (s *shared) pace(instance string, kind pacing.Kind) pacing.Pace {
	var pace pacing.Pace // zero if the roster lacks the instance
	if one, ok := s.roster.Load().of(instance); ok {
		pace = one.pace(kind)
	}
	inForce, _ := s.opts.Health.Pace(instance, kind, pace)
	return inForce
}

// work runs the step. In the second phase of a drain it returns while the step is still in its call; the worker
// that takes the task next finds the call in the journal.
func (d *delivery) work(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if d.slot != nil {
		// Before the slot's start the step only waits and prepares. After it, the call may be under way.
		stop := context.AfterFunc(d.draining, func() {
			if time.Until(d.slot.Start()) > time.Millisecond {
				cancel(ErrDraining)
			}
		})
		defer stop()
	}
	done := make(chan error, 1)
	d.runners.run(func() {
		err := d.do(ctx)
		if err != nil && errors.Is(context.Cause(ctx), ErrDraining) && !waits(err) {
			err = ErrDraining // the drain caused the step's own error
		}
		d.endSlot(err)
		done <- err
	})
	select {
	case err := <-done:
		return err
	case <-d.abort:
		return errCut
	}
}

// waits reports whether the step has asked for the task to be delivered again.
func waits(err error) bool {
	var later *steps.Later
	var turn *steps.Turn
	return errors.As(err, &later) || errors.As(err, &turn)
}

// do calls the step and turns a panic into an error. asynq's own recovery does not cover the step's goroutine.
func (d *delivery) do(ctx context.Context) (err error) {
	defer panics.Catch(&err)
	return d.opts.Steps.Do(ctx, d.task, d.slot)
}

// endSlot ends a slot that the step left open, and records how long a successful call kept its instance. An open slot
// counts as used, unless the step's result shows that no call was sent.
func (d *delivery) endSlot(err error) {
	if d.slot == nil {
		return
	}
	if asked := d.slot.Asked(); err == nil && !asked.IsZero() {
		took := time.Since(d.claimed) - max(0, d.slot.Start().Sub(asked))
		of, _ := d.takes.LoadOrStore(turnKey{d.permit.Instance, d.permit.Kind}, new(mean))
		of.(*mean).observe(took)
	}
	if !d.slot.Valid() {
		return
	}
	if err == nil || waits(err) || errors.Is(err, ErrDraining) {
		// If this fails, the slot expires with its lease.
		if err := d.slot.GiveBack(context.Background()); err != nil {
			d.log.Warn().EmbedObject(event.SlotGiveBackFailed).Err(err).Msg("unused slot not given back")
		}
		return
	}
	if err := d.slot.Used(context.Background(), time.Time{}); err != nil {
		d.log.Warn().EmbedObject(event.SlotCloseFailed).Err(err).Msg("slot not closed")
	}
}

// free tells the leader that this task no longer needs its slot.
func (d *delivery) free(ctx context.Context) {
	var prepared time.Duration
	if asked := d.slot.Asked(); !asked.IsZero() {
		prepared = asked.Sub(d.claimed) + handover
	}
	d.tell(ctx, prepared)
}

// tell sends queue.Free to the leader.
func (d *delivery) tell(ctx context.Context, prepared time.Duration) {
	f := queue.Free{Instance: d.permit.Instance, Kind: string(d.permit.Kind), Prepared: prepared}
	if d.leads.Load() { // this process is the leader
		d.ring(rung{Freed: []queue.Free{f}})
		return
	}
	if err := d.opts.Queue.Free(context.WithoutCancel(ctx), f); err != nil { // the leader's next poll finds the slot free
		d.log.Debug().EmbedObject(event.CallEndNotTold).Err(err).Msg("call end not announced")
	}
}

// judge turns the step's result into the error for asynq.
func (d *delivery) judge(ctx context.Context, err error) error {
	var later *steps.Later
	var turn *steps.Turn
	switch {
	case err == nil:
		return nil
	case errors.As(err, &turn):
		d.log.Debug().EmbedObject(event.TaskIntoLine).Str("line", turn.Line).Msg("task put into its line")
		return d.putInLine(ctx, turn.Line, turn.At, err)
	case errors.Is(err, errCut):
		d.log.Warn().EmbedObject(event.TaskCut).Msg("call cut by shutdown")
		return &verdict{after: soonest, err: err}
	case errors.Is(err, ErrDraining):
		return d.putInLine(ctx, d.task.Line, time.Time{}, err)
	case errors.As(err, &later) && d.task.Line != "":
		d.log.Debug().EmbedObject(event.TaskBack).Stringer("why", later.Why).Dur("after", later.After).Msg("task back in its line")
		at := time.Time{}
		if later.After > 0 {
			now, clockErr := d.opts.Store.Now(ctx) // this machine's clock may be hours off
			if clockErr != nil {
				return &verdict{after: soonest, err: errors.Join(err, clockErr)}
			}
			at = now.Add(later.After)
		}
		return d.putInLine(ctx, d.task.Line, at, err)
	case errors.As(err, &later):
		d.log.Debug().EmbedObject(event.TaskLater).Stringer("why", later.Why).Dur("after", later.After).Msg("task snoozed")
		return &verdict{after: max(later.After, soonest), err: err}
	}
	n, _ := asynq.GetRetryCount(ctx)
	maxRetry, _ := asynq.GetMaxRetry(ctx)
	after := d.opts.Retry.after(n)
	d.counts.faults.Add(1)
	d.log.Error().EmbedObject(event.TaskFailed).Err(err).Int("tries", n+1).Dur("after", after).Msg("task failed")
	// Each counted retry lengthens the pause. The last retry is never counted, because asynq would archive the task.
	// That concerns only tasks of other programs: rollcall's own have queue.MaxRetry.
	return &verdict{after: after, fault: maxRetry-n > 1, err: err}
}

// putInLine puts the task into a line with the due time at. There it waits for the dispatcher. If its group has ended,
// the task is done.
func (d *delivery) putInLine(ctx context.Context, line string, at time.Time, why error) error {
	ctx = context.WithoutCancel(ctx)
	t := d.task
	t.Line, t.At = line, at
	if d.queue != callQueue { // a tool moved it: tasks of a line run only on callQueue
		return &verdict{after: soonest, err: errors.Join(why, d.opts.Queue.Put(ctx, t.Again()))}
	}
	ended, err := d.opts.Store.Lines.Put(ctx, t)
	if err != nil {
		d.log.Warn().EmbedObject(event.LineFailed).Err(err).Msg("task not put in line")
		return &verdict{after: soonest, err: errors.Join(why, err)}
	}
	if len(ended) > 0 {
		return nil
	}
	_ = d.opts.Queue.Ring(ctx, line) // if it is lost, the leader's poll finds the task
	return &verdict{err: why}
}

// retryDelay is asynq's RetryDelayFunc.
func (s *shared) retryDelay(n int, err error, _ *asynq.Task) time.Duration {
	v := (*verdict)(nil)
	switch {
	case !errors.As(err, &v):
		return s.opts.Retry.after(n)
	case v.after == 0:
		return time.Until(tasks.FarDay)
	default:
		// asynq truncates the time to seconds (internal/rdb/rdb.go:831).
		return v.after + time.Second - time.Nanosecond
	}
}

// isFault is asynq's IsFailure. It reports whether asynq counts the retry.
func isFault(err error) bool {
	v := (*verdict)(nil)
	return errors.As(err, &v) && v.fault
}

// after returns the pause before the next try of a task after n counted retries. Each call makes a new backoff, because
// a backoff is not safe for concurrent use. The backoff's own randomization would shorten pauses too. MaxElapsedTime is
// 0, because after that time a backoff returns Stop, which is -1.
func (r Retry) after(n int) time.Duration {
	b := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(r.Initial), backoff.WithMultiplier(r.Multiplier),
		backoff.WithRandomizationFactor(0), backoff.WithMaxInterval(r.Max),
		backoff.WithMaxElapsedTime(0))
	pause := b.NextBackOff()
	for range min(n, 100) { // by then every backoff has reached its maximum
		pause = b.NextBackOff()
	}
	return pause + time.Duration(rand.Float64()*r.Jitter*float64(pause))
}
