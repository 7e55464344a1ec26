package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Consent is the permission of the people of a request, as the client states it.
type Consent struct {
	Source string    `json:"source"`
	At     time.Time `json:"at,omitzero"`
}

// Departure is what a webhook reported about a member who left. It is no proof: only a reading makes a
// member Left.
type Departure string

// The ways of leaving.
const (
	SaidLeft    Departure = "left"    // by their own will
	SaidRemoved Departure = "removed" // by an admin
)

// Told keeps what a webhook reported about a person, until a reading confirms or refutes it. It returns true
// if the person is a member who can leave and this was not reported before.
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

// Leavers returns the indexes of members who left and were not reported as removed by an admin. Do not contact them.
func (g *Group) Leavers() []int {
	var all []int
	for i := range g.Members {
		if m := &g.Members[i]; m.Status == Left && m.Said != SaidRemoved {
			all = append(all, i)
		}
	}
	return all
}

// Is reports whether an address is this member's.
func (m *Member) Is(who phone.Identity) bool {
	return phone.SamePerson(m.Identity(), who) || m.Number != "" && phone.SamePerson(m.Number.Identity(), who)
}

// leaves reports whether the member is in the group or may be, so that a departure can be true.
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

// missed updates a member who was absent from a conclusive reading, and reports whether the member's status changed.
// hidden says that the list holds people with a hidden number who were not there at the roll call: a member without a
// known LID may be one of them.
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

// gone makes a member Left. Said stays: it tells whether an admin removed the member.
func (m *Member) gone(now time.Time) {
	m.MissedAt = time.Time{}
	if m.Said == SaidRemoved {
		m.set(Left, say.Phrase{Code: say.Removed}, now)
		return
	}
	m.set(Left, say.Phrase{Code: say.LeftGroup}, now)
}
