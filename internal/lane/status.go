package lane

import (
	"cmp"
	"slices"
	"time"
)

// Status is what the lanes of this process are doing.
type Status struct {
	Lanes, Busy int
	Blind       bool   // asynq is not the version we know: pace is kept in the handlers
	Parked      uint64 // tasks that could not be read and lie in asynq's archive
	Faults      uint64 // errors that were nobody's verdict
	Deaths      uint64 // tasks that were taken over from dead workers
	Each        []View
}

// View is one lane as it stands.
type View struct {
	Instance, Kind string
	Busy           int
	// Reason is why the lane may not make paced calls now, as far as it has asked: "closed" or a
	// pacing.Reason; empty if it may, or has nothing to do.
	Reason string
	Until  time.Time
	// Takes is how long a paced task keeps the lane usually, without the waiting for its slot's
	// start; 0 before there was one.
	Takes time.Duration
}

// Lanes is how many lanes there are, those on their way out included. It answers at once, also while
// thousands begin: workers tell it with their signs of life.
func (l *Lanes) Lanes() int { return int(l.lanes.Load()) }

// Busy is how many tasks are being worked on.
func (l *Lanes) Busy() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	busy := 0
	for _, one := range l.all() {
		busy += int(one.busy.Load())
	}
	return busy
}

// Status is a snapshot, sorted by instance.
func (l *Lanes) Status() Status {
	l.mu.Lock()
	lanes := l.all()
	l.mu.Unlock()
	s := Status{
		Lanes: l.Lanes(), Blind: l.blind,
		Parked: l.counts.parked.Load(), Faults: l.counts.faults.Load(), Deaths: l.counts.deaths.Load(),
	}
	for _, one := range lanes {
		each := View{Instance: one.instance, Kind: one.kind, Busy: int(one.busy.Load())}
		each.Reason, each.Until = one.gate.state()
		each.Takes = one.gate.takes.value()
		s.Busy += each.Busy
		s.Each = append(s.Each, each)
	}
	slices.SortFunc(s.Each, func(a, b View) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Kind, b.Kind))
	})
	return s
}

// state is what the gate waits for, for people.
func (g *gate) state() (reason string, until time.Time) {
	if g.kind == "" {
		return "", time.Time{}
	}
	if !g.health.Open(g.instance) {
		return "closed", time.Time{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.denied != nil && time.Now().Before(g.until) {
		return string(g.denied.Reason), g.denied.Until
	}
	return "", time.Time{}
}
