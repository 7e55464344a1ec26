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

// Dispatch is one process' part: it serves the queues, and it leads whenever no other process does.
type Dispatch struct {
	*shared

	server     *asynq.Server
	dispatcher *dispatcher

	mu    sync.Mutex
	state state
	stop  context.CancelFunc // of the loops
	loops sync.WaitGroup
}

// shared is what the parts share.
type shared struct {
	opts    Options
	runners runners

	running  sync.Map // ids of the tasks that this process works on
	roster   atomic.Pointer[roster]
	newer    sync.Map // what was said of tasks that are for newer workers
	takes    sync.Map // by turnKey: a *mean of how long a call keeps its instance
	busy     atomic.Int64
	leads    atomic.Bool
	paused   atomic.Bool     // by asynq's own tools
	rung     chan rung       // for the dispatcher
	draining context.Context // ends when nothing new is taken
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

// Start checks Redis and starts to serve and to ask for the lead; ctx bounds only that. It goes on
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
		return errors.Join(errors.New("dispatch is started once"), bell.Close())
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

// Set changes which instances the dispatcher lets tasks go for, and how: a changed pace holds from the
// next slot. Before Start it says with which to begin.
func (d *Dispatch) Set(instances []Instance) {
	d.roster.Store(rosterOf(instances))
	select {
	case d.dispatcher.set <- struct{}{}:
	default: // an earlier change has not been taken in yet
	}
}

// heard is the bell.
func (d *Dispatch) heard(r rung) {
	if r.Workers {
		d.opts.OnWorkers()
	}
	d.opts.OnInstances(r.Instances...)
	d.ring(r)
}

// ring hands something to this process' dispatcher.
func (s *shared) ring(r rung) {
	select {
	case s.rung <- r:
	case <-s.draining.Done():
	}
}

// Drain ends it in two phases. First nothing new is taken, tasks that wait for their slot go back into
// their lines at once and their slots are free again, another worker leads, and calls under way
// finish. When ctx ends before that is done, the second phase hands back the tasks whose calls are still
// under way, although those go on, and returns an error that says how many; the worker that takes such a task
// next finds the call in its journal.
//
// Draining twice, or before Start, is fine.
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
	case <-time.After(cutFor): // Redis is away: another worker will see to the rest
	}
	return fmt.Errorf("drain: %d calls were cut off: %w", calls, context.Cause(ctx))
}

// Takes is how long a call of an instance usually keeps it from the next one, without the waiting for its
// moment; 0 before there was one here.
func (s *shared) Takes(instance string, kind pacing.Kind) time.Duration {
	if of, ok := s.takes.Load(turnKey{instance, kind}); ok {
		return of.(*mean).value()
	}
	return 0
}

// TakesNow is what Takes says of the instances of which it says something else than at the last time, about.
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

// Busy is how many tasks are being worked on.
func (s *shared) Busy() int { return int(s.busy.Load()) }

// Status is what this process is doing.
type Status struct {
	Leads  bool
	Paused bool // asynq's own tools hold the queue of calls, as the leader saw
	Busy   int
	Parked uint64 // tasks that could not be read and lie in asynq's archive
	Faults uint64 // errors that no step decided on
	Deaths uint64 // tasks that were taken over from dead workers
}

// Status is a snapshot.
func (s *shared) Status() Status {
	return Status{
		Leads: s.leads.Load(), Paused: s.paused.Load(), Busy: s.Busy(),
		Parked: s.counts.parked.Load(), Faults: s.counts.faults.Load(), Deaths: s.counts.deaths.Load(),
	}
}
