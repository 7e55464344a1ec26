package enqueue

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
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
// An error comes last, and alone: ErrNotFound, the context's, or Redis'. After Redis' just watch
// again: nothing is lost, because watching begins with what is.
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
	over  bool // it has ended, or nobody wants more
}

func (w *watch) run(ctx context.Context, id string) error {
	after, err := w.c.ledger.LatestEvent(ctx) // before what is, so that nothing falls between the two
	if err != nil {
		return err
	}
	if err := w.begin(ctx, id); err != nil {
		return err
	}
	for !w.over {
		if err := ctx.Err(); err != nil {
			return err
		}
		events, err := w.c.ledger.Events(ctx, after, listen)
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

// begin finds what is watched and tells how it stands.
func (w *watch) begin(ctx context.Context, id string) error {
	if strings.HasPrefix(id, group.IDPrefix) {
		w.group = id
		g, err := w.c.Get(ctx, id)
		if err != nil {
			return err
		}
		w.over = !w.yield(Event{Group: &g}, nil) || g.Status.Ended()
		return nil
	}
	b, err := w.c.GetBatch(ctx, id)
	if err != nil {
		return err
	}
	w.batch = b.ID
	w.over = !w.yield(Event{Batch: &b}, nil) || b.FinishedAt != nil
	return nil
}

// tell yields groups that moved. One that is forgotten since has nothing to tell.
func (w *watch) tell(ctx context.Context, ids []string) error {
	for some := range slices.Chunk(ids, pageOf) {
		groups, err := w.c.ledger.LoadAll(ctx, some)
		if err != nil {
			return err
		}
		docs, err := w.c.reader.Describe(ctx, groups)
		if err != nil {
			return err
		}
		for i := range docs {
			if !w.yield(Event{Group: &docs[i]}, nil) || docs[i].ID == w.group && docs[i].Status.Ended() {
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
		g, err := w.c.ledger.Load(ctx, w.group)
		if err != nil || !g.Status.Ended() {
			return err
		}
		return w.tell(ctx, []string{w.group})
	}
	b, err := w.c.ledger.Batch(ctx, w.batch)
	if err != nil || b.FinishedAt.IsZero() {
		return err
	}
	doc := b.Document(time.Time{})
	w.yield(Event{Batch: &doc}, nil)
	w.over = true
	return nil
}
