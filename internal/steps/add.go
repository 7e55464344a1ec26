package steps

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// add asks the provider, at most once, to put one person into a group that exists, after asking at the
// last moment whether that is still wanted and allowed. What the provider answers is a hint: the
// readings after it decide, and who is not in then is invited as at the create.
func (s *Steps) add(ctx context.Context, in *Instance, g *group.Group, person int, at ledger.Clock, slot *pacing.Slot) error {
	if !g.Adding(person) {
		return s.followJoins(ctx, g)
	}
	if g.Members[person].Invite != nil {
		return s.addDoubted(ctx, g, at, person)
	}
	if err := s.disturbable(ctx, g, person, at.Now()); err != nil {
		return err
	}
	if err := s.sameNumber(in, slot); err != nil {
		return err
	}
	g, outside, err := s.lateLook(ctx, in, g, at, person, g.SeenLately(person, sharedFor, at.Now()))
	if err != nil || !outside {
		return err
	}
	g, usable, err := s.checkLate(ctx, in, g, at, person)
	if err != nil || !usable {
		return err
	}
	address := g.Members[person].Identity().Digits
	if !in.Provider.Traits().AddLater || address == "" { // no provider adds a person by a LID
		return s.addCalled(ctx, g, at, person, time.Time{})
	}
	if err := slot.Wait(ctx); err != nil {
		return &Later{Why: err.Error()}
	}
	if out, err := s.Ledger.Suppressed(ctx, []phone.Identity{g.Members[person].Identity()}); err != nil {
		return err
	} else if out[0] {
		return s.addEnded(ctx, g, at, person, group.OptedOut, "is on the suppression list")
	}
	intent, err := s.Ledger.Intend(ctx)
	if err != nil {
		return unsure(err)
	}
	if d := intent.Doubt; d != nil && !g.Sight.At.After(d.To) { // the call may have been made before Redis lost it
		if g, outside, err = s.lateLook(ctx, in, g, at, person, false); err != nil || !outside {
			return err
		}
	}
	if err := s.begin(ctx, slot, nil); err != nil {
		return err
	}
	var begun group.Begun
	g, err = s.Ledger.Amend(ctx, g, at, func(g *group.Group, now time.Time) error {
		begun = g.BeginAdd(person, s.Worker, in.InviteBudget, s.alive(ctx), now)
		return nil
	})
	if err != nil {
		return err
	}
	switch begun {
	case group.Go:
		return s.askToAdd(ctx, in, g, at, person, address, slot, intent)
	case group.Past:
		return nil
	default: // another worker began it since we loaded the group
		return &Later{After: time.Second, Why: "its call is under way elsewhere"}
	}
}

// askToAdd makes the one call and records what came of it.
func (s *Steps) askToAdd(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int, address string, slot *pacing.Slot, intent ledger.Intent) error {
	const op = "add member"
	if err := s.Ledger.Replicated(ctx, g.ID, func(g *group.Group) bool {
		i := g.Members[person].Invite
		return i != nil && i.Owner == s.Worker
	}); errors.Is(err, ledger.ErrGone) {
		return &Later{After: s.Policy.Retry.delay(0, 0), Why: err.Error()} // no call was made
	} else if err != nil {
		return s.notAdded(ctx, in, g, at, person, unconfirmed(op, err))
	}
	if !slot.Valid() {
		return s.notAdded(ctx, in, g, at, person, &provider.Error{Class: provider.NotSent, Op: op, Text: "the slot was lost before the call"})
	}
	s.Ledger.Calling(intent)
	trace := &provider.Trace{}
	err := in.Provider.AddMember(provider.WithTrace(context.WithoutCancel(ctx), trace), g.WhatsAppID, address)
	s.settleSlot(ctx, slot, trace)
	if err != nil {
		return s.notAdded(ctx, in, g, at, person, provider.AsError(err))
	}
	s.Log.Info().Str("group", g.ID).Str("instance", in.Name).Int("person", person).Msg("provider added a person")
	return s.addCalled(ctx, g, at, person, time.Time{})
}

// notAdded records a call without a yes, by what it may have done. A call that may have arrived is never
// made again.
func (s *Steps) notAdded(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int, e *provider.Error) error {
	s.trouble(ctx, in, e, g.Members[person].Tries)
	s.Log.Info().Str("group", g.ID).Str("instance", in.Name).Int("person", person).Str("outcome", string(e.Class)).
		Int("status", e.Status).Str("error", e.Text).Msg("provider did not confirm an added person")
	switch {
	case e.Class == provider.Unknown:
		return s.addCalled(ctx, g, at, person, time.Time{})
	case e.Class == provider.NotSent:
		return s.addNotSent(ctx, g, at, person, e.Text, e.RetryAfter)
	case e.Class == provider.Limited, e.Scope == provider.ScopeInstance:
		return s.addPutOff(ctx, g, at, person, e)
	case e.Left:
		return s.addEnded(ctx, g, at, person, group.Left, "left the group, says the provider")
	case e.NoAccount:
		return s.addEnded(ctx, g, at, person, group.NotOnWhatsApp, "has no WhatsApp, says the provider")
	default: // a no for whatever reason, which may be that the person is in
		return s.addCalled(ctx, g, at, person, time.Time{})
	}
}

// addCalled records that no call for the person follows, and lets the readings follow that decide. Over
// is when a call can no longer be under way; zero for now.
func (s *Steps) addCalled(ctx context.Context, g *group.Group, at ledger.Clock, person int, over time.Time) error {
	g, err := s.Ledger.Commit(ctx, g, at, s.seeing(ctx, func(g *group.Group, now time.Time) error {
		if over.Before(now) {
			over = now
		}
		return g.AddCalled(person, over, now)
	}))
	if err != nil {
		return settled(err)
	}
	return s.followJoins(ctx, g)
}

