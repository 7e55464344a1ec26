package lane

import (
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

const (
	leadLeast = 20 * time.Millisecond
	leadMost  = 5 * time.Second
	leadStart = 250 * time.Millisecond // before anything was measured
)

// lead is how long before a slot's start its task is fetched: as long as steps prepare between the
// dequeue and Slot.Wait. Too short, and each call is late by the difference; too long, and a more
// urgent task cannot overtake any more.
type lead struct {
	mu   sync.Mutex
	mean time.Duration // exponentially weighted
}

// observe takes in how long one step prepared.
func (l *lead) observe(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mean == 0 {
		l.mean = took
	}
	l.mean += (took - l.mean) / 5
}

// of is the lead for a pace.
func (l *lead) of(pace pacing.Pace) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	want := l.mean + l.mean/4 // most steps, not half of them, shall be in time
	if l.mean == 0 {
		want = leadStart
	}
	return min(max(want, leadLeast), leadMost, max(pace.Every/2, 0))
}
