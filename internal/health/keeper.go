// Package health keeps the state of each instance: read from its provider on a timer, told by calls
// that failed, stopped by people. It says whether an instance may make calls.
//
// The state is shared through the store: one worker at a time reads an instance's state, all
// workers look at the store every second and answer from memory.
package health

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
)

// atOnce is how many instances are looked at in the store with each look.
const atOnce = 2000

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
	mu      sync.RWMutex
	rows    []row // by name; they are looked at in this order
	connect func(name string) provider.Provider
	ahead   time.Duration // of Redis' clock before this machine's, at most
	from    int           // where the next look goes on
	stirred map[string]bool
	shut    int    // how many cannot work
	slowed  uint64 // counts the changes of paces
	epoch   time.Time
	looking sync.Mutex // a look begun before a Set ends before the one after it
	reading sync.WaitGroup
	free    chan struct{} // places for readings
	held    atomic.Bool
	stop    context.CancelFunc
	done    chan struct{}
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
	return &Keeper{Config: c, stirred: map[string]bool{}, epoch: time.Now(), free: make(chan struct{}, readings)}
}

// Set says which instances this worker runs, and how one is connected: a client is made for each reading, because
// most of thousands have none for minutes. connect returns nil for an instance that it does not know. A new
// instance is read at once.
func (k *Keeper) Set(names []string, connect func(name string) provider.Provider) {
	k.mu.Lock()
	defer k.mu.Unlock()
	names = slices.Clone(names)
	slices.Sort(names)
	rows := make([]row, len(names))
	for i, name := range names {
		rows[i].name = name
		if old := k.row(name); old != nil {
			rows[i] = *old
		}
	}
	k.rows, k.connect, k.from, k.shut = rows, connect, 0, 0
	for i := range rows {
		if s := rows[i].state; s.looked && s.health != provider.Ready {
			k.shut++
		}
	}
}

// Stir has instances looked at in the store with the next look: something about them has changed.
func (k *Keeper) Stir(names ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		if k.row(name) != nil {
			k.stirred[name] = true
		}
	}
}

// Start reads the store once, so that no instance begins without its known state, and then keeps reading it.
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
	to := min(k.from+atOnce, len(k.rows))
	names := make([]string, 0, to-k.from+len(k.stirred))
	for _, r := range k.rows[k.from:to] {
		names = append(names, r.name)
		delete(k.stirred, r.name)
	}
	for name := range k.stirred {
		names = append(names, name)
	}
	clear(k.stirred)
	if k.from = to; to == len(k.rows) {
		k.from = 0
	}
	return names
}

// Look looks at all of them in the store now, so that instances that Set has brought need not wait for the
// next look.
func (k *Keeper) Look(ctx context.Context) error {
	k.mu.RLock()
	names := make([]string, len(k.rows))
	for i := range k.rows {
		names[i] = k.rows[i].name
	}
	k.mu.RUnlock()
	for some := range slices.Chunk(names, atOnce) {
		if err := k.refresh(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) refresh(ctx context.Context, names []string) error {
	k.looking.Lock()
	defer k.looking.Unlock()
	known := func(at int) store.Mark { return k.stateOf(names[at]).mark }
	now, err := k.Presence.StatesSince(ctx, names, known, func(at int, mark store.Mark, i *store.Instance) {
		k.mu.Lock()
		defer k.mu.Unlock()
		r := k.row(names[at])
		if r == nil {
			return // it went meanwhile
		}
		was := r.state
		fresh := state{mark: mark, health: i.Health, since: millis(i.Since), doubtedAt: millis(i.DoubtedAt), number: i.Number}
		if i.Health == provider.Ready {
			fresh.health = provider.Ready // the constant, and no copy of the word
		}
		if i.Pause != nil || i.Slowing != nil {
			fresh.bounds = &bounds{i.Pause, i.Slowing}
		}
		k.put(r, fresh)
		// The worker that reads an instance's state holds that job, so the news that the instance
		// cannot work, told by a call of another worker, must bring this one's reading forward too.
		if i.Health != provider.Ready && (!was.looked || was.health == provider.Ready) {
			r.nextRead = min(r.nextRead, time.Since(k.epoch)+k.soon(r.state))
		}
	})
	if err != nil || len(names) == 0 {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ahead = time.Until(now) // the reading is older by now, so nothing ends early
	return nil
}

// Slowed counts the changes of paces that were seen: while it stays, so do the paces in force, but for those whose
// end comes.
func (k *Keeper) Slowed() uint64 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.slowed
}

// Open says whether an instance may make paced calls now: its pace belongs to its number, so that must
// be known. It answers from memory.
func (k *Keeper) Open(instance string) bool {
	if k.held.Load() {
		return false
	}
	s := k.stateOf(instance)
	if s.number == "" {
		return false
	}
	if p := s.pause(); p != nil && p.Until.IsZero() { // of any other the pacer knows when it ends, to the moment
		return false
	}
	return store.Working(s.health)
}

// Hold shuts every instance, or lets each be as its state says.
func (k *Keeper) Hold(held bool) { k.held.Store(held) }

// Pace is the pace in force where one is configured: people can make it slower, for all workers. until is when
// such a pace ends by this machine's clock; zero where nothing ends. It answers from memory.
func (k *Keeper) Pace(instance string, kind pacing.Kind, configured pacing.Pace) (inForce pacing.Pace, until time.Time) {
	slowing := k.stateOf(instance).slowing()
	if slowing == nil {
		return configured, time.Time{}
	}
	k.mu.RLock()
	ahead := k.ahead
	k.mu.RUnlock()
	if !slowing.Until.IsZero() {
		until = slowing.Until.Add(-ahead)
	}
	return configured.Within(slowing.Of(kind, time.Now().Add(ahead))), until
}
