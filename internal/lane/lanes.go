package lane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/queue"
)

// Lanes are all lanes of one process.
type Lanes struct {
	shared
	watch *watch

	ctx    context.Context // of the loops
	cancel context.CancelFunc
	loops  sync.WaitGroup

	mu       sync.Mutex
	state    state
	byName   map[string]*pair
	fixed    []*lane        // shared lanes
	retiring map[*lane]bool // on their way out
	retired  sync.WaitGroup
}

// pair is the two lanes of one instance.
type pair struct {
	instance       Instance
	create, invite *lane
}

type state int

const (
	fresh state = iota
	running
	closed
)

// New checks the options. It starts nothing.
func New(o Options) (*Lanes, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	l := &Lanes{byName: make(map[string]*pair), retiring: make(map[*lane]bool)}
	l.opts, l.board, l.clock, l.recognise, l.runners = o, newBoard(), &clock{}, recognise, make(runners)
	l.watch = &watch{
		rdb: o.Redis, queue: queue.New(o.Redis), board: l.board, clock: l.clock, every: o.Watch, log: o.Log,
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l, nil
}

// Start checks Redis and the gate and starts the lanes; ctx bounds only that. The lanes run until
// Drain, which must follow a failed Start too.
func (l *Lanes) Start(ctx context.Context) error {
	// asynq's Start returns nil with nobody at the address, so ask ourselves.
	if err := l.opts.Redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("no lane was started, Redis does not answer: %w", err)
	}
	if err := l.clock.ask(ctx, l.opts.Redis); err != nil {
		return fmt.Errorf("no lane was started: %w", err)
	}
	if off := l.clock.offset().Abs(); off > 2*time.Second {
		l.opts.Log.Warn().Dur("offset", off).Msg("this machine's clock differs from Redis's; rollcall allows for it, other tools may not")
	}
	switch err := l.selfTest(ctx); {
	case errors.Is(err, errGateBlind):
		l.blind = true
		l.opts.Log.Error().Err(err).Msg("this version of asynq is not known: tasks wait for their pace in a handler instead of in their queue, " +
			"so order, priority and pools suffer; use the asynq version that rollcall was released with")
	case err != nil:
		return fmt.Errorf("no lane was started, a probe did not get through Redis: %w", err)
	}
	bell, err := subscribe(ctx, l.opts.Redis)
	if err != nil {
		return fmt.Errorf("no lane was started: %w", err)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != fresh {
		return errors.Join(errors.New("lanes are started once"), bell.Close())
	}
	l.state = running
	for _, s := range l.opts.Shared {
		one := l.sharedLane(s)
		err = errors.Join(err, one.start())
		l.fixed = append(l.fixed, one)
	}
	err = errors.Join(err, l.replace(l.opts.Instances))
	l.loops.Go(func() { listen(l.ctx, bell, l.rung) })
	// The reaper's first pass comes at once, so it needs a look at all queues: where workers are
	// killed every few seconds there may be no second one.
	l.watch.look(ctx)
	l.loops.Go(func() { l.watch.run(l.ctx) })
	l.loops.Go(func() { (&reaper{shared: &l.shared, watch: l.watch}).run(l.ctx) })
	return err
}

// Set changes which instances have lanes, and how they work: new ones start, missing ones drain in
// the background, a changed pace holds from the next slot, and changed pools give the instance a
// new create lane (asynq's servers cannot change their queues) while the old one finishes. Before
// Start it says with which to begin.
func (l *Lanes) Set(instances []Instance) error {
	if err := checkInstances(instances); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == fresh {
		l.opts.Instances = instances
		return nil
	}
	if l.state != running {
		return errors.New("lanes are not running")
	}
	return l.replace(instances)
}

// replace is Set for checked instances. The caller holds mu.
func (l *Lanes) replace(instances []Instance) error {
	stay := make(map[string]bool, len(instances))
	for _, i := range instances {
		stay[i.Name] = true
	}
	for name, p := range l.byName {
		if !stay[name] {
			l.retire(p.create, p.invite)
			delete(l.byName, name)
		}
	}
	var errs []error
	for _, i := range instances {
		i.Pools = slices.Clone(i.Pools)
		if err := l.set(i); err != nil {
			errs = append(errs, fmt.Errorf("instance %s: %w", i.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (l *Lanes) set(i Instance) error {
	p := l.byName[i.Name]
	if p == nil {
		p = &pair{instance: i, create: l.createLane(i), invite: l.inviteLane(i)}
		l.byName[i.Name] = p
		return errors.Join(p.create.start(), p.invite.start())
	}
	was := p.instance
	p.instance = i
	if was.Invite != i.Invite {
		p.invite.gate.setPace(i.Invite)
	}
	if slices.Equal(was.Pools, i.Pools) {
		if was.Create != i.Create {
			p.create.gate.setPace(i.Create)
		}
		return nil
	}
	l.retire(p.create)
	p.create = l.createLane(i)
	return p.create.start()
}

// retire drains lanes in the background. The caller holds mu.
func (l *Lanes) retire(lanes ...*lane) {
	for _, one := range lanes {
		l.retiring[one] = true
		one.gate.quit() // from now on, not from when the goroutine runs
		l.retired.Go(func() {
			one.drain()
			l.mu.Lock()
			delete(l.retiring, one)
			l.mu.Unlock()
		})
	}
}

// Wake lets the gates of an instance ask again at once. Producers reach all workers with
// queue.Wake.
func (l *Lanes) Wake(instance string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := l.byName[instance]; p != nil {
		p.create.gate.wake()
		p.invite.gate.wake()
	}
}

// rung is the bell.
func (l *Lanes) rung(r queue.Rung) {
	for _, name := range r.Queues {
		l.board.ring(name)
	}
	for _, name := range r.Instances {
		l.Wake(name)
	}
	if r.Workers {
		l.opts.OnWorkers()
	}
}

// all is every lane there is, those on their way out too. The caller holds mu.
func (l *Lanes) all() []*lane {
	lanes := slices.Clone(l.fixed)
	for _, p := range l.byName {
		lanes = append(lanes, p.create, p.invite)
	}
	for one := range l.retiring {
		lanes = append(lanes, one)
	}
	return lanes
}
