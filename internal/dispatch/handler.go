package dispatch

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/hibiken/asynq"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// ErrDraining is the cause of the context's end when the server drains before a slot's start.
var ErrDraining = errors.New("dispatch: draining")

// errCut is a task's fate in the second phase of a drain.
var errCut = errors.New("dispatch: cut off while its call was under way")

const (
	// forNewer is how long a task that only a newer worker can do is left alone before some worker looks
	// at it again.
	forNewer = 15 * time.Second
	// soonest is how soon a task without a slot is tried again.
	soonest = time.Second
	// taken is about how long a task is on its way from the leader to its handler.
	taken = 50 * time.Millisecond
)

// verdict is the error asynq gets: what becomes of the task.
type verdict struct {
	after time.Duration // 0: it waits in its line, for the far day
	fault bool          // a bug or the infrastructure, not a wait
	err   error
}

func (v *verdict) Error() string { return v.err.Error() }
func (v *verdict) Unwrap() error { return v.err }

// delivery is one coming of a task to this process.
type delivery struct {
	*shared

	task    tasks.Task
	queue   string
	permit  store.Permit // if it was let go
	slot    *pacing.Slot // nil for one that came without a permit, or whose permit has lapsed
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
			if d.permit.Instance != "" { // the leader waits for the end of a call that does not come
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

// rebuild makes our task of asynq's.
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

// unreadable leaves a task that only a newer worker can do for one to take, and says so once for each
// kind of reason: in the middle of a deploy there may be thousands. Any other is parked.
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

// claim takes the permit of the task and its slot, where it has them.
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
		// The leader may know already that it may work, and this process not yet why it was held: what must be
		// looked for before a create is known with the end of the hold.
		if err := slot.GiveBack(context.WithoutCancel(ctx)); err != nil {
			d.log.Warn().EmbedObject(event.SlotGiveBackFailed).Err(err).Msg("unused slot not given back")
		}
		return &steps.Later{After: soonest, Why: say.Phrase{Code: say.SnoozeUnopened}}
	}
	d.slot, d.claimed = slot, time.Now()
	return nil
}

// pace is the pace in force.
func (s *shared) pace(instance string, kind pacing.Kind) pacing.Pace {
	var pace pacing.Pace // an instance that is not known here makes no call
	if one, ok := s.roster.Load().of(instance); ok {
		pace = one.pace(kind)
	}
	inForce, _ := s.opts.Health.Pace(instance, kind, pace)
	return inForce
}

// work runs the step, unless the server is cut: then it leaves the step alone with its call, whose
// journal tells the worker that takes the task next.
func (d *delivery) work(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if d.slot != nil {
		// Until its start the step only waits and prepares; after it, its call may be under way.
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
			err = ErrDraining // whatever the step made of it
		}
		d.settle(err)
		done <- err
	})
	select {
	case err := <-done:
		return err
	case <-d.abort:
		return errCut
	}
}

// waits says that the step has decided that the task comes again.
func waits(err error) bool {
	var later *steps.Later
	var turn *steps.Turn
	return errors.As(err, &later) || errors.As(err, &turn)
}

// do calls the step and makes a panic an error. asynq would do so too, but the step runs in a
// goroutine of ours.
func (d *delivery) do(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return d.opts.Steps.Do(ctx, d.task, d.slot)
}

// settle ends a slot that the step left open. If nothing says that the call was not sent, it was.
func (d *delivery) settle(err error) {
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
		// A slot that cannot be given back lapses with its lease.
		if err := d.slot.GiveBack(context.Background()); err != nil {
			d.log.Warn().EmbedObject(event.SlotGiveBackFailed).Err(err).Msg("unused slot not given back")
		}
		return
	}
	if err := d.slot.Used(context.Background(), time.Time{}); err != nil {
		d.log.Warn().EmbedObject(event.SlotCloseFailed).Err(err).Msg("slot not closed")
	}
}

