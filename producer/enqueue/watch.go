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
	Group *Group // it has moved, and stands like this now
	Batch *Batch // as Watch began, and when it was done
}

// listen is how long one reading of the event stream waits. It holds a connection meanwhile, and a
// go-redis client without ContextTimeoutEnabled notices the end of the context only after it.
const listen = 2 * time.Second

// Watch follows a group, or a batch (by id or name) with all its groups. It yields what is watched
// as it stands, then every group that moves, as it is by then: changes that come in quick succession
// may be one event. It ends when the group has ended or the batch is done. A group in review has not
// ended: it waits for a person, and Watch with it.
//
// While Redis is away, as during a restart or a failover, Watch waits until it answers again or the
// context ends (Options.OnRedis is told). If it comes back without its latest events, Watch yields what
// is watched as it stands, once more.
//
// An error comes last, and alone: ErrNotFound, the context's, or one of Redis' that waiting does not
// mend. After that just watch again: nothing is lost, because watching begins with what is.
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
	group string // the id of what is watched: one of the two
	batch string
	over  bool // it has ended, or its reader wants no more
}

func (w *watch) run(ctx context.Context, id string) error {
	var after string // before what is, so that nothing falls between the two
	if _, err := w.outlast(ctx, func() (err error) { after, err = w.c.store.Outbox.LatestEvent(ctx); return err }); err != nil {
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
		broken, err := w.outlast(ctx, func() (err error) { events, err = w.c.store.Outbox.Events(ctx, after, listen); return err })
		if err == nil && broken {
			after, events, err = w.resume(ctx, after, id)
		}
		if err != nil {
			return err
		}
		var moved []string
		done := len(events) == 0 // nothing was said for a while: the stream may have forgotten the end
		for _, e := range events {
			after = e.ID
			switch {
			case e.Type == "batch" && e.Of == w.batch:
				done = true
			case e.Type == "group" && (e.Of == w.group || w.batch != "" && e.Batch == w.batch) && !slices.Contains(moved, e.Of):
				moved = append(moved, e.Of)
			}
		}
		if err := w.tell(ctx, moved); err != nil {
			return err
		}
		if done && !w.over {
			if err := w.look(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// outlast repeats a reading while Redis is away.
func (w *watch) outlast(ctx context.Context, read func() error) (broken bool, err error) {
	return store.Outlast(ctx, w.c.onRedis, read)
}

// resume goes on behind an event after Redis was away. Where the stream has a gap, it tells how all
// stands.
func (w *watch) resume(ctx context.Context, last, id string) (after string, events []store.Event, err error) {
	const atOnce = -1
	var place store.Place
	if _, err := w.outlast(ctx, func() (err error) {
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

// begin finds what is watched and tells how it stands.
func (w *watch) begin(ctx context.Context, id string) error {
	if strings.HasPrefix(id, group.IDPrefix) {
		w.group = id
		var g Group
		if _, err := w.outlast(ctx, func() (err error) { g, err = w.c.Get(ctx, id); return err }); err != nil {
			return err
		}
		w.over = !w.yield(Event{Group: &g}, nil) || g.Status.Ended()
		return nil
	}
	var b Batch
	if _, err := w.outlast(ctx, func() (err error) { b, err = w.c.GetBatch(ctx, id); return err }); err != nil {
		return err
	}
	w.batch = b.ID
	w.over = !w.yield(Event{Batch: &b}, nil) || b.FinishedAt != nil
	return nil
}

// tell yields groups that moved. One that is forgotten since has nothing to tell.
func (w *watch) tell(ctx context.Context, ids []string) error {
	for some := range slices.Chunk(ids, pageOf) {
		var docs []group.Document
		if _, err := w.outlast(ctx, func() error {
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

// look reads whether what is watched has ended, whatever the stream said.
func (w *watch) look(ctx context.Context) error {
	if w.group != "" {
		var g *group.Group
		_, err := w.outlast(ctx, func() (err error) { g, err = w.c.store.Records.Load(ctx, w.group); return err })
		if err != nil || !g.Status.Ended() {
			return err
		}
		return w.tell(ctx, []string{w.group})
	}
	var doc Batch
	_, err := w.outlast(ctx, func() error {
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
