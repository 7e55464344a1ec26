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

// Bounced records that the message of member i's invitation, which the provider had taken, did not arrive: s is
// NotOnWhatsApp, InviteFailed, or InviteUnknown if that is uncertain. No worker sends it again: if the provider is
// wrong, the person would get two. A reading that finds the person in the group overrules it.
func (g *Group) Bounced(i int, messageID string, s MemberStatus, reason say.Phrase, now time.Time) error {
	return g.fated(i, Fate{messageID, s, reason}, now, Invited, InviteUnknown)
}

// Delivered records that the message of member i's invitation left, if that was unknown.
func (g *Group) Delivered(i int, messageID string, now time.Time) error {
	return g.fated(i, Fate{MessageID: messageID, Status: Invited}, now, InviteUnknown)
}

// fated records what became of a message, if member i's invitation has the message's id and the member is in one of the
// states in. While the worker that sent it has not recorded the id yet, the intent keeps the fate.
func (g *Group) fated(i int, f Fate, now time.Time, in ...MemberStatus) error {
	if i < 0 || i >= len(g.Members) || f.MessageID == "" {
		return fmt.Errorf("the message is of no member %d: %w", i, ErrState)
	}
	m := &g.Members[i]
	if m.Status == InviteQueued && m.Invite != nil {
		if was := m.Invite.Fate; was != nil && (was.Status == f.Status || !slices.Contains(in, was.Status)) {
			return fmt.Errorf("the message of member %d is %s: %w", i, was.Status, ErrState)
		}
		m.Invite.Fate, g.UpdatedAt = &f, now
		return nil
	}
	if m.MessageID != f.MessageID {
		return fmt.Errorf("the message is of no member %d: %w", i, ErrState)
	}
	if m.Status == f.Status || !slices.Contains(in, m.Status) {
		return fmt.Errorf("the member %d is %s: %w", i, m.Status, ErrState)
	}
	m.set(f.Status, f.Reason, now)
	g.UpdatedAt = now
	return nil
}
