package dispatch

import (
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

const (
	leadMin   = 20 * time.Millisecond
	leadMax   = 5 * time.Second
	leadStart = 250 * time.Millisecond // before the first measurement
)

// leadOf returns how long before a slot's start its task is dispatched: as long as a step takes from its dispatch to
// Slot.Wait. If the lead is too short, each call is late by the difference; if it is too long, a more urgent task can
// no longer overtake.
func leadOf(usual time.Duration, pace pacing.Pace) time.Duration {
	want := usual + usual/4 // so that most steps, not only half, are in time
	if usual == 0 {
		want = leadStart
	}
	return min(max(want, leadMin), leadMax, max(pace.Every/2, 0))
}

// mean is an exponentially weighted mean.
type mean struct {
	mu   sync.Mutex
	now  time.Duration
	told time.Duration // what news last reported as a change
}

// observe adds one measurement.
func (m *mean) observe(took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now == 0 {
		m.now = took
	}
	m.now += (took - m.now) / 5
}

// value returns the mean, or 0 before the first measurement.
func (m *mean) value() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// news returns the value; fresh reports whether it has changed by an eighth or more since news last reported a change.
func (m *mean) news() (value time.Duration, fresh bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now == 0 || (m.now-m.told).Abs() < (m.told+7)/8 {
		return m.now, false
	}
	m.told = m.now
	return m.now, true
}
