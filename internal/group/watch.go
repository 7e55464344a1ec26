package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Watch is when a group is read again after its roll call, to find who followed an invitation and who
// left. The group may be done by then: a reading changes only its members.
type Watch struct {
	At      time.Time // the next reading; zero when none is to come
	ReadAt  time.Time // the latest reading that succeeded or was skipped
	AskedAt time.Time // when to read because of a webhook; zero once that is done

	RetryAt      time.Time // the earliest next reading, after one that failed
	FailingSince time.Time
	Failures     int // in a row
}

const (
	// confirmAfter is the time from a reading that lacked a member to the second reading, which decides: lists of
	// members lag and lose people.
	confirmAfter = 10 * time.Minute
	// askAfter lets one reading serve a burst of webhooks. askGap bounds how often webhooks, real or
	// forged, can make the worker read one group.
	askAfter = 5 * time.Second
	askGap   = 15 * time.Second
)

// Plan computes when the group is next read and set up. The result follows from the record and the
// schedule alone, so Plan may run after every change. The record keeps it for the parts that do not
// know the schedule: the index and the webhook handler.
func (l Schedule) Plan(g *Group) {
	g.planSetup()
	w := &g.Watch
	w.At = time.Time{}
	if !g.watchable() {
		return
	}
	w.At = earliest(earliest(w.AskedAt, l.look(g)), l.lateLook(g))
	for i := range g.Members {
		if !g.Members[i].MissedAt.IsZero() {
			w.At = earliest(w.At, w.ReadAt.Add(confirmAfter))
			break
		}
	}
	if g.answering() {
		w.At = earliest(w.At, latest(g.Roll.From, w.ReadAt.Add(askGap)))
	}
	if !w.At.IsZero() && w.At.Before(w.RetryAt) {
		w.At = w.RetryAt
	}
}

// look returns when the schedule next asks for a reading, or zero if it asks for none. That is the earliest look at any
// member that no reading has made yet. One reading looks at all members, so invitations sent shortly after each other
// share it.
func (l Schedule) look(g *Group) time.Time {
	var at time.Time
	last := g.Watch.ReadAt
	from := func(asked time.Time) {
		for _, look := range l.JoinLooks {
			if due := asked.Add(look); due.After(last) {
				at = earliest(at, due)
				return
			}
		}
	}
	inside := false
	for i := range g.Members {
		switch m := &g.Members[i]; m.Status {
		case Invited:
			from(m.InvitedAt)
		case InviteUnknown, Requested: // the invitation may have arrived, or the request may be approved
			from(m.UpdatedAt)
		case Added, Joined:
			inside = true
		default:
		}
	}
	if inside && l.Leaves {
		from(g.Roll.From)
	}
	if !at.IsZero() && !last.IsZero() {
		at = latest(at, last.Add(l.JoinLooks[0]/4))
	}
	return at
}

// watchable reports whether readings now find who joined and who left: the roll call is over, and the group is
// inviting or done.
func (g *Group) watchable() bool {
	return g.Exists() && g.Called && (g.Status == Inviting || g.Status == Done)
}

// NextReading returns the task of the reading that Plan computed, if any.
func (g *Group) NextReading() []tasks.Task {
	if g.Watch.At.IsZero() {
		return nil
	}
	return []tasks.Task{tasks.Joins(g.ID, g.Watch.At)}
}

// Watched records a reading that began at a given time: a person it shows has joined, and a member it lacks
// may have left. A departure needs two readings in a row, or one reading and a webhook that reported it. A
// reading that is partial, or that lacks the instance's own number, never proves a departure.
func (g *Group) Watched(r Reading, began, now time.Time) error {
	if !g.watchable() {
		return g.refuse("read it again")
	}
	seen := g.recognise(r, now)
	conclusive := r.Complete && r.Holds(r.Self)
	for i := range g.Members {
		m := &g.Members[i]
		switch {
		case seen.in[i]:
		case !conclusive:
			m.MissedAt = time.Time{}
		case m.missed(seen.strangers > g.Strangers, began, now):
			seen.moved++
		}
	}
	g.Watch.done(began)
	if seen.moved > 0 {
		g.UpdatedAt = now
	}
	g.settle(now)
	return nil
}

// WatchFailed counts a reading that failed. The reading is tried again after the pause; when giveUp is
// over it is skipped, and the next look of the schedule takes its place.
func (g *Group) WatchFailed(pause, giveUp time.Duration, now time.Time) error {
	if !g.watchable() {
		return g.refuse("count a failed reading")
	}
	w := &g.Watch
	if w.FailingSince.IsZero() {
		w.FailingSince = now
	}
	if now.Sub(w.FailingSince) >= giveUp {
		g.skipReading(now)
		return nil
	}
	w.Failures++
	w.RetryAt = now.Add(pause)
	return nil
}

// WatchRefused skips a reading that the provider will never allow: the instance has left the group, or
// the group is gone. No member is taken to have left because of it.
func (g *Group) WatchRefused(now time.Time) error {
	if !g.watchable() {
		return g.refuse("skip a reading")
	}
	g.skipReading(now)
	return nil
}

// skipReading gives up the current reading and whatever waited for it.
func (g *Group) skipReading(now time.Time) {
	for i := range g.Members {
		g.Members[i].MissedAt = time.Time{}
	}
	for _, c := range g.JoinsToAnswer() {
		g.JoinNotAnswered(c.Who, say.Phrase{Code: say.JoinUnread}, true, now)
	}
	g.Watch.done(now)
	g.unseen(now)
}

// done ends the reading that began at a given time. A webhook may have asked for a reading after that
// time; that reading is still made.
func (w *Watch) done(began time.Time) {
	w.ReadAt = latest(w.ReadAt, began)
	if !w.AskedAt.After(began) {
		w.AskedAt = time.Time{}
	}
	w.RetryAt, w.FailingSince, w.Failures = time.Time{}, time.Time{}, 0
}

// Ask has the group read soon, because of a webhook. It reports whether it planned a reading: it plans none while an
// earlier request is still open, or when the group is not read now.
func (g *Group) Ask(now time.Time) bool {
	w := &g.Watch
	if !g.watchable() || w.AskedAt.After(now) {
		return false
	}
	w.AskedAt = now.Add(askAfter)
	if !w.ReadAt.IsZero() {
		w.AskedAt = latest(w.AskedAt, w.ReadAt.Add(askGap))
	}
	w.At = earliest(w.At, w.AskedAt)
	return true
}

// Holds reports whether a person is in the reading.
func (r Reading) Holds(who phone.Identity) bool {
	for _, p := range r.People {
		if phone.SamePerson(p, who) {
			return true
		}
	}
	return false
}

// earliest returns the earlier of two times. A zero time does not count.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
