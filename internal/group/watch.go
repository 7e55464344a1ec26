package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Watch is when a group is read again after its roll call: to find who followed an invitation, and
// who left. The group may be done by then; only its members still move.
type Watch struct {
	At      time.Time // the next reading; zero when none is to come
	ReadAt  time.Time // the latest one that was had, or given up
	AskedAt time.Time // when to read because a webhook gave a reason; zero when that was done

	RetryAt      time.Time // after a reading that failed: not before
	FailingSince time.Time
	Failures     int // in a row
}

const (
	// confirmAfter is how long after a reading that missed a member a second one decides: lists of
	// members lag and lose people.
	confirmAfter = 10 * time.Minute
	// askAfter lets one reading answer for a burst of webhooks, and askGap bounds how often webhooks
	// can make us read one group, whether they are the provider's or forged.
	askAfter = 5 * time.Second
	askGap   = 15 * time.Second
)

// Plan settles when the group is read next. It follows from the record and the schedule alone, so
// it may be computed again after every change. The record keeps the result for the parts that do not
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

// look is the next reading that the schedule asks for: the first look at anybody that no reading
// has made yet. One reading looks at all of them, so invitations that went out shortly after each
// other share theirs.
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
		case InviteUnknown, Requested: // it may have arrived, or be approved
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

// watchable says that what is read in the group now moves members that nothing else moves.
func (g *Group) watchable() bool {
	return g.Exists() && g.Called && (g.Status == Inviting || g.Status == Done)
}

// NextReading is the task of the reading that Plan settled on.
func (g *Group) NextReading() []tasks.Task {
	if g.Watch.At.IsZero() {
		return nil
	}
	return []tasks.Task{tasks.Joins(g.ID, g.Watch.At)}
}

// Watched takes in a reading that began at a given time: a person who is there came in, and a person who
// was there before and is missing has left. A departure needs two readings in a row, or one reading and a
// webhook that told it. A list that is partial or does not even hold ourselves never proves one.
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

// WatchFailed counts a reading that could not be had; it is tried again after a pause. When giveUp
// is over it is skipped, and the next look is as good.
func (g *Group) WatchFailed(pause, giveUp time.Duration, now time.Time) error {
	if !g.watchable() {
		return g.refuse("count a failed reading")
	}
	w := &g.Watch
	if w.FailingSince.IsZero() {
		w.FailingSince = now
	}
	if now.Sub(w.FailingSince) >= giveUp {
		g.overlook(now)
		return nil
	}
	w.Failures++
	w.RetryAt = now.Add(pause)
	return nil
}

// WatchRefused skips a reading that the provider will never grant: we are not in the group any
// more, or it is gone. Nothing follows from that for its people.
func (g *Group) WatchRefused(now time.Time) error {
	if !g.watchable() {
		return g.refuse("skip a reading")
	}
	g.overlook(now)
	return nil
}

func (g *Group) overlook(now time.Time) {
	for i := range g.Members {
		g.Members[i].MissedAt = time.Time{}
	}
	for _, c := range g.JoinsToAnswer() {
		g.JoinNotAnswered(c.Who, say.Phrase{Code: say.JoinUnread}, true, now)
	}
	g.Watch.done(now)
	g.unseen(now)
}

// done ends the reading that began at a time. What was asked for since is still to be done.
func (w *Watch) done(began time.Time) {
	w.ReadAt = latest(w.ReadAt, began)
	if !w.AskedAt.After(began) {
		w.AskedAt = time.Time{}
	}
	w.RetryAt, w.FailingSince, w.Failures = time.Time{}, time.Time{}, 0
}

// Ask wants the group read soon. It reports whether that is news: a reading that is still to come
// will answer this question too.
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

// Holds says that a person is in the reading.
func (r Reading) Holds(who phone.Identity) bool {
	for _, p := range r.People {
		if phone.SamePerson(p, who) {
			return true
		}
	}
	return false
}

// earliest is the earlier of two times that are set.
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
