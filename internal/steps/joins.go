package steps

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// joins reads a group again after its roll call, to see who joined and who left.
func (d *delivery) joins(ctx context.Context) error {
	next, began := d.g.Watch.At, d.at.Now()
	if next.IsZero() {
		return nil
	}
	if began.Before(next) {
		if tasks.SameWork(d.task.ID, tasks.Joins(d.g.ID, next).ID) {
			return &Later{After: next.Sub(began), Why: say.Phrase{Code: say.SnoozeDue}}
		}
		return d.follow(ctx) // another delivery did this reading; the next one has its own task
	}

	seen, err := d.readAnswering(ctx, began)
	if err != nil {
		e, err := providerError(err)
		if err != nil {
			return settled(err)
		}
		return d.joinsFailed(ctx, e)
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

// readAnswering answers the group's requests to join, as far as it can, and then reads the group.
func (d *delivery) readAnswering(ctx context.Context, began time.Time) (sight, error) {
	var seen sight
	var err error
	reader, tells := d.in.Provider.(provider.JoinReader)
	if tells {
		if seen, err = d.read(ctx); err != nil {
			return seen, err
		}
		if err := d.readRequests(ctx, reader, seen, began); err != nil {
			return seen, err
		}
	}
	answered, err := d.answer(ctx)
	if err != nil || tells && !answered {
		return seen, err
	}
	return d.read(ctx)
}

// readRequests reads the requests to join a group whose admins approve members. If the list cannot be read, the next
// reading tries again.
func (d *delivery) readRequests(ctx context.Context, from provider.JoinReader, seen sight, began time.Time) error {
	on := seen.profile.Settings.ApproveJoins
	if on != nil && !*on && len(d.g.OpenRequests()) == 0 {
		return nil
	}
	told, err := from.JoinRequests(ctx, d.g.WhatsAppID)
	if err != nil {
		e := provider.AsError(err)
		d.trouble(ctx, d.in, e, d.g.Watch.Failures)
		d.Log.Info().EmbedObject(event.JoinsNotRead).Str("group", d.g.ID).Str("instance", d.in.Name).Str("outcome", string(e.Class)).
			Int("status", e.Status).Str("error", e.Error()).Msg("requests to join not read")
		return nil
	}
	if len(told) == 0 && len(d.g.OpenRequests()) == 0 {
		return nil
	}
	list := make([]group.Asker, len(told))
	for i, r := range told {
		list[i] = group.Asker{Identity: r.Identity, JoinRequest: group.JoinRequest{At: r.At}}
	}
	return d.amend(ctx, func(g *group.Group, now time.Time) error {
		g.RequestsRead(list, seen.Reading, began, now)
		return nil
	})
}

// answer answers the requests to join that people have decided. In a group that was set up with approveJoins it also
// admits the requested members. The reading that follows shows who is in. A person on the suppression list is not
// admitted, and the record says so. While the instance is paused, rests or cannot work, the answers and the reading
// wait. It reports whether a call was made.
func (d *delivery) answer(ctx context.Context) (bool, error) {
	calls := d.g.JoinsToAnswer()
	if len(calls) == 0 {
		return false, nil
	}
	if !d.in.Provider.Traits().Setup.Approve {
		return false, d.told(ctx, calls, func(g *group.Group, who phone.Identity, now time.Time) {
			g.JoinNotAnswered(who, say.Phrase{Code: say.JoinUnsupported}, true, now)
		})
	}
	var admitted, approved, rejected []group.JoinCall
	for _, c := range calls {
		switch {
		case c.Answer == group.RejectJoin:
			rejected = append(rejected, c)
		case c.Decided:
			approved = append(approved, c)
		default:
			admitted = append(admitted, c)
		}
	}
	// One call each, so that a call that fails for one person's address does not affect the others.
	made := false
	for _, some := range [][]group.JoinCall{admitted, approved, rejected} {
		called, err := d.answered(ctx, some)
		if err != nil {
			return false, err
		}
		made = made || called
	}
	return made, nil
}

// holdJoins puts the answers off while the instance is paused, rests or cannot work. Meanwhile the record says so for
// each request.
func (d *delivery) holdJoins(ctx context.Context) error {
	why, until, err := d.held(ctx)
	if err != nil {
		return err
	}
	if d.g.JoinsHeld(why, d.at.Now()) {
		if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
			g.JoinsHeld(why, now)
			return nil
		}); err != nil {
			return err
		}
	}
	if !why.Zero() {
		return &Later{After: max(time.Second, until.Sub(d.at.Now())), Why: why}
	}
	return nil
}

