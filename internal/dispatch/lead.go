package dispatch

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

// leadOf is how long before a slot's start its task is let go: as long as steps prepare between
// then and Slot.Wait. Too short, and each call is late by the difference; too long, and a more
// urgent task cannot overtake any more.
func leadOf(usual time.Duration, pace pacing.Pace) time.Duration {
	want := usual + usual/4 // most steps, not half of them, shall be in time
	if usual == 0 {
		want = leadStart
	}
	return min(max(want, leadLeast), leadMost, max(pace.Every/2, 0))
}

// mean is an exponentially weighted one.
type mean struct {
	mu        sync.Mutex
	now, told time.Duration
}

// observe takes in how long something took.
func (m *mean) observe(took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now == 0 {
		m.now = took
	}
	m.now += (took - m.now) / 5
}

// value is 0 before anything was observed.
func (m *mean) value() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// news is the value, if it has changed by an eighth or more since it was told.
func (m *mean) news() (value time.Duration, fresh bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now == 0 || (m.now-m.told).Abs() < (m.told+7)/8 {
		return m.now, false
	}
	m.told = m.now
	return m.now, true
}
