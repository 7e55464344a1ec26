package lane

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

// fetchPause is asynq's TaskCheckInterval: how long a server rests after a round that found
// nothing. Rounds are begun by the gate, so they are few; but one that waited long is begun anew.
const fetchPause = 2 * time.Millisecond

// blindPause is the same where the gate begins no rounds.
const blindPause = 500 * time.Millisecond

// lane is one asynq.Server with a gate before it.
type lane struct {
	*shared
	instance string
	kind     string // "create", "invite", or a shared lane's name
	gate     *gate
	server   *asynq.Server

	started bool // set before anybody else knows the lane

	busy  atomic.Int64
	back  sync.Map      // ids of tasks that return to the head of their queue
	due   sync.Map      // of tasks on their way back: when they are due, by Redis's clock
	abort chan struct{} // closed by the second phase of a drain
	stop  sync.Once
}

// shared is what all lanes of a process share.
type shared struct {
	opts      Options
	board     *board
	clock     *clock
	recognise func(keys []string) (op, string) // what asynq's scripts are; fixed but for tests
	blind     bool                             // the self-test failed: gates see nothing
	runners   runners

	running sync.Map // ids of the tasks handlers of this process work on
	newer   sync.Map // what was said of tasks that are for newer workers
	counts  struct{ parked, faults, deaths atomic.Uint64 }
	lanes   atomic.Int64 // that have been started and have not ended
}

func (s *shared) createLane(i Instance) *lane {
	queues := tasks.CreateQueues(i.Name, i.Pools)
	l := s.lane(i.Name, string(pacing.Create))
	l.gate = newGate(i.Name, pacing.Create, i.Create, s.opts, s.board, nil, queues)
	l.build(1, queues)
	return l
}

func (s *shared) inviteLane(i Instance) *lane {
	read, invite := tasks.ReadQueue(i.Name), tasks.InviteQueue(i.Name)
	l := s.lane(i.Name, string(pacing.Invite))
	l.gate = newGate(i.Name, pacing.Invite, i.Invite, s.opts, s.board, []string{read}, []string{invite})
	l.build(s.opts.InviteConcurrency, []string{read, invite})
	return l
}

func (s *shared) sharedLane(h Shared) *lane {
	l := s.lane("", h.Name)
	l.gate = newGate("", "", pacing.Pace{}, s.opts, s.board, h.Queues, nil)
	l.build(or(h.Concurrency, 4), h.Queues)
	return l
}

func (s *shared) lane(instance, kind string) *lane {
	return &lane{shared: s, instance: instance, kind: kind, abort: make(chan struct{})}
}

// build makes the server. Weights are all different: queues of one weight get an arbitrary order
// that lasts as long as the server (asynq processor.go, sortByPriority).
func (l *lane) build(concurrency int, queues []string) {
	weights := make(map[string]int, len(queues))
	for i, name := range queues {
		weights[name] = len(queues) - i
	}
	pause := fetchPause
	if l.blind {
		pause = blindPause
	}
	l.server = asynq.NewServerFromRedisClient(l.client(l, func() bool { return l.busy.Load() == 0 }), asynq.Config{
		Concurrency:       concurrency,
		Queues:            weights,
		StrictPriority:    true,
		TaskCheckInterval: pause,
		JanitorInterval:   time.Hour,
		ShutdownTimeout:   l.opts.ShutdownTimeout,
		RetryDelayFunc:    l.retryDelay,
		IsFailure:         isFault,
		Logger:            logger{l.opts.Log.With().Str("instance", l.instance).Str("lane", l.kind).Logger()},
		LogLevel:          asynq.InfoLevel,
	})
}

// client is our Redis with a door before it.
func (s *shared) client(d door, idle func() bool) *client {
	return &client{UniversalClient: s.opts.Redis, door: d, clock: s.clock, recognise: s.recognise, idle: idle}
}

// start starts the server. Redis was pinged before: asynq returns nil even if nobody is there.
func (l *lane) start() error {
	if err := l.server.Start(l); err != nil {
		return errors.Join(errors.New("start a lane"), err)
	}
	l.started = true
	l.lanes.Add(1)
	return nil
}

// drain takes nothing new, sends tasks that wait for their slot back, and lets calls under way
// finish. It returns when all have.
func (l *lane) drain() {
	l.gate.quit()
	l.server.Shutdown()
	l.gate.endRound()
	l.board.leave(l.gate)
	if l.started {
		l.lanes.Add(-1)
	}
}

// cut ends the waiting for calls under way.
func (l *lane) cut() { l.stop.Do(func() { close(l.abort) }) }
