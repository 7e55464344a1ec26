package steps

import (
	"context"
	"errors"
	"strings"
	"text/template"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// invite sends one person one private invitation, after asking at the last moment whether it is
// still wanted and allowed.
func (s *Steps) invite(ctx context.Context, in *Instance, g *group.Group, person int, at ledger.Clock, slot *pacing.Slot) error {
	if g.Status != group.Inviting || person >= len(g.Members) || g.Members[person].Status != group.InviteQueued {
		return nil
	}
	if g.Members[person].Invite != nil {
		return s.doubted(ctx, in, g, at, person)
	}
	if err := s.disturbable(ctx, g, person, at.Now()); err != nil {
		return err
	}
	if err := s.sameNumber(in, slot); err != nil {
		return err
	}
	g, waiting, err := s.lateJoin(ctx, in, g, at, person)
	if err != nil || !waiting {
		return err
	}
	g, known, err := s.link(ctx, in, g, at, person)
	if err != nil || !known {
		return err
	}
	invitation, err := s.invitation(in, g, person)
	if err != nil {
		return err
	}
	if err := slot.Wait(ctx); err != nil {
		return &Later{Why: err.Error()}
	}
	if out, err := s.Ledger.Suppressed(ctx, []phone.Identity{g.Members[person].Identity()}); err != nil {
		return err
	} else if out[0] {
		_, err := s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
			return g.InviteEnded(person, group.OptedOut, "is on the suppression list", now)
		})
		return settled(err)
	}
	intent, err := s.Ledger.Intend(ctx)
	if err != nil {
		return unsure(err)
	}
	if over, err := s.recallInvite(ctx, in, g, at, person, invitation, intent.Doubt); err != nil || over {
		return err
	}
	if err := s.begin(ctx, slot, nil); err != nil {
		return err
	}
	var begun group.Begun
	g, err = s.Ledger.Amend(ctx, g, at, func(g *group.Group, now time.Time) (err error) {
		begun, err = g.BeginInvite(person, s.Worker, in.InviteBudget, s.alive(ctx), now)
		return err
	})
	if err != nil {
		return err
	}
	switch begun {
	case group.Go:
		return s.send(ctx, in, g, at, person, invitation, slot, intent)
	case group.Past:
		return nil
	default: // somebody else began it since we loaded the group
		return &Later{After: time.Second, Why: "its invitation is under way elsewhere"}
	}
}

// send makes the one call and records what came of it.
func (s *Steps) send(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int, i provider.Invitation, slot *pacing.Slot, intent ledger.Intent) error {
	if err := s.Ledger.Replicated(ctx, g.ID, func(g *group.Group) bool {
		i := g.Members[person].Invite
		return i != nil && i.Owner == s.Worker
	}); errors.Is(err, ledger.ErrGone) {
		return &Later{After: s.Policy.Retry.delay(0, 0), Why: err.Error()} // nobody called
	} else if err != nil {
		return s.unsent(ctx, in, g, at, person, unconfirmed("invite", err))
	}
	if !slot.Valid() {
		return s.unsent(ctx, in, g, at, person, &provider.Error{Class: provider.NotSent, Op: "invite", Text: "the slot was lost before the call"})
	}
	s.Ledger.Calling(intent)
	trace := &provider.Trace{}
	sent, err := in.Provider.Invite(provider.WithTrace(context.WithoutCancel(ctx), trace), i)
	s.settleSlot(ctx, slot, trace)
	if err != nil {
		return s.unsent(ctx, in, g, at, person, provider.AsError(err))
	}
	return s.invited(ctx, in, g, at, person, sent.MessageID)
}

// invited records an invitation that the provider took, and what must follow: the readings that
// find out whether it was followed.
func (s *Steps) invited(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int, messageID string) error {
	// Before the record, since the provider may tell the message's fate at any moment. Without it
	// only that news is lost.
	if err := s.Ledger.RememberMessage(context.WithoutCancel(ctx), in.Name, messageID, g.ID, person); err != nil {
		s.Log.Warn().Err(err).Str("group", g.ID).Str("instance", in.Name).Msg("a message's webhooks will not be understood")
	}
	g, err := s.Ledger.Commit(ctx, g, at, s.seeing(ctx, func(g *group.Group, now time.Time) error {
		return g.Invited(person, messageID, now)
	}))
	if err != nil {
		return settled(err)
	}
	return s.followJoins(ctx, g)
}

