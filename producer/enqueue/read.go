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

// Get is a group as it stands, with what it waits for. It fails with ErrNotFound.
func (c *Client) Get(ctx context.Context, id string) (Group, error) {
	d, err := c.reader.Group(ctx, id)
	if err != nil {
		return Group{}, err
	}
	return shown(d), nil
}

// GetBatch is a batch as it stands, by its id or name. It fails with ErrNotFound.
func (c *Client) GetBatch(ctx context.Context, idOrName string) (Batch, error) {
	d, err := c.reader.Batch(ctx, idOrName)
	if err != nil {
		return Batch{}, err
	}
	return shownBatch(d), nil
}

// Filter says which groups List yields. Zero fields do not filter; all that are set must match.
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

// pageOf is how many groups List reads at once.
const pageOf = 200

// List yields the groups that match, newest first. It reads page by page as they are wanted, so
// breaking off costs nothing; groups that come in meanwhile do not disturb it. An error comes last,
// and alone: ErrNotFound for a batch that there is not.
func (c *Client) List(ctx context.Context, f Filter) iter.Seq2[Group, error] {
	return func(yield func(Group, error) bool) {
		filter, err := c.filter(ctx, f)
		if err != nil {
			yield(Group{}, err)
			return
		}
		for cursor := ""; ; {
			page, next, err := c.reader.Groups(ctx, filter, cursor, pageOf)
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

// Cancel takes a group back before a worker has begun it, and returns it as it stands. It fails with
// ErrNotFound, or with ErrState when it is too late.
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
