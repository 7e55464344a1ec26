package group

import (
	"fmt"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Undelivered reports whether the provider took the invitation and later reported that it had not arrived.
func (m *Member) Undelivered() bool {
	return !m.InvitedAt.IsZero() && (m.Status == InviteFailed || m.Status == NotOnWhatsApp)
}

// Bounced records that the message of member i's invitation, which the provider had taken, did not
// arrive: s is NotOnWhatsApp, InviteFailed, or InviteUnknown where that is not certain. No worker
// sends it again: if the provider is wrong, the person would get two. A reading that finds the person
// in the group overrules it.
func (g *Group) Bounced(i int, messageID string, s MemberStatus, reason say.Phrase, now time.Time) error {
	m, err := g.invited(i, messageID, Invited, InviteUnknown)
	if err != nil {
		return err
	}
	if m.Status == s {
		return fmt.Errorf("member %d is %s already: %w", i, s, ErrState)
	}
	m.set(s, reason, now)
	g.UpdatedAt = now
	return nil
}

// Delivered records that the message of member i's invitation left, where that was unknown.
func (g *Group) Delivered(i int, messageID string, now time.Time) error {
	m, err := g.invited(i, messageID, InviteUnknown)
	if err != nil {
		return err
	}
	m.set(Invited, say.Phrase{}, now)
	g.UpdatedAt = now
	return nil
}

// invited returns member i if its invitation has the message id and it is in one of some states.
func (g *Group) invited(i int, messageID string, in ...MemberStatus) (*Member, error) {
	if i < 0 || i >= len(g.Members) || messageID == "" || g.Members[i].MessageID != messageID {
		return nil, fmt.Errorf("the message is of no member %d: %w", i, ErrState)
	}
	m := &g.Members[i]
	if !slices.Contains(in, m.Status) {
		return nil, fmt.Errorf("the member %d is %s: %w", i, m.Status, ErrState)
	}
	return m, nil
}
