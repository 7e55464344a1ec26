package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/panics"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	// job is the name of the dispatchers' lease. If one dispatcher was frozen, there are two for a moment. This does no
	// harm, because of the claims: no event is made twice.
	job     = "webhooks"
	leadFor = 15 * time.Second
	// listenFor is how long one read waits for new events, and so how long Stop can take.
	listenFor = time.Second
	tidyEvery = time.Minute
	slice     = 100  // groups or events in one round trip
	revived   = 1000 // deliveries at most that one run of tidy queues again
	// headStart delays batch.completed, so that the events of the batch's last groups arrive first if the receiver
	// answers in time.
	headStart = 2 * time.Second
)

// Start starts the dispatcher. The first dispatcher of an installation sends only what happens from now on.
func (w *Webhooks) Start(ctx context.Context) error {
	if err := w.prepare(ctx); err != nil {
		return err
	}
	ctx, w.stop = context.WithCancel(context.WithoutCancel(ctx))
	w.done = make(chan struct{})
	go w.run(ctx)
	return nil
}

// Stop stops the dispatcher. Another worker can take over at once.
func (w *Webhooks) Stop(ctx context.Context) error {
	if w.stop == nil {
		return nil
	}
	w.stop()
	<-w.done
	w.client.Close()
	return w.Store.Presence.Resign(context.WithoutCancel(ctx), job, w.Worker)
}

// prepare sets the cursor. Without configured webhooks it deletes the cursor, so that webhooks that are configured
// later do not get events of the time between. A worker with an older configuration must not delete the others' cursor.
func (w *Webhooks) prepare(ctx context.Context) error {
	if len(w.plan.Load().receivers) == 0 {
		led, err := w.Store.Presence.Led(ctx, job)
		if err != nil || led {
			return err
		}
		return w.Store.Outbox.ForgetReceivers(ctx)
	}
	_, err := w.cursor(ctx)
	return err
}

func (w *Webhooks) cursor(ctx context.Context) (string, error) {
	cursor, begun, err := w.Store.Outbox.Cursor(ctx)
	if err != nil || begun {
		return cursor, err
	}
	if cursor, err = w.Store.Outbox.LatestEvent(ctx); err != nil {
		return "", err
	}
	return cursor, w.Store.Outbox.SetCursor(ctx, cursor)
}

func (w *Webhooks) run(ctx context.Context) {
	defer close(w.done)
	for ctx.Err() == nil {
		led, err := w.Pass(ctx, listenFor)
		if err != nil && ctx.Err() == nil {
			w.Log.Warn().EmbedObject(event.WebhookDispatchFailed).Err(err).Msg("webhook dispatch failed")
		}
		if err == nil && led {
			continue // Pass has waited for events
		}
		select {
		case <-time.After(listenFor):
		case <-ctx.Done():
		}
	}
}

// Pass sends what happened since the last pass. It waits at most wait for the first event (negative: not at all). It
// reports whether this worker is the dispatcher.
func (w *Webhooks) Pass(ctx context.Context, wait time.Duration) (led bool, err error) {
	defer panics.Catch(&err)
	p := w.plan.Load()
	if len(p.receivers) == 0 {
		return false, nil
	}
	if led, err = w.Store.Presence.Lead(ctx, job, w.Worker, leadFor); err != nil || !led {
		return false, err
	}
	if err := w.tidy(ctx, p); err != nil {
		return true, err
	}
	// The outbox may hold deliveries of an earlier dispatcher or of a replay.
	if err := w.flush(ctx, p); err != nil {
		return true, err
	}
	cursor, err := w.cursor(ctx)
	if err != nil {
		return true, err
	}
	missed, err := w.Store.Outbox.Missed(ctx, cursor)
	if err != nil {
		return true, err
	}
	if missed {
		if cursor, err = w.catchUp(ctx, p, cursor); err != nil {
			return true, err
		}
	}
	events, err := w.Store.Outbox.Events(ctx, cursor, wait)
	if err != nil || len(events) == 0 {
		return true, err
	}
	if p = w.plan.Load(); len(p.receivers) == 0 { // changed while Events waited
		return false, nil
	}
	if err := w.tell(ctx, p, events); err != nil {
		return true, err
	}
	if err := w.flush(ctx, p); err != nil {
		return true, err
	}
	return true, w.Store.Outbox.SetCursor(ctx, events[len(events)-1].ID)
}

