package dispatch

import (
	"container/heap"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

// turns are the instances' turns, by when each is to be looked at. They are the leader's picture of what
// stands in Redis; one goroutine has them. A line or a turn is in it from the first news of it on.
type turns struct {
	roster *roster
	byKey  map[turnKey]*turn
	lines  map[string]*line // those that some instance here serves
	queue  turnQueue
}

type turnKey struct {
	instance string
	kind     pacing.Kind
}

// turn is one kind of call of one instance.
type turn struct {
	turnKey

	pace  pacing.Pace // as configured
	lines []string    // most urgent first
	lead  mean        // how long calls are prepared

	notBefore time.Time // the pacer, or a call under way, holds it until then
	at        time.Time // when it is to be looked at
	index     int       // in the queue; -1 is out of it
	asking    bool      // it is being looked at
	stirred   bool      // something changed meanwhile
	woken     time.Time // when a change of the instance was rung last
}

// line is what is known of one line.
type line struct {
	turns []*turn
	holds bool      // it may hold a task
	due   time.Time // when its first one is due
	rings int       // news of it, so that an older answer does not hide a newer task
}

func newTurns(r *roster) *turns {
	return &turns{roster: r, byKey: make(map[turnKey]*turn), lines: make(map[string]*line)}
}

// set changes which instances there are. What is known of the lines stays.
func (t *turns) set(r *roster, now time.Time) {
	t.roster = r
	for key, is := range t.byKey {
		one, stays := r.of(key.instance)
		if !stays {
			t.drop(is)
			delete(t.byKey, key)
			continue
		}
		if pace, lines := one.pace(key.kind), one.lines(key.kind); is.pace != pace || !slices.Equal(is.lines, lines) {
			is.pace, is.lines, is.notBefore = pace, lines, now
		}
	}
	for name, l := range t.lines {
		if l.turns = t.serving(name); len(l.turns) == 0 {
			delete(t.lines, name)
		}
	}
	for _, is := range t.byKey {
		t.plan(is)
	}
}

// turn finds a turn; nil for one of an instance that is not known here.
func (t *turns) turn(key turnKey) *turn {
	if is := t.byKey[key]; is != nil {
		return is
	}
	one, ok := t.roster.of(key.instance)
	if !ok {
		return nil
	}
	is := &turn{turnKey: turnKey{one.name, key.kind}, pace: one.pace(key.kind), lines: one.lines(key.kind), index: -1}
	t.byKey[is.turnKey] = is
	return is
}

// line finds a line; nil for one that no instance here serves.
func (t *turns) line(name string) *line {
	if l := t.lines[name]; l != nil {
		return l
	}
	serving := t.serving(name)
	if len(serving) == 0 {
		return nil
	}
	l := &line{turns: serving}
	t.lines[name] = l
	return l
}

// serving are the turns that a line holds tasks for.
func (t *turns) serving(name string) []*turn {
	keys := t.roster.serving(name)
	serving := make([]*turn, len(keys))
	for i, key := range keys {
		serving[i] = t.turn(key)
	}
	return serving
}

// ring says that a line holds something new.
func (t *turns) ring(name string) {
	l := t.line(name)
	if l == nil {
		return
	}
	l.rings++
	if l.holds && l.due.IsZero() {
		return // its turns are planned
	}
	l.holds, l.due = true, time.Time{}
	for _, one := range l.turns {
		t.plan(one)
	}
}

// found says when the first task of a line is due, unless more is known of it.
func (t *turns) found(name string, due time.Time) {
	l := t.line(name)
	if l == nil || l.holds && !l.due.After(due) {
		return
	}
	l.holds, l.due = true, due
	for _, one := range l.turns {
		t.plan(one)
	}
}

// wake lets a turn be looked at now, whatever held it.
func (t *turns) wake(key turnKey, now time.Time) {
	if is := t.turn(key); is != nil {
		is.notBefore, is.stirred = now, true
		t.plan(is)
	}
}

// plan puts a turn where it belongs in the queue: out of it while no line of it holds anything.
func (t *turns) plan(is *turn) {
	if is.asking {
		return // it is planned when the answer is there
	}
	at, holds := t.due(is)
	if !holds {
		t.drop(is)
		return
	}
	if at.Before(is.notBefore) {
		at = is.notBefore
	}
	is.at = at
	if is.index < 0 {
		heap.Push(&t.queue, is)
	} else {
		heap.Fix(&t.queue, is.index)
	}
}

// due is when the first task of a turn's lines is due; holds is false where they hold none.
func (t *turns) due(is *turn) (at time.Time, holds bool) {
	for _, name := range is.lines {
		if l := t.lines[name]; l != nil && l.holds && (!holds || l.due.Before(at)) {
			holds, at = true, l.due
		}
	}
	return at, holds
}

func (t *turns) drop(is *turn) {
	if is.index >= 0 {
		heap.Remove(&t.queue, is.index)
	}
}

// next is how long until the first turn is to be looked at.
func (t *turns) next(now time.Time) time.Duration {
	if len(t.queue) == 0 {
		return time.Hour
	}
	return max(t.queue[0].at.Sub(now), 0)
}

// pop takes the first turn out of the queue if its time has come.
func (t *turns) pop(now time.Time) *turn {
	if len(t.queue) == 0 || t.queue[0].at.After(now) {
		return nil
	}
	return heap.Pop(&t.queue).(*turn)
}

// turnQueue is a heap by at.
type turnQueue []*turn

func (q turnQueue) Len() int           { return len(q) }
func (q turnQueue) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q turnQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push implements heap.Interface.
func (q *turnQueue) Push(x any) {
	is := x.(*turn)
	is.index = len(*q)
	*q = append(*q, is)
}

// Pop implements heap.Interface.
func (q *turnQueue) Pop() any {
	old := *q
	is := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	is.index = -1
	return is
}
