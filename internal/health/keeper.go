// Package health keeps the state of each instance: read from its provider on a timer, told by calls
// that failed, stopped by people. It says whether an instance may make calls.
//
// The state is shared through the store: one worker at a time reads an instance's state, all
// workers look at the store every second and answer from memory.
package health

import (
	"context"
	"encoding/hex"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

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
	mu      sync.RWMutex
	rows    []row // by name; they are looked at in this order
	connect func(name string) provider.Provider
	ahead   time.Duration // of Redis' clock before this machine's, at most
	from    int           // where the next look goes on
	stirred map[string]bool
	shut    int               // how many cannot work
	slowed  uint64            // counts the changes of paces
	others  map[string]string // by instance: what stands for a number that is no hash
	epoch   time.Time
	looking sync.Mutex // a look begun before a Set ends before the one after it
	reading sync.WaitGroup
	free    chan struct{} // places for readings
	held    atomic.Bool
	stop    context.CancelFunc
	done    chan struct{}
}

// row is what the keeper knows of one instance. A worker has one for each of thousands.
type row struct {
	name     string
	state    state
	nextRead time.Duration // since the keeper's epoch
	doubted  int64         // the latest doubt that this worker has seen to, in ms
}

// state is how an instance stood when it was looked at or reported last. The zero value is before the first look.
type state struct {
	mark      store.Mark // of what the store has; zero after a report
	health    provider.Health
	since     int64 // in ms, as doubtedAt; 0 is never
	doubtedAt int64
	number    [16]byte // what stands for the number, where that is a hash
	numbered  numbered
	looked    bool
	bounds    *bounds // nil for most
}

// numbered says how an instance's number is kept.
type numbered uint8

const (
	unnumbered numbered = iota // it is not known
	hashed                     // in state.number
	itself                     // the instance's name stands for it
	otherwise                  // in Keeper.others
)

// bounds are what a person has asked for.
type bounds struct {
	pause   *store.Pause
	slowing *store.Slowing
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
	return &Keeper{Config: c, stirred: map[string]bool{}, others: map[string]string{}, epoch: time.Now(), free: make(chan struct{}, readings)}
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
	maps.DeleteFunc(k.others, func(name, _ string) bool { return k.row(name) == nil })
}

// row finds an instance; nil for one that this worker does not run. k is locked.
func (k *Keeper) row(name string) *row {
	at, ok := slices.BinarySearchFunc(k.rows, name, func(r row, name string) int { return strings.Compare(r.name, name) })
	if !ok {
		return nil
	}
	return &k.rows[at]
}

// stateOf is what is known of an instance.
func (k *Keeper) stateOf(name string) state {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if r := k.row(name); r != nil {
		return r.state
	}
	return state{}
}

// numberOf is what stands for the number behind an instance; "" while that is not known. k is locked.
func (k *Keeper) numberOf(r *row) string {
	switch r.state.numbered {
	case hashed:
		return hex.EncodeToString(r.state.number[:])
	case itself:
		return r.name
	case otherwise:
		return k.others[r.name]
	default:
		return ""
	}
}

