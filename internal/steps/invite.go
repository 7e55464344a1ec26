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
	g, waiting, err := s.lateJoin(ctx, in, g, at, person)
	if err != nil || !waiting {
		return err
	}
	g, invitation, err := s.invitation(ctx, in, g, at, person)
	if err != nil || invitation.Text == "" && invitation.Via == provider.ViaText {
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
	_, err := s.Ledger.Commit(ctx, g, at, s.seeing(ctx, func(g *group.Group, now time.Time) error {
		switch {
		case limited:
			return g.InviteLimited(person, now)
		case e.Left:
			return g.InviteEnded(person, group.Left, "left the group, says the provider", now)
		case e.NoAccount:
			return g.InviteEnded(person, group.NotOnWhatsApp, "has no WhatsApp, says the provider", now)
		default:
			return g.InviteEnded(person, group.InviteFailed, "the provider refused the invitation: "+e.Text, now)
		}
	}))
	if err == nil && limited {
		return &Later{Why: e.Text}
	}
	return settled(err)
}

// notYet records that an invitation surely has not left and comes back to it, slower each time,
// until giving up.
func (s *Steps) notYet(ctx context.Context, g *group.Group, at ledger.Clock, person int, why string, retryAfter time.Duration) error {
	pause := s.Policy.Retry.delay(g.Members[person].Tries, retryAfter)
	g, err := s.Ledger.Commit(ctx, g, at, func(g *group.Group, now time.Time) error {
		return g.InviteNotSent(person, why, s.Policy.Retry.GiveUpAfter, now)
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
	var sent provider.Sent
	var found bool
	var err error
	if g.InviteLink != "" || in.Via == provider.ViaNative { // else the text that was sent is not known any more
		var i provider.Invitation
		if g, i, err = s.invitation(ctx, in, g, at, person); err != nil {
			return err
		}
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

// lateJoin reads the group once more. Who came in since the roll call needs no invitation.
func (s *Steps) lateJoin(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int) (_ *group.Group, waiting bool, err error) {
	roll, self, err := s.read(ctx, in, g)
	if err != nil {
		e := provider.AsError(err)
		s.trouble(ctx, in, e, g.Members[person].Tries)
		return g, false, s.notYet(ctx, g, at, person, "the members cannot be read: "+e.Text, e.RetryAfter)
	}
	g, err = s.see(ctx, g, at, func(g *group.Group, now time.Time) (err error) {
		if roll.InviteLink != "" {
			g.InviteLink = roll.InviteLink
		}
		waiting, err = g.LateJoin(person, reading(roll, self), now)
		return err
	})
	return g, waiting, settled(err)
}

// invitation is what is sent to the person.
func (s *Steps) invitation(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int) (*group.Group, provider.Invitation, error) {
	i := provider.Invitation{Via: in.Via, Address: g.Members[person].Address(), GroupID: g.WhatsAppID}
	if in.Via == provider.ViaNative {
		return g, i, nil
	}
	link := g.InviteLink
	if link == "" {
		var err error
		if link, err = in.Provider.InviteLink(ctx, g.WhatsAppID); err != nil || link == "" {
			why := "the instance is no admin of the group, so it cannot read the invite link"
			if err != nil {
				why = "the invite link cannot be read: " + provider.AsError(err).Text
			}
			return g, i, s.notYet(ctx, g, at, person, why, 0)
		}
		if g, err = s.Ledger.Update(ctx, g.ID, func(g *group.Group, _ time.Time) error {
			g.InviteLink = link
			return nil
		}); err != nil {
			return g, i, err
		}
	}
	text := s.Policy.Message
	if g.Message != "" {
		own, err := template.New("inviteMessage").Parse(g.Message)
		if err != nil { // the door checks it
			return g, i, err
		}
		text = own
	}
	var b strings.Builder
	if err := text.Execute(&b, map[string]string{"Link": link, "GroupName": g.Name}); err != nil {
		return g, i, err
	}
	i.Text = b.String()
	return g, i, nil
}

// settled turns "the member has ended otherwise" into success: somebody else was quicker.
func settled(err error) error {
	if isState(err) {
		return nil
	}
	return err
}
