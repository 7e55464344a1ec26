package steps

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/tasks"
)

// joins reads a group again after its roll call: who followed an invitation, and who left.
func (s *Steps) joins(ctx context.Context, in *Instance, g *group.Group, task string, at ledger.Clock) error {
	next, now := g.Watch.At, at.Now()
	if next.IsZero() {
		return nil
	}
	if now.Before(next) {
		if task == tasks.Joins(g.ID, in.Name, next).ID {
			return &Later{After: next.Sub(now), Why: "the next reading is not due"}
		}
		return s.follow(ctx, g) // another reading was quicker; the next one has a task of its own
	}
	began := now
	roll, self, err := s.read(ctx, in, g)
	if err != nil {
		return s.unwatched(ctx, in, g, at, provider.AsError(err))
	}
	before := g.Counts()
	g, err = s.see(ctx, g, at, func(g *group.Group, now time.Time) error {
		r := reading(roll, self)
		if err := g.Watched(r, began, now); err != nil {
			return err
		}
		g.CallLate(r, s.Policy.RollLooks, s.Policy.Retry.GiveUpAfter, began, now)
		return nil
	})
	if err != nil {
		return settled(err)
	}
	after := g.Counts()
	s.Log.Info().Str("group", g.ID).Str("instance", in.Name).Int("joined", after[group.Joined]-before[group.Joined]).
		Int("left", after[group.Left]-before[group.Left]).Int("awaited", after[group.Invited]).Msg("group read again")
	return s.follow(ctx, g)
}

// unwatched records a reading that could not be had.
func (s *Steps) unwatched(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, e *provider.Error) error {
	s.trouble(ctx, in, e, g.Watch.Failures)
	pause := s.Policy.Retry.delay(g.Watch.Failures, e.RetryAfter)
	refused := e.Declined() && e.Scope == provider.ScopeRequest
	g, err := s.see(ctx, g, at, func(g *group.Group, now time.Time) error {
		if refused {
			return g.WatchRefused(now)
		}
		return g.WatchFailed(pause, s.Policy.Retry.GiveUpAfter, now)
	})
	if err != nil {
		return settled(err)
	}
	return s.follow(ctx, g)
}

// see changes a group by what a reading of it, or an invitation, showed: it plans the next reading,
// and puts who left on the suppression list where leaving one group means leaving all. The list
// comes before the record: cut between the two, the next reading does both again.
func (s *Steps) see(ctx context.Context, g *group.Group, at ledger.Clock, change func(g *group.Group, now time.Time) error) (*group.Group, error) {
	return s.Ledger.Amend(ctx, g, at, s.seeing(ctx, change))
}

func (s *Steps) seeing(ctx context.Context, change func(g *group.Group, now time.Time) error) func(g *group.Group, now time.Time) error {
	return func(g *group.Group, now time.Time) error {
		known, own := g.Leavers(), g.Sight.Own
		if err := change(g, now); err != nil {
			return err
		}
		s.Policy.Plan(g)
		if g.Sight.Own != own && own == group.StandingAdmin {
			s.Log.Warn().Str("group", g.ID).Str("instance", g.Instance).Str("standing", string(g.Sight.Own)).
				Msg("own number lost its admin rights")
		}
		if !s.Policy.Leaves {
			return nil
		}
		var fresh []phone.Identity
		for _, i := range g.Leavers() {
			if !slices.Contains(known, i) {
				fresh = append(fresh, g.Members[i].Identity())
			}
		}
		return s.Ledger.SuppressPeople(ctx, fresh, "left the group "+g.ID)
	}
}

// followJoins puts the next reading alone on the queue: of the other invitations, which wait in
// their hundreds, each has its task already.
func (s *Steps) followJoins(ctx context.Context, g *group.Group) error {
	next := g.NextReading()
	if len(next) == 0 {
		return nil
	}
	return s.Queue.Put(context.WithoutCancel(ctx), next...)
}