// tidy announces the receivers, trims the lists and queues lost deliveries again from time to time.
func (w *Webhooks) tidy(ctx context.Context, p *plan) error {
	now := time.Now()
	if w.tidiedPlan == p && now.Sub(w.tidied) < tidyEvery {
		return nil
	}
	err := errors.Join(w.Store.Outbox.AnnounceReceivers(ctx, p.receivers.announcement()), w.Store.Outbox.TrimNotices(ctx), w.revive(ctx))
	if err == nil {
		w.tidied, w.tidiedPlan = now, p
	}
	return err
}

// revive queues the deliveries again whose tasks have not run although they are long due. A task that asynq still has is
// only hastened.
func (w *Webhooks) revive(ctx context.Context) error {
	now := w.Now()
	var faults []error
	for range revived / slice {
		lost, more, err := w.Store.Outbox.Lost(ctx, now, slice)
		if err != nil {
			return err
		}
		late := make([]tasks.Task, len(lost))
		for i, d := range lost {
			late[i] = tasks.Deliver(d.Notice.ID, d.Receiver, d.Run)
		}
		again, err := w.Queue.PutMissing(ctx, late...)
		if err != nil {
			return err
		}
		for _, t := range late {
			replaced, err := w.Queue.Hasten(ctx, t)
			faults = append(faults, err)
			if replaced {
				again = append(again, t)
			}
		}
		for _, t := range again {
			w.Log.Warn().EmbedObject(event.WebhookQueuedAgain).Str("eventId", t.Payload.Event).Str("receiver", t.Payload.Receiver).Msg("lost webhook delivery queued")
		}
		if err := w.Store.Outbox.Expect(ctx, now, late...); err != nil {
			return err
		}
		if !more {
			break
		}
	}
	return errors.Join(faults...)
}

// tell claims the events of a page of the stream. All groups come before all batches, and the end of a batch is written
// after the end of its last group, so a batch's event is always newer than its groups' events.
func (w *Webhooks) tell(ctx context.Context, p *plan, events []store.Event) error {
	var groups []string
	seen := make(map[string]bool, len(events))
	for _, e := range events {
		if e.Type == "group" && !seen[e.Of] {
			seen[e.Of] = true
			groups = append(groups, e.Of)
		}
	}
	for ids := range slices.Chunk(groups, slice) {
		found, err := w.Store.Records.LoadAll(ctx, ids)
		if err != nil {
			return err
		}
		if err := w.tellGroups(ctx, p, found); err != nil {
			return err
		}
	}
	for _, e := range events {
		var err error
		switch {
		case e.Type == "batch" && e.Status == "done":
			err = w.tellBatch(ctx, p, e.Of)
		case e.Type == "instance":
			err = w.tellInstance(ctx, p, e)
		}
		if err != nil && !errors.Is(err, store.ErrUnreadable) { // an unreadable record has no events
			return err
		}
	}
	return nil
}

// tellGroups claims the facts of groups that a receiver wants.
func (w *Webhooks) tellGroups(ctx context.Context, p *plan, groups []*group.Group) error {
	ids, all := make([]string, len(groups)), make([][]store.Fact, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
		all[i] = slices.DeleteFunc(facts(g), func(f store.Fact) bool { return !p.receivers.want(f.Type) })
	}
	all, err := w.Store.Outbox.Untold(ctx, ids, all)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if len(all[i]) == 0 {
			continue
		}
		if _, err := w.Store.Outbox.ClaimNotices(ctx, id, all[i]); err != nil && !errors.Is(err, store.ErrUnreadable) {
			return err
		}
	}
	return nil
}

