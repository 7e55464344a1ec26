package steps

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// welcome sends the group's one welcome message. The message takes a slot of the invitations' pace, and its intent is
// written before the call, so that it is never sent twice.
func (d *delivery) welcome(ctx context.Context) error {
	if !d.g.ToGreet() {
		return nil
	}
	if d.g.Step(group.StepWelcome).Intent != nil {
		return d.findWelcome(ctx)
	}
	if err := d.nightly(); err != nil {
		return err
	}
	if err := d.sameNumber(); err != nil {
		return err
	}
	post, err := d.post()
	if err != nil {
		return err
	}
	if err := d.wait(ctx); err != nil {
		return err
	}
	asked, err := d.Store.Intend(ctx)
	if err != nil {
		return unsure(err)
	}
	d.intent = asked
	if over, err := d.recallWelcome(ctx, post); err != nil || over {
		return err
	}
	if begun, err := d.beginWelcome(ctx); err != nil || !begun {
		return err
	}
	var sent provider.Sent
	e, err := d.call(ctx, "post", d.ours, func(ctx context.Context) (err error) {
		sent, err = d.in.Provider.Post(ctx, post)
		return err
	})
	switch {
	case err != nil:
		return err
	case e != nil:
		return d.welcomeFailed(ctx, e)
	}
	return settled(d.welcomed(ctx, sent.MessageID))
}

// nightly returns Later during the quiet hours, in the invitations' zone or else the installation's: a group has no zone
// of its own.
func (d *delivery) nightly() error {
	if d.Policy.Quiet == nil {
		return nil
	}
	now := d.at.Now()
	if until := d.Policy.Quiet.Until(now, d.Policy.ZonesOf("")); !until.IsZero() {
		return &Later{After: until.Sub(now), Why: say.Phrase{Code: say.WaitNight}}
	}
	return nil
}

// post returns the message to the group.
func (d *delivery) post() (provider.Post, error) {
	text, err := d.fill(d.g.Setup.Want.WelcomeMessage, d.g.Name)
	return provider.Post{GroupID: d.g.WhatsAppID, Text: text}, err
}

// beginWelcome checks whether the call may be made, and writes its intent. It reports whether to make the call. It checks
// the quiet hours again, because they may have begun during the step.
func (d *delivery) beginWelcome(ctx context.Context) (bool, error) {
	if err := d.nightly(); err != nil {
		return false, err
	}
	if err := d.begin(ctx); err != nil {
		return false, err
	}
	var begun group.Begun
	change := func(g *group.Group, now time.Time) error {
		begun, d.begun = g.BeginWelcome(d.Worker, d.in.InviteBudget, d.alive(ctx), now), now
		return nil
	}
	if err := d.intend(ctx, change, d.ours, func(g *group.Group, why say.Phrase, now time.Time) error {
		return g.WelcomeNotSent(why, 0, now)
	}); err != nil {
		return false, err
	}
	switch begun {
	case group.Go:
		return true, nil
	case group.Past:
		return false, nil
	default: // another worker began it since we loaded the group
		return false, &Later{After: time.Second, Why: say.Phrase{Code: say.SnoozeElsewhere}}
	}
}

// welcomed records a welcome that the provider accepted.
func (d *delivery) welcomed(ctx context.Context, messageID string) error {
	return d.stepped(ctx, func(g *group.Group, now time.Time) error { return g.Welcomed(messageID, now) })
}

