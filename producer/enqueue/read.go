package enqueue

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Get returns the current state of a group, with what it waits for. It fails with ErrNotFound.
func (c *Client) Get(ctx context.Context, id string) (Group, error) {
	d, err := c.reader.Group(ctx, id)
	if err != nil {
		return Group{}, err
	}
	return shown(d), nil
}

// GetBatch returns the current state of a batch, by its id or name. It fails with ErrNotFound.
func (c *Client) GetBatch(ctx context.Context, idOrName string) (Batch, error) {
	d, err := c.reader.Batch(ctx, idOrName)
	if err != nil {
		return Batch{}, err
	}
	return shownBatch(d), nil
}

// Filter selects the groups of List. Zero fields do not filter; all others must match.
type Filter struct {
	Statuses      []Status
	Batch         string // id or name
	Instance      string
	Phone         string // of a member, in any spelling, or a chat id
	Region        string // of Phone, if it has no country code
	ExternalRef   string
	CreatedAfter  time.Time // at or after
	CreatedBefore time.Time
	OldestFirst   bool // otherwise the newest come first
}

// pageSize is how many groups one request to Redis loads.
const pageSize = 200

// List yields the groups that match, newest first unless OldestFirst is set. It reads page by page as the caller
// ranges. Groups that are accepted meanwhile do not shift the pages. An error comes last, with an empty Group:
// ErrNotFound for an unknown batch.
func (c *Client) List(ctx context.Context, f Filter) iter.Seq2[Group, error] {
	return func(yield func(Group, error) bool) {
		filter, err := c.filter(ctx, f)
		if err != nil {
			yield(Group{}, err)
			return
		}
		for cursor := ""; ; {
			page, next, err := c.reader.Groups(ctx, filter, cursor, pageSize)
			if err != nil {
				yield(Group{}, err)
				return
			}
			for i := range page {
				if !yield(shown(page[i]), nil) {
					return
				}
			}
			if next == "" {
				return
			}
			cursor = next
		}
	}
}

func (c *Client) filter(ctx context.Context, f Filter) (store.Filter, error) {
	out := store.Filter{
		Statuses: each(f.Statuses, func(s Status) group.Status { return group.Status(s) }), Instance: f.Instance, ExternalRef: f.ExternalRef,
		After: f.CreatedAfter, Before: f.CreatedBefore, OldestFirst: f.OldestFirst,
	}
	if f.Batch != "" {
		b, err := c.store.Index.Batch(ctx, f.Batch)
		if err != nil {
			return out, err
		}
		out.BatchID = b.ID
	}
	if f.Phone != "" {
		var err error
		if _, out.Person, err = phone.ParsePerson(f.Phone, f.Region); err != nil {
			return out, fmt.Errorf("list the groups of a person: %w", err)
		}
	}
	return out, nil
}

// Cancel cancels a group before a worker begins it, and returns its new state. It fails with ErrNotFound, or
// with ErrState if a worker has begun it.
func (c *Client) Cancel(ctx context.Context, id string) (Group, error) {
	g, err := c.control.Cancel(ctx, id)
	if err != nil {
		return Group{}, err
	}
	docs, err := c.reader.Describe(ctx, []*group.Group{g})
	if err != nil {
		return Group{}, err
	}
	return shown(docs[0]), nil
}
