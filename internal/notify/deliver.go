package notify

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// elsewhere is the pause of a task that another worker must do: one whose receiver this worker does not know, or whose
// record it cannot read.
const elsewhere = 10 * time.Second

// Do makes one try of a delivery. Like a step it returns nil when the task is done, *steps.Later when it must run
// again, and any other error when the infrastructure failed.
func (w *Webhooks) Do(ctx context.Context, t tasks.Task) error {
	begun := time.Now()
	verdict, err := w.deliver(ctx, t.Payload)
	if w.Observer != nil {
		if err != nil && verdict == "" {
			verdict = "error"
		}
		w.Observer.Step(t.Type, verdict, time.Since(begun))
	}
	return err
}

// deliver is Do with the verdict's name for metrics.
func (w *Webhooks) deliver(ctx context.Context, task tasks.Payload) (verdict string, err error) {
	p := w.plan.Load()
	r := p.receivers[task.Receiver]
	if r == nil {
		return w.await(ctx, task)
	}
	select {
	case r.busy <- struct{}{}:
		defer func() { <-r.busy }()
	default:
		return "later", &steps.Later{After: time.Second, Why: say.Phrase{Code: say.SnoozeWebhookBusy}}
	}
	n, err := w.Store.Outbox.Notice(ctx, task.Event)
	if errors.Is(err, store.ErrNotFound) {
		w.Log.Warn().EmbedObject(event.WebhookDropped).Str("eventId", task.Event).Str("host", r.host).Msg("webhook delivery dropped")
		return "dropped", nil
	}
	if errors.Is(err, store.ErrUnreadable) { // the list of failures has it, and a person can send it again
		return "dropped", nil
	}
	if err != nil {
		return "", err
	}
	was, noted := n.Deliveries[r.id]
	now := w.Now()
	switch {
	case noted && (was.Run != task.Run || was.State != store.DeliveryWaiting):
		// The delivery is over, or a person has asked for the event again and that run has a task of its own.
		return "dropped", nil
	case was.Next.After(now):
		return "later", &steps.Later{After: was.Next.Sub(now), Why: say.Phrase{Code: say.SnoozeDue}}
	case !r.wants(n.Type):
		return w.skip(ctx, n, r, was, say.WebhookUnwanted)
	}
	switch disabled, err := w.disabled(ctx, r); {
	case err != nil:
		return "", err
	case disabled != nil:
		return w.skip(ctx, n, r, was, say.WebhookDisabled)
	}

	data, err := body(ctx, w.Documents, n)
	if errors.Is(err, store.ErrNotFound) {
		return w.fail(ctx, n, r, was, was.Tries, answer{reason: say.Phrase{Code: say.WebhookRetained}})
	}
	if errors.Is(err, store.ErrUnreadable) { // a newer worker or a person must handle it
		return "later", &steps.Later{After: elsewhere, Why: say.OfError(err)}
	}
	if err != nil {
		return "", err
	}
	a, err := w.post(ctx, r, n.ID, data, p.timeout, now)
	if err != nil {
		return "", err
	}
	return w.judge(ctx, p, n, r, was, a)
}

// await leaves a delivery to a worker that knows its receiver, as long as the event is kept.
func (w *Webhooks) await(ctx context.Context, task tasks.Payload) (verdict string, err error) {
	_, err = w.Store.Outbox.Notice(ctx, task.Event)
	switch {
	case errors.Is(err, store.ErrNotFound):
		w.Log.Warn().EmbedObject(event.WebhookDropped).Str("eventId", task.Event).Str("receiver", task.Receiver).Msg("webhook delivery dropped")
		return "dropped", nil
	case err != nil && !errors.Is(err, store.ErrUnreadable):
		return "", err
	}
	return "later", &steps.Later{After: elsewhere, Why: say.Phrase{Code: say.SnoozeWebhookUnknown}}
}