// welcomeFailed records a failed welcome, by its outcome.
func (d *delivery) welcomeFailed(ctx context.Context, e *provider.Error) error {
	tries := d.g.Step(group.StepWelcome).Tries
	d.trouble(ctx, d.in, e, tries)
	d.Log.Info().EmbedObject(event.WelcomeFailed).Str("group", d.g.ID).Str("instance", d.in.Name).Str("outcome", string(e.Class)).
		Int("status", e.Status).Str("error", e.Error()).Msg("welcome failed")
	if e.Class == provider.Unknown {
		if err := d.commit(ctx, func(g *group.Group, now time.Time) error { return g.WelcomeDoubted(e.Said(), now) }); err != nil {
			return settled(err)
		}
		return d.findWelcome(ctx)
	}
	if e.Class == provider.Refused && e.Scope != provider.ScopeInstance {
		return settled(d.endWelcome(ctx, group.StepRefused, say.Phrase{Code: say.SetupRefused, Why: []say.Phrase{e.Said()}}))
	}
	giveUp, pause := d.Policy.Retry.GiveUpAfter, d.Policy.Retry.delay(tries, e.RetryAfter)
	switch {
	case e.Class == provider.NotSent:
	case e.Quota != "" && e.Quota != provider.QuotaSend:
		giveUp, pause = 0, d.Policy.Rest.Initial
	default: // the instance's state says until when
		giveUp, pause = 0, 0
	}
	if err := d.stepped(ctx, func(g *group.Group, now time.Time) error { return g.WelcomeNotSent(e.Said(), giveUp, now) }); err != nil {
		return settled(err)
	}
	if !d.g.ToGreet() {
		return nil
	}
	return &Later{After: pause, Why: e.Phrase()}
}

func (d *delivery) endWelcome(ctx context.Context, s group.StepStatus, reason say.Phrase) error {
	return d.stepped(ctx, func(g *group.Group, now time.Time) error { return g.WelcomeEnded(s, reason, now) })
}

// findWelcome searches the provider's queue and journal for a welcome that may have been sent. The welcome is never
// sent again.
func (d *delivery) findWelcome(ctx context.Context) error {
	intent := d.g.Step(group.StepWelcome).Intent
	if now := d.at.Now(); intent.Owner != d.Worker && now.Before(intent.Until) && d.alive(ctx)(intent.Owner) {
		return &Later{After: min(5*time.Second, intent.Until.Sub(now)), Why: say.Phrase{Code: say.SnoozeElsewhere}}
	}
	post, err := d.post()
	if err != nil {
		return err
	}
	sent, found, err := d.in.Provider.FindPost(ctx, post, intent.At.Add(-group.ClockSkew))
	if err == nil && found {
		return settled(d.welcomed(ctx, sent.MessageID))
	}
	if !d.at.Now().After(intent.Until.Add(d.in.InviteBudget)) {
		return &Later{After: max(time.Second, d.in.InviteBudget/3), Why: say.Phrase{Code: say.SnoozeLost}}
	}
	return settled(d.endWelcome(ctx, group.StepUnknown, say.Phrase{Code: say.WelcomeUnknown, Why: []say.Phrase{intent.Answer}}))
}

// recallWelcome runs before the call. If Redis may have lost the record of an earlier welcome, it searches the provider
// for that message. It returns true if the welcome must not be sent now.
func (d *delivery) recallWelcome(ctx context.Context, post provider.Post) (over bool, err error) {
	doubt := d.intent.Doubt
	if doubt == nil || d.g.CreatedSince(doubt.To) {
		return false, nil
	}
	sent, found, err := d.in.Provider.FindPost(ctx, post, doubt.From.Add(-group.ClockSkew))
	switch {
	case err == nil && found:
		return true, settled(d.welcomed(ctx, sent.MessageID))
	case err != nil && doubt.Strict(d.g.CreatedAt):
		e := provider.AsError(err)
		d.trouble(ctx, d.in, e, 0)
		return true, &Later{After: d.Policy.Retry.delay(0, e.RetryAfter), Why: say.Phrase{Code: say.SnoozeJournal, Why: []say.Phrase{e.Said()}}}
	case doubt.Kind == store.Restarted, err == nil && d.at.Now().Sub(doubt.From) < d.in.Provider.Traits().Journal:
		return false, nil
	}
	uncertain, err := d.Store.Uncertain(ctx, *doubt, d.in.Name, sendable(d.in, doubt.To.Sub(doubt.From)))
	if err != nil || !uncertain {
		return false, err
	}
	return true, settled(d.endWelcome(ctx, group.StepUnknown, say.Phrase{Code: say.InviteUntold}))
}
