// Package health keeps the state of each instance: read from its provider on a timer, told by calls
// that failed, stopped by people. It says whether an instance may make calls.
//
// The state is shared through the store: one worker at a time reads an instance's state, all
// workers look at the store every second and answer from memory.
package health

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// stater is what the keeper needs of a provider.
type stater interface {
	State(ctx context.Context) (provider.State, error)
	Self(ctx context.Context) (phone.Identity, error)
}

const (
	// readings is how many states are being read at the same time.
	readings = 256
	// full is how soon readings are begun again for which there was no place.
	full = 20 * time.Millisecond
	// between is the shortest mean time from one reading to the next, whatever the number of instances: more
	// would take a worker with very many of them a core for nothing but their states.
	between = 30 * time.Millisecond
	// atOnce is how many instances are looked at in the store with each look.
	atOnce = 2000
)

// Config of a keeper. Presence, Pacer and Worker are required.
type Config struct {
	Presence *store.Presence
	Pacer    *pacing.Pacer
	Worker   string
	// Every is how often the state of a working instance is read; with more than 2,000 of them each is read
	// less often, as 33 a second are read in all. State webhooks can be missed, so
	// this is what finds a logged-out number. Defaults to 1m.
	Every time.Duration
	// Shut is how often the state of an instance that cannot work is read in the long run, so that it
	// goes on soon after a person has scanned the code; at first it is read more often, as most that
	// are starting or were restarted are back within seconds. Defaults to 15s.
	Shut time.Duration
	// Refresh is how often the store is looked at: each time at 2,000 instances, in turn, and at those that
	// Stir named. Defaults to 1s.
	Refresh time.Duration
	Log     zerolog.Logger
}

// Keeper knows which instances can work. Set may be called while it runs.
type Keeper struct {
	Config
	mu        sync.RWMutex
	providers map[string]stater
	states    map[string]*store.Instance
	ahead     time.Duration // of Redis' clock before this machine's, at most
	names     []string      // of all, in the order in which they are looked at
	from      int           // where the next look goes on
	stirred   map[string]bool
	shut      map[string]bool // those that cannot work
	nextRead  map[string]time.Time
	doubted   map[string]time.Time // the latest doubt that this worker has seen to
	looking   sync.Mutex           // a look begun before a Set ends before the one after it
	reading   sync.WaitGroup
	free      chan struct{} // places for readings
	held      atomic.Bool
	stop      context.CancelFunc
	done      chan struct{}
}

// New makes a keeper. It starts nothing.
func New(c Config) *Keeper {
	if c.Every == 0 {
		c.Every = time.Minute
	}
	if c.Shut == 0 {
		c.Shut = 15 * time.Second
	}
	if c.Refresh == 0 {
		c.Refresh = time.Second
	}
	return &Keeper{Config: c, providers: map[string]stater{}, states: map[string]*store.Instance{}, stirred: map[string]bool{}, shut: map[string]bool{}, nextRead: map[string]time.Time{}, doubted: map[string]time.Time{}, free: make(chan struct{}, readings)}
}

// Set says which instances this worker runs. A new one is read at once.
func (k *Keeper) Set(providers map[string]provider.Provider) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.providers = make(map[string]stater, len(providers))
	for name, p := range providers {
		k.providers[name] = p
	}
	k.names, k.from = slices.Sorted(maps.Keys(k.providers)), 0
	maps.DeleteFunc(k.nextRead, func(name string, _ time.Time) bool { return k.providers[name] == nil })
	maps.DeleteFunc(k.states, func(name string, _ *store.Instance) bool { return k.providers[name] == nil })
	maps.DeleteFunc(k.shut, func(name string, _ bool) bool { return k.providers[name] == nil })
}

// Stir has instances looked at in the store with the next look: something about them has changed.
func (k *Keeper) Stir(names ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		if k.providers[name] != nil {
			k.stirred[name] = true
		}
	}
}

// Start looks at the store once, so that gates open knowing what is known, and then keeps looking.
func (k *Keeper) Start(ctx context.Context) error {
	if err := k.Look(ctx); err != nil {
		return err
	}
	ctx, k.stop = context.WithCancel(context.WithoutCancel(ctx))
	k.done = make(chan struct{})
	go k.run(ctx)
	return nil
}

// Stop ends the looking and waits for it.
func (k *Keeper) Stop() {
	if k.stop == nil {
		return
	}
	k.stop()
	<-k.done
	k.reading.Wait()
}

func (k *Keeper) run(ctx context.Context) {
	defer close(k.done)
	tick := time.NewTicker(k.Refresh)
	defer tick.Stop()
	names := k.next()
	for {
		var soon <-chan time.Time
		if k.readDue(ctx, names) {
			soon = time.After(full)
		}
		select {
		case <-soon:
			continue
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		names = k.next()
		if err := k.refresh(ctx, names); err != nil && ctx.Err() == nil {
			k.Log.Warn().EmbedObject(event.InstanceStatesUnreadable).Err(err).Msg("instance states unreadable")
		}
	}
}

// next are the instances to look at now.
func (k *Keeper) next() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	to := min(k.from+atOnce, len(k.names))
	names := slices.Clone(k.names[k.from:to])
	for name := range k.stirred {
		if at, _ := slices.BinarySearch(k.names, name); at < k.from || at >= to {
			names = append(names, name)
		}
	}
	clear(k.stirred)
	if k.from = to; to == len(k.names) {
		k.from = 0
	}
	return names
}

