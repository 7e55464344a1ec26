package steps

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// promotedAtOnce is how many people one pass makes admins: a provider may accept only one person a call.
const promotedAtOnce = 20

// equip gives the group the defaults of its pool, before its first create.
func (d *delivery) equip(ctx context.Context) error {
	pool, ok := d.Policy.Pools[d.g.Target.Pool]
	if !ok || pool.Setup.Zero() && len(pool.Always) == 0 || d.g.Setup != nil && d.g.Setup.Equipped {
		return nil
	}
	return d.amend(ctx, func(g *group.Group, now time.Time) error {
		if g.Round == d.round { // otherwise it may have been moved to another pool
			g.Equip(pool, now)
		}
		return nil
	})
}

// setup sets the photo, the description, the settings and the admins of a group. It reads the group, makes a call for
// each step that the reading shows as not done, and reads again to see the result.
func (d *delivery) setup(ctx context.Context) error {
	if d.g.Setup == nil || d.g.Setup.At.IsZero() {
		return d.follow(ctx)
	}
	if at := d.g.Setup.At; d.at.Now().Before(at) {
		if tasks.SameWork(d.task.ID, tasks.Setting(d.g.ID, at).ID) {
			return d.due(at)
		}
		return d.put(ctx, d.g.NextSetup()) // another delivery did this pass; the next one has its own task
	}
	wasHeld := d.g.Held()
	if held, err := d.holdSetup(ctx); err != nil || held {
		return d.afterSetup(ctx, wasHeld, err)
	}
	if err := d.readSetup(ctx); err != nil {
		e, err := providerError(err)
		if err == nil {
			err = d.unreadSetup(ctx, e)
		}
		return d.afterSetup(ctx, wasHeld, err)
	}
	called := false
	for _, name := range d.g.DueSteps(d.at.Now()) {
		did, err := d.setStep(ctx, name)
		if err != nil {
			return settled(err)
		}
		called = called || did
	}
	if called {
		if err := d.readSetup(ctx); err != nil {
			e, err := providerError(err)
			if err != nil {
				return err
			}
			d.trouble(ctx, d.in, e, 0) // the next pass reads again
		}
	}
	return d.afterSetup(ctx, wasHeld, nil)
}

// afterSetup enqueues the next pass of the set-up. If the set-up has just stopped holding the invitations back, it
// enqueues them as well.
func (d *delivery) afterSetup(ctx context.Context, wasHeld bool, err error) error {
	if err != nil {
		return settled(err)
	}
	if wasHeld && !d.g.Held() {
		return d.follow(ctx)
	}
	return d.put(ctx, d.g.NextSetup())
}

// holdSetup puts the due steps off while the instance is paused, rests or cannot work. It reports whether it did.
func (d *delivery) holdSetup(ctx context.Context) (bool, error) {
	why, until, err := d.held(ctx)
	if err != nil || why.Zero() {
		return false, err
	}
	return true, d.amend(ctx, func(g *group.Group, now time.Time) error { return g.SetupHeld(why, until, now) })
}

// held returns why the instance must change nothing now (it is paused, rests or cannot work), and when to ask again.
// why is zero if the instance may change something.
func (d *delivery) held(ctx context.Context) (why say.Phrase, until time.Time, err error) {
	views, err := d.Pacer.Views(ctx, d.in.Name)
	if err != nil {
		return why, until, err
	}
	v := views[0]
	switch {
	case v.Paused:
		return say.Phrase{Code: say.SetupPaused, Name: d.in.Name}, v.At.Add(time.Minute), nil
	case v.Rest.Until.After(v.At):
		return say.Phrase{Code: say.SetupResting, Name: d.in.Name, Until: v.Rest.Until}, v.Rest.Until, nil
	case !d.Keeper.Open(d.in.Name):
		return say.Phrase{Code: say.SetupUnable, Name: d.in.Name}, v.At.Add(time.Minute), nil
	}
	return why, until, nil
}

// readSetup reads the group and records what it shows.
func (d *delivery) readSetup(ctx context.Context) error {
	seen, err := d.read(ctx)
	if err != nil {
		return err
	}
	return d.stepped(ctx, func(g *group.Group, now time.Time) error {
		seen.tellLink(g, now)
		return g.SetupRead(seen.Reading, seen.profile, d.ability(), now)
	})
}

