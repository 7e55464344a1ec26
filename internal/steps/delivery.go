package steps

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// delivery is one delivery of a task to this worker. It holds the instance, the record, the clock and, for a task that
// makes a call, the slot. The steps are its methods.
type delivery struct {
	*Steps

	task   tasks.Task
	in     *Instance
	g      *group.Group // as it was last read or written
	at     store.Clock
	round  int          // of the record when the task was delivered
	person int          // index of the member, for a task about one person
	slot   *pacing.Slot // nil for a task that only reads
	intent store.Intent // of its call, once the call may be made
	begun  time.Time    // when it wrote the intent to call for a person or to send the welcome; zero before that
	named  string       // the name that this delivery has reserved

	settling sync.WaitGroup // of settle, which runs while the outcome is recorded
}

// amend changes the record. It starts from d.g if no other writer has changed the record since.
func (d *delivery) amend(ctx context.Context, change func(g *group.Group, now time.Time) error) error {
	return d.written(d.Store.Records.Amend(ctx, d.g, d.at, d.planned(ctx, change)))
}

// commit is amend for a change that has already happened at the provider.
func (d *delivery) commit(ctx context.Context, change func(g *group.Group, now time.Time) error) error {
	return d.written(d.Store.Records.Commit(ctx, d.g, d.at, d.planned(ctx, change)))
}

// written replaces d.g with the record that was written. It only logs an index that is behind: the intent or the
// outcome is recorded, and the next change or the sweeper updates the index.
func (d *delivery) written(g *group.Group, err error) error {
	if errors.Is(err, store.ErrIndexBehind) {
		d.Log.Warn().EmbedObject(event.IndexNotWritten).Err(err).Str("group", g.ID).Str("instance", g.Instance).Msg("index not written")
		err = nil
	}
	if err == nil {
		d.g = g
	}
	return err
}

// planned adds to a change what every change needs. It refuses the change if the request has another group by now,
// because this delivery has read or called the old one. It plans the next reading. If the configuration says that
// leaving one group means leaving all, it puts the people who left on the suppression list. It does so before the
// record is written, so that after a crash between the two writes the next reading repeats both.
func (d *delivery) planned(ctx context.Context, change func(g *group.Group, now time.Time) error) func(g *group.Group, now time.Time) error {
	of := d.g.WhatsAppID
	return func(g *group.Group, now time.Time) error {
		if of != "" && g.WhatsAppID != of && !d.ours(g) { // a person has adopted another group meanwhile
			return &Later{Why: say.Phrase{Code: say.SnoozeAdopted}}
		}
		known, own := g.Leavers(), g.Sight.Own
		if err := change(g, now); err != nil {
			return err
		}
		d.Policy.Plan(g)
		if g.Sight.Own != own && own == group.StandingAdmin {
			d.Log.Warn().EmbedObject(event.OwnNumberDemoted).Str("group", g.ID).Str("instance", g.Instance).Str("standing", string(g.Sight.Own)).
				Msg("own number lost admin rights")
		}
		if !d.Policy.Leaves {
			return nil
		}
		var fresh []phone.Identity
		for _, i := range g.Leavers() {
			if !slices.Contains(known, i) {
				fresh = append(fresh, g.Members[i].Identities()...)
			}
		}
		if len(fresh) == 0 {
			return nil
		}
		return d.Store.People.SuppressPeople(ctx, fresh, "left the group "+g.ID)
	}
}

// ours reports whether a record holds the intent of the delivery's own call: to add or invite its person, or to post the
// welcome. The outcome of that call is recorded whatever group the request has by then.
func (d *delivery) ours(g *group.Group) bool {
	var intent *group.Intent
	switch d.task.Type {
	case tasks.TypeAdd, tasks.TypeInvite:
		intent = g.Members[d.person].Invite
	case tasks.TypeWelcome:
		if s := g.Step(group.StepWelcome); s != nil {
			intent = s.Intent
		}
	default:
	}
	return d.wrote(intent, d.begun)
}

// settled turns group.ErrState into success: another writer has already recorded the end.
func settled(err error) error {
	if errors.Is(err, group.ErrState) {
		return nil
	}
	return err
}

// follow puts what comes next on the queue.
func (d *delivery) follow(ctx context.Context) error { return d.put(ctx, d.Policy.Next(d.g)) }

// followJoins puts only the next reading on the queue. The other invitations, perhaps hundreds, have their tasks
// already.
func (d *delivery) followJoins(ctx context.Context) error { return d.put(ctx, d.g.NextReading()) }

func (d *delivery) put(ctx context.Context, next []tasks.Task) error {
	if len(next) == 0 {
		return nil
	}
	return d.Queue.Put(context.WithoutCancel(ctx), next...)
}

// due returns Later if the given time is still to come.
func (d *delivery) due(at time.Time) error {
	if left := at.Sub(d.at.Now()); left > 0 {
		return &Later{After: left, Why: say.Phrase{Code: say.SnoozeDue}}
	}
	return nil
}

// alive returns a function that reports whether the owner of an intent is alive. If Redis does not answer, the function
// reports true.
func (d *delivery) alive(ctx context.Context) func(string) bool {
	return func(owner string) bool {
		alive, err := d.Store.Presence.Alive(ctx, owner)
		return alive || err != nil
	}
}

