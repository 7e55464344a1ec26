// Package health keeps the state of each instance and says whether the instance may make calls. The state comes from
// readings of the provider on a timer, from failed calls, and from pauses that people set.
//
// Workers share the states through the store. One worker at a time reads an instance's state from its provider. Every
// worker reads the store every second and answers from memory.
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

// refreshSize is how many instances one refresh reads from the store.
const refreshSize = 2000

// Config of a keeper. Presence, Pacer and Worker are required.
type Config struct {
	Presence *store.Presence
	Pacer    *pacing.Pacer
	Worker   string
	// Every is how often the state of a working instance is read. A worker reads at most 33 of them a second, so
	// with more than 2,000 instances each is read less often. State webhooks can be missed, so this is what finds
	// a logged-out number. Defaults to 1m.
	Every time.Duration
	// Shut is the longest time between two readings of an instance that cannot work, so that it goes on soon
	// after a person has scanned the code. At first it is read more often, because most instances that restart
	// are back within seconds. Defaults to 15s.
	Shut time.Duration
	// Refresh is how often the keeper reads the store: each time the next 2,000 instances, and those that Stir named.
	// Defaults to 1s.
	Refresh time.Duration
	Log     zerolog.Logger
}

// Keeper knows which instances can work. Set may be called while it runs.
type Keeper struct {
	Config
	mu         sync.RWMutex
	rows       []row // sorted by name; refreshes go through them in this order
	connect    func(name string) provider.Provider
	ahead      time.Duration // Redis' clock is ahead of this machine's by at least this
	from       int           // index of the row at which the next refresh begins
	stirred    map[string]bool
	shut       int    // how many instances are known and not ready
	slowed     uint64 // counts the changes of paces
	epoch      time.Time
	refreshing sync.Mutex // one refresh at a time: a refresh from before a Set ends before the next begins
	reading    sync.WaitGroup
	slots      chan struct{} // holds one element for each reading under way
	held       atomic.Bool
	stop       context.CancelFunc
	done       chan struct{}
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
	return &Keeper{Config: c, stirred: map[string]bool{}, epoch: time.Now(), slots: make(chan struct{}, maxReadings)}
}

// Set tells the keeper which instances this worker runs. connect returns a client for one reading, or nil for an
// instance that it does not know. Clients are not kept, because most of thousands of instances are not read for
// minutes. A new instance is read when its turn comes.
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
		if s := rows[i].state; s.known && s.health != provider.Ready {
			k.shut++
		}
	}
}

// Stir adds instances to the next refresh, because something about them has changed.
func (k *Keeper) Stir(names ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		if k.row(name) != nil {
			k.stirred[name] = true
		}
	}
}

// Start reads the stored states once, so that no instance begins without its own, and then runs the keeper until Stop.
func (k *Keeper) Start(ctx context.Context) error {
	first := k.next() // before RefreshAll, so that no Stir after it is lost
	if err := k.RefreshAll(ctx); err != nil {
		return err
	}
	ctx, k.stop = context.WithCancel(context.WithoutCancel(ctx))
	k.done = make(chan struct{})
	go k.run(ctx, first)
	return nil
}

// Stop ends the keeper and waits for the readings under way.
func (k *Keeper) Stop() {
	if k.stop == nil {
		return
	}
	k.stop()
	<-k.done
	k.reading.Wait()
}

func (k *Keeper) run(ctx context.Context, names []string) {
	defer close(k.done)
	tick := time.NewTicker(k.Refresh)
	defer tick.Stop()
	for {
		var soon <-chan time.Time
		if k.readDue(ctx, names) {
			soon = time.After(slotPause)
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

// next returns the instances of the next refresh.
func (k *Keeper) next() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	to := min(k.from+refreshSize, len(k.rows))
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

// RefreshAll refreshes all instances now, so that those that Set has added need not wait for their turn.
func (k *Keeper) RefreshAll(ctx context.Context) error {
	k.mu.RLock()
	names := make([]string, len(k.rows))
	for i := range k.rows {
		names[i] = k.rows[i].name
	}
	k.mu.RUnlock()
	for some := range slices.Chunk(names, refreshSize) {
		if err := k.refresh(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// refresh reads the states of the named instances from the store.
func (k *Keeper) refresh(ctx context.Context, names []string) error {
	k.refreshing.Lock()
	defer k.refreshing.Unlock()
	begun := time.Since(k.epoch)
	known := func(at int) store.Mark { return k.stateOf(names[at]).mark }
	now, err := k.Presence.StatesSince(ctx, names, known, func(at int, mark store.Mark, i *store.Instance) {
		k.mu.Lock()
		defer k.mu.Unlock()
		r := k.row(names[at])
		if r == nil {
			return // removed meanwhile
		}
		if r.changed > begun { // Redis may have answered before the change: the next refresh decides
			k.stirred[r.name] = true
			return
		}
		was := r.state
		fresh := state{mark: mark, health: i.Health, since: millis(i.Since), doubtedAt: millis(i.DoubtedAt), number: i.Number}
		if i.Health == provider.Ready {
			fresh.health = provider.Ready // the constant, so that the row does not keep the decoded string
		}
		if i.Pause != nil || i.Slowing != nil {
			fresh.bounds = &bounds{i.Pause, i.Slowing}
		}
		k.put(r, fresh)
		// A call of another worker may have shown that the instance cannot work, while this worker holds the job
		// of reading it. So this worker reads it sooner.
		if i.Health != provider.Ready && (!was.known || was.health == provider.Ready) {
			r.nextRead = min(r.nextRead, time.Since(k.epoch)+k.soon(r.state))
		}
	})
	if err != nil || len(names) == 0 {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ahead = time.Until(now) // now is a little old already, so nothing ends early
	return nil
}

// Slowed counts the changes of slower paces that this worker has seen. While it stays the same, a pace in force
// changes only when it ends.
func (k *Keeper) Slowed() uint64 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.slowed
}

// Open reports whether an instance may make paced calls now. Its number must be known, because the pace belongs to the
// number. Open answers from memory.
func (k *Keeper) Open(instance string) bool {
	if k.held.Load() {
		return false
	}
	s := k.stateOf(instance)
	if s.number == "" {
		return false
	}
	if p := s.pause(); p != nil && p.Until.IsZero() { // the pacer enforces a pause that has an end
		return false
	}
	return store.Working(s.health)
}

// Hold closes every instance for paced calls, or ends that: then the state of each decides again.
func (k *Keeper) Hold(held bool) { k.held.Store(held) }

// Pace returns the pace in force: the configured one, or a slower one that a person has set for all workers. until
// is when the slower one ends, by this machine's clock; zero for never. It answers from memory.
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