// Look looks at all of them in the store now, so that instances that Set has brought need not wait for the
// next look.
func (k *Keeper) Look(ctx context.Context) error {
	k.mu.RLock()
	names := k.names
	k.mu.RUnlock()
	return k.refresh(ctx, names)
}

func (k *Keeper) refresh(ctx context.Context, names []string) error {
	k.looking.Lock()
	defer k.looking.Unlock()
	states, err := k.Presence.States(ctx, names)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, s := range states {
		if k.providers[name] == nil {
			continue // it went meanwhile
		}
		// The worker that reads an instance's state holds that job, so the news that the instance
		// cannot work, told by a call of another worker, must bring this one's reading forward too.
		if was := k.states[name]; s.Health != provider.Ready && (was == nil || was.Health == provider.Ready) {
			k.nextRead[name] = minTime(k.nextRead[name], time.Now().Add(k.soon(s)))
		}
		k.put(name, s)
		k.ahead = time.Until(s.At) // what was read is older by now, so nothing ends early
	}
	return nil
}

// put keeps a state; k is locked.
func (k *Keeper) put(name string, s *store.Instance) {
	k.states[name] = s
	if s.Health == provider.Ready {
		delete(k.shut, name)
	} else {
		k.shut[name] = true
	}
}

// soon is how long until the state of an instance that cannot work is read again: half as long as
// it has been so, from an eighth of Shut up to Shut.
func (k *Keeper) soon(s *store.Instance) time.Duration {
	return min(max(time.Since(s.Since)/2, k.Shut/8), k.Shut)
}

// Open says whether an instance may make paced calls now: its pace belongs to its number, so that must
// be known. It answers from memory.
func (k *Keeper) Open(instance string) bool {
	if k.held.Load() {
		return false
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	s := k.states[instance]
	if s == nil || s.Number == "" {
		return false
	}
	if s.Pause != nil && !s.Pause.Until.IsZero() { // the pacer knows when it ends, to the moment
		return s.Working()
	}
	return s.Open()
}

// Hold shuts every instance, or lets each be as its state says.
func (k *Keeper) Hold(held bool) { k.held.Store(held) }

// Pace is the pace in force where one is configured: people can make it slower, for all workers. until is when
// such a pace ends by this machine's clock; zero where nothing ends. It answers from memory.
func (k *Keeper) Pace(instance string, kind pacing.Kind, configured pacing.Pace) (inForce pacing.Pace, until time.Time) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	s := k.states[instance]
	if s == nil || s.Slowing == nil {
		return configured, time.Time{}
	}
	if !s.Slowing.Until.IsZero() {
		until = s.Slowing.Until.Add(-k.ahead)
	}
	return configured.Within(s.Slowing.Of(kind, time.Now().Add(k.ahead))), until
}

// readDue reads the states of these instances whose time has come, each in a goroutine of its own: a provider that
// hangs must not keep the others from being read. It reports whether it ran out of places.
func (k *Keeper) readDue(ctx context.Context, names []string) (more bool) {
	now := time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		p := k.providers[name]
		if p == nil {
			continue // it went meanwhile
		}
		if len(k.free) == cap(k.free) {
			return true
		}
		if s := k.states[name]; s != nil && s.DoubtedAt.After(k.doubted[name]) {
			// The reading of the period may be another worker's job, or under way since before the
			// doubt; this one is the job of the first worker that takes it.
			k.doubted[name] = s.DoubtedAt
			job := "state:" + name + ":" + strconv.FormatInt(s.DoubtedAt.UnixMilli(), 10)
			k.begin(func() { k.read(ctx, name, p, job, k.Every) })
			continue
		}
		if now.Before(k.nextRead[name]) {
			continue
		}
		every, job := max(k.Every, between*time.Duration(len(k.providers))), "state:"+name
		if s := k.states[name]; s != nil && s.Health != provider.Ready {
			// A job of its own: the last reading while all was well keeps its own for a minute, and
			// that worker may be dead.
			every, job = max(k.soon(s), between*time.Duration(len(k.shut))), job+":shut"
		}
		k.nextRead[name] = now.Add(every)
		if every > k.Every { // so many are not to be read all at the same time, for ever
			k.nextRead[name] = now.Add(every/2 + rand.N(every))
		}
		k.begin(func() { k.read(ctx, name, p, job, every) })
	}
	return false
}

// begin reads a state in a goroutine of its own; the caller has seen that there is a place.
func (k *Keeper) begin(read func()) {
	k.free <- struct{}{}
	k.reading.Go(func() {
		defer func() { <-k.free }()
		read()
	})
}

// read reads one state, unless another worker has done this job within its period.
func (k *Keeper) read(ctx context.Context, name string, p stater, job string, every time.Duration) {
	mine, err := k.Presence.Lead(ctx, job, k.Worker, every*9/10)
	if err != nil || !mine {
		return
	}
	s, err := p.State(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return
		}
		e := provider.AsError(err)
		k.Error(ctx, name, e.Phrase())
		if s = (provider.State{Health: e.Health, Reason: e.Said()}); e.Health == "" {
			// A state that cannot be read shuts no gate: the calls themselves will tell.
			s = provider.State{Health: provider.UnknownState, Reason: say.Phrase{Code: say.StateUnread, Why: []say.Phrase{e.Said()}}}
		}
	}
	if s.Health == provider.Ready {
		if err := k.readNumber(ctx, name, p); err != nil {
			s = provider.State{Health: provider.Starting, Reason: say.Phrase{Code: say.NumberUnread, Why: []say.Phrase{provider.AsError(err).Said()}}}
		}
	}
	k.Report(ctx, name, s)
}
