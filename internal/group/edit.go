package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Correction is how a group is corrected.
type Correction int

// The ways.
const (
	InPlace Correction = iota // nothing was called for it yet: the record changes
	Instead                   // it surely does not exist: another group is created instead of it
)

// Correction says how the group is corrected. It fails with ErrReplaced where another group was created
// instead of it already, and with ErrState where it exists or may come to exist.
func (g *Group) Correction() (Correction, error) {
	switch {
	case g.ReplacedBy != "":
		return Instead, &Refusal{What: "edit", Why: say.Phrase{Code: say.RefusedEditOf, Name: g.ReplacedBy}, Kind: ErrReplaced}
	case g.Status == Queued && len(g.Attempts) == 0:
		return InPlace, nil
	case g.Status == Queued, g.Replaceable():
		return Instead, nil
	}
	return Instead, Refuse("edit", say.Phrase{Code: say.RefusedEdit, Kind: string(g.Status), Why: []say.Phrase{{Code: beforeEditing(g)}}})
}

// beforeEditing is what to do instead where a group's state allows no correction.
func beforeEditing(g *Group) say.Code {
	switch {
	case g.Status == Review:
		return say.EditReview
	case g.Status == Creating, g.Status == Verifying:
		return say.EditOpen
	default:
		return say.EditExists
	}
}

// Edit takes over what a corrected request asks for, into a group for which nothing was called yet. It is a new
// round: a worker that prepares the create of the old request finds out before it calls. What the pool
// adds is taken in again.
func (g *Group) Edit(want *Group, now time.Time) error {
	if way, err := g.Correction(); err != nil {
		return err
	} else if way != InPlace {
		return g.refuse("edit in place: calls were made for it")
	}
	g.Name, g.AutoInvite, g.NotBefore, g.ExpiresAt = want.Name, want.AutoInvite, want.NotBefore, want.ExpiresAt
	g.Message, g.Metadata, g.Consent = want.Message, want.Metadata, want.Consent
	g.Members, g.Setup = append([]Member(nil), want.Members...), nil
	if want.Setup != nil {
		g.Setup = NewSetup(want.Setup.Asked, now)
	}
	g.Round++
	g.requeue(now)
	return nil
}

// Supersede lets another group be created instead of this one, which ends if it still waits. By is the
// other one's id; asking again for the same one changes nothing.
func (g *Group) Supersede(by string, now time.Time) error {
	if g.ReplacedBy == by {
		return nil
	}
	if way, err := g.Correction(); err != nil {
		return err
	} else if way != Instead {
		return g.refuse("replace: nothing was called for it")
	}
	if g.Status == Queued {
		g.move(Cancelled, now)
	}
	return g.Replace(by, now)
}

// Kept replaces people of a corrected list by the group's own members, as they stand, where they are the
// same person. Each person appears once. With repeat, the group asks for each kept member again.
func (g *Group) Kept(people []Member, repeat bool, now time.Time) []Member {
	var kept []Member
	have := phone.Set{}
	for i := range people {
		m := people[i]
		if own := g.MemberOf(m.Identity()); own != nil && !own.Staff {
			name := m.Name
			if m = *own; name != "" {
				m.Name = name
			}
			if repeat {
				m.again(now)
			}
		}
		if !m.usable() || have.Add(m.Identity()) {
			kept = append(kept, m)
		}
	}
	return kept
}

// again asks for a member of a group that was not created.
func (m *Member) again(now time.Time) {
	*m = Member{
		Number: m.Number, Input: m.Input, WhatsApp: m.WhatsApp, LID: m.LID, Name: m.Name, AskedBy: m.AskedBy, AskedAt: m.AskedAt,
	}
	m.set(Pending, say.Phrase{}, now)
}
