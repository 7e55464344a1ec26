package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Consent is a person's, or a group's, permission as the asker vouches for it.
type Consent struct {
	Source string    `json:"source"`
	At     time.Time `json:"at,omitzero"`
}

// Departure is what a webhook told of a member's leaving. That is not proof: only a reading makes a
// member Left.
type Departure string

// The ways of leaving.
const (
	SaidLeft    Departure = "left"    // by their own will
	SaidRemoved Departure = "removed" // by an admin
)

// Told keeps what a webhook told of a person, until a reading shows whether it is so. It reports
// whether that is news: it is not if the person is not in this group's list or if it was told before.
func (g *Group) Told(who phone.Identity, what Departure) bool {
	for i := range g.Members {
		m := &g.Members[i]
		if !m.Is(who) {
			continue
		}
		if m.Said == what || !m.leaves() {
			return false
		}
		m.Said = what
		return true
	}
	return false
}

// Leavers are the members who left by their own will, as far as anybody told or can know. They
// want to be left alone.
func (g *Group) Leavers() []int {
	var all []int
	for i := range g.Members {
		if m := &g.Members[i]; m.Status == Left && m.Said != SaidRemoved {
			all = append(all, i)
		}
	}
	return all
}

// Is says that an address is this member's.
func (m *Member) Is(who phone.Identity) bool {
	return phone.SamePerson(m.Identity(), who) || m.Number != "" && phone.SamePerson(m.Number.Identity(), who)
}

// leaves says that the member is in the group or may be. A webhook about a person who is not in the
// group does not change that.
func (m *Member) leaves() bool {
	switch m.Status {
	case Pending, Added, Joined, Invited, InviteUnknown, InviteFailed, NotAdded, Unidentified, Requested:
		return true
	case InviteQueued:
		return m.Invite == nil
	default:
		return false
	}
}

// missed settles a member whom a conclusive reading did not hold, and reports whether it moved. With
// hidden, the list holds people with a hidden number who were not there at the roll call, and a
// member without a known LID may be one of them.
func (m *Member) missed(hidden bool, began, now time.Time) bool {
	switch {
	case !m.leaves():
	case m.Said != "":
		m.gone(now)
		return true
	case m.Status != Added && m.Status != Joined:
	case hidden && m.LID == "":
		m.MissedAt = time.Time{}
	case m.MissedAt.IsZero():
		m.MissedAt = began
	case began.Sub(m.MissedAt) >= confirmAfter:
		m.gone(now)
		return true
	}
	return false
}

// gone makes a member Left. What was told stays: it says by whose will.
func (m *Member) gone(now time.Time) {
	m.MissedAt = time.Time{}
	if m.Said == SaidRemoved {
		m.set(Left, say.Phrase{Code: say.Removed}, now)
		return
	}
	m.set(Left, say.Phrase{Code: say.LeftGroup}, now)
}
