package steps

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// joins reads a group again after its roll call: who followed an invitation, and who left.
func (d *delivery) joins(ctx context.Context) error {
	next, began := d.g.Watch.At, d.at.Now()
	if next.IsZero() {
		return nil
	}
	if began.Before(next) {
		if tasks.SameWork(d.task.ID, tasks.Joins(d.g.ID, next).ID) {
			return &Later{After: next.Sub(began), Why: "the next reading is not due"}
		}
		return d.follow(ctx) // another reading was quicker; the next one has a task of its own
	}

	if err := d.admit(ctx); err != nil {
		return err
	}
	seen, err := d.read(ctx)
	if err != nil {
		e, err := heard(err)
		if err != nil {
			return err
		}
		return d.unwatched(ctx, e)
	}

	before := d.g.Counts()
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		if err := g.Watched(seen.Reading, began, now); err != nil {
			return err
		}
		g.CallLate(seen.Reading, d.Policy.RollLooks, d.Policy.Retry.GiveUpAfter, began, now)
		return nil
	}); err != nil {
		return settled(err)
	}
	after := d.g.Counts()
	d.Log.Info().EmbedObject(event.GroupRead).Str("group", d.g.ID).Str("instance", d.in.Name).Int("joined", after[group.Joined]-before[group.Joined]).
		Int("left", after[group.Left]-before[group.Left]).Int("awaited", after[group.Invited]).Msg("group read again")
	return d.follow(ctx)
}

// admit lets the people in who were asked for and who ask to join a group that was set up with approveJoins.
// The reading that follows tells who is in; who is not is admitted with the next one. A person on the
// suppression list waits for an admin.
func (d *delivery) admit(ctx context.Context) error {
	asking := d.g.ToAdmit()
	if len(asking) == 0 || !d.in.Provider.Traits().Setup.Approve {
		return nil
	}
	people := make([]phone.Identity, len(asking))
	for i, person := range asking {
		people[i] = d.g.Members[person].Identity()
	}
	asked, err := d.Store.Records.Prepare(ctx, store.Preparing{People: people})
	if err != nil {
		return unsure(err)
	}
	var addresses []string
	for i, person := range asking {
		if !asked.Suppressed[i] {
			addresses = append(addresses, d.g.Members[person].Address())
		}
	}
	if len(addresses) == 0 {
		return nil
	}
	// The call goes on at the provider when asynq ends the handler's context.
	if err := d.in.Provider.ApproveJoins(context.WithoutCancel(ctx), d.g.WhatsAppID, addresses); err != nil {
		e := provider.AsError(err)
		d.trouble(ctx, d.in, e, d.g.Watch.Failures)
		d.Log.Info().EmbedObject(event.JoinsNotApproved).Str("group", d.g.ID).Str("instance", d.in.Name).Str("outcome", string(e.Class)).
			Int("status", e.Status).Str("error", e.Error()).Msg("requests to join not approved")
	}
	return nil
}

// unwatched records a reading that could not be had.
func (d *delivery) unwatched(ctx context.Context, e *provider.Error) error {
	d.trouble(ctx, d.in, e, d.g.Watch.Failures)
	pause := d.Policy.Retry.delay(d.g.Watch.Failures, e.RetryAfter)
	refused := e.Declined() && e.Scope == provider.ScopeRequest
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		if refused {
			return g.WatchRefused(now)
		}
		return g.WatchFailed(pause, d.Policy.Retry.GiveUpAfter, now)
	}); err != nil {
		return settled(err)
	}
	return d.follow(ctx)
}
