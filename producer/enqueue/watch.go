package enqueue

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Event is one thing that Watch saw. One of Group and Batch is set.
type Event struct {
	Group *Group // the current state of a group that changed
	Batch *Batch // the state of the batch when Watch began, or when it was done
}

// pollTimeout is how long one read of the event stream blocks. It holds a connection meanwhile, and a
// go-redis client without ContextTimeoutEnabled notices the end of the context only afterwards.
const pollTimeout = 2 * time.Second

// Watch follows a group, or a batch (by id or name) with all its groups. It first yields the current state of
// the group or batch, then each group that changes, with its state by then: several quick changes may be one
// event. It ends when the group has ended or the batch is done. A group in review has not ended, so Watch
// goes on.
//
// While Redis is down, as during a restart or a failover, Watch waits until it answers again or the
// context ends, and calls Options.OnRedis. If Redis comes back without its latest events, Watch yields the
// current state of the group or batch again.
//
// An error comes last, with an empty Event: ErrNotFound, the context's, or one of Redis that a retry cannot
// fix. Then call Watch again: nothing is lost, because it begins with the current state.
func (c *Client) Watch(ctx context.Context, id string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		w := watch{c: c, yield: yield}
		if err := w.run(ctx, id); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			yield(Event{}, err)
		}
	}
}

type watch struct {
	c     *Client
	yield func(Event, error) bool
	group string // the watched id: either group or batch is set
	batch string
	over  bool // the group or batch has ended, or the caller stopped
}

func (w *watch) run(ctx context.Context, id string) error {
	var after string // read before the state, so that no event is missed
	if _, err := w.retryWhileDown(ctx, func() (err error) { after, err = w.c.store.Outbox.LatestEvent(ctx); return err }); err != nil {
		return err
	}
	if err := w.begin(ctx, id); err != nil {
		return err
	}
	for !w.over {
		if err := ctx.Err(); err != nil {
			return err
		}
		var events []store.Event
		broken, err := w.retryWhileDown(ctx, func() (err error) { events, err = w.c.store.Outbox.Events(ctx, after, pollTimeout); return err })
		if err == nil && broken {
			after, events, err = w.resume(ctx, after, id)
		}
		if err != nil || w.over {
			return err
		}
		var moved []string
		done := len(events) == 0 // no event for a while: the stream may have lost the last one
		for _, e := range events {
			after = e.ID
			switch {
			case e.Type == "batch" && e.Of == w.batch:
				done = true
			case e.Type == "group" && (e.Of == w.group || w.batch != "" && e.Batch == w.batch) && !slices.Contains(moved, e.Of):
				moved = append(moved, e.Of)
			}
		}
		if err := w.yieldGroups(ctx, moved); err != nil {
			return err
		}
		if done && !w.over {
			if err := w.checkEnded(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// retryWhileDown retries a read while Redis is down. broken reports whether Redis was down.
func (w *watch) retryWhileDown(ctx context.Context, read func() error) (broken bool, err error) {
	return store.Outlast(ctx, w.c.onRedis, read)
}

// resume continues after the last event once Redis answers again. If the stream has a gap, it yields the
// current state.
func (w *watch) resume(ctx context.Context, last, id string) (after string, events []store.Event, err error) {
	const atOnce = -1
	var place store.Place
	if _, err := w.retryWhileDown(ctx, func() (err error) {
		if place, err = w.c.store.Outbox.Resume(ctx, last); err == nil {
			events, err = w.c.store.Outbox.Events(ctx, place.After, atOnce)
		}
		return err
	}); err != nil {
		return last, nil, err
	}
	if place.Gap {
		err = w.begin(ctx, id)
	}
	return place.After, events, err
}

// begin finds the group or batch and yields its current state.
func (w *watch) begin(ctx context.Context, id string) error {
	if strings.HasPrefix(id, group.IDPrefix) {
		w.group = id
		var g Group
		if _, err := w.retryWhileDown(ctx, func() (err error) { g, err = w.c.Get(ctx, id); return err }); err != nil {
			return err
		}
		w.over = !w.yield(Event{Group: &g}, nil) || g.Status.Ended()
		return nil
	}
	var b Batch
	if _, err := w.retryWhileDown(ctx, func() (err error) { b, err = w.c.GetBatch(ctx, id); return err }); err != nil {
		return err
	}
	w.batch = b.ID
	w.over = !w.yield(Event{Batch: &b}, nil) || b.FinishedAt != nil
	return nil
}

// yieldGroups yields groups that changed. It skips groups that were deleted meanwhile.
func (w *watch) yieldGroups(ctx context.Context, ids []string) error {
	for some := range slices.Chunk(ids, pageSize) {
		var docs []group.Document
		if _, err := w.retryWhileDown(ctx, func() error {
			groups, err := w.c.store.Records.LoadAll(ctx, some)
			if err == nil {
				docs, err = w.c.reader.Describe(ctx, groups)
			}
			return err
		}); err != nil {
			return err
		}
		for _, d := range docs {
			g := shown(d)
			if !w.yield(Event{Group: &g}, nil) || g.ID == w.group && g.Status.Ended() {
				w.over = true
				return nil
			}
		}
	}
	return nil
}

// checkEnded reads whether the group or batch has ended, and yields it if so.
func (w *watch) checkEnded(ctx context.Context) error {
	if w.group != "" {
		var g *group.Group
		_, err := w.retryWhileDown(ctx, func() (err error) { g, err = w.c.store.Records.Load(ctx, w.group); return err })
		if err != nil || !g.Status.Ended() {
			return err
		}
		return w.yieldGroups(ctx, []string{w.group})
	}
	var doc Batch
	_, err := w.retryWhileDown(ctx, func() error {
		b, err := w.c.store.Index.Batch(ctx, w.batch)
		if err == nil {
			doc = shownBatch(b.Document(time.Time{}))
		}
		return err
	})
	if err != nil || doc.FinishedAt == nil {
		return err
	}
	w.yield(Event{Batch: &doc}, nil)
	w.over = true
	return nil
}
