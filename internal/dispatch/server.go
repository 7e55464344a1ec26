package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	callQueue = tasks.CallQueue
	readQueue = tasks.ReadQueue
)

// cutFor is how long the second phase of a drain waits for tasks to be handed back.
const cutFor = 10 * time.Second

// Dispatch serves the queues in one process, and leads whenever no other process does.
type Dispatch struct {
	*shared

	server     *asynq.Server
	dispatcher *dispatcher

	mu    sync.Mutex
	state state
	stop  context.CancelFunc // of the loops
	loops sync.WaitGroup
}

// shared is the state that the server, the dispatcher and the reaper share.
type shared struct {
	opts    Options
	runners runners

	running  sync.Map // ids of the tasks that this process is working on
	roster   atomic.Pointer[roster]
	newer    sync.Map // reasons already logged for tasks that need a newer worker
	takes    sync.Map // by turnKey: a *mean of how long a call occupies its instance
	busy     atomic.Int64
	leads    atomic.Bool
	paused   atomic.Bool     // by asynq's own tools, or blocked
	rung     chan rung       // for the dispatcher
	draining context.Context // ends when the drain begins
	drain    context.CancelFunc
	abort    chan struct{} // closed by the second phase of a drain
	counts   struct{ parked, faults, deaths atomic.Uint64 }
}

type state int

const (
	fresh state = iota
	running
	closed
)

// New checks the options. It starts nothing.
func New(o Options) (*Dispatch, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &shared{opts: o, runners: make(runners), rung: make(chan rung, 1024), abort: make(chan struct{})}
	s.draining, s.drain = context.WithCancel(context.Background())
	s.roster.Store(&roster{})
	d := &Dispatch{shared: s, dispatcher: newDispatcher(s)}
	o.Redis.AddHook(detached{})
	d.server = asynq.NewServerFromRedisClient(o.Redis, asynq.Config{
		Concurrency:              o.Concurrency,
		Queues:                   map[string]int{callQueue: 2, readQueue: 1},
		StrictPriority:           true,
		TaskCheckInterval:        o.Poll,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          o.ShutdownTimeout,
		RetryDelayFunc:           s.retryDelay,
		IsFailure:                isFault,
		Logger:                   logger{o.Log.Sample(&zerolog.BurstSampler{Burst: 20, Period: time.Minute})},
		LogLevel:                 asynq.InfoLevel,
	})
	return d, nil
}

// Start checks Redis, and starts to serve and to compete for the lease; ctx bounds only the start. Dispatch runs
// until Drain, which must follow a failed Start too.
func (d *Dispatch) Start(ctx context.Context) error {
	// asynq's Start returns nil when nothing listens at the address, so ping first.
	if err := d.opts.Redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("nothing was started, Redis does not answer: %w", err)
	}
	bell, err := subscribe(ctx, d.opts.Redis)
	if err != nil {
		return fmt.Errorf("nothing was started: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != fresh {
		return errors.Join(errors.New("this Dispatch was started before"), bell.Close())
	}
	d.state = running
	loops, stop := context.WithCancel(context.Background())
	d.stop = stop
	d.loops.Go(func() { listen(loops, bell, d.heard) })
	d.loops.Go(func() { d.dispatcher.run(d.draining) })
	d.loops.Go(func() { (&reaper{shared: d.shared}).run(loops) })
	if err := d.server.Start(d); err != nil {
		return fmt.Errorf("serve asynq's queues: %w", err)
	}
	return nil
}

// Set replaces the instances that the dispatcher dispatches for. A changed pace applies from the next slot. Call it
// before Start to set the first ones.
func (d *Dispatch) Set(instances []Instance) {
	d.roster.Store(rosterOf(instances))
	select {
	case d.dispatcher.set <- struct{}{}:
	default: // the dispatcher has yet to read an earlier change
	}
}

// heard handles a message of the bell.
func (d *Dispatch) heard(r rung) {
	if r.Workers {
		d.opts.OnWorkers()
	}
	d.opts.OnInstances(r.Instances...)
	d.ring(r)
}

// ring passes a message of the bell to this process' dispatcher.
func (s *shared) ring(r rung) {
	select {
	case s.rung <- r:
	case <-s.draining.Done():
	}
}

// Drain stops the Dispatch in two phases. In the first it takes no new tasks, returns tasks that wait for their slot
// to their lines, gives back their slots, gives up the lease, and lets calls under way finish. If ctx ends before
// that is done, the second phase hands back the tasks whose calls are still under way, and Drain returns an error
// with their number. Those calls go on; the worker that takes such a task next finds the call in the journal.
//
// Drain may be called twice, and before Start.
func (d *Dispatch) Drain(ctx context.Context) error {
	d.mu.Lock()
	was := d.state
	d.state = closed
	d.mu.Unlock()
	d.drain()
	if was != running {
		return nil
	}
	done := make(chan struct{})
	go func() {
		d.server.Shutdown()
		d.stop()
		d.loops.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	calls := d.Busy()
	close(d.abort)
	select {
	case <-done:
	case <-time.After(cutFor): // Redis does not answer: another worker takes over the tasks
	}
	return fmt.Errorf("drain: %d calls were cut off: %w", calls, context.Cause(ctx))
}

// Takes returns how long a call of an instance usually delays the next one, without the wait for its slot's start. It
// returns 0 before the first call in this process.
func (s *shared) Takes(instance string, kind pacing.Kind) time.Duration {
	if of, ok := s.takes.Load(turnKey{instance, kind}); ok {
		return of.(*mean).value()
	}
	return 0
}

// TakesNow returns Takes for the instances whose value has changed by an eighth or more since TakesNow last
// returned it.
func (s *shared) TakesNow() map[string]map[pacing.Kind]time.Duration {
	now := map[string]map[pacing.Kind]time.Duration{}
	s.takes.Range(func(key, of any) bool {
		if value, fresh := of.(*mean).news(); fresh {
			of := key.(turnKey)
			if now[of.instance] == nil {
				now[of.instance] = map[pacing.Kind]time.Duration{}
			}
			now[of.instance][of.kind] = value
		}
		return true
	})
	return now
}

// Busy returns how many tasks this process is working on.
func (s *shared) Busy() int { return int(s.busy.Load()) }

// Status is what this process is doing.
type Status struct {
	Leads  bool
	Paused bool // asynq's own tools have paused the queue of calls, or a key of asynq's is blocked; only the leader knows
	Busy   int
	Parked uint64 // unreadable tasks, moved to asynq's archive
	Faults uint64 // unexpected errors of steps
	Deaths uint64 // tasks of dead workers that this process has reported to OnDeath
}

// Status returns a snapshot.
func (s *shared) Status() Status {
	return Status{
		Leads: s.leads.Load(), Paused: s.paused.Load(), Busy: s.Busy(),
		Parked: s.counts.parked.Load(), Faults: s.counts.faults.Load(), Deaths: s.counts.deaths.Load(),
	}
}
