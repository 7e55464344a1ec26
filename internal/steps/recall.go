package steps

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// unsure is the wait of a call while Redis does not hold what this worker remembers.
func unsure(err error) error {
	if errors.Is(err, ledger.ErrUnsure) {
		return &Later{After: time.Second, Why: err.Error()}
	}
	return err
}

// recall looks for the group before its create, where Redis may not know of an earlier one. It
// reports whether the group goes on without a create.
func (s *Steps) recall(ctx context.Context, in *Instance, g *group.Group, d *ledger.Doubt) (over bool, err error) {
	if d == nil || g.SoughtSince(d.To) {
		return false, nil
	}
	var found []candidate
	var at *Instance
	for _, one := range s.takers(in, g) {
		rolls, err := s.search(ctx, one, g, d)
		if err != nil {
			if d.Strict(g.CreatedAt) {
				return false, s.unsearched(ctx, one, g, provider.AsError(err))
			}
			s.Log.Warn().Str("group", g.ID).Str("instance", one.Name).
				Str("error", provider.AsError(err).Text).Msg("lists not read before create")
			continue
		}
		if len(rolls) > 0 {
			found, at = append(found, rolls...), one
		}
	}
	if len(found) == 1 && found[0].Likeness == group.Like {
		owner, err := s.Ledger.ClaimWhatsApp(ctx, found[0].GroupID, g.ID)
		if err != nil {
			return false, err
		}
		if owner != g.ID {
			found = nil
		}
	}
	g, err = s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
		switch {
		case g.Status != group.Queued:
			return nil
		case len(found) == 1 && found[0].Likeness == group.Like:
			return g.Recall(at.Name, group.Answer{GroupID: found[0].GroupID, InviteLink: found[0].InviteLink}, now)
		case len(found) > 0:
			return g.Ambiguous(candidates(found), now)
		default:
			g.Sought(now)
			return nil
		}
	})
	if err != nil {
		return false, err
	}
	if g.Status == group.Queued {
		return false, nil
	}
	if err := s.Ledger.Prove(ctx); err != nil {
		return false, err
	}
	s.Log.Warn().Str("group", g.ID).Str("instance", in.Name).Str("status", string(g.Status)).
		Msg("group existed before its create")
	s.releaseName(ctx, s.Keeper.Number(in.Name), g)
	return true, s.follow(ctx, g)
}