func (s *Steps) addEnded(ctx context.Context, g *group.Group, at ledger.Clock, person int, status group.MemberStatus, reason string) error {
	_, err := s.Ledger.Commit(ctx, g, at, s.seeing(ctx, func(g *group.Group, now time.Time) error {
		return g.AddEnded(person, status, reason, now)
	}))
	return settled(err)
}

// addNotSent comes back to a call that surely has not left, slower each time, until giving up.
func (s *Steps) addNotSent(ctx context.Context, g *group.Group, at ledger.Clock, person int, why string, retryAfter time.Duration) error {
	pause := s.Policy.Retry.delay(g.Members[person].Tries, retryAfter)
	g, err := s.Ledger.Commit(ctx, g, at, s.seeing(ctx, func(g *group.Group, now time.Time) error {
		if err := g.AddNotSent(person, why, s.Policy.Retry.GiveUpAfter, now); err != nil {
			return err
		}
		if g.Adding(person) {
			g.Waits("the next try to add a person: "+why, now.Add(pause))
		}
		return nil
	}))
	if err != nil {
		return settled(err)
	}
	if !g.Adding(person) {
		return nil
	}
	return &Later{After: pause, Why: why}
}

// addPutOff comes back to a call that the instance may not make now. Its gate, or its rest, says until when.
func (s *Steps) addPutOff(ctx context.Context, g *group.Group, at ledger.Clock, person int, e *provider.Error) error {
	later := &Later{Why: e.Text}
	held := e.Quota != "" && e.Quota != provider.QuotaSend // of the quota of sending the gate is shut
	if held {
		later.After = s.Policy.Rest.Initial
	}
	_, err := s.Ledger.Commit(ctx, g, at, s.seeing(ctx, func(g *group.Group, now time.Time) error {
		if err := g.AddPutOff(person, now); err != nil {
			return err
		}
		if held {
			g.Waits(usedUp(e.Quota), now.Add(later.After))
		}
		return nil
	}))
	if err != nil {
		return settled(err)
	}
	return later
}

// addDoubted gives up a call whose answer was lost, once it can no longer be under way: it is not made
// again, and the readings decide whether it did its work.
func (s *Steps) addDoubted(ctx context.Context, g *group.Group, at ledger.Clock, person int) error {
	intent, now := g.Members[person].Invite, at.Now()
	if now.Before(intent.Until) && s.alive(ctx)(intent.Owner) {
		return &Later{After: min(5*time.Second, intent.Until.Sub(now)), Why: "its call is under way elsewhere"}
	}
	return s.addCalled(ctx, g, at, person, intent.Until)
}

// lateLook reads the group before a call, unless the record's own reading is recent. A person who is in
// already needs no call.
func (s *Steps) lateLook(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int, recent bool) (_ *group.Group, outside bool, err error) {
	look := func(g *group.Group, now time.Time) (bool, error) { return g.StillOutside(person, now) }
	if !recent {
		roll, self, err := s.read(ctx, in, g)
		if err != nil {
			e := provider.AsError(err)
			s.trouble(ctx, in, e, g.Members[person].Tries)
			if e.Quota != "" {
				return g, false, s.addPutOff(ctx, g, at, person, e)
			}
			return g, false, s.addNotSent(ctx, g, at, person, "the members cannot be read: "+e.Text, e.RetryAfter)
		}
		look = func(g *group.Group, now time.Time) (bool, error) {
			if roll.InviteLink != "" {
				g.InviteLink = roll.InviteLink
			}
			return g.LateLook(person, reading(roll, self), now)
		}
	}
	g, err = s.see(ctx, g, at, func(g *group.Group, now time.Time) (err error) {
		outside, err = look(g, now)
		return err
	})
	if err == nil && !outside {
		err = s.followJoins(ctx, g)
	}
	return g, outside, settled(err)
}

// checkLate asks the network about a late person, as a create does: a number without WhatsApp is neither
// added nor invited, and a LID tells who is in a list that hides numbers. Where the network cannot be
// asked, the person goes on without it.
func (s *Steps) checkLate(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, person int) (_ *group.Group, usable bool, err error) {
	m := &g.Members[person]
	address := m.Identity().Digits
	if address == "" || m.LID != "" {
		return g, true, nil
	}
	of := in.Provider.Traits().Name
	known, err := s.Ledger.RecallChecks(ctx, of, []string{address})
	if err != nil {
		return g, false, err
	}
	c, told := known[address]
	if !told || !c.Exists && c.At.Before(m.AskedAt) {
		fresh, err := s.askAbout(ctx, in, g, []string{address}, at.Now())
		if err != nil {
			s.Log.Warn().Str("group", g.ID).Str("instance", in.Name).Str("error", provider.AsError(err).Text).
				Msg("number check failed; the group goes on without it")
		}
		if err := s.Ledger.RememberChecks(ctx, of, fresh); err != nil {
			return g, false, err
		}
		if now, asked := fresh[address]; asked {
			c, told = now, true
		}
	}
	switch {
	case !told, c.Exists && c.Identity.Zero():
		return g, true, nil
	case !c.Exists:
		return g, false, s.addEnded(ctx, g, at, person, group.NotOnWhatsApp, "has no WhatsApp, says the network")
	}
	g, err = s.Ledger.Amend(ctx, g, at, func(g *group.Group, _ time.Time) error {
		if g.Adding(person) {
			g.Members[person].Learn(c.Identity)
		}
		return nil
	})
	return g, err == nil, err
}
