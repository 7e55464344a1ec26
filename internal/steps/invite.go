package steps

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/template"
)

// invite sends one person one private invitation. Right before the call it checks that the invitation is still wanted
// and allowed.
func (d *delivery) invite(ctx context.Context) error {
	if !d.g.ToInvite(d.person) {
		return nil
	}
	if d.member().Invite != nil {
		return d.findInvite(ctx)
	}
	if err := d.disturbable(ctx); err != nil {
		return err
	}
	if err := d.sameNumber(); err != nil {
		return err
	}

	if open, err := d.lateLook(ctx, inviting, d.g.SeenLately(d.person, sharedFor, d.at.Now())); err != nil || !open {
		return err
	}
	if known, err := d.link(ctx); err != nil || !known {
		return err
	}
	invitation, err := d.invitation()
	if err != nil {
		return err
	}
	if over, err := d.waitAndCheck(ctx, inviting); err != nil || over {
		return err
	}
	if over, err := d.recallInvite(ctx, invitation); err != nil || over {
		return err
	}
	if over, err := d.searched(ctx, inviting); err != nil || over {
		return err
	}

	if begun, err := d.beginFor(ctx, inviting); err != nil || !begun {
		return err
	}
	var sent provider.Sent
	e, err := d.callFor(ctx, inviting, func(ctx context.Context) (err error) {
		sent, err = d.in.Provider.Invite(ctx, invitation)
		return err
	})
	switch {
	case err != nil:
		return err
	case e != nil:
		return d.inviteFailed(ctx, e)
	default:
		return d.invited(ctx, sent.MessageID)
	}
}

// invited records an invitation that the provider accepted, and enqueues the readings that show whether the person joins.
func (d *delivery) invited(ctx context.Context, messageID string) error {
	// This comes before the record, because a delivery receipt may arrive at any moment. If it fails, only the receipts
	// are lost.
	early, err := d.Store.People.RememberMessage(context.WithoutCancel(ctx), d.in.Name, messageID, d.g.ID, d.person)
	if err != nil {
		d.Log.Warn().EmbedObject(event.MessageNotRemembered).Err(err).Str("group", d.g.ID).Str("instance", d.in.Name).Msg("message id not stored")
	}
	if err := d.commit(ctx, func(g *group.Group, now time.Time) error {
		if err := g.Invited(d.person, messageID, now); err != nil || early == nil {
			return err
		}
		return settled(g.Bounced(d.person, messageID, early.Status, early.Reason, now))
	}); err != nil {
		return settled(err)
	}
	return d.followJoins(ctx)
}

// inviteFailed records a failed invitation, by its outcome.
func (d *delivery) inviteFailed(ctx context.Context, e *provider.Error) error {
	d.trouble(ctx, d.in, e, d.member().Tries)
	d.Log.Info().EmbedObject(event.InviteFailed).Str("group", d.g.ID).Str("instance", d.in.Name).Int("person", d.person).Str("outcome", string(e.Class)).
		Int("status", e.Status).Str("error", e.Error()).Msg("invitation failed")
	if e.Class == provider.Unknown {
		if err := d.commit(ctx, func(g *group.Group, now time.Time) error {
			return g.InviteDoubted(d.person, e.Said(), now)
		}); err != nil {
			return settled(err)
		}
		return d.findInvite(ctx)
	}
	switch {
	case e.Class == provider.NotSent:
		return d.notSent(ctx, inviting, e.Said(), e.RetryAfter)
	case e.Class == provider.Limited, e.Scope == provider.ScopeInstance:
		return d.limited(ctx, inviting, e)
	case e.Left:
		return d.end(ctx, inviting, group.Left, say.Phrase{Code: say.LeftProvider})
	case e.NoAccount:
		return d.end(ctx, inviting, group.NotOnWhatsApp, say.Phrase{Code: say.NoWhatsAppProvider})
	default:
		return d.end(ctx, inviting, group.InviteFailed, say.Phrase{Code: say.InviteRefused, Why: []say.Phrase{e.Said()}})
	}
}

// findInvite searches the provider's queue and journal for an invitation that may have been sent. The invitation is
// never sent again. If it is found it counts as sent; if it is not found in time, its outcome stays unknown.
func (d *delivery) findInvite(ctx context.Context) error {
	intent := d.member().Invite
	if intent.Owner != d.Worker {
		if err := d.underWay(ctx, inviting, intent); err != nil {
			return err
		}
	}
	i, err := d.invitation()
	if err != nil {
		return err
	}
	var sent provider.Sent
	var found bool
	if i.Text != "" || i.Via == provider.ViaNative { // otherwise the request has another group by now
		sent, found, err = d.in.Provider.FindInvite(ctx, i, intent.At.Add(-group.ClockSkew))
	}
	over := d.at.Now().After(intent.Until.Add(d.in.InviteBudget))
	if !over && (err != nil || !found) {
		return &Later{After: max(time.Second, d.in.InviteBudget/3), Why: say.Phrase{Code: say.SnoozeLost}}
	}
	if found {
		return d.invited(ctx, sent.MessageID)
	}
	why := say.Phrase{Code: say.InviteUnknown, Why: []say.Phrase{intent.Answer}}
	if err != nil {
		why.Why = append(why.Why, provider.AsError(err).Said())
	}
	return d.end(ctx, inviting, group.InviteUnknown, why)
}

