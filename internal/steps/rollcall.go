package steps

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// rollCall reads who is in the group. Everybody in it is added; who is missing from every reading
// is invited, or reported.
func (s *Steps) rollCall(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock) error {
	if g.Status != group.Inviting || g.Called {
		return s.follow(ctx, g)
	}
	looks := s.Policy.RollLooks
	if err := due(g.Roll.At(looks, g.Roll.Looks), at.Now(), "the next reading is not due"); err != nil {
		return err
	}
	last := g.Roll.Last(looks)
	roll, self, err := s.read(ctx, in, g)
	if err == nil && last {
		err = s.strays(ctx, in, g, at)
	}
	if later, ok := errors.AsType[*Later](err); ok {
		return later
	}
	if err != nil {
		return s.uncalled(ctx, in, g, provider.AsError(err))
	}
	retry := s.Policy.Retry
	g, err = s.see(ctx, g, at, func(g *group.Group, now time.Time) error {
		if g.Status != group.Inviting || g.Called {
			return nil
		}
		if roll.InviteLink != "" {
			g.InviteLink = roll.InviteLink
		}
		if err := g.CallRoll(reading(roll, self), last, now); err != nil {
			return err
		}
		if !roll.Complete && now.Sub(g.Roll.From) >= retry.GiveUpAfter {
			return g.RollFailed("the provider's list stays incomplete", retry.GiveUpAfter, now)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if g.Status == group.Inviting && !g.Called {
		after := max(0, g.Roll.At(looks, g.Roll.Looks).Sub(g.UpdatedAt))
		if !roll.Complete {
			after = max(after, retry.delay(g.Roll.Failures-1, 0))
		}
		return &Later{After: after, Why: "the next reading"}
	}
	s.Log.Info().Str("group", g.ID).Str("instance", in.Name).Str("status", string(g.Status)).
		Int("added", g.Counts()[group.Added]).Int("toInvite", g.Counts()[group.InviteQueued]).Msg("roll called")
	return s.follow(ctx, g)
}

// read reads the group's people, and the instance's own number, which is nobody we asked for.
func (s *Steps) read(ctx context.Context, in *Instance, g *group.Group) (provider.Roll, phone.Identity, error) {
	self, err := s.ownOf(ctx, in)
	if err != nil {
		return provider.Roll{}, self.Identity, err
	}
	roll, err := in.Provider.Members(ctx, g.WhatsAppID)
	if made := g.Latest(); made != nil && made.Number != "" && made.Number != self.number {
		// The new number may be in the group too: then it goes on with it.
		if e := provider.AsError(err); err == nil && !reading(roll, self.Identity).Holds(self.Identity) || err != nil && e.Scope == provider.ScopeRequest {
			err = otherNumber(in, "made the group is not connected any more, and this one is not in the group")
		}
	}
	return roll, self.Identity, err
}

func reading(roll provider.Roll, self phone.Identity) group.Reading {
	r := group.Reading{Self: self, Complete: roll.Complete, People: make([]phone.Identity, len(roll.Participants))}
	hidden := false
	for i, p := range roll.Participants {
		r.People[i] = p.Identity
		hidden = hidden || p.Digits == ""
		switch {
		case !phone.SamePerson(p.Identity, self):
		case p.Admin:
			r.Own = group.StandingAdmin
		default:
			r.Own = group.StandingMember
		}
	}
	if r.Own == "" && roll.Complete && !hidden && self.Digits != "" {
		r.Own = group.StandingOut
	}
	return r
}

// strays looks whether an earlier create of the request, which seemed to have made nothing, made a
// second group after all. People must see that before anybody is invited into one of the two.
func (s *Steps) strays(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock) error {
	if _, doubted := g.FirstDoubt(); !doubted {
		return nil
	}
	seen, err := s.look(ctx, in, g, at)
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(seen.rest, func(l provider.Listed) bool { return l.Name == "" || group.SameName(l.Name, g.Name) }):
		return seen.more() // the others bear other names: they need not all be read before anybody is invited
	case seen.likes() == 0:
		return nil
	}
	_, err = s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
		for _, c := range seen.found {
			if c.Likeness != group.Like {
				continue
			}
			if err := g.Stray(c.GroupID, now); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// uncalled records a reading that could not be had.
func (s *Steps) uncalled(ctx context.Context, in *Instance, g *group.Group, e *provider.Error) error {
	s.trouble(ctx, in, e, g.Roll.Failures)
	if e.Quota != "" {
		return s.readingHeld(ctx, g, e.Quota)
	}
	pause := s.Policy.Retry.delay(g.Roll.Failures, e.RetryAfter)
	g, err := s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
		if g.Status != group.Inviting || g.Called {
			return nil
		}
		if err := g.RollFailed(e.Text, s.Policy.Retry.GiveUpAfter, now); err != nil {
			return err
		}
		if g.Status == group.Inviting {
			g.Waits("the group's member list, which cannot be read: "+e.Text, now.Add(pause))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if g.Status == group.Inviting && !g.Called {
		return &Later{After: pause, Why: "the members cannot be read: " + e.Text}
	}
	return s.follow(ctx, g)
}