func (w *Webhooks) tellBatch(ctx context.Context, p *plan, id string) error {
	if !p.receivers.want(BatchCompleted) {
		return nil
	}
	d, err := w.Documents.Batch(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil // its retention is over
	}
	if err != nil {
		return err
	}
	data, err := encode(d)
	if err != nil {
		return err
	}
	at := w.Now()
	if d.FinishedAt != nil {
		at = *d.FinishedAt
	}
	_, err = w.Store.Outbox.ClaimNotices(ctx, id, []store.Fact{{Type: BatchCompleted, Of: id, Once: BatchCompleted, At: at, Data: data}})
	return err
}

// tellInstance claims one change of an instance's state. The document is current, except for the state, which is that
// of the event unless the instance is paused.
func (w *Webhooks) tellInstance(ctx context.Context, p *plan, e store.Event) error {
	if !p.receivers.want(InstanceState) {
		return nil
	}
	d, err := w.Documents.Instance(ctx, e.Of)
	if errors.Is(err, store.ErrNotFound) {
		d, err = view.Instance{Name: e.Of, Pools: []string{}}, nil
	}
	if err != nil {
		return err
	}
	if state := provider.Health(e.Status); d.State != state && d.State != provider.Paused {
		d.State, d.Reason, d.Until = state, say.Phrase{}, nil
	}
	data, err := encode(d)
	if err != nil {
		return err
	}
	fact := store.Fact{Type: InstanceState, Of: e.Of, Once: InstanceState, At: store.EventTime(e.ID), Data: data}
	_, err = w.Store.Outbox.ClaimNotices(ctx, e.Of+"@"+e.ID, []store.Fact{fact})
	return err
}

// flush queues the deliveries of the outbox. After a crash it may queue again a delivery that is over. The task of such
// a delivery does nothing.
func (w *Webhooks) flush(ctx context.Context, p *plan) error {
	for {
		notices, err := w.Store.Outbox.Outbox(ctx, slice)
		if err != nil || len(notices) == 0 {
			return err
		}
		var put []tasks.Task
		ids := make([]string, len(notices))
		for i, n := range notices {
			ids[i] = n.ID
			ts, err := w.address(ctx, p, n)
			if err != nil {
				return fmt.Errorf("tell event %s: %w", n.ID, err)
			}
			put = append(put, ts...)
		}
		if err := w.Store.Outbox.Expect(ctx, w.Now(), put...); err != nil {
			return err
		}
		if err := w.Queue.Put(ctx, put...); err != nil {
			return err
		}
		if err := w.Store.Outbox.ClearOutbox(ctx, ids...); err != nil {
			return err
		}
	}
}

// address stores the receivers of a notice and returns the tasks of all its deliveries that wait for their first try.
func (w *Webhooks) address(ctx context.Context, p *plan, n *store.Notice) ([]tasks.Task, error) {
	fresh := make(map[string]store.Delivery)
	for id, r := range p.receivers {
		if r.wants(n.Type) {
			fresh[id] = store.Delivery{State: store.DeliveryWaiting, Host: r.host}
		}
	}
	if err := w.Store.Outbox.Address(ctx, n.ID, fresh); err != nil {
		return nil, err
	}
	// The worker that addressed the notice first decides the receivers.
	n, err := w.Store.Outbox.Notice(ctx, n.ID)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnreadable) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var put []tasks.Task
	for id, d := range n.Deliveries {
		if d.State != store.DeliveryWaiting || d.Tries > 0 {
			continue
		}
		t := tasks.Deliver(n.ID, id, d.Run)
		if n.Type == BatchCompleted && d.Run == 0 {
			t.At = w.Now().Add(headStart)
		}
		put = append(put, t)
	}
	return put, nil
}
