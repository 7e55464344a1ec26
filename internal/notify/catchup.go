package notify

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// overlap is how much further back than the cursor a catch-up looks: records are stamped a little
// before their event is written.
const overlap = 5 * time.Minute

// catchUp replaces reading the stream where the stream has dropped events that were never told, because no
// dispatcher ran for a hundred thousand of them. It looks at all that moved since the cursor and
// returns where the stream is to be read on.
func (w *Webhooks) catchUp(ctx context.Context, p *plan, cursor string) (string, error) {
	told := store.EventTime(cursor)
	since := told.Add(-overlap)
	w.Log.Warn().EmbedObject(event.EventsCaughtUp).Time("since", since).Msg("event stream too short")
	// Before looking: what moves meanwhile is in the stream behind it.
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
		// A long look keeps the lead.
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

// catchUpInstances tells the state that each instance has come to; those between are gone. There is
// no overlap: a change has no name of its own but its event, so one that was told is not recognised.
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
