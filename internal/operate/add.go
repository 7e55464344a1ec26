package operate

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Add adds the people of a list to a group that has them not, and takes over the names of those it has.
// By says which file or person asked for it. Before is told the group as it is changed; nil for nothing.
// It fails with group.ErrState where the group's state does not allow it.
func (c *Control) Add(ctx context.Context, id string, people []group.Member, by string, before func(*group.Group)) (*group.Group, error) {
	g, err := c.Store.Records.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	fresh := g.Newcomers(people)
	ids := make([]phone.Identity, len(fresh))
	for i := range fresh {
		ids[i] = fresh[i].Identity()
	}
	out, err := c.Store.People.Suppressed(ctx, ids)
	if err != nil {
		return nil, err
	}
	g, err = c.Store.Records.Extend(ctx, id, fresh, func(g *group.Group, now time.Time) error {
		if before != nil {
			before(g)
		}
		for i := range fresh {
			if out[i] {
				fresh[i].End(group.OptedOut, say.Phrase{Code: say.Suppressed}, now)
			}
		}
		if _, err := g.Extend(fresh, by, now); err != nil {
			return err
		}
		g.Rename(people, now)
		return nil
	})
	if err != nil && !errors.Is(err, store.ErrIndexBehind) {
		return g, err
	}
	return g, errors.Join(err, c.Queue.Put(context.WithoutCancel(ctx), c.Schedule.Next(g)...))
}
