package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// Steps does what a task asks for.
type Steps interface {
	// Do does one step. The slot is the right to make the one paced call of this task; it is nil if the task
	// came without one. A step that may have sent the call ends the slot with Used. If the slot is still open
	// when Do returns nil, *steps.Turn or *steps.Later, it is given back; after any other error or a panic it
	// counts as used.
	//
	// Do returns nil when the task is done, *steps.Turn when it must wait in a line, and *steps.Later when it
	// must run again later. Any other error is a fault of rollcall or its infrastructure: it is logged, and the
	// task is retried without limit, with growing pauses.
	//
	// ctx ends with cause ErrDraining when the server drains before the slot's start, and with asynq's own
	// reasons when asynq gives the task to another worker (a lost lease, the task's timeout). What must not be
	// interrupted runs on context.WithoutCancel. After Drain's second phase another worker may get the task
	// while Do still runs.
	Do(ctx context.Context, t tasks.Task, slot *pacing.Slot) error
}

// Health knows which instances can work.
type Health interface {
	// Open reports whether an instance may make paced calls now: its state allows them, no person has stopped it, and
	// every worker knows it. It is called often and must answer from memory.
	Open(instance string) bool
	// Pace returns the pace in force: the configured one, or a slower one that a person set. Until is when the slower
	// one ends, or zero if it has no end. Pace is called as often as Open.
	Pace(instance string, kind pacing.Kind, configured pacing.Pace) (inForce pacing.Pace, until time.Time)
}

// Instance is what the dispatcher needs to know of an instance.
type Instance struct {
	Name   string
	Pools  []string // may be empty
	Create pacing.Pace
	Invite pacing.Pace
}

// Retry is the backoff after an unexpected error of a step.
type Retry struct {
	Initial    time.Duration // Defaults to 2s.
	Multiplier float64       // Defaults to 2.
	Jitter     float64       // lengthens each pause by 0 to this share of it
	Max        time.Duration // Defaults to 10m.
}

// Concurrency is how many tasks a worker works on at once.
const Concurrency = 256

// Options is what New needs. Redis, Queue, Store, Pacer, Steps and Worker are required.
type Options struct {
	Redis  redis.UniversalClient
	Queue  *queue.Queue
	Store  *store.Store
	Pacer  *pacing.Pacer
	Steps  Steps
	Worker string // this process, as in store.Worker

	Health Health // Defaults to always open.
	// OnDeath is called for each task whose worker died while working on it, before the task is delivered again. Since
	// is when the task fell silent. If the calling worker dies before it delivers the task, OnDeath is called again
	// with the same task and time. If keep is false the task is not delivered again: OnDeath has put its group to
	// review. After an error OnDeath is called again within seconds. Defaults to keeping all tasks.
	OnDeath func(ctx context.Context, taskID string, since time.Time) (keep bool, err error)
	// OnBroken is called for a paced task that asynq has and can never run, before the task leaves its line. It queues what
	// the task's group needs under another id. After an error it is called again. Defaults to nothing.
	OnBroken func(ctx context.Context, taskID string) error
	// OnInstances is called with the names of instances that have changed: one was resumed, or its pace changed. It
	// must return at once. Defaults to nothing.
	OnInstances func(names ...string)
	// OnWorkers is called when a worker starts or stops. It must return at once. Defaults to nothing.
	OnWorkers func()
	// Context returns a task's context with what its headers add, such as the trace. Defaults to ctx itself.
	Context func(ctx context.Context, headers map[string]string) context.Context
	Log     zerolog.Logger

	// ShutdownTimeout is how long asynq lets handlers finish during Drain. Then asynq gives a task to another worker
	// while its handler still runs, so the timeout must be longer than any Do takes, even with a configuration that is
	// loaded later. Defaults to queue.Timeout, which no Do may reach.
	ShutdownTimeout time.Duration

	Retry       Retry
	Concurrency int           // tasks at once. Defaults to Concurrency.
	Poll        time.Duration // how often an idle server looks for tasks. Defaults to 25ms.
	Reap        time.Duration // how often dead workers' tasks are looked for. Defaults to 2s.
}

// errNotSet means that a required option is missing.
var errNotSet = errors.New("fields Redis, Queue, Store, Pacer, Steps and Worker are required")

func (o Options) withDefaults() (Options, error) {
	if o.Redis == nil || o.Queue == nil || o.Store == nil || o.Pacer == nil || o.Steps == nil || o.Worker == "" {
		return o, fmt.Errorf("dispatch options: %w", errNotSet)
	}
	if o.Health == nil {
		o.Health = alwaysOpen{}
	}
	if o.Context == nil {
		o.Context = func(ctx context.Context, _ map[string]string) context.Context { return ctx }
	}
	if o.OnDeath == nil {
		o.OnDeath = func(context.Context, string, time.Time) (bool, error) { return true, nil }
	}
	if o.OnBroken == nil {
		o.OnBroken = func(context.Context, string) error { return nil }
	}
	if o.OnInstances == nil {
		o.OnInstances = func(...string) {}
	}
	if o.OnWorkers == nil {
		o.OnWorkers = func() {}
	}
	o.ShutdownTimeout = or(o.ShutdownTimeout, queue.Timeout)
	o.Retry.Initial = or(o.Retry.Initial, 2*time.Second)
	o.Retry.Multiplier = or(o.Retry.Multiplier, 2)
	o.Retry.Max = or(o.Retry.Max, 10*time.Minute)
	o.Concurrency = or(o.Concurrency, Concurrency)
	o.Poll = or(o.Poll, 25*time.Millisecond)
	o.Reap = or(o.Reap, 2*time.Second)
	return o, nil
}

type alwaysOpen struct{}

func (alwaysOpen) Open(string) bool { return true }

func (alwaysOpen) Pace(_ string, _ pacing.Kind, configured pacing.Pace) (pacing.Pace, time.Time) {
	return configured, time.Time{}
}

// or returns v, or def if v is zero.
func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