// free tells the leader that the next call may be let go.
func (d *delivery) free(ctx context.Context) {
	var prepared time.Duration
	if asked := d.slot.Asked(); !asked.IsZero() {
		prepared = asked.Sub(d.claimed) + taken
	}
	d.tell(ctx, prepared)
}

// tell tells the leader that the slot is free, and how long its call took to prepare.
func (d *delivery) tell(ctx context.Context, prepared time.Duration) {
	f := queue.Free{Instance: d.permit.Instance, Kind: string(d.permit.Kind), Prepared: prepared}
	if d.leads.Load() { // the leader is in this process
		d.ring(rung{Freed: []queue.Free{f}})
		return
	}
	if err := d.opts.Queue.Free(context.WithoutCancel(ctx), f); err != nil { // the leader asks again soon
		d.log.Debug().EmbedObject(event.CallEndNotTold).Err(err).Msg("call end not announced")
	}
}

// judge turns the step's answer into asynq's.
func (d *delivery) judge(ctx context.Context, err error) error {
	var later *steps.Later
	var turn *steps.Turn
	switch {
	case err == nil:
		return nil
	case errors.As(err, &turn):
		d.log.Debug().EmbedObject(event.TaskIntoLine).Str("line", turn.Line).Msg("task put into its line")
		return d.stand(ctx, turn.Line, turn.At, err)
	case errors.Is(err, errCut):
		d.log.Warn().EmbedObject(event.TaskCut).Msg("call cut by shutdown")
		return &verdict{after: soonest, err: err}
	case errors.Is(err, ErrDraining):
		return d.stand(ctx, d.task.Line, time.Time{}, err)
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
		return d.stand(ctx, d.task.Line, at, err)
	case errors.As(err, &later):
		d.log.Debug().EmbedObject(event.TaskLater).Stringer("why", later.Why).Dur("after", later.After).Msg("task snoozed")
		return &verdict{after: max(later.After, soonest), err: err}
	}
	n, _ := asynq.GetRetryCount(ctx)
	most, _ := asynq.GetMaxRetry(ctx)
	after := d.opts.Retry.after(n)
	d.counts.faults.Add(1)
	d.log.Error().EmbedObject(event.TaskFailed).Err(err).Int("tries", n+1).Dur("after", after).Msg("task failed")
	// Counting makes the pauses grow. A foreign task with few retries is never counted out.
	return &verdict{after: after, fault: most-n > 1, err: err}
}

// stand puts the task into a line, where it waits to be let go. It is done if its group has ended meanwhile.
func (d *delivery) stand(ctx context.Context, line string, at time.Time, why error) error {
	ctx = context.WithoutCancel(ctx)
	t := d.task
	t.Line, t.At = line, at
	if d.queue != callQueue { // a tool has moved it; a task of a line is run on the other queue
		return &verdict{after: soonest, err: errors.Join(why, d.opts.Queue.Put(ctx, t.Again()))}
	}
	over, err := d.opts.Store.Lines.Put(ctx, t)
	if err != nil {
		d.log.Warn().EmbedObject(event.LineFailed).Err(err).Msg("task not put in line")
		return &verdict{after: soonest, err: errors.Join(why, err)}
	}
	if len(over) > 0 {
		return nil
	}
	_ = d.opts.Queue.Ring(ctx, line) // unheard, it is found by looking
	return &verdict{err: why}
}

// retryDelay is asynq's question when to try again.
func (s *shared) retryDelay(n int, err error, _ *asynq.Task) time.Duration {
	v := (*verdict)(nil)
	switch {
	case !errors.As(err, &v):
		return s.opts.Retry.after(n)
	case v.after == 0:
		return time.Until(tasks.FarDay)
	default:
		// asynq cuts the time off to seconds (internal/rdb/rdb.go:831).
		return v.after + time.Second - time.Nanosecond
	}
}

// isFault is asynq's IsFailure: whether a retry is counted.
func isFault(err error) bool {
	v := (*verdict)(nil)
	return errors.As(err, &v) && v.fault
}

// after is the pause before try n+1. Each call makes a new backoff: one is not safe for
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