// unreadSetup puts the due steps off because the group could not be read.
func (d *delivery) unreadSetup(ctx context.Context, e *provider.Error) error {
	tries := 0
	for _, name := range d.g.DueSteps(d.at.Now()) {
		tries = max(tries, d.g.Step(name).Tries)
	}
	d.trouble(ctx, d.in, e, tries)
	pause := d.Policy.Retry.delay(tries, e.RetryAfter)
	if ofInstance(e) {
		return d.putOffSetup(ctx, e, pause)
	}
	return d.stepped(ctx, func(g *group.Group, now time.Time) error {
		for _, name := range g.DueSteps(now) {
			why := say.Phrase{Code: say.SetupUnread, Why: []say.Phrase{e.Said()}}
			if err := g.StepFailed(name, group.NotArrived, why, pause, d.Policy.Retry.GiveUpAfter, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// ofInstance reports whether a call did nothing because the instance cannot work now. Such a call never uses up a try.
func ofInstance(e *provider.Error) bool {
	return e.Class == provider.Limited || e.Class != provider.Unknown && e.Scope == provider.ScopeInstance
}

// putOffSetup retries the due steps after a pause, of at least a minute if the instance is not ready.
func (d *delivery) putOffSetup(ctx context.Context, e *provider.Error, pause time.Duration) error {
	if e.Health != "" {
		pause = max(pause, time.Minute)
	}
	return d.amend(ctx, func(g *group.Group, now time.Time) error { return g.SetupHeld(e.Said(), now.Add(pause), now) })
}

// ability returns what the group's provider can set up.
func (d *delivery) ability() group.Ability {
	can := d.in.Provider.Traits().Setup
	return group.Ability{
		Photo: can.Photo, Description: can.Description, Admins: can.Admins, SettingsLag: can.SettingsLag,
		Settings: func(name string) bool { return slices.Contains(can.Settings, name) },
	}
}

// stepped changes the record, and logs and counts each step that ends with the change.
func (d *delivery) stepped(ctx context.Context, change func(g *group.Group, now time.Time) error) error {
	open := map[group.StepName]bool{}
	if d.g.Setup != nil {
		for _, s := range d.g.Setup.Steps {
			open[s.Name] = s.Status == group.StepWanted
		}
	}
	if err := d.commit(ctx, change); err != nil {
		return err
	}
	for _, s := range d.g.Setup.Steps {
		if !open[s.Name] || s.Status == group.StepWanted {
			continue
		}
		d.Log.Info().EmbedObject(event.SetupStepEnded).Str("group", d.g.ID).Str("instance", d.g.Instance).Str("step", string(s.Name)).
			Str("status", string(s.Status)).Msg("set-up step ended")
		if d.Observer != nil {
			d.Observer.Setup(string(s.Name), string(s.Status))
		}
	}
	return nil
}

// setStep makes the call of one step, and reports whether to read the group again, because the call may have arrived or
// is no longer needed.
func (d *delivery) setStep(ctx context.Context, name group.StepName) (bool, error) {
	// The call goes on at the provider when asynq ends the handler's context.
	call := context.WithoutCancel(ctx)
	p, id, lag := d.in.Provider, d.g.WhatsAppID, time.Duration(0)
	var err error
	switch name {
	case group.StepPhoto:
		jpeg, fault := d.Photos.Fetch(ctx, d.g.Setup.Want.Photo)
		if fault != nil {
			return false, d.noPhoto(ctx, fault)
		}
		err = p.SetPhoto(call, id, jpeg)
	case group.StepDescription:
		err = p.SetDescription(call, id, d.g.Setup.Want.Description)
	case group.StepSettings:
		lag = d.in.Provider.Traits().Setup.SettingsLag
		err = p.SetSettings(call, id, d.g.Setup.Settings(d.ability()))
	case group.StepAdmins:
		who := d.promoted()
		if len(who) == 0 { // a later roll call showed that they are admins already, or have left
			return true, nil
		}
		err = p.Promote(call, id, who)
	default:
		return false, nil
	}
	if err == nil {
		pause := max(lag, d.Policy.Retry.delay(d.g.Step(name).Tries, 0))
		return true, d.stepped(ctx, func(g *group.Group, now time.Time) error { return g.StepCalled(name, pause, now) })
	}
	return d.stepFailed(ctx, name, provider.AsError(err))
}

// promoted returns the addresses of the next people to become admins.
func (d *delivery) promoted() []string {
	var addresses []string
	for _, i := range d.g.ToPromote() {
		if len(addresses) < promotedAtOnce {
			addresses = append(addresses, d.g.Members[i].Address())
		}
	}
	return addresses
}

// stepFailed records a step's failed call, by its outcome. arrived reports whether the call may have arrived.
func (d *delivery) stepFailed(ctx context.Context, name group.StepName, e *provider.Error) (arrived bool, err error) {
	tries := d.g.Step(name).Tries
	d.trouble(ctx, d.in, e, tries)
	d.Log.Info().EmbedObject(event.SetupStepFailed).Str("group", d.g.ID).Str("instance", d.in.Name).Str("step", string(name)).Str("outcome", string(e.Class)).
		Int("status", e.Status).Str("error", e.Error()).Msg("set-up step failed")
	pause := d.Policy.Retry.delay(tries, e.RetryAfter)
	if ofInstance(e) {
		return false, d.putOffSetup(ctx, e, pause)
	}
	what := group.NotArrived
	if e.Class == provider.Unknown {
		if what = group.Unclear; e.Denied {
			what = group.Denied
		}
	}
	return what != group.NotArrived, d.stepped(ctx, func(g *group.Group, now time.Time) error {
		if e.Class == provider.Refused {
			return g.StepRefused(name, say.Phrase{Code: say.SetupRefused, Why: []say.Phrase{e.Said()}}, now)
		}
		return g.StepFailed(name, what, e.Said(), pause, d.Policy.Retry.GiveUpAfter, now)
	})
}

// noPhoto ends or puts off the photo step if the photo cannot be fetched.
func (d *delivery) noPhoto(ctx context.Context, fault error) error {
	e, ok := errors.AsType[*photo.Error](fault)
	if !ok {
		return fault
	}
	pause := d.Policy.Retry.delay(d.g.Step(group.StepPhoto).Tries, 0)
	return d.stepped(ctx, func(g *group.Group, now time.Time) error {
		if !e.Passing {
			return g.StepRefused(group.StepPhoto, e.Why, now)
		}
		return g.StepFailed(group.StepPhoto, group.NotArrived, e.Why, pause, d.Policy.Retry.GiveUpAfter, now)
	})
}
