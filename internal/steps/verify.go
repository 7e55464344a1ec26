package steps

import (
	"context"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// clockSkew is how far the provider's clock may run behind ours when it dates a group.
const clockSkew = time.Minute

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
	holder, err := s.Ledger.ReserveName(ctx, in.Name, g.Name, g.ID, s.nameTTL(in))
	if err != nil {
		return err
	}
	if holder != g.ID {
		// The reservation lapsed while no worker ran. A look could not tell the two groups apart.
		return &Later{After: s.Policy.Retry.delay(g.Verify.Failures, 0), Why: "another group of the same name is being created or verified on this number"}
	}
	found, err := s.look(ctx, in, g)
	if err != nil {
		return s.unread(ctx, in, g, last, provider.AsError(err))
	}
	if len(found) == 1 {
		// Whoever claims it first has it; a second request that looks at the same moment has not.
		owner, err := s.Ledger.ClaimWhatsApp(ctx, found[0].GroupID, g.ID)
		if err != nil {
			return err
		}
		if owner != g.ID {
			found = nil
		}
	}
	g, err = s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
		switch {
		case g.Status != group.Verifying: // the lost call came back and told
			return nil
		case len(found) == 1:
			return g.Adopt(group.Answer{GroupID: found[0].GroupID, InviteLink: found[0].InviteLink}, now)
		case len(found) > 1:
			return g.Ambiguous(candidates(found), now)
		case !last:
			return g.Looked(now)
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
	s.releaseName(ctx, in, g)
	return s.follow(ctx, g)
}

// unread records a look that could not read the lists.
func (s *Steps) unread(ctx context.Context, in *Instance, g *group.Group, last bool, e *provider.Error) error {
	s.trouble(ctx, in, e, g.Verify.Failures)
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

// look reads all the lists and returns the groups that could be the one that a lost create of g
// made. Its error means that the look decides nothing.
func (s *Steps) look(ctx context.Context, in *Instance, g *group.Group) ([]provider.Roll, error) {
	since, ok := g.FirstDoubt()
	if !ok {
		return nil, nil
	}
	self, err := in.selfOf(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := in.Provider.FindGroups(ctx, g.Name)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(listed))
	for i, l := range listed {
		ids[i] = l.GroupID
	}
	owners, err := s.Ledger.WhatsAppOwners(ctx, ids)
	if err != nil {
		return nil, err
	}
	var found []provider.Roll
	for _, id := range ids {
		if owner := owners[id]; owner != "" && owner != g.ID || id == g.WhatsAppID {
			continue
		}
		roll, err := in.Provider.Members(ctx, id)
		if err != nil {
			if e := provider.AsError(err); e.Class == provider.Refused && e.Scope == provider.ScopeRequest {
				continue // listed, but not ours to read: left, or gone
			}
			return nil, err
		}
		if couldBe(roll, g, self, since) {
			found = append(found, roll)
		}
	}
	return found, nil
}

// couldBe judges one candidate by all that a provider tells of a group: its subject, owner, time
// and people. What it does not tell speaks neither for nor against.
func couldBe(roll provider.Roll, g *group.Group, self phone.Identity, since time.Time) bool {
	if strings.TrimSpace(roll.Subject) != strings.TrimSpace(g.Name) {
		return false
	}
	if !roll.Owner.Zero() && !self.Zero() && distinguishable(roll.Owner, self) && !phone.SamePerson(roll.Owner, self) {
		return false
	}
	if !roll.CreatedAt.IsZero() && roll.CreatedAt.Before(since.Add(-clockSkew)) {
		return false
	}
	asked := make(map[string]bool, 2*len(g.Members))
	for i := range g.Members {
		m := &g.Members[i]
		for _, key := range m.Identity().Keys() {
			asked[key] = true
		}
		if m.Number != "" {
			asked[phone.Fold(m.Number.Digits())] = true
		}
	}
	ours, foreign := 0, 0
	for _, p := range roll.Participants {
		switch {
		case phone.SamePerson(p.Identity, self):
		case known(p.Identity, asked):
			ours++
		case p.Digits != "":
			foreign++
		}
	}
	return ours > 0 || foreign == 0
}

// distinguishable says that two identities share a kind of address, so that they can be told apart.
func distinguishable(a, b phone.Identity) bool {
	return a.Digits != "" && b.Digits != "" || a.LID != "" && b.LID != ""
}

func known(p phone.Identity, keys map[string]bool) bool {
	for _, key := range p.Keys() {
		if keys[key] {
			return true
		}
	}
	return false
}

func candidates(rolls []provider.Roll) []group.Candidate {
	out := make([]group.Candidate, len(rolls))
	for i, r := range rolls {
		out[i] = group.Candidate{GroupID: r.GroupID, Name: r.Subject, CreatedAt: r.CreatedAt, People: len(r.Participants)}
	}
	return out
}