// sameNumber returns Later if the slot was taken for a number that the instance no longer has.
func (d *delivery) sameNumber() error {
	if now := d.Keeper.Number(d.in.Name); now != "" && d.slot.Number() != now {
		return &Later{After: time.Second, Why: say.Phrase{Code: say.SnoozeNumber}}
	}
	return nil
}

// wait waits for the slot's start.
func (d *delivery) wait(ctx context.Context) error {
	if err := d.slot.Wait(ctx); err != nil {
		return &Later{Why: say.OfError(err)}
	}
	return nil
}

// begin checks, after the slot's start, whether the call may still be made. From then on a pause is too late for the
// call, so keep the code between begin and the call short. begin also fails if the instance has another number by now,
// or cannot work: another call may have met a restriction of the number meanwhile.
func (d *delivery) begin(ctx context.Context) error {
	if err := d.sameNumber(); err != nil {
		return err
	}
	if !d.Keeper.Open(d.in.Name) {
		return &Later{After: time.Second, Why: say.Phrase{Code: say.SnoozeUnopened}}
	}
	err := d.slot.Begin(ctx)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pacing.ErrPaused), errors.Is(err, pacing.ErrResting), errors.Is(err, pacing.ErrQuiet), errors.Is(err, pacing.ErrLost):
		return &Later{Why: say.OfError(err)}
	}
	// Nothing was sent, so the failure must not cost the instance an interval.
	return errors.Join(err, d.slot.GiveBack(ctx))
}

// intend is amend for the intent of a call. If Redis does not confirm the write, the intent may still be written, and
// the next delivery would conclude that the call was made. So intend withdraws it before it returns the error, and
// gives the slot back: no call is made, so the failure must not cost the instance an interval. ours reports whether a
// record holds this very intent, and withdraw records that no call was made.
func (d *delivery) intend(ctx context.Context, change func(g *group.Group, now time.Time) error, ours func(g *group.Group) bool, withdraw func(g *group.Group, why say.Phrase, now time.Time) error) error {
	var refused error
	err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		refused = change(g, now)
		return refused
	})
	if err == nil || refused != nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnreadable) {
		return err
	}
	return errors.Join(err, settled(d.commit(ctx, func(g *group.Group, now time.Time) error {
		if !ours(g) { // if Redis has yet to write the intent, this write makes that one fail
			return nil
		}
		return withdraw(g, say.OfError(err), now)
	})), d.slot.GiveBack(ctx))
}

// wrote reports whether this worker wrote an intent at the given time. Records keep milliseconds.
func (d *delivery) wrote(intent *group.Intent, at time.Time) bool {
	return intent != nil && intent.Owner == d.Worker && intent.At.UnixMilli() == at.UnixMilli()
}

// call makes the one call whose intent is written. ours reports whether a record holds that intent. The first error is
// the provider's answer, or NotSent if the call was not made because the intent or the slot could be lost. The second
// error means that no call was made and nothing must be recorded.
func (d *delivery) call(ctx context.Context, op string, ours func(g *group.Group) bool, send func(ctx context.Context) error) (*provider.Error, error) {
	err := d.Store.Records.Replicated(ctx, d.g.ID, ours)
	if errors.Is(err, store.ErrGone) {
		return nil, &Later{After: d.Policy.Retry.delay(0, 0), Why: say.OfError(err)}
	}
	if err != nil { // a failover could lose the intent
		return &provider.Error{
			Class: provider.NotSent, Op: op, Err: err,
			Why: say.Phrase{Code: say.IntentNotKept, Text: err.Error()},
		}, nil
	}
	if !d.slot.Valid() { // the process was frozen while it wrote the intent: another worker may call now
		return &provider.Error{Class: provider.NotSent, Op: op, Why: say.Phrase{Code: say.SlotLost}}, nil
	}
	d.Store.Calling(d.intent)
	trace := &provider.Trace{}
	// asynq ends the handler's context on shutdown, lost lease and deadline, while the call goes
	// on at the provider. Only the call's own deadline may end it.
	err = send(provider.WithTrace(context.WithoutCancel(ctx), trace))
	pool := d.g.Target.Pool
	d.settling.Go(func() { d.settle(ctx, trace, pool) })
	if err != nil {
		return provider.AsError(err), nil
	}
	return nil, nil //nolint:nilnil // the call succeeded
}

// settle starts the pace's next interval at the moment the request left, and counts the call for the history. If the
// request never left, it does nothing, and the dispatcher's handler gives the slot back.
func (d *delivery) settle(ctx context.Context, trace *provider.Trace, pool string) {
	if trace.WroteAt.IsZero() {
		return
	}
	if err := d.slot.Used(ctx, trace.WroteAt); err != nil {
		// The floor then counts from the end of the slot's lease, which is later than the call.
		d.Log.Warn().EmbedObject(event.SlotNotSettled).Err(err).Str("instance", d.slot.Instance()).Msg("slot not settled")
	}
	now := d.at.Now().In(d.slot.Zone())
	if err := d.Store.Index.CountCall(context.WithoutCancel(ctx), d.slot.Instance(), pool, d.slot.Kind(), now); err != nil {
		d.Log.Warn().EmbedObject(event.CallNotCounted).Err(err).Str("instance", d.slot.Instance()).Msg("call not counted")
	}
}
