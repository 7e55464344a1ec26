package steps

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// verify looks for the group of a create whose outcome is unknown.
func (s *Steps) verify(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock) error {
	if g.Status != group.Verifying {
		return s.follow(ctx, g)
	}
	looks := s.Policy.VerifyLooks
	if err := due(g.Verify.At(looks, g.Verify.Looks), at.Now(), "the next look is not due"); err != nil {
		return err
	}
	last := g.Verify.Last(looks)
	number := g.Latest().Number
	holder, err := s.Ledger.ReserveName(ctx, number, g.Name, g.ID)
	if err != nil {
		return err
	}
	if holder != g.ID {
		// A failover has lost the reservation. A look could not tell the two groups apart.
		if err := s.awaitName(ctx, number, g, holder); err != nil {
			return err
		}
	}
	home, err := s.home(ctx, in, g)
	var seen view
	if err == nil {
		seen, err = s.look(ctx, home, g, at)
	}
	if err != nil {
		return s.unread(ctx, in, g, last, provider.AsError(err))
	}
	one, sure := seen.one()
	if !sure && len(seen.rest) > 0 {
		return s.readOn(ctx, g, last, seen.more())
	}
	if sure {
		// Whoever claims it first has it; a second request that looks at the same moment has not.
		owner, err := s.Ledger.ClaimWhatsApp(ctx, one.GroupID, g.ID)
		if err != nil {
			return err
		}
		if owner != g.ID {
			return &Later{After: s.Policy.Retry.delay(0, 0), Why: "another request has just taken the group that was found"}
		}
	}
	g, err = s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
		switch {
		case g.Status != group.Verifying: // the lost call came back and told
			return nil
		case sure:
			g.Instance = home.Name
			return g.Adopt(group.Answer{GroupID: one.GroupID, InviteLink: one.InviteLink}, now)
		case seen.likes() > 1, last && len(seen.found) > 0:
			return g.Ambiguous(candidates(seen.found), now)
		case !last:
			return g.Looked(len(seen.found), now)
		case s.Policy.Review:
			g.Doubtful("no list of the provider shows it", now)
			return nil
		default:
			return g.Absent(s.Policy.Retry.GiveUpAfter, now)
		}
	})
	if err != nil {
		return err
	}
	return s.looked(ctx, in, g)
}

// looked ends a look: the next one, or what follows from the outcome.
func (s *Steps) looked(ctx context.Context, in *Instance, g *group.Group) error {
	if g.Status == group.Verifying {
		at := g.Verify.At(s.Policy.VerifyLooks, g.Verify.Looks)
		return &Later{After: max(0, at.Sub(g.UpdatedAt)), Why: "the next look"}
	}
	s.Log.Info().Str("group", g.ID).Str("instance", in.Name).Str("status", string(g.Status)).
		Bool("adopted", g.Adopted).Msg("unknown create settled")
	if !g.InDoubt() { // a person who must decide can take weeks
		s.releaseName(ctx, g.Latest().Number, g)
	}
	return s.follow(ctx, g)
}

// readOn goes on with a look that has more groups to read than one step may. It is given up like a
// list that cannot be read.
func (s *Steps) readOn(ctx context.Context, g *group.Group, last bool, later *Later) error {
	g, err := s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
		switch {
		case g.Status != group.Verifying:
			return nil
		case now.Sub(g.Verify.From) >= s.Policy.Retry.GiveUpAfter:
			return g.LookFailed(later.Why, last, s.Policy.Retry.GiveUpAfter, now)
		}
		g.Waits(later.Why, now.Add(later.After))
		return nil
	})
	if err != nil {
		return err
	}
	if g.Status == group.Verifying {
		return later
	}
	return s.follow(ctx, g)
}

// unread records a look that could not read the lists.
func (s *Steps) unread(ctx context.Context, in *Instance, g *group.Group, last bool, e *provider.Error) error {
	s.trouble(ctx, in, e, g.Verify.Failures)
	if e.Quota != "" {
		return s.readingHeld(ctx, g, e.Quota)
	}
	pause := s.Policy.Retry.delay(g.Verify.Failures, e.RetryAfter)
	g, err := s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
		if g.Status != group.Verifying {
			return nil
		}
		if err := g.LookFailed(e.Text, last, s.Policy.Retry.GiveUpAfter, now); err != nil {
			return err
		}
		if g.Status == group.Verifying && last {
			g.Waits("the provider's lists, which cannot be read: "+e.Text, now.Add(pause))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if g.Status == group.Verifying && last {
		return &Later{After: pause, Why: "the lists cannot be read: " + e.Text}
	}
	return s.looked(ctx, in, g)
}