// setNumber keeps what stands for the number behind an instance. k is locked.
func (k *Keeper) setNumber(r *row, number string) {
	delete(k.others, r.name)
	s := &r.state
	s.number, s.numbered = [16]byte{}, unnumbered
	n, err := hex.Decode(s.number[:], []byte(number[:min(len(number), 2*len(s.number))]))
	switch {
	case number == "":
	case number == r.name:
		s.numbered = itself
	case err == nil && n == len(s.number) && hex.EncodeToString(s.number[:]) == number:
		s.numbered = hashed
	default:
		s.numbered, k.others[r.name] = otherwise, number
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
		fresh := state{mark: mark, health: i.Health, since: millis(i.Since), doubtedAt: millis(i.DoubtedAt)}
		if i.Health == provider.Ready {
			fresh.health = provider.Ready // the constant, and no copy of the word
		}
		if i.Pause != nil || i.Slowing != nil {
			fresh.bounds = &bounds{i.Pause, i.Slowing}
		}
		k.put(r, fresh)
		k.setNumber(r, i.Number)
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
	k.ahead = time.Until(now) // what was read is older by now, so nothing ends early
	return nil
}

// millis is a moment in ms; 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// put keeps a state; k is locked.
func (k *Keeper) put(r *row, s state) {
	was := r.state
	if was.looked && was.health != provider.Ready {
		k.shut--
	}
	if s.health != provider.Ready {
		k.shut++
	}
	if !was.slowing().Equal(s.slowing()) {
		k.slowed++
	}
	s.looked = true
	r.state = s
}

// pause is a person's pause; nil for none.
func (s state) pause() *store.Pause {
	if s.bounds == nil {
		return nil
	}
	return s.bounds.pause
}

// slowing is a person's slower pace; nil for none.
func (s state) slowing() *store.Slowing {
	if s.bounds == nil {
		return nil
	}
	return s.bounds.slowing
}

// Slowed counts the changes of paces that were seen: while it stays, so do the paces in force, but for those whose
// end comes.
func (k *Keeper) Slowed() uint64 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.slowed
}

// soon is how long until the state of an instance that cannot work is read again: half as long as
// it has been so, from an eighth of Shut up to Shut.
func (k *Keeper) soon(s state) time.Duration {
	return min(max(time.Since(time.UnixMilli(s.since))/2, k.Shut/8), k.Shut)
}

// Open says whether an instance may make paced calls now: its pace belongs to its number, so that must
// be known. It answers from memory.
func (k *Keeper) Open(instance string) bool {
	if k.held.Load() {
		return false
	}
	s := k.stateOf(instance)
	if s.numbered == unnumbered {
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

// readDue reads the states of these instances whose time has come, each in a goroutine of its own: a provider that
// hangs must not keep the others from being read. It reports whether it ran out of places.
func (k *Keeper) readDue(ctx context.Context, names []string) (more bool) {
	now := time.Since(k.epoch)
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		r := k.row(name)
		if r == nil {
			continue // it went meanwhile
		}
		if len(k.free) == cap(k.free) {
			return true
		}
		s := r.state
		if s.doubtedAt > r.doubted {
			// The reading of the period may be another worker's job, or under way since before the
			// doubt; this one is the job of the first worker that takes it.
			r.doubted = s.doubtedAt
			k.begin(ctx, r.name, "state:"+name+":"+strconv.FormatInt(s.doubtedAt, 10), k.Every)
			continue
		}
		if now < r.nextRead {
			continue
		}
		every, job := max(k.Every, between*time.Duration(len(k.rows))), "state:"+name
		if s.looked && s.health != provider.Ready {
			// A job of its own: the last reading while all was well keeps its own for a minute, and
			// that worker may be dead.
			every, job = max(k.soon(s), between*time.Duration(k.shut)), job+":shut"
		}
		r.nextRead = now + every
		if every > k.Every { // so many are not to be read all at the same time, for ever
			r.nextRead = now + every/2 + rand.N(every)
		}
		k.begin(ctx, r.name, job, every)
	}
	return false
}

// begin reads a state in a goroutine of its own; the caller has seen that there is a place. k is locked.
func (k *Keeper) begin(ctx context.Context, name, job string, every time.Duration) {
	connect := k.connect
	k.free <- struct{}{}
	k.reading.Go(func() {
		defer func() { <-k.free }()
		k.read(ctx, name, connect, job, every)
	})
}

// read reads one state, unless another worker has done this job within its period.
func (k *Keeper) read(ctx context.Context, name string, connect func(string) provider.Provider, job string, every time.Duration) {
	mine, err := k.Presence.Lead(ctx, job, k.Worker, every*9/10)
	if err != nil || !mine {
		return
	}
	p := connect(name)
	if p == nil {
		return // it went meanwhile
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
