package lane

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// board says what lies in the queues, as far as this process knows without asking Redis: the watch
// and the bell write it, the gates read it. All lanes of a process share it.
type board struct {
	mu     sync.Mutex
	queues map[string]*entry
	listed []*entry // all of them by name; nil if it must be made anew
	// nudge tells the watch that a due time was noted which is earlier than it knows.
	nudge chan struct{}
}

// entry is one queue.
type entry struct {
	name   string
	gates  []*gate // whom to wake; guarded by board.mu
	maybe  atomic.Bool
	rings  atomic.Uint64
	active atomic.Int64
	due    atomic.Int64 // unix nanoseconds of this machine; 0 is nothing

	// probing lets one lane of this process look into the queue at a time: of a hundred idle lanes
	// of a pool, one takes a slot for a single task and not all.
	probing sync.Mutex
}

func newBoard() *board {
	return &board{queues: make(map[string]*entry), nudge: make(chan struct{}, 1)}
}

// join registers a gate for its queues. A queue nobody has looked at yet may hold something.
func (b *board) join(g *gate, names []string) []*entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	entries := make([]*entry, len(names))
	for i, name := range names {
		e := b.queues[name]
		if e == nil {
			e = &entry{name: name}
			e.maybe.Store(true)
			b.queues[name] = e
			b.listed = nil
		}
		e.gates = append(e.gates, g)
		entries[i] = e
	}
	return entries
}

// leave takes a gate off; a queue without any is no longer watched.
func (b *board) leave(g *gate) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range g.queues {
		e.gates = slices.DeleteFunc(e.gates, func(other *gate) bool { return other == g })
		if len(e.gates) == 0 && b.queues[e.name] == e {
			delete(b.queues, e.name)
			b.listed = nil
		}
	}
}

// ring says that a queue holds something. One that no lane here serves is nobody's business.
func (b *board) ring(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.queues[name]; e != nil {
		e.rings.Add(1)
		e.maybe.Store(true)
		for _, g := range e.gates {
			g.stir()
		}
	}
}

// emptied says that a queue was found empty after so many rings.
func (b *board) emptied(e *entry, rings uint64) {
	e.maybe.Store(false)
	if e.rings.Load() != rings { // rung meanwhile: perhaps after the look, and a gate may have believed it
		b.ring(e.name)
	}
}

// note says that a task of a queue becomes due at t.
func (b *board) note(name string, t time.Time) {
	b.mu.Lock()
	e := b.queues[name]
	b.mu.Unlock()
	if e == nil {
		return
	}
	for at := t.UnixNano(); ; {
		due := e.due.Load()
		if due != 0 && due <= at {
			return
		}
		if e.due.CompareAndSwap(due, at) {
			break
		}
	}
	select {
	case b.nudge <- struct{}{}:
	default:
	}
}

// all is every queue, in a fixed order. It is not for changing.
func (b *board) all() []*entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listed == nil {
		b.listed = slices.SortedFunc(maps.Values(b.queues), func(x, y *entry) int { return cmp.Compare(x.name, y.name) })
	}
	return b.listed
}
