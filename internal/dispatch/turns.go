package dispatch

import (
	"container/heap"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

// turns are the instances' turns, by when each is to be looked at. They are the leader's picture of what
// stands in Redis; one goroutine has them.
type turns struct {
	byKey map[turnKey]*turn
	lines map[string]*line // those that some instance here serves
	queue turnQueue
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

func newTurns() *turns {
	return &turns{byKey: make(map[turnKey]*turn), lines: make(map[string]*line)}
}

// set changes which instances there are.
func (t *turns) set(instances []Instance, now time.Time) {
	stay := make(map[turnKey]bool, 2*len(instances))
	for i := range instances {
		one := &instances[i]
		for _, kind := range []pacing.Kind{pacing.Create, pacing.Invite} {
			served := []string{tasks.InviteLine(one.Name)}
			if kind == pacing.Create {
				served = tasks.CreateLines(one.Name, one.Pools)
			}
			key := turnKey{one.Name, kind}
			stay[key] = true
			is := t.byKey[key]
			if is != nil && is.pace == one.pace(kind) && slices.Equal(is.lines, served) {
				continue
			}
			if is == nil {
				is = &turn{turnKey: key, index: -1}
				t.byKey[key] = is
			} else {
				t.leave(is)
			}
			is.pace, is.lines, is.notBefore = one.pace(kind), served, now
			for _, name := range served {
				if t.lines[name] == nil {
					t.lines[name] = &line{}
				}
				t.lines[name].turns = append(t.lines[name].turns, is)
			}
			t.plan(is)
		}
	}
	for key, is := range t.byKey {
		if !stay[key] {
			t.leave(is)
			t.drop(is)
			delete(t.byKey, key)
		}
	}
}

// leave takes a turn off its lines.
func (t *turns) leave(is *turn) {
	for _, name := range is.lines {
		l := t.lines[name]
		l.turns = slices.DeleteFunc(l.turns, func(other *turn) bool { return other == is })
		if len(l.turns) == 0 {
			delete(t.lines, name)
		}
	}
}

// ring says that a line holds something new.
func (t *turns) ring(name string) {
	l := t.lines[name]
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
	l := t.lines[name]
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
	if is := t.byKey[key]; is != nil {
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
		if l := t.lines[name]; l.holds && (!holds || l.due.Before(at)) {
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
