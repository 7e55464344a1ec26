package notify

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// overlap is how far before the cursor a catch-up begins, because a record's time is a little earlier than its event's.
const overlap = 5 * time.Minute

// catchUp replaces reading the stream if the stream has dropped unread events, because no dispatcher ran for a long
// time. It reads everything that changed since the cursor, and returns the cursor from which to read on.
func (w *Webhooks) catchUp(ctx context.Context, p *plan, cursor string) (string, error) {
	told := store.EventTime(cursor)
	since := told.Add(-overlap)
	w.Log.Warn().EmbedObject(event.EventsCaughtUp).Time("since", since).Msg("events missed, reading the records")
	// Read the latest event first: changes during the catch-up come after it in the stream.
	latest, err := w.Store.Outbox.LatestEvent(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range group.Statuses {
		if err := w.catchUpGroups(ctx, p, s, since); err != nil {
			return "", err
		}
	}
	if err := w.catchUpBatches(ctx, p, since); err != nil {
		return "", err
	}
	if err := w.catchUpInstances(ctx, p, told); err != nil {
		return "", err
	}
	if err := w.flush(ctx, p); err != nil {
		return "", err
	}
	return latest, w.Store.Outbox.SetCursor(ctx, latest)
}

func (w *Webhooks) catchUpGroups(ctx context.Context, p *plan, s group.Status, since time.Time) error {
	for after := ""; ; {
		ids, err := w.Store.Index.Indexed(ctx, s, after, slice)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		found, err := w.Store.Records.LoadAll(ctx, ids)
		if err != nil {
			return err
		}
		var moved []*group.Group
		for _, g := range found {
			if !g.UpdatedAt.Before(since) {
				moved = append(moved, g)
			}
		}
		if err := w.tellGroups(ctx, p, moved); err != nil {
			return err
		}
		// Renew the lease during a long catch-up.
		if _, err := w.Store.Presence.Lead(ctx, job, w.Worker, leadFor); err != nil {
			return err
		}
	}
}

func (w *Webhooks) catchUpBatches(ctx context.Context, p *plan, since time.Time) error {
	for cursor := ""; ; {
		batches, next, err := w.Store.Index.Batches(ctx, cursor, slice)
		if err != nil {
			return err
		}
		for _, b := range batches {
			if b.FinishedAt.IsZero() || b.FinishedAt.Before(since) {
				continue
			}
			if err := w.tellBatch(ctx, p, b.ID); err != nil && !errors.Is(err, store.ErrUnreadable) {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// catchUpInstances sends the current state of each instance; earlier states are lost. It uses no overlap: a change of
// state has no id but its event's, so a change that was already sent would be sent again.
func (w *Webhooks) catchUpInstances(ctx context.Context, p *plan, told time.Time) error {
	all, err := w.Store.Presence.Instances(ctx)
	if err != nil {
		return err
	}
	for name, i := range all {
		if i.Health == "" || !i.Since.After(told) {
			continue
		}
		e := store.Event{ID: store.EventID(i.Since), Type: "instance", Of: name, Status: string(i.Health)}
		if err := w.tellInstance(ctx, p, e); err != nil && !errors.Is(err, store.ErrUnreadable) {
			return err
		}
	}
	return nil
}
