package group

import (
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// waiting returns member i if its invitation is waiting.
func (g *Group) waiting(i int) (*Member, error) {
	if i < 0 || i >= len(g.Members) {
		return nil, fmt.Errorf("the group has no member %d: %w", i, ErrState)
	}
	m := &g.Members[i]
	if g.Status != Inviting || m.Status != InviteQueued {
		return nil, fmt.Errorf("invite member %d: the member is %s: %w", i, m.Status, ErrState)
	}
	return m, nil
}

// begunInvite returns member i if its invitation is waiting, or if a worker has begun it: its result is recorded
// whatever state the group has by then.
func (g *Group) begunInvite(i int) (*Member, error) {
	if i >= 0 && i < len(g.Members) && g.Members[i].Status == InviteQueued && g.Members[i].Invite != nil {
		return &g.Members[i], nil
	}
	return g.waiting(i)
}

// ToInvite reports whether member i's invitation is still to be sent.
func (g *Group) ToInvite(i int) bool {
	_, err := g.waiting(i)
	return err == nil
}

// LateJoin records a reading taken right before an invitation. A person who is in the group now needs none, and a
// person who could be a hidden newcomer is not invited. It reports whether member i still waits.
func (g *Group) LateJoin(i int, r Reading, now time.Time) (bool, error) {
	if _, err := g.waiting(i); err != nil {
		return false, err
	}
	g.recognise(r, now)
	return g.StillWaits(i, now)
}

// StillWaits is LateJoin with the latest reading, taken a moment ago for another invitation.
func (g *Group) StillWaits(i int, now time.Time) (bool, error) {
	if i < 0 || i >= len(g.Members) {
		return false, fmt.Errorf("the group has no member %d: %w", i, ErrState)
	}
	m := &g.Members[i]
	switch {
	case m.Status != InviteQueued || m.Invite != nil:
	case m.Said != "":
		m.gone(now)
	case g.Sight.Hidden > g.Strangers && m.LID == "":
		m.set(Unidentified, say.Phrase{Code: say.HiddenCame}, now)
	}
	g.UpdatedAt = now
	g.settle(now)
	return m.Status == InviteQueued, nil
}

// SeenLately reports whether the latest reading is recent enough for member i's invitation too: it is younger
// than within, and no webhook has reported a change since.
func (g *Group) SeenLately(i int, within time.Duration, now time.Time) bool {
	age := now.Sub(g.Sight.At)
	return age >= 0 && age < within && g.Watch.AskedAt.IsZero() && g.Members[i].Said == ""
}

// BeginInvite writes the intent of member i's invitation, before the call.
func (g *Group) BeginInvite(i int, owner string, budget time.Duration, alive func(owner string) bool, now time.Time) Begun {
	m, err := g.waiting(i)
	if err != nil {
		return Past
	}
	return g.intend(m, owner, budget, alive, now)
}

// intend writes the intent of the one call for a member. It never replaces an intent: its call may have been
// made.
func (g *Group) intend(m *Member, owner string, budget time.Duration, alive func(owner string) bool, now time.Time) Begun {
	if m.Invite != nil {
		if now.Before(m.Invite.Until) && alive(m.Invite.Owner) {
			return Busy
		}
		return Doubt
	}
	g.Wait = Wait{}
	m.Invite = &Intent{Owner: owner, At: now, Until: now.Add(budget)}
	m.UpdatedAt, g.UpdatedAt = now, now
	return Go
}

// Invited records that the provider took the invitation, and what a webhook has told of it already.
func (g *Group) Invited(i int, messageID string, now time.Time) error {
	m, err := g.begunInvite(i)
	if err != nil {
		return err
	}
	m.MessageID, m.InvitedAt = messageID, now
	if f := m.fate(); f != nil && f.MessageID == messageID && f.Status != Invited {
		return g.arrive(m, f.Status, f.Reason, now)
	}
	return g.arrive(m, Invited, m.Reason, now)
}

// fate returns what a webhook told of the invitation that a worker has begun, or nil.
func (m *Member) fate() *Fate {
	if m.Invite == nil {
		return nil
	}
	return m.Invite.Fate
}

// InviteNotSent records that the invitation certainly did not leave: it waits again, until giveUp has passed since the
// first such try.
func (g *Group) InviteNotSent(i int, why say.Phrase, giveUp time.Duration, now time.Time) error {
	m, err := g.begunInvite(i)
	if err != nil {
		return err
	}
	if m.tried(now) >= giveUp {
		return g.arrive(m, InviteFailed, say.Phrase{Code: say.InviteFailed, Why: []say.Phrase{why}}, now)
	}
	return g.waits(m, now)
}

// tried counts a try of the member's call that did not leave, and returns how long such tries go on.
func (m *Member) tried(now time.Time) time.Duration {
	if m.TryingFrom.IsZero() {
		m.TryingFrom = now
	}
	m.Tries++
	return now.Sub(m.TryingFrom)
}

// InviteLimited records that the invitation certainly did not leave because the instance must rest. It uses up no try,
// and giveUp counts from the next failed one.
func (g *Group) InviteLimited(i int, now time.Time) error {
	m, err := g.begunInvite(i)
	if err != nil {
		return err
	}
	m.TryingFrom = time.Time{}
	return g.waits(m, now)
}

// waits makes an invitation that was not sent wait again. If the person has asked to join meanwhile, it ends the
// invitation instead.
func (g *Group) waits(m *Member, now time.Time) error {
	if m.asks() {
		return g.arrive(m, Requested, say.Phrase{Code: say.AskedToJoin}, now)
	}
	m.Invite = nil
	m.UpdatedAt, g.UpdatedAt = now, now
	return nil
}

// InviteDoubted keeps the provider's answer to member i's invitation, when that answer leaves the outcome unknown.
func (g *Group) InviteDoubted(i int, answer say.Phrase, now time.Time) error {
	m, err := g.begunInvite(i)
	if err != nil {
		return err
	}
	if m.Invite == nil {
		return g.refuse(fmt.Sprintf("doubt the invitation of member %d", i))
	}
	m.Invite.Answer = answer
	m.UpdatedAt, g.UpdatedAt = now, now
	return nil
}

// InviteEnded ends a member's invitation in a state that allows no invitation, or no second one: OptedOut, Left,
// NotOnWhatsApp, InviteFailed, InviteUnknown. If s is InviteUnknown and a webhook has told what became of the message,
// that counts instead.
func (g *Group) InviteEnded(i int, s MemberStatus, reason say.Phrase, now time.Time) error {
	m, err := g.begunInvite(i)
	if err != nil {
		return err
	}
	if f := m.fate(); f != nil && s == InviteUnknown {
		return g.Invited(i, f.MessageID, now)
	}
	return g.arrive(m, s, reason, now)
}

// arrive ends one member and, after the last one, the group.
func (g *Group) arrive(m *Member, s MemberStatus, reason say.Phrase, now time.Time) error {
	m.Invite = nil
	if m.asks() && (s == Invited || s == InviteUnknown || s == InviteFailed) {
		m.asked(s == InviteUnknown, now) // the person has asked to join during the call
	} else {
		m.set(s, reason, now)
	}
	g.UpdatedAt = now
	g.settle(now)
	return nil
}
