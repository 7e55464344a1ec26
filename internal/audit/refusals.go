package audit

import (
	"context"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/store"
)

// Reason is why a request was refused before it could do anything.
type Reason string

// The reasons.
const (
	NoKey      Reason = "noKey"      // the request had no key
	WrongKey   Reason = "wrongKey"   // the key is unknown
	SmallRole  Reason = "role"       // the key's role, or what the key is bound to, does not include the operation
	Elsewhere  Reason = "origin"     // the request came from a page of another site, or to a name that is not loopback
	WrongHook  Reason = "hookSecret" // the address of a provider's webhook has another secret
	TooManyOff Reason = "slowed"     // the source tried too many wrong keys; this one was not checked
)

// Reasons lists all reasons.
var Reasons = []Reason{NoKey, WrongKey, SmallRole, Elsewhere, WrongHook, TooManyOff}

// Hooks is the interface of the providers' webhooks. No audited action comes through it, so only refusals have it.
const Hooks Through = "hooks"

// OtherSources stands for the sources of a minute beyond the first hundred lines.
const OtherSources = "others"

// refusalTrail is where refusals are kept.
type refusalTrail interface {
	NoteRefusals(ctx context.Context, refusals []store.Refusal) error
}

// RefusalsConfig is what Refusals work with. All fields are required.
type RefusalsConfig struct {
	Trail refusalTrail
	Now   func() time.Time
	// Told is called with each gathered refusal when its minute is over, Lost with the error when refusals could
	// not be stored, and Counted with each refusal at once.
	Told    func(store.Refusal)
	Lost    func(error)
	Counted func(Reason)
}

// Refusals gathers refused requests by source, reason and minute: a flood of them costs Redis one write a second,
// and the log one line per source and minute.
type Refusals struct {
	RefusalsConfig

	mu      sync.Mutex
	minute  time.Time
	held    map[store.Refusal]*refusalCount // the key is all but the count
	over    []store.Refusal                 // of minutes that are over, for Told
	pending []store.Refusal                 // of minutes that are over, not stored yet
	running bool
	ended   bool
	closing chan struct{}
	work    sync.WaitGroup
}

// NewRefusals makes Refusals. Close must be called.
func NewRefusals(c RefusalsConfig) *Refusals {
	return &Refusals{RefusalsConfig: c, held: map[store.Refusal]*refusalCount{}, closing: make(chan struct{})}
}

type refusalCount struct{ all, kept int }

const (
	maxRefusalLines = 100 // of a minute
	storeEvery      = time.Second
)

// Add counts one refusal.
func (g *Refusals) Add(r store.Refusal) {
	g.Counted(Reason(r.Reason))
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return
	}
	minute := r.At.UTC().Truncate(time.Minute)
	if minute.After(g.minute) {
		g.turn()
		g.minute = minute
	}
	r.At, r.Count = g.minute, 0
	if g.held[r] == nil && len(g.held) >= maxRefusalLines {
		r = store.Refusal{At: g.minute, Source: OtherSources, Through: r.Through, Reason: r.Reason}
	}
	if g.held[r] == nil {
		g.held[r] = &refusalCount{}
	}
	g.held[r].all++
	if !g.running {
		g.running = true
		g.work.Go(g.run)
	}
}

// turn ends the minute.
func (g *Refusals) turn() {
	for r, n := range g.held {
		if n.all > n.kept {
			r.Count = n.all - n.kept
			g.pending = append(g.pending, r)
		}
		r.Count = n.all
		g.over = append(g.over, r)
	}
	g.held = map[store.Refusal]*refusalCount{}
}

// run stores what was counted, until a minute without a refusal is over.
func (g *Refusals) run() {
	tick := time.NewTicker(storeEvery)
	defer tick.Stop()
	for {
		ending := false
		select {
		case <-tick.C:
		case <-g.closing:
			ending = true
		}
		g.mu.Lock()
		if ending || g.Now().UTC().Truncate(time.Minute).After(g.minute) {
			g.turn()
		}
		batch, told := g.pending, g.over
		g.pending, g.over = nil, nil
		for r, n := range g.held {
			if n.all > n.kept {
				r.Count = n.all - n.kept
				batch = append(batch, r)
				n.kept = n.all
			}
		}
		done := len(g.held) == 0
		if done {
			g.running = false
		}
		g.mu.Unlock()
		g.keep(batch)
		for _, r := range told {
			g.Told(r)
		}
		if done {
			return
		}
	}
}

func (g *Refusals) keep(batch []store.Refusal) {
	ctx, cancel := context.WithTimeout(context.Background(), writeFor)
	defer cancel()
	if err := g.Trail.NoteRefusals(ctx, batch); err != nil {
		g.Lost(err)
	}
}

// Close stores what is left. Later refusals are counted and not stored.
func (g *Refusals) Close() {
	g.mu.Lock()
	if !g.ended {
		g.ended = true
		close(g.closing)
	}
	g.mu.Unlock()
	g.work.Wait()
}