// judge records the result of a try and decides what follows.
func (w *Webhooks) judge(ctx context.Context, p *plan, n *store.Notice, r *receiver, was store.Delivery, a answer) (string, error) {
	now := w.Now()
	tries := was.Tries + 1
	log := func(e *zerolog.Event) *zerolog.Event {
		return e.Str("eventId", n.ID).Str("type", n.Type).Str("host", r.host).Int("status", a.status).Int("tries", tries)
	}
	switch {
	case a.ok():
		log(w.Log.Debug()).EmbedObject(event.WebhookDelivered).Msg("webhook delivered")
		return "delivered", w.save(ctx, n, r, was, store.Delivered, tries, a, time.Time{})
	case a.status == http.StatusGone:
		why := store.Disabled{At: now, Reason: say.Kept(a.reason), Event: n.ID, Print: r.fingerprint}
		if err := w.Store.Outbox.Disable(context.WithoutCancel(ctx), r.id, why); err != nil {
			return "", err
		}
		log(w.Log.Warn()).EmbedObject(event.WebhookDisabled).Msg("webhook disabled")
		return w.fail(ctx, n, r, was, tries, a)
	}
	wait, again := pause(p.retries, tries, a.retryAfter, w.Random())
	if !again {
		return w.fail(ctx, n, r, was, tries, a)
	}
	if err := w.save(ctx, n, r, was, store.DeliveryWaiting, tries, a, now.Add(wait)); err != nil {
		return "", err
	}
	log(w.Log.Debug()).EmbedObject(event.WebhookRetry).Stringer("reason", a.reason).Dur("after", wait).Msg("webhook delivery snoozed")
	return "retry", &steps.Later{After: wait, Why: a.reason}
}

// fail ends a delivery without success. The list of failures then has it.
func (w *Webhooks) fail(ctx context.Context, n *store.Notice, r *receiver, was store.Delivery, tries int, a answer) (string, error) {
	w.Log.Warn().EmbedObject(event.WebhookUndelivered).Str("eventId", n.ID).Str("type", n.Type).Str("host", r.host).Int("status", a.status).Stringer("reason", a.reason).
		Msg("webhook not delivered")
	return "failed", w.save(ctx, n, r, was, store.DeliveryFailed, tries, a, time.Time{})
}

// skip ends a delivery without a try.
func (w *Webhooks) skip(ctx context.Context, n *store.Notice, r *receiver, was store.Delivery, why say.Code) (string, error) {
	w.Log.Debug().EmbedObject(event.WebhookSkipped).Str("eventId", n.ID).Str("host", r.host).Str("reason", string(why)).Msg("webhook skipped")
	d := was
	d.State, d.Reason, d.Host, d.Next = store.DeliverySkipped, say.Phrase{Code: why}, r.host, time.Time{}
	_, err := w.Store.Outbox.SaveDelivery(context.WithoutCancel(ctx), n.ID, r.id, was, d)
	return "skipped", err
}

// save writes the state of a delivery. It returns nil if the event's retention is over, or if a person has replayed the
// event meanwhile, because the new run has its own task.
func (w *Webhooks) save(ctx context.Context, n *store.Notice, r *receiver, was store.Delivery, s store.DeliveryState, tries int, a answer, next time.Time) error {
	now := w.Now()
	d := store.Delivery{
		Run: was.Run, State: s, Tries: tries, Status: a.status, Reason: a.reason, Host: r.host,
		First: was.First, Last: now, Next: next,
	}
	if d.First.IsZero() {
		d.First = now
	}
	_, err := w.Store.Outbox.SaveDelivery(context.WithoutCancel(ctx), n.ID, r.id, was, d)
	return err
}

// disabled returns why a receiver gets no events, or nil. A changed configuration enables the receiver again. An
// unreadable entry has no Print, so it disables the receiver whatever the configuration is.
func (w *Webhooks) disabled(ctx context.Context, r *receiver) (*store.Disabled, error) {
	d, err := w.Store.Outbox.DisabledReceiver(ctx, r.id)
	if err != nil || d == nil || d.Print != "" && d.Print != r.fingerprint {
		return nil, err
	}
	return d, nil
}