// permitted returns the requests whose answer may be given now: no person on the suppression list is admitted. If a
// person decided to admit one, it records why that is not done.
func (d *delivery) permitted(ctx context.Context, calls []group.JoinCall) ([]group.JoinCall, error) {
	var people []phone.Identity
	for _, c := range calls {
		people = append(people, c.Known...)
	}
	asked, err := d.Store.Records.Prepare(ctx, store.Preparing{People: people})
	if err != nil {
		return nil, unsure(err)
	}
	var permitted, suppressed []group.JoinCall
	listed := asked.Suppressed
	for _, c := range calls {
		if c.Answer != group.RejectJoin && slices.Contains(listed[:len(c.Known)], true) {
			suppressed = append(suppressed, c)
		} else {
			permitted = append(permitted, c)
		}
		listed = listed[len(c.Known):]
	}
	return permitted, d.told(ctx, suppressed, func(g *group.Group, who phone.Identity, now time.Time) {
		g.JoinNotAnswered(who, say.Phrase{Code: say.JoinSuppressed}, true, now)
	})
}

// answered makes the call that gives some requests the same answer, and records the result of the answers that people
// decided. It reports whether a call was made.
func (d *delivery) answered(ctx context.Context, calls []group.JoinCall) (bool, error) {
	if len(calls) == 0 {
		return false, nil
	}
	if err := d.holdJoins(ctx); err != nil { // the call before may have met a restriction
		return false, err
	}
	calls, err := d.permitted(ctx, calls)
	if err != nil || len(calls) == 0 {
		return false, err
	}
	addresses := make([]string, len(calls))
	for i, c := range calls {
		addresses[i] = c.Address
	}
	do := d.in.Provider.ApproveJoins
	if calls[0].Answer == group.RejectJoin {
		do = d.in.Provider.RejectJoins
	}
	// The call goes on at the provider when asynq ends the handler's context.
	err = do(context.WithoutCancel(ctx), d.g.WhatsAppID, addresses)
	if err == nil {
		return true, d.told(ctx, calls, (*group.Group).JoinAnswered)
	}
	e := provider.AsError(err)
	d.trouble(ctx, d.in, e, d.g.Watch.Failures)
	d.Log.Info().EmbedObject(event.JoinsNotAnswered).Str("group", d.g.ID).Str("instance", d.in.Name).Str("answer", string(calls[0].Answer)).
		Str("outcome", string(e.Class)).Int("status", e.Status).Str("error", e.Error()).Msg("requests to join not answered")
	return true, d.told(ctx, calls, func(g *group.Group, who phone.Identity, now time.Time) {
		g.JoinNotAnswered(who, e.Said(), e.Class == provider.Refused, now)
	})
}

// told records the result of the answers that people decided.
func (d *delivery) told(ctx context.Context, calls []group.JoinCall, record func(*group.Group, phone.Identity, time.Time)) error {
	if !slices.ContainsFunc(calls, func(c group.JoinCall) bool { return c.Decided }) {
		return nil
	}
	return d.commit(ctx, func(g *group.Group, now time.Time) error {
		for _, c := range calls {
			record(g, c.Who, now)
		}
		return nil
	})
}

// joinsFailed records a failed reading.
func (d *delivery) joinsFailed(ctx context.Context, e *provider.Error) error {
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
