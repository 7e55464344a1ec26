package group

import (
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// A person who is requested once the group exists is late. A worker calls the provider at most once to add
// the person; the answer is a hint. Later readings of the members decide: the person is in, or is invited
// as after the create. The group's other people do not change.

// lateAgain is the pause after a reading that could not decide about late people.
const lateAgain = time.Minute

// toAdd reports whether the call to add the member is still to be made.
func (m *Member) toAdd() bool { return m.Late && m.Status == Pending && m.CalledAt.IsZero() }

// called reports whether the call to add the member was made, or is impossible, and no reading has decided
// yet.
func (m *Member) called() bool { return m.Late && m.Status == Pending && !m.CalledAt.IsZero() }

// ToAdd counts the people whose call is still to be made, and those for whom a reading must still decide
// whether they are in.
func (g *Group) ToAdd() (toAdd, called int) {
	for i := range g.Members {
		switch m := &g.Members[i]; {
		case m.toAdd():
			toAdd++
		case m.called():
			called++
		}
	}
	return toAdd, called
}

// adding returns member i if the call to add the person can be made now.
func (g *Group) adding(i int) (*Member, error) {
	if i < 0 || i >= len(g.Members) {
		return nil, fmt.Errorf("the group has no member %d: %w", i, ErrState)
	}
	m := &g.Members[i]
	if g.Status != Inviting || !g.Called || !m.toAdd() {
		return nil, fmt.Errorf("add member %d: the member is %s: %w", i, m.Status, ErrState)
	}
	return m, nil
}

// begunAdd returns member i if the call to add the person can be made now, or if a worker has begun the call: its
// result is recorded whatever state the group has by then.
func (g *Group) begunAdd(i int) (*Member, error) {
	if i >= 0 && i < len(g.Members) && g.Members[i].toAdd() && g.Members[i].Invite != nil {
		return &g.Members[i], nil
	}
	return g.adding(i)
}

// Adding reports whether the call to add member i can be made now.
func (g *Group) Adding(i int) bool {
	_, err := g.adding(i)
	return err == nil
}

// LateLook records a reading taken right before a late person is added: a person who is in the group needs no call. It
// reports whether member i is still to be added.
func (g *Group) LateLook(i int, r Reading, now time.Time) (bool, error) {
	if _, err := g.adding(i); err != nil {
		return false, err
	}
	g.recognise(r, now)
	return g.StillOutside(i, now)
}

// StillOutside is LateLook with the latest reading, taken a moment ago for another person.
func (g *Group) StillOutside(i int, now time.Time) (bool, error) {
	if i < 0 || i >= len(g.Members) {
		return false, fmt.Errorf("the group has no member %d: %w", i, ErrState)
	}
	m := &g.Members[i]
	switch {
	case !m.toAdd() || m.Invite != nil:
	case m.Said != "":
		m.gone(now)
	case g.Overdue(now) && m.AskedAt.Before(g.ExpiresAt):
		m.set(NotAdded, say.Phrase{Code: say.AddExpired}, now)
	}
	g.UpdatedAt = now
	g.settle(now)
	return m.toAdd(), nil
}

// BeginAdd writes the intent of the call that adds member i, before the call.
func (g *Group) BeginAdd(i int, owner string, budget time.Duration, alive func(owner string) bool, now time.Time) Begun {
	m, err := g.adding(i)
	if err != nil {
		return Past
	}
	return g.intend(m, owner, budget, alive, now)
}

// AddCalled records that no further call to add member i follows: it was made, its answer was lost, or the
// provider cannot add this person. over is when a call can no longer be in progress; the readings that decide
// are counted from it. told is WhatsApp's own reason for leaving the person out; zero where the provider
// gives none.
func (g *Group) AddCalled(i int, told say.Phrase, over, now time.Time) error {
	m, err := g.begunAdd(i)
	if err != nil {
		return err
	}
	m.Invite, m.Tries, m.TryingFrom, m.CalledAt = nil, 0, time.Time{}, over
	if !told.Zero() {
		m.Reason = say.Phrase{Code: say.LeftOut, Why: []say.Phrase{told}}
	}
	m.UpdatedAt, g.UpdatedAt = now, now
	return nil
}

// AddNotSent records that the call to add member i certainly did not leave: a worker repeats it, until giveUp
// has passed since the first such try.
func (g *Group) AddNotSent(i int, why say.Phrase, giveUp time.Duration, now time.Time) error {
	m, err := g.begunAdd(i)
	if err != nil {
		return err
	}
	if m.tried(now) >= giveUp {
		status := InviteFailed
		if !g.AutoInvite {
			status = NotAdded
		}
		return g.arrive(m, status, say.Phrase{Code: say.AddFailed, Why: []say.Phrase{why}}, now)
	}
	m.Invite = nil
	m.UpdatedAt, g.UpdatedAt = now, now
	return nil
}

// AddPutOff records that the call to add member i was not made and must wait. It uses up no try, and giveUp counts from
// the next failed one.
func (g *Group) AddPutOff(i int, now time.Time) error {
	m, err := g.begunAdd(i)
	if err != nil {
		return err
	}
	m.Invite, m.TryingFrom = nil, time.Time{}
	m.UpdatedAt, g.UpdatedAt = now, now
	return nil
}

// AddEnded ends a late person who may be neither added nor invited: OptedOut, Left, NotOnWhatsApp.
func (g *Group) AddEnded(i int, s MemberStatus, reason say.Phrase, now time.Time) error {
	m, err := g.begunAdd(i)
	if err != nil {
		return err
	}
	return g.arrive(m, s, reason, now)
}

// CallLate decides about the late people for whom this reading, which began at began, is the last one. It invites
// missing people if the request wants it, as after the create. looks are the times of the readings, counted from a
// call. If the lists stay partial until giveUp, these people are Unidentified, and not invited.
func (g *Group) CallLate(r Reading, looks []time.Duration, giveUp time.Duration, began, now time.Time) {
	if !g.watchable() {
		return
	}
	for i := range g.Members {
		m := &g.Members[i]
		if !m.called() || began.Before(decided(m.CalledAt, looks)) {
			continue
		}
		switch {
		case r.Complete:
			g.missing(m, g.Sight.Hidden, now)
			g.UpdatedAt = now
		case began.Sub(m.CalledAt) >= giveUp:
			m.set(Unidentified, say.Phrase{Code: say.AddUnshown}, now)
			g.UpdatedAt = now
		}
	}
	g.settle(now)
}

// unseen ends the late people when the group can no longer be read.
func (g *Group) unseen(now time.Time) {
	for i := range g.Members {
		if m := &g.Members[i]; m.called() {
			m.set(Unidentified, say.Phrase{Code: say.AddUnread}, now)
			g.UpdatedAt = now
		}
	}
	g.settle(now)
}

// decided returns when the deciding reading after a call is due.
func decided(called time.Time, looks []time.Duration) time.Time {
	if len(looks) == 0 {
		return called
	}
	return called.Add(looks[len(looks)-1])
}

// lateLook returns when late people next need a reading, or zero if they need none.
func (l Schedule) lateLook(g *Group) time.Time {
	var at time.Time
	last := g.Watch.ReadAt
	for i := range g.Members {
		m := &g.Members[i]
		if !m.called() {
			continue
		}
		due := latest(decided(m.CalledAt, l.RollLooks), last.Add(lateAgain))
		for _, look := range l.RollLooks {
			if first := m.CalledAt.Add(look); first.After(last) {
				due = first
				break
			}
		}
		at = earliest(at, due)
	}
	return at
}

// Extensions returns the times at which late people were requested, oldest first.
func (g *Group) Extensions() []time.Time {
	var all []time.Time
	for i := range g.Members {
		if m := &g.Members[i]; m.Late && (len(all) == 0 || m.AskedAt.After(all[len(all)-1])) {
			all = append(all, m.AskedAt)
		}
	}
	return all
}
