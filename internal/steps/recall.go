package steps

import (
	"context"
	"errors"
	"iter"
	"math"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// recall looks for the group before its create, if Redis may lack an earlier create. It reports whether the group goes
// on without a create.
func (d *delivery) recall(ctx context.Context) (over bool, err error) {
	doubt := d.intent.Doubt
	if doubt == nil || d.g.SoughtSince(doubt.To) {
		return false, nil
	}
	var found []candidate
	for one := range d.takers() {
		rolls, err := d.search(ctx, one)
		if err != nil {
			e, err := providerError(err)
			if err != nil {
				return false, err
			}
			if doubt.Strict(d.g.CreatedAt) {
				return false, d.searchFailed(ctx, one, e)
			}
			d.Log.Warn().EmbedObject(event.RecallSkipped).Str("group", d.g.ID).Str("instance", one.Name).
				Str("error", e.Error()).Msg("lists not read before create")
			continue
		}
		if len(rolls) > 0 {
			found = append(found, rolls...)
		}
	}
	if len(found) == 1 && found[0].Likeness == group.Like {
		owner, err := d.Store.Records.ClaimWhatsApp(ctx, found[0].GroupID, d.g.ID)
		if err != nil {
			return false, err
		}
		if owner != d.g.ID {
			found = nil
		}
	}
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		switch {
		case g.Status != group.Queued, g.Round != d.round: // the search was for the request as it was
			return nil
		case len(found) == 1 && found[0].Likeness == group.Like:
			return g.Recall(found[0].on, group.Answer{GroupID: found[0].GroupID, InviteLink: found[0].InviteLink}, now)
		case len(found) > 0:
			g.Instance = found[0].on // a person can adopt one of them
			return g.Ambiguous(candidates(found), now)
		default:
			g.Sought(now)
			return nil
		}
	}); err != nil {
		return false, err
	}
	if d.g.Status == group.Queued {
		return false, nil
	}
	if err := d.Store.Prove(ctx); err != nil {
		return false, err
	}
	d.Log.Warn().EmbedObject(event.GroupRecalled).Str("group", d.g.ID).Str("instance", d.in.Name).Str("status", string(d.g.Status)).
		Msg("group existed before its create")
	d.releaseName(ctx, d.Keeper.Number(d.in.Name))
	return true, d.follow(ctx)
}

// search returns the groups with the request's name that a number made during a doubt. It ignores groups of another
// name, because other requests with the same people may be searched for at the same time.
func (d *delivery) search(ctx context.Context, on *Instance) ([]candidate, error) {
	doubt := d.intent.Doubt
	self, err := d.ownNow(ctx, on)
	if err != nil {
		return nil, err
	}
	listed, err := on.Provider.ListGroups(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, l := range listed {
		old := !l.ExistedAt.IsZero() && l.ExistedAt.Before(doubt.From.Add(-group.ClockSkew))
		if !old && !group.SameWhatsApp(l.GroupID, d.g.WhatsAppID) && (l.Name == "" || group.SameName(l.Name, d.g.Name)) {
			ids = append(ids, l.GroupID)
		}
	}
	owners, err := d.Store.Records.WhatsAppOwners(ctx, ids)
	if err != nil {
		return nil, err
	}
	var found []candidate
	for _, id := range ids {
		if taken, err := d.taken(ctx, id, owners[id]); err != nil {
			return nil, err
		} else if taken {
			continue
		}
		roll, err := on.Provider.Members(ctx, id)
		if err != nil {
			if e := provider.AsError(err); e.Class == provider.Refused && e.Scope == provider.ScopeRequest {
				continue // listed, but the number has left it, or it is gone
			}
			return nil, err
		}
		likeness := d.g.Likeness(sighted(roll), self.Identity, doubt.From)
		if likeness != group.Unlike && group.SameName(roll.Subject, d.g.Name) && !roll.CreatedAt.After(doubt.To.Add(group.ClockSkew)) {
			found = append(found, candidate{roll, likeness, on.Name, true, len(roll.Participants)})
		}
	}
	return found, nil
}

// taken reports whether a group at WhatsApp belongs to another request. A claim whose record Redis has lost no longer
// counts. A claim whose record a person has removed still counts. A group of UnknownOwner is not taken: it cannot be
// claimed, so it holds the create.
func (d *delivery) taken(ctx context.Context, groupID, owner string) (bool, error) {
	if owner == "" || owner == d.g.ID || owner == store.UnknownOwner {
		return false, nil
	}
	switch _, err := d.Store.Records.Load(ctx, owner); {
	case err == nil, errors.Is(err, store.ErrUnreadable):
		return true, nil
	case !errors.Is(err, store.ErrNotFound):
		return false, err
	}
	if removed, err := d.Store.WasRemoved(ctx, owner); err != nil || removed {
		return removed, err
	}
	return false, d.Store.Records.ReleaseWhatsApp(ctx, groupID, owner)
}

// takers yields the instances of this worker that may have created the group: the delivery's own, then the others of
// the pool.
func (d *delivery) takers() iter.Seq[*Instance] {
	return func(yield func(*Instance) bool) {
		if !yield(d.in) || d.g.Target.Pool == "" {
			return
		}
		all := d.instances.Load()
		for _, name := range all.Names {
			if name == d.in.Name || !all.Serves(name, d.g.Target.Pool) {
				continue
			}
			if one := all.find(name); one != nil && !yield(one) {
				return
			}
		}
	}
}

// searchFailed makes the group wait until the lists of an instance can be read.
func (d *delivery) searchFailed(ctx context.Context, on *Instance, e *provider.Error) error {
	d.trouble(ctx, on, e, 0)
	pause := d.Policy.Retry.delay(d.g.Tries, e.RetryAfter)
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		if g.Status == group.Queued {
			g.Waits(say.Phrase{Code: say.WaitSearch, Name: on.Name, Why: []say.Phrase{e.Said()}}, now.Add(pause))
		}
		return nil
	}); err != nil {
		return err
	}
	return &Later{After: pause, Why: say.Phrase{Code: say.WaitListsUnread, Why: []say.Phrase{e.Said()}}}
}

