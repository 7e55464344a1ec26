package dispatch

import (
	"container/heap"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

// turns holds the turns of instances, ordered by when each is tried next, and what the leader knows of the lines in
// Redis. Only one goroutine uses it. A line or a turn is added when Redis or the bell first names it.
type turns struct {
	roster *roster
	byKey  map[turnKey]*turn
	lines  map[string]*line // the lines that an instance of the roster serves
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
	lead  mean        // how long preparing a call takes

	notBefore time.Time // the pacer, or a call under way, holds it until then
	at        time.Time // when to try it
	index     int       // in the queue; -1 when it is not there
	asking    bool      // a try is under way
	stirred   bool      // something changed since that try began
	woken     time.Time // when the bell last announced a change of the instance
}

// line is what is known of one line.
type line struct {
	turns []*turn
	holds bool      // it may hold a task
	due   time.Time // of its first task
	rings int       // counts its rings, so that an older answer does not hide a newer task
}

func newTurns(r *roster) *turns {
	return &turns{roster: r, byKey: make(map[turnKey]*turn), lines: make(map[string]*line)}
}

// set replaces the roster. It keeps what is known of the lines.
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

// turn returns the turn of a key, or nil if the roster lacks its instance.
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

// line returns a line by its name, or nil if no instance of the roster serves it.
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

// serving returns the turns that take tasks from a line.
func (t *turns) serving(name string) []*turn {
	keys := t.roster.serving(name)
	serving := make([]*turn, len(keys))
	for i, key := range keys {
		serving[i] = t.turn(key)
	}
	return serving
}

// ring notes that a line holds a new task.
func (t *turns) ring(name string) {
	l := t.line(name)
	if l == nil {
		return
	}
	l.rings++
	if l.holds && l.due.IsZero() {
		return // its turns are already planned
	}
	l.holds, l.due = true, time.Time{}
	for _, one := range l.turns {
		t.plan(one)
	}
}

// found notes when the first task of a line is due, unless an earlier time is known.
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

// wake makes a turn due now, whatever held it.
func (t *turns) wake(key turnKey, now time.Time) {
	if is := t.turn(key); is != nil {
		is.notBefore, is.stirred = now, true
		t.plan(is)
	}
}

// plan moves a turn to its place in the queue, or out of the queue while all its lines are empty.
func (t *turns) plan(is *turn) {
	if is.asking {
		return // take plans it with the answer
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

// due returns when the first task of a turn's lines is due; holds is false if they hold none.
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

// next returns how long until the first turn is due, or an hour if there is none.
func (t *turns) next(now time.Time) time.Duration {
	if len(t.queue) == 0 {
		return time.Hour
	}
	return max(t.queue[0].at.Sub(now), 0)
}

// pop takes the first turn out of the queue if it is due.
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