// unsent records an invitation without a clean answer, by what it may have done.
func (s *Steps) unsent(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int, e *provider.Error) error {
	s.trouble(ctx, in, e, g.Members[person].Tries)
	s.Log.Info().Str("group", g.ID).Str("instance", in.Name).Int("person", person).Str("outcome", string(e.Class)).
		Int("status", e.Status).Str("error", e.Text).Msg("invitation without success")
	if e.Class == provider.Unknown {
		g, err := s.Ledger.Commit(ctx, g, at, func(g *group.Group, now time.Time) error {
			return g.InviteDoubted(person, e.Text, now)
		})
		if err != nil {
			return settled(err)
		}
		return s.doubted(ctx, in, g, at, person)
	}
	if e.Class == provider.NotSent {
		return s.notYet(ctx, g, at, person, e.Text, e.RetryAfter)
	}
	limited := e.Class == provider.Limited || e.Scope == provider.ScopeInstance
	held := e.Quota != "" && e.Quota != provider.QuotaSend // of the quota of sending the gate is shut
	_, err := s.Ledger.Commit(ctx, g, at, s.seeing(ctx, func(g *group.Group, now time.Time) error {
		switch {
		case limited:
			if err := g.InviteLimited(person, now); err != nil || !held {
				return err
			}
			if g.Status == group.Inviting {
				g.Waits(usedUp(e.Quota), now.Add(s.Policy.Rest.Initial))
			}
			return nil
		case e.Left:
			return g.InviteEnded(person, group.Left, "left the group, says the provider", now)
		case e.NoAccount:
			return g.InviteEnded(person, group.NotOnWhatsApp, "has no WhatsApp, says the provider", now)
		default:
			return g.InviteEnded(person, group.InviteFailed, "the provider refused the invitation: "+e.Text, now)
		}
	}))
	if err == nil && limited {
		later := &Later{Why: e.Text}
		if held {
			later.After = s.Policy.Rest.Initial
		}
		return later
	}
	return settled(err)
}

// notYet records that an invitation surely has not left and comes back to it, slower each time,
// until giving up.
func (s *Steps) notYet(ctx context.Context, g *group.Group, at ledger.Clock, person int, why string, retryAfter time.Duration) error {
	pause := s.Policy.Retry.delay(g.Members[person].Tries, retryAfter)
	g, err := s.Ledger.Commit(ctx, g, at, func(g *group.Group, now time.Time) error {
		if err := g.InviteNotSent(person, why, s.Policy.Retry.GiveUpAfter, now); err != nil {
			return err
		}
		if g.Status == group.Inviting {
			g.Waits("an invitation that could not be sent yet: "+why, now.Add(pause))
		}
		return nil
	})
	if err != nil {
		return settled(err)
	}
	if g.Members[person].Status != group.InviteQueued {
		return nil
	}
	return &Later{After: pause, Why: why}
}

// doubted looks for an invitation that may have been sent, in the provider's queue and journal. It
// is never sent again: found, it counts as sent; not found in time, a person is told.
func (s *Steps) doubted(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int) error {
	intent := g.Members[person].Invite
	now := at.Now()
	if intent.Owner != s.Worker && now.Before(intent.Until) && s.alive(ctx)(intent.Owner) {
		return &Later{After: min(5*time.Second, intent.Until.Sub(now)), Why: "its invitation is under way elsewhere"}
	}
	i, err := s.invitation(in, g, person)
	if err != nil {
		return err
	}
	var sent provider.Sent
	var found bool
	if i.Text != "" || i.Via == provider.ViaNative { // else its group was exchanged since, and its text with it
		sent, found, err = in.Provider.FindInvite(ctx, i, intent.At.Add(-group.ClockSkew))
	}
	over := now.After(intent.Until.Add(in.InviteBudget))
	if !over && (err != nil || !found) {
		return &Later{After: max(time.Second, in.InviteBudget/3), Why: "the invitation's answer was lost; it is looked for"}
	}
	if found {
		return s.invited(ctx, in, g, at, person, sent.MessageID)
	}
	said, shown := "the provider did not say whether it sent the invitation", "its queue and journal do not show it"
	if intent.Answer != "" {
		said += " (" + intent.Answer + ")"
	}
	if err != nil {
		shown = "its queue and journal cannot be read: " + provider.AsError(err).Text
	}
	g, err = s.Ledger.Commit(ctx, g, at, s.seeing(ctx, func(g *group.Group, now time.Time) error {
		return g.InviteEnded(person, group.InviteUnknown, said+", and "+shown, now)
	}))
	if err != nil {
		return settled(err)
	}
	return s.followJoins(ctx, g)
}

// disturbable answers Later while it is night where the person lives.
func (s *Steps) disturbable(ctx context.Context, g *group.Group, person int, now time.Time) error {
	if s.Policy.Quiet == nil {
		return nil
	}
	until := s.Policy.Quiet.Until(now, s.Policy.ZonesOf(g.Members[person].Number))
	if until.IsZero() {
		return nil
	}
	if g.Wait.Until.Before(now) {
		if _, err := s.Ledger.Update(ctx, g.ID, func(g *group.Group, _ time.Time) error {
			g.Waits("the end of the quiet hours where the invited people live", until)
			return nil
		}); err != nil {
			return err
		}
	}
	return &Later{After: until.Sub(now), Why: "quiet hours"}
}

// ZonesOf are the zones whose clocks quiet hours go by for a recipient: the configured one, or all
// that the number may be in. A number that tells none has the installation's.
func (p Policy) ZonesOf(n phone.Number) []*time.Location {
	if p.QuietZone != nil {
		return []*time.Location{p.QuietZone}
	}
	if zones := phone.Zones(n); len(zones) > 0 {
		return zones
	}
	return []*time.Location{p.Zone}
}

