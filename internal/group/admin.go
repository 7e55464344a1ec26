package group

import (
	"fmt"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Cancel ends a group before it exists.
func (g *Group) Cancel(now time.Time) error {
	if g.Status != Queued {
		return g.refuse("cancel")
	}
	g.move(Cancelled, now)
	return nil
}

// Move sends a waiting group to another instance or pool. It begins a new round: the task that waits in
// the old queue then does nothing.
func (g *Group) Move(to tasks.Target, now time.Time) error {
	if g.Status != Queued {
		return g.refuse("move")
	}
	if g.Target == to {
		return g.refuse("move: it waits for " + to.String() + " already")
	}
	g.unequip(now)
	g.Target, g.Round, g.SoughtAt = to, g.Round+1, time.Time{} // the lists were read for the old target
	g.requeue(now)
	return nil
}

// Retry puts a failed or cancelled group back into the queue and resets its tries. It fails with ErrExpired if
// expiresAt has passed, with ErrReplaced if another group was created instead, and with ErrExists if the group exists:
// its review was abandoned. If a late answer named a group meanwhile, Retry takes that group instead of creating
// another. An abandoned review of a group that may exist opens again: a person must decide it first.
func (g *Group) Retry(now time.Time) error {
	if g.Status != Failed && g.Status != Cancelled {
		return g.refuse("retry")
	}
	if g.ReplacedBy != "" {
		return fmt.Errorf("retry: %w (%s)", ErrReplaced, g.ReplacedBy)
	}
	if g.Exists() {
		return fmt.Errorf("retry: %w", ErrExists)
	}
	if g.Overdue(now) {
		return fmt.Errorf("retry: %w", ErrExpired)
	}
	switch {
	case g.takeStray(now):
		g.Round++
	case g.undecided():
		g.Round++ // a new stay in review: receivers are told of every stay
		g.review(*g.Error, now)
	default:
		g.again(now)
	}
	return nil
}

// TakesLate reports whether a retry takes the group that a late answer named.
func (g *Group) TakesLate(now time.Time) bool {
	return len(g.Strays) > 0 && (g.Status == Failed || g.Status == Cancelled) && g.ReplacedBy == "" && !g.Exists() && !g.Overdue(now)
}

// undecided reports whether a person has abandoned the review of a group that may exist. A cancelled group has an
// Error only from its review.
func (g *Group) undecided() bool { return g.Status == Cancelled && !g.Exists() && g.Error != nil }

// Recreate ends a review by creating the group again: a person says that it does not exist. It fails with ErrExpired if
// expiresAt has passed; use Abandon then. Like Retry, it takes a group that a late answer named instead of creating
// another.
func (g *Group) Recreate(now time.Time) error {
	if g.Status != Review || g.Exists() {
		return g.refuse("recreate")
	}
	if g.Overdue(now) {
		return fmt.Errorf("recreate: %w", ErrExpired)
	}
	if !g.takeStray(now) {
		g.again(now)
	}
	return nil
}

// again starts a new round. Members who are NotOnWhatsApp or OptedOut become pending again, because the reason may
// have passed.
func (g *Group) again(now time.Time) {
	g.Round, g.AskAgain = g.Round+1, now
	g.Error, g.Tries, g.TryingFrom, g.Verify, g.Deaths = nil, 0, time.Time{}, Looking{}, 0
	for i := range g.Members {
		if m := &g.Members[i]; m.Status == NotOnWhatsApp || m.Status == OptedOut {
			m.set(Pending, say.Phrase{}, now)
		}
	}
	g.requeue(now)
}

// AdoptByHand ends a review by naming the group at WhatsApp, and calls its roll again. A member who has
// ended stays ended, so no person is invited twice.
func (g *Group) AdoptByHand(groupID string, now time.Time) error {
	if g.Status != Review {
		return g.refuse("adopt")
	}
	if g.Instance == "" {
		return g.refuse("adopt: no instance has ever tried it; recreate instead")
	}
	found, known := g.found(groupID)
	if !SameWhatsApp(g.WhatsAppID, found.GroupID) {
		g.InviteLink, g.LinkAt, g.Askers, g.NotAdded = "", time.Time{}, nil, nil
		if g.Setup != nil {
			g.Setup.restart(now)
		}
		for i := range g.Members { // requests and readings of the old group say nothing about the new one
			m := &g.Members[i]
			m.Request, m.MissedAt, m.Admin, m.WasAdmin = nil, time.Time{}, false, false
			switch { // a member of the old group may be missing from the new one
			case m.Status == Joined && !m.InvitedAt.IsZero():
				m.set(Invited, say.Phrase{}, now)
			case m.Status == Joined, m.Status == Added && m.Reason.Code == say.CameBack: // an invitation may have been sent
				m.set(InviteUnknown, say.Phrase{}, now)
			case m.Status == Added, m.Status == InviteQueued && m.Invite == nil:
				m.set(Pending, say.Phrase{}, now)
			case m.Status == Requested:
				m.unasked(Pending, say.Phrase{}, now)
			}
			if m.called() || m.toAdd() { // the call was for the old group
				m.CalledAt, m.Invite = time.Time{}, nil
			}
		}
	}
	if a := g.Latest(); a != nil {
		a.Number = "" // any number of the instance will do: a person says that the group is there. See MayHaveSecond
	}
	g.WhatsAppID, g.Instance = found.GroupID, found.Instance
	g.Adopted, g.ByHand, g.Strays, g.Error, g.Deaths = true, !known, nil, nil, 0
	g.Roll, g.Called, g.Sight = Looking{From: now}, false, Sight{}
	g.move(Inviting, now)
	return nil
}

// found returns the group at WhatsApp that a person named. If the record knows the group, found returns the id as the
// provider spells it, the instance that sees it, and true for known. Otherwise it returns the id as it was typed, the
// record's own instance, and false.
func (g *Group) found(groupID string) (s Stray, known bool) {
	all := slices.Clone(g.Strays)
	if g.Error != nil {
		for _, c := range g.Error.Candidates {
			all = append(all, Stray{c.GroupID, c.Instance})
		}
	}
	if !g.Sight.At.IsZero() {
		all = append(all, Stray{g.WhatsAppID, g.Instance})
	}
	for _, s := range all {
		if SameWhatsApp(s.GroupID, groupID) {
			return s, true
		}
	}
	return Stray{groupID, g.Instance}, false
}

// Abandon ends a review without deciding it.
func (g *Group) Abandon(now time.Time) error {
	if g.Status != Review {
		return g.refuse("abandon")
	}
	g.move(Cancelled, now)
	return nil
}