// search reads the groups of the request's name that a number made in the time of a doubt. A group of
// another name is not taken for it: other requests of the same people are looked for at the same time.
func (s *Steps) search(ctx context.Context, in *Instance, g *group.Group, d *ledger.Doubt) ([]candidate, error) {
	self, err := s.ownNow(ctx, in)
	if err != nil {
		return nil, err
	}
	listed, err := in.Provider.ListGroups(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, l := range listed {
		old := !l.ExistedAt.IsZero() && l.ExistedAt.Before(d.From.Add(-group.ClockSkew))
		if !old && l.GroupID != g.WhatsAppID && (l.Name == "" || group.SameName(l.Name, g.Name)) {
			ids = append(ids, l.GroupID)
		}
	}
	owners, err := s.Ledger.WhatsAppOwners(ctx, ids)
	if err != nil {
		return nil, err
	}
	var found []candidate
	for _, id := range ids {
		if taken, err := s.taken(ctx, id, owners[id], g.ID); err != nil {
			return nil, err
		} else if taken {
			continue
		}
		roll, err := in.Provider.Members(ctx, id)
		if err != nil {
			if e := provider.AsError(err); e.Class == provider.Refused && e.Scope == provider.ScopeRequest {
				continue // listed, but not ours to read: left, or gone
			}
			return nil, err
		}
		likeness := g.Likeness(sighted(roll), self.Identity, d.From)
		if likeness != group.Unlike && group.SameName(roll.Subject, g.Name) && !roll.CreatedAt.After(d.To.Add(group.ClockSkew)) {
			found = append(found, candidate{roll, likeness, true})
		}
	}
	return found, nil
}

// taken says that a group at WhatsApp belongs to another request. A claim whose record Redis has lost
// is no request's any more; one whose record a person has removed keeps the group from others.
func (s *Steps) taken(ctx context.Context, groupID, owner, id string) (bool, error) {
	if owner == "" || owner == id || owner == ledger.UnknownOwner { // that one cannot be claimed, so it holds the create
		return false, nil
	}
	if _, err := s.Ledger.Load(ctx, owner); !errors.Is(err, ledger.ErrNotFound) {
		return true, nil
	}
	if removed, err := s.Ledger.WasRemoved(ctx, owner); err != nil || removed {
		return removed, err
	}
	return false, s.Ledger.ReleaseWhatsApp(ctx, groupID, owner)
}

// takers are the instances that may have created a group: those of its pool that this worker has.
func (s *Steps) takers(in *Instance, g *group.Group) []*Instance {
	takers := []*Instance{in}
	if g.Target.Pool == "" {
		return takers
	}
	for _, one := range *s.instances.Load() {
		if one.Name != in.Name && slices.Contains(one.Pools, g.Target.Pool) {
			takers = append(takers, one)
		}
	}
	return takers
}

// unsearched makes a group wait whose lists cannot be read.
func (s *Steps) unsearched(ctx context.Context, in *Instance, g *group.Group, e *provider.Error) error {
	s.trouble(ctx, in, e, 0)
	pause := s.Policy.Retry.delay(g.Tries, e.RetryAfter)
	_, err := s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
		if g.Status == group.Queued {
			g.Waits(fmt.Sprintf("the lists of %s, which cannot be read (%s): Redis may not know of an earlier create; "+
				"if its data are current, say so: producer recover --current", in.Name, e.Text), now.Add(pause))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return &Later{After: pause, Why: "the lists cannot be read: " + e.Text}
}

// recallInvite looks for an invitation before it is sent, where Redis may not know that it was. It
// reports whether the member is through with it.
func (s *Steps) recallInvite(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int, i provider.Invitation, d *ledger.Doubt) (over bool, err error) {
	if d == nil || g.CreatedSince(d.To) {
		return false, nil
	}
	sent, found, err := in.Provider.FindInvite(ctx, i, d.From.Add(-group.ClockSkew))
	switch {
	case err != nil && d.Strict(g.CreatedAt):
		e := provider.AsError(err)
		s.trouble(ctx, in, e, g.Members[person].Tries)
		return true, &Later{After: s.Policy.Retry.delay(g.Members[person].Tries, e.RetryAfter), Why: "the provider's journal cannot be read: " + e.Text}
	case found:
		return true, s.invited(ctx, in, g, at, person, sent.MessageID)
	case d.Kind == ledger.Restarted, err == nil && at.Now().Sub(d.From) < in.Provider.Traits().Journal:
		return false, nil
	}
	uncertain, err := s.Ledger.Uncertain(ctx, *d, in.Name, sendable(in, d.To.Sub(d.From)))
	if err != nil || !uncertain {
		return false, err
	}
	g, err = s.Ledger.Commit(ctx, g, at, s.seeing(ctx, func(g *group.Group, now time.Time) error {
		return g.InviteEnded(person, group.InviteUnknown, "Redis was restored or restarted, and the provider cannot tell whether the invitation was sent before", now)
	}))
	if err != nil {
		return true, settled(err)
	}
	return true, s.followJoins(ctx, g)
}

// sendable is how many invitations an instance may have sent in a time, at its pace.
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

// forgotten says that a group was created whose record Redis has lost meanwhile. It is no request's.
func (s *Steps) forgotten(ctx context.Context, in *Instance, id, groupID string) error {
	s.Log.Error().Str("group", id).Str("instance", in.Name).
		Msg("group created, its record is lost")
	return s.Ledger.ReleaseWhatsApp(context.WithoutCancel(ctx), groupID, id)
}

// Settled is how long after a break of Redis a create that was under way can still be missing from
// the lists.
func (s *Steps) Settled() time.Duration { return s.Policy.VerifyLooks[len(s.Policy.VerifyLooks)-1] }