// sharedFor is how long one reading before an invitation serves the other invitations of its group,
// of all workers: what it told is in the record.
const sharedFor = 10 * time.Second

// lateJoin reads the group once more, unless that was done a moment ago. Who came in since the roll
// call needs no invitation.
func (s *Steps) lateJoin(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int) (_ *group.Group, waiting bool, err error) {
	look := func(g *group.Group, now time.Time) (bool, error) { return g.StillWaits(person, now) }
	if !g.SeenLately(person, sharedFor, at.Now()) {
		roll, self, err := s.read(ctx, in, g)
		if err != nil {
			e := provider.AsError(err)
			s.trouble(ctx, in, e, g.Members[person].Tries)
			if e.Quota != "" {
				return g, false, s.inviteHeld(ctx, g, at, person, usedUp(e.Quota), s.Policy.Rest.Initial)
			}
			return g, false, s.notYet(ctx, g, at, person, "the members cannot be read: "+e.Text, e.RetryAfter)
		}
		look = func(g *group.Group, now time.Time) (bool, error) {
			if roll.InviteLink != "" {
				g.InviteLink = roll.InviteLink
			}
			return g.LateJoin(person, reading(roll, self), now)
		}
	}
	g, err = s.see(ctx, g, at, func(g *group.Group, now time.Time) (err error) {
		waiting, err = look(g, now)
		return err
	})
	return g, waiting, settled(err)
}

// invitation is what is sent to the person. It is without a text when the link is not known.
func (s *Steps) invitation(in *Instance, g *group.Group, person int) (provider.Invitation, error) {
	i := provider.Invitation{Via: in.Via, Address: g.Members[person].Address(), GroupID: g.WhatsAppID}
	if in.Via == provider.ViaNative || g.InviteLink == "" {
		return i, nil
	}
	text := s.Policy.Message
	if g.Message != "" {
		own, err := template.New("inviteMessage").Parse(g.Message)
		if err != nil { // the door checks it
			return i, err
		}
		text = own
	}
	var b strings.Builder
	if err := text.Execute(&b, map[string]string{"Link": g.InviteLink, "GroupName": g.Name}); err != nil {
		return i, err
	}
	i.Text = b.String()
	return i, nil
}

// link sees to it that the invite link is known. It reports false when the invitation waits for it.
func (s *Steps) link(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int) (*group.Group, bool, error) {
	if in.Via == provider.ViaNative || g.InviteLink != "" {
		return g, true, nil
	}
	var link string
	if !in.Provider.Traits().LinkInRoll { // else the reading has just not told it
		var err error
		if link, err = in.Provider.InviteLink(ctx, g.WhatsAppID); err != nil {
			e := provider.AsError(err)
			if e.Class == provider.Limited && e.Scope == provider.ScopeRequest {
				return g, false, s.linkWaits(ctx, g, at, person)
			}
			return g, false, s.notYet(ctx, g, at, person, "the invite link cannot be read: "+e.Text, e.RetryAfter)
		}
	}
	if link == "" {
		return g, false, s.linkWaits(ctx, g, at, person)
	}
	g, err := s.Ledger.Update(ctx, g.ID, func(g *group.Group, _ time.Time) error {
		g.InviteLink = link
		return nil
	})
	return g, err == nil, err
}

// linkWaits comes back to an invitation whose link the provider does not tell. What our own number is
// in the group says why; an admin's link is only late, so that is no reason to give up.
func (s *Steps) linkWaits(ctx context.Context, g *group.Group, at ledger.Clock, person int) error {
	switch g.Sight.Own {
	case group.StandingMember:
		return s.notYet(ctx, g, at, person, "this number is not an admin of the group, so the provider does not tell it the invite link; make it an admin on a phone", 0)
	case group.StandingOut:
		return s.notYet(ctx, g, at, person, "this number is not in the group, so the provider does not tell it the invite link; add it as an admin on a phone", 0)
	case group.StandingAdmin:
	default:
		return s.notYet(ctx, g, at, person, "the provider does not tell the invite link: this number is not an admin of the group, or asked too often", 0)
	}
	return s.inviteHeld(ctx, g, at, person, "the invite link: this number is an admin, and the provider does not tell it; it may have been asked too often",
		max(time.Minute, s.Policy.Retry.delay(g.Members[person].Tries, 0)))
}

// inviteHeld comes back to an invitation that waits for something that is no reason to give up.
func (s *Steps) inviteHeld(ctx context.Context, g *group.Group, at ledger.Clock, person int, why string, pause time.Duration) error {
	_, err := s.Ledger.Commit(ctx, g, at, s.seeing(ctx, func(g *group.Group, now time.Time) error {
		if err := g.InviteLimited(person, now); err != nil {
			return err
		}
		g.Members[person].Tries++
		if g.Status == group.Inviting {
			g.Waits(why, now.Add(pause))
		}
		return nil
	}))
	if err != nil {
		return settled(err)
	}
	return &Later{After: pause, Why: why}
}

// settled turns "the member has ended otherwise" into success: somebody else was quicker.
func settled(err error) error {
	if isState(err) {
		return nil
	}
	return err
}
