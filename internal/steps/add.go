package steps

import (
	"context"
	"maps"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// add asks the provider, at most once, to add one person to an existing group. Right before the call it checks that the
// add is still wanted and allowed. The provider's answer is only a hint: the readings after it decide. A person who is
// still missing then is invited, as after a create.
func (d *delivery) add(ctx context.Context) error {
	if !d.g.Adding(d.person) {
		return d.followJoins(ctx)
	}
	if intent := d.member().Invite; intent != nil { // the answer was lost: the readings show whether it worked
		if err := d.underWay(ctx, adding, intent); err != nil {
			return err
		}
		return d.addCalled(ctx, say.Phrase{}, intent.Until)
	}
	if err := d.disturbable(ctx); err != nil {
		return err
	}
	if err := d.sameNumber(); err != nil {
		return err
	}

	if open, err := d.lateLook(ctx, adding, d.g.SeenLately(d.person, sharedFor, d.at.Now())); err != nil || !open {
		return err
	}
	if usable, err := d.checkLate(ctx); err != nil || !usable {
		return err
	}
	address := d.member().Identity().Digits
	if !d.in.Provider.Traits().AddLater || address == "" { // no provider adds a person by a LID
		return d.addCalled(ctx, say.Phrase{}, time.Time{})
	}
	if over, err := d.waitAndCheck(ctx, adding); err != nil || over {
		return err
	}
	if doubt := d.intent.Doubt; doubt != nil && !d.g.Sight.At.After(doubt.To) { // the call may have been made before Redis lost it
		if open, err := d.lateLook(ctx, adding, false); err != nil || !open {
			return err
		}
		if over, err := d.searched(ctx, adding); err != nil || over {
			return err
		}
	}

	if begun, err := d.beginFor(ctx, adding); err != nil || !begun {
		return err
	}
	e, err := d.callFor(ctx, adding, func(ctx context.Context) error {
		return d.in.Provider.AddMember(ctx, d.g.WhatsAppID, address)
	})
	switch {
	case err != nil:
		return err
	case e != nil:
		return d.addFailed(ctx, e)
	}
	d.Log.Info().EmbedObject(event.PersonAdded).Str("group", d.g.ID).Str("instance", d.in.Name).Int("person", d.person).Msg("person added")
	return d.addCalled(ctx, say.Phrase{}, time.Time{})
}

// addFailed records a call that the provider did not confirm, by its outcome. A call that may have arrived is never
// repeated.
func (d *delivery) addFailed(ctx context.Context, e *provider.Error) error {
	d.trouble(ctx, d.in, e, d.member().Tries)
	d.Log.Info().EmbedObject(event.AddUnconfirmed).Str("group", d.g.ID).Str("instance", d.in.Name).Int("person", d.person).Str("outcome", string(e.Class)).
		Int("status", e.Status).Str("error", e.Error()).Msg("add not confirmed")
	switch {
	case e.Class == provider.Unknown:
		return d.addCalled(ctx, say.Phrase{}, time.Time{})
	case e.Class == provider.NotSent:
		return d.notSent(ctx, adding, e.Said(), e.RetryAfter)
	case e.Class == provider.Limited, e.Scope == provider.ScopeInstance:
		return d.limited(ctx, adding, e)
	case e.Left:
		return d.end(ctx, adding, group.Left, say.Phrase{Code: say.LeftProvider})
	case e.NoAccount:
		return d.end(ctx, adding, group.NotOnWhatsApp, say.Phrase{Code: say.NoWhatsAppProvider})
	}
	told := say.Phrase{} // a refusal may also mean that the person is in the group already
	if e.Coded {
		told = e.Said()
	}
	return d.addCalled(ctx, told, time.Time{})
}

// addCalled records that no further call for the person follows, and enqueues the readings that decide. told is the
// provider's reason for leaving the person out, zero if it gives no reason. over is when a call can no longer be under
// way; zero means now.
func (d *delivery) addCalled(ctx context.Context, told say.Phrase, over time.Time) error {
	if err := d.commit(ctx, func(g *group.Group, now time.Time) error {
		if g.Members[d.person].Invite == nil { // no call was made, and the add may no longer be wanted
			if open, err := g.StillOutside(d.person, now); err != nil || !open {
				return err
			}
		}
		if over.Before(now) {
			over = now
		}
		return g.AddCalled(d.person, told, over, now)
	}); err != nil {
		return settled(err)
	}
	return d.followJoins(ctx)
}

// checkLate checks a late person's number, as a create does: a number without WhatsApp is neither added nor invited,
// and the LID identifies the person in a list that hides numbers. If the check fails, the add goes on without it.
func (d *delivery) checkLate(ctx context.Context) (usable bool, err error) {
	m := d.member()
	address := m.Identity().Digits
	if address == "" || m.LID != "" {
		return true, nil
	}
	checks, err := d.checks(ctx, []string{address}, m.AskedAt)
	if err != nil {
		return false, err
	}
	switch c, told := checks[address]; {
	case !told, c.Exists && c.Identity.Zero():
		return true, nil
	case !c.Exists:
		return false, d.end(ctx, adding, group.NotOnWhatsApp, say.Phrase{Code: say.NoWhatsApp})
	}
	err = d.amend(ctx, func(g *group.Group, _ time.Time) error {
		if g.Adding(d.person) {
			g.Members[d.person].Learn(checks[address].Identity)
		}
		return nil
	})
	return err == nil, err
}

// checks returns what the provider says about addresses. It asks about those without a stored answer, and about those
// whose stored answer is negative and older than asked. The result lacks addresses without an answer.
func (d *delivery) checks(ctx context.Context, addresses []string, asked time.Time) (map[string]provider.Checked, error) {
	of := d.in.Provider.Traits().Name
	known, err := d.Store.People.RecallChecks(ctx, of, addresses)
	if err != nil {
		return nil, err
	}
	var ask []string
	for _, address := range addresses {
		if c, told := known[address]; !told || !c.Exists && c.At.Before(asked) {
			delete(known, address)
			ask = append(ask, address)
		}
	}
	if len(ask) == 0 {
		return known, nil
	}
	fresh, err := d.askAbout(ctx, ask)
	if err != nil {
		d.Log.Warn().EmbedObject(event.NumberCheckFailed).Str("group", d.g.ID).Str("instance", d.in.Name).Str("error", provider.AsError(err).Error()).
			Int("people", len(ask)).Msg("number check failed")
	}
	if err := d.Store.People.RememberChecks(ctx, of, fresh); err != nil {
		return nil, err
	}
	maps.Copy(known, fresh)
	return known, nil
}
