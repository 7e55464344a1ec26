package steps

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// checksPause is how long an instance whose plan allows no more number checks is not asked for one,
// by this worker.
const checksPause = 5 * time.Minute

// usedUp says what something waits for whose quota is used up.
func usedUp(q provider.Quota) string {
	what := map[provider.Quota]string{
		provider.QuotaCheck:  "number checks",
		provider.QuotaCreate: "creating groups",
		provider.QuotaSend:   "sending messages",
		provider.QuotaRead:   "reading groups",
	}[q]
	return "the provider's quota for " + what + ", which is used up for this month: raise the plan, or wait for the next month"
}

// restOf shuts the one gate that a used-up quota concerns. Of the others, single groups wait.
func (s *Steps) restOf(ctx context.Context, in *Instance, e *provider.Error) {
	var kind pacing.Kind
	switch e.Quota {
	case provider.QuotaCreate:
		kind = pacing.Create
	case provider.QuotaSend:
		kind = pacing.Invite
	default:
		return
	}
	s.rest(ctx, in, func(ctx context.Context) (time.Time, error) {
		return s.Pacer.RestKind(ctx, in.Name, kind, s.Policy.Rest.Initial, pacing.Why{Cause: pacing.CauseQuota, Said: e.Text})
	})
}

// askAbout asks the network about numbers. Where the plan allows no more checks, the other instances
// of the group's pool are asked: what one is told of a number holds for all of its provider. What
// could be learned is returned beside an error.
func (s *Steps) askAbout(ctx context.Context, in *Instance, g *group.Group, numbers []string, now time.Time) (map[string]provider.Checked, error) {
	fresh := map[string]provider.Checked{}
	var quota error
	for _, one := range s.takers(in, g) {
		if one.Provider.Traits().Name != in.Provider.Traits().Name {
			continue
		}
		if e := one.checksOver.Load(); e != nil && now.Before(e.until) {
			quota = e.err
			continue
		}
		left := slices.DeleteFunc(slices.Clone(numbers), func(n string) bool { _, told := fresh[n]; return told })
		told, err := one.Provider.CheckPhones(ctx, left)
		for number, c := range told {
			c.At = now
			fresh[number] = c
		}
		if err == nil {
			return fresh, nil
		}
		e := provider.AsError(err)
		s.Keeper.Error(ctx, one.Name, e.Error())
		if e.Quota != provider.QuotaCheck {
			if quota == nil {
				quota = err
			}
			break
		}
		one.checksOver.Store(&checksOver{now.Add(checksPause), err})
		quota = err
	}
	return fresh, quota
}

// checksOver is the provider's word that an instance may check no more numbers.
type checksOver struct {
	until time.Time
	err   error
}

// unchecked lets a group wait whose people cannot be checked before the quota is renewed: one number
// without WhatsApp breaks the whole create there (GI#544). Groups of known people go on.
func (s *Steps) unchecked(ctx context.Context, a *acquaintance, g *group.Group, fresh map[string]provider.Checked, e *provider.Error) error {
	if err := s.Ledger.RememberChecks(ctx, a.of, fresh); err != nil {
		return err
	}
	pause, round := s.Policy.Rest.Initial, g.Round
	if _, err := s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
		if g.Status == group.Queued && g.Round == round {
			g.Waits(usedUp(e.Quota), now.Add(pause))
		}
		return nil
	}); err != nil {
		return err
	}
	return &Later{After: pause, Why: e.Text}
}

// readingHeld comes back to a reading whose quota is used up: that is no reason to give up.
func (s *Steps) readingHeld(ctx context.Context, g *group.Group, q provider.Quota) error {
	pause, status := s.Policy.Rest.Initial, g.Status
	if _, err := s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
		if g.Status == status {
			g.Waits(usedUp(q), now.Add(pause))
		}
		return nil
	}); err != nil {
		return err
	}
	return &Later{After: pause, Why: usedUp(q)}
}