// recallInvite looks for an invitation before it is sent, if Redis may lack an earlier one. It reports whether that has
// settled the member.
func (d *delivery) recallInvite(ctx context.Context, i provider.Invitation) (over bool, err error) {
	doubt := d.intent.Doubt
	if doubt == nil || d.g.CreatedSince(doubt.To) {
		return false, nil
	}
	// The link may have been reset since. In a text without the group's name, only the link tells which group it is.
	renamed, err := d.fill(d.inviteMessage(), d.g.Name+"?")
	if err != nil {
		return false, err
	}
	i.AnyLink = renamed != i.Text
	sent, found, err := d.in.Provider.FindInvite(ctx, i, doubt.From.Add(-group.ClockSkew))
	switch {
	case err != nil && doubt.Strict(d.g.CreatedAt):
		e := provider.AsError(err)
		d.trouble(ctx, d.in, e, d.member().Tries)
		return true, &Later{After: d.Policy.Retry.delay(d.member().Tries, e.RetryAfter), Why: say.Phrase{Code: say.SnoozeJournal, Why: []say.Phrase{e.Said()}}}
	case found:
		return true, d.invited(ctx, sent.MessageID)
	case doubt.Kind == store.Restarted, err == nil && d.at.Now().Sub(doubt.From) < d.in.Provider.Traits().Journal:
		return false, nil
	}
	uncertain, err := d.Store.Uncertain(ctx, *doubt, d.in.Name, sendable(d.in, doubt.To.Sub(doubt.From)))
	if err != nil || !uncertain {
		return false, err
	}
	return true, d.end(ctx, inviting, group.InviteUnknown, say.Phrase{Code: say.InviteUntold})
}

// sendable returns the most invitations that an instance can have sent within a time, at its pace.
func sendable(in *Instance, within time.Duration) int64 {
	if in.Invite.Every <= 0 {
		return math.MaxInt32
	}
	most := int64(within/in.Invite.Every) + 2
	if in.Invite.PerDay > 0 {
		most = min(most, (int64(within/(24*time.Hour))+2)*int64(in.Invite.PerDay))
	}
	return most
}

// Settled returns how long after an outage of Redis a create that was under way may still be missing from the
// provider's lists.
func (s *Steps) Settled() time.Duration { return s.Policy.VerifyLooks[len(s.Policy.VerifyLooks)-1] }
