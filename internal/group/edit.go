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
	InPlace Correction = iota // no call was made for the group yet: its record changes
	Instead                   // the group certainly does not exist: another one is created instead of it
)

// Correction returns how the group is corrected. It fails with ErrReplaced if another group was already
// created instead of it, and with ErrState if it exists or may come to exist.
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

// beforeEditing says what a person must do first if the group's state allows no correction.
func beforeEditing(g *Group) say.Code {
	switch {
	case g.Status == Review:
		return say.EditReview
	case g.undecided():
		return say.EditAbandoned
	case g.Status == Creating, g.Status == Verifying:
		return say.EditOpen
	default:
		return say.EditExists
	}
}

// Edit writes a corrected request into a group for which no call was made yet. It begins a new round: a worker
// that prepares the create of the old request notices before it calls, and the lists count as not read for the new one.
// Equip adds the pool's values and staff again.
func (g *Group) Edit(want *Group, now time.Time) error {
	if way, err := g.Correction(); err != nil {
		return err
	} else if way != InPlace {
		return g.refuse("edit in place: calls were made for it")
	}
	g.Name, g.AutoInvite, g.NotBefore, g.ExpiresAt = want.Name, want.AutoInvite, want.NotBefore, want.ExpiresAt
	g.Message, g.Metadata, g.Consent = want.Message, want.Metadata, want.Consent
	g.Members, g.Setup, g.SoughtAt = append([]Member(nil), want.Members...), nil, time.Time{}
	if want.Setup != nil {
		g.Setup = NewSetup(want.Setup.Asked, now)
	}
	g.Round++
	g.requeue(now)
	return nil
}

// Supersede notes that another group is created instead of this one, and cancels this one if it still waits. by is the
// other group's id; another call with the same id changes nothing.
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

// Kept returns a corrected list with each person once. People who are members of the group already keep their Member,
// as it is. With repeat, they are requested again.
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

// again resets a member of a group that was not created to Pending.
func (m *Member) again(now time.Time) {
	*m = Member{
		Number: m.Number, Input: m.Input, WhatsApp: m.WhatsApp, LID: m.LID, Name: m.Name, AskedBy: m.AskedBy, AskedAt: m.AskedAt,
	}
	m.set(Pending, say.Phrase{}, now)
}
