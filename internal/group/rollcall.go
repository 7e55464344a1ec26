package group

import (
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Reading is one reading of who is in the group.
type Reading struct {
	People   []phone.Identity
	Admins   []bool         // which of People are admins of the group; nil where the list does not show it
	Self     phone.Identity // the instance's own number: never a stranger
	Complete bool           // false: the list is partial, so absence from it proves nothing
	Own      Standing       // what Self is in the group; "" where the list does not show it
}

// CallRoll marks the members that a reading shows in the group. With last, it decides about every member whom no
// reading showed: the member is invited if the request wants it, but never if the member could be one of the
// people whose number WhatsApp hides. A partial reading decides about no missing member. If the create was repeated,
// only the last reading ends the roll call: with it the worker searches for a second group.
func (g *Group) CallRoll(r Reading, last bool, now time.Time) error {
	if g.Status != Inviting || g.Called {
		return g.refuse("call the roll")
	}
	seen := g.recognise(r, now)
	if !r.Complete {
		g.Roll.Failures++
		g.UpdatedAt = now
		return nil
	}
	g.Roll.Looks++
	g.Roll.Failures = 0
	g.UpdatedAt = now
	if !last && (seen.settled < len(g.Members) || g.repeated()) {
		return nil
	}
	g.Called, g.Strangers = true, seen.strangers
	if g.Setup != nil {
		g.Setup.From = now
		g.release(now)
	}
	for i := range g.Members {
		if m := &g.Members[i]; m.Status == Pending && !m.Late {
			g.missing(m, g.Strangers, now)
		}
	}
	g.settle(now)
	return nil
}

// RollFailed counts a failed reading. After giveUp the group goes into review.
func (g *Group) RollFailed(why say.Phrase, giveUp time.Duration, now time.Time) error {
	return g.rollFailed(say.ErrorRollUnread, say.RemedyRollUnread, why, giveUp, now)
}

// RollRefused is RollFailed for a provider that refuses to show the group: its id may be wrong.
func (g *Group) RollRefused(why say.Phrase, giveUp time.Duration, now time.Time) error {
	return g.rollFailed(say.ErrorRollRefused, say.RemedyRollRefused, why, giveUp, now)
}

// MayBeMistyped reports whether the group is in review because the provider has never shown the adopted one.
func (g *Group) MayBeMistyped() bool {
	return g.Status == Review && g.Adopted && g.Sight.At.IsZero() && g.Error.Message.Code == say.ErrorRollRefused
}

func (g *Group) rollFailed(message, remedy say.Code, why say.Phrase, giveUp time.Duration, now time.Time) error {
	if g.Status != Inviting || g.Called {
		return g.refuse("count a failed roll call")
	}
	g.Roll.Failures++
	g.UpdatedAt = now
	if now.Sub(g.Roll.From) >= giveUp {
		g.review(Error{
			Code:    CodeUnverifiable,
			Message: say.Phrase{Code: message, Why: []say.Phrase{why}},
			Remedy:  say.Phrase{Code: remedy, Name: g.WhatsAppID},
		}, now)
	}
	return nil
}

// sighting is what a reading showed of the members.
type sighting struct {
	in        []bool // by member
	settled   int    // members for whom the roll call needs no further reading
	strangers int    // people with a hidden number and no link to a member
	moved     int    // members whose state it changed
}

// recognise marks the members that the reading holds and keeps what it shows of them.
func (g *Group) recognise(r Reading, now time.Time) sighting {
	people := make(map[string]int, 2*len(r.People))
	for i, p := range r.People {
		for _, key := range p.Keys() {
			people[key] = i
		}
	}
	known := make([]bool, len(r.People))
	mark := func(id phone.Identity) (int, bool) {
		for _, key := range id.Keys() {
			if i, ok := people[key]; ok {
				known[i] = true
				return i, true
			}
		}
		return 0, false
	}
	mark(r.Self)
	seen := sighting{in: make([]bool, len(g.Members))}
	for i := range g.Members {
		m := &g.Members[i]
		at, in := mark(m.Identity())
		if !in && m.WhatsApp != "" && m.Number != "" {
			at, in = mark(m.Number.Identity())
		}
		if in {
			seen.in[i] = true
			m.Learn(r.People[at])
			if r.Admins != nil {
				m.Admin = r.Admins[at]
				m.WasAdmin = m.WasAdmin || m.Admin
			}
			if m.arrived(now) {
				seen.moved++
			}
		}
		if !in && r.Complete && r.Admins != nil {
			m.Admin = false
		}
		if m.Status != Pending || m.Late {
			seen.settled++
		}
	}
	inside := func(who phone.Identity) bool {
		return slices.ContainsFunc(who.Keys(), func(key string) bool { _, in := people[key]; return in })
	}
	if g.dropAskers(inside) {
		g.UpdatedAt = now
	}
	for i, p := range r.People {
		if !known[i] && p.Digits == "" {
			seen.strangers++
		}
	}
	g.Sight.At, g.Sight.Hidden = now, seen.strangers
	if r.Own != "" {
		g.Sight.Own = r.Own
	}
	g.reopenAdmins(now)
	return seen
}

// arrived marks a member who was read in the group, and reports whether that is news.
func (m *Member) arrived(now time.Time) bool {
	m.Said, m.MissedAt, m.Request = "", time.Time{}, nil
	switch {
	case m.Status == Pending, m.Status == InviteQueued && m.Invite == nil, m.Status == Requested && m.InvitedAt.IsZero() && m.Reason.Code != say.AskedUnsure:
		m.Invite = nil
		m.set(Added, say.Phrase{}, now)
	case m.Status == Left && m.InvitedAt.IsZero():
		m.set(Added, say.Phrase{Code: say.CameBack}, now)
	case m.Status == Left:
		m.set(Joined, say.Phrase{Code: say.CameBack}, now)
	case m.Status == Invited:
		m.set(Joined, m.Reason, now)
	case m.Status == NotAdded && m.Staff: // an admin sent the link, or added them
		m.set(Joined, say.Phrase{}, now)
	case m.Status == Requested:
		m.set(Joined, say.Phrase{}, now)
	case m.Status == InviteUnknown, m.Undelivered():
		// The person is in the group, whether or not the message arrived.
		m.set(Joined, say.Phrase{}, now)
	default:
		return false
	}
	return true
}

// missing decides about a member whom no reading held. strangers is the number of people with a hidden number
// and no link to a member.
func (g *Group) missing(m *Member, strangers int, now time.Time) {
	if m.Said != "" { // the person came in and left again before the reading
		m.gone(now)
		return
	}
	if m.asks() {
		m.set(Requested, say.Phrase{Code: say.AskedToJoin}, now)
		return
	}
	// The person is certainly outside if no person in the group has a hidden number, if the LID that the person would
	// show is known, or if the provider itself names the person as left out.
	if strangers > 0 && m.LID == "" && !g.leftOut(m) {
		m.set(Unidentified, say.Phrase{Code: say.HiddenPeople, N: strangers}, now)
		return
	}
	if g.named(m) {
		m.set(NotAdded, say.Phrase{Code: say.NamedTwice}, now)
		return
	}
	reason := say.Phrase{Code: say.LeftOut}
	if m.called() && !m.Reason.Zero() { // the provider's own reason
		reason = m.Reason
	}
	if !g.AutoInvite || m.Staff && !g.Setup.InviteStaff || m.barred() {
		m.set(NotAdded, reason, now)
		return
	}
	m.set(InviteQueued, reason, now)
}

// barred reports whether WhatsApp's answer to the call that added the member allows no invitation either.
func (m *Member) barred() bool {
	return m.called() && slices.ContainsFunc(m.Reason.Why, func(why say.Phrase) bool {
		return why.Code == say.PersonNotByUs || why.Code == say.PersonBarred
	})
}

// named reports whether another member, who is decided already, is the same person. That happens if one was requested
// by the number and the other by the LID, and a check or a reading has shown since that they belong together.
func (g *Group) named(m *Member) bool {
	for i := range g.Members {
		if o := &g.Members[i]; o != m && o.Status != Pending && o.usable() && o.Is(m.Identity()) {
			return true
		}
	}
	return false
}

// leftOut reports whether the create's answer names the member as not added.
func (g *Group) leftOut(m *Member) bool {
	mine := m.Identity().Keys()
	if m.Number != "" {
		mine = append(mine, phone.Fold(m.Number.Digits()))
	}
	for _, address := range g.NotAdded {
		for _, key := range phone.IdentityOf(address).Keys() {
			if slices.Contains(mine, key) {
				return true
			}
		}
	}
	return false
}