// invitation returns the message to the person. Its text is empty if the link is unknown.
func (d *delivery) invitation() (provider.Invitation, error) {
	i := provider.Invitation{Via: d.in.Via, Address: d.member().Address(), GroupID: d.g.WhatsAppID}
	if d.in.Via == provider.ViaNative || d.g.InviteLink == "" {
		return i, nil
	}
	var err error
	i.Text, err = d.fill(d.inviteMessage(), d.g.Name)
	return i, err
}

// inviteMessage returns the template of the group's invitations.
func (d *delivery) inviteMessage() string {
	return cmp.Or(d.g.Message, d.Policy.Pools[d.g.Target.Pool].InviteMessage, d.Policy.Message)
}

// fill executes a message's template, which was checked when it was accepted, for a group of this name.
func (d *delivery) fill(message, name string) (string, error) {
	t, err := template.Message(message)
	if err != nil {
		return "", err
	}
	return t.Fill(func(field string, _ ...string) any {
		switch field {
		case "Link":
			return d.g.InviteLink
		case "GroupName":
			return name
		case "Organisation":
			return d.Policy.Pools[d.g.Target.Pool].Organisation
		}
		return nil
	})
}

// linkFor is how long an invite link is used before it is read again, if reading it takes a call of its own. An admin
// of the group may reset the link, but WhatsApp does not answer an instance that asks too often.
const linkFor = time.Hour

// link reads the invite link if it is unknown or old. It reports whether the invitation can be sent now.
func (d *delivery) link(ctx context.Context) (bool, error) {
	known := d.g.InviteLink
	// A look for an invitation in doubt compares its text, so the link stays until no invitation is in doubt.
	begun := slices.ContainsFunc(d.g.Members, func(m group.Member) bool { return m.Invite != nil })
	old := d.in.Provider.Traits().LinkApart && !begun && d.at.Now().Sub(d.g.LinkAt) >= linkFor
	if d.in.Via == provider.ViaNative || known != "" && !old {
		return true, nil
	}
	var link string
	if !d.in.Provider.Traits().LinkInRoll { // otherwise the latest reading did not include it
		var err error
		if link, err = d.in.Provider.InviteLink(ctx, d.g.WhatsAppID); err != nil {
			e := provider.AsError(err)
			untold := e.Class == provider.Limited && e.Scope == provider.ScopeRequest
			if !untold {
				d.trouble(ctx, d.in, e, d.member().Tries)
			}
			switch {
			case untold && known == "":
				return false, d.linkWaits(ctx)
			case e.Class != provider.NotSent && ofInstance(e) && !untold:
				return false, d.limited(ctx, inviting, e)
			case known == "" || e.Class == provider.NotSent:
				return false, d.notSent(ctx, inviting, say.Phrase{Code: say.LinkUnread, Why: []say.Phrase{e.Said()}}, e.RetryAfter)
			}
		}
	}
	link = cmp.Or(link, known) // the known one works unless it was reset
	if link == "" {
		return false, d.linkWaits(ctx)
	}
	err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		g.InviteLink, g.LinkAt = link, now
		return nil
	})
	return err == nil, err
}

// linkWaits delays an invitation until the provider returns the group's link. If the instance's number is an admin of
// the group, the link is only late, and the invitation never gives up.
func (d *delivery) linkWaits(ctx context.Context) error {
	switch d.g.Sight.Own {
	case group.StandingMember:
		return d.notSent(ctx, inviting, say.Phrase{Code: say.LinkNoAdmin}, 0)
	case group.StandingOut:
		return d.notSent(ctx, inviting, say.Phrase{Code: say.LinkOutside}, 0)
	case group.StandingAdmin:
	default:
		return d.notSent(ctx, inviting, say.Phrase{Code: say.LinkNotTold}, 0)
	}
	late := inviting
	late.putOff = func(g *group.Group, person int, now time.Time) error {
		g.Members[person].Tries++ // each try lengthens the pause
		return inviting.putOff(g, person, now)
	}
	return d.putOff(ctx, late, say.Phrase{Code: say.WaitLink},
		max(time.Minute, d.Policy.Retry.delay(d.member().Tries, 0)))
}
