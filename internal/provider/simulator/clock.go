package simulator

import (
	"container/heap"
	"time"
)

// event is something that will happen in the world without a call: a message leaves the queue,
// a person follows a link, a webhook is pushed again.
type event struct {
	due time.Time
	seq uint64 // breaks ties: events planned first run first
	do  func(at time.Time)
}

// events is a heap by due time.
type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	if !e[i].due.Equal(e[j].due) {
		return e[i].due.Before(e[j].due)
	}
	return e[i].seq < e[j].seq
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) } //nolint:forcetypeassert // heap.Push is called in one place
func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}

// plan makes do run at the first call of runDue that is not before due.
func (w *world) plan(due time.Time, do func(at time.Time)) {
	w.seq++
	heap.Push(&w.events, event{due: due, seq: w.seq, do: do})
}

// runDue runs the events that are due. An event sees the time it was planned for, not the
// time of the next call, so a world without a call for an hour has the same history.
func (w *world) runDue() {
	now := w.read()
	for len(w.events) > 0 && !w.events[0].due.After(now) {
		e := heap.Pop(&w.events).(event) //nolint:forcetypeassert // events holds nothing else
		w.moment = e.due
		e.do(e.due)
	}
	w.moment = time.Time{}
}

// now returns the time in the world: the clock's time, or the time of the event under way. The caller holds the lock.
func (w *world) now() time.Time {
	if !w.moment.IsZero() {
		return w.moment
	}
	return w.read()
}

// scaled shrinks a documented duration to the simulator's time.
func (w *world) scaled(d Duration) time.Duration {
	return time.Duration(float64(d) * w.scale)
}

// lock locks the world and runs the events that are due.
func (s *Simulator) lock() {
	s.mu.Lock()
	s.world.runDue()
}

// unlock unlocks the world, and wakes the clock if an event is due before its next tick. The clock starts with the
// first plan, so a simulator without calls owns no goroutine.
func (s *Simulator) unlock() {
	defer s.mu.Unlock()
	if s.closed || len(s.world.events) == 0 {
		return
	}
	next := s.world.events[0].due
	if !s.ticking {
		s.ticking = true
		s.owned.Go(s.tick)
	}
	if s.armed.IsZero() || next.Before(s.armed) {
		select {
		case s.wake <- struct{}{}:
		default: // the clock is to be woken already
		}
	}
}

// tick runs events when they are due, so that webhooks leave without a call. An injected clock may
// jump, so tick polls it.
func (s *Simulator) tick() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		s.mu.Lock()
		s.world.runDue()
		wait := time.Duration(-1)
		s.armed = time.Time{}
		if len(s.world.events) > 0 {
			s.armed = s.world.events[0].due
			wait = max(s.armed.Sub(s.world.read()), time.Millisecond)
			if s.foreignClock {
				wait = min(wait, 20*time.Millisecond)
			}
		}
		s.mu.Unlock()
		var due <-chan time.Time
		if wait >= 0 {
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-s.ctx.Done():
			return
		case <-s.wake:
		case <-due:
		}
	}
}
