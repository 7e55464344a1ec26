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

// Add adds the new people of a list to a group and updates the names of those it already has. by is the file or
// person that asked for it. before is called with the group before it changes. Add fails with group.ErrState when
// the group's state allows no more people.
func (c *Control) Add(ctx context.Context, id string, people []group.Member, by string, before func(*group.Group)) (*group.Group, error) {
	return c.extend(ctx, id, people, before, func(g *group.Group, fresh []group.Member, now time.Time) error {
		_, err := g.Extend(fresh, by, now)
		return err
	})
}

// Correct is Add for all people of a corrected row: see group.Correct.
func (c *Control) Correct(ctx context.Context, id string, row []group.Member, by string, before func(*group.Group)) (*group.Group, error) {
	return c.extend(ctx, id, row, before, func(g *group.Group, fresh []group.Member, now time.Time) error {
		return g.Correct(row, fresh, by, now)
	})
}

func (c *Control) extend(ctx context.Context, id string, people []group.Member, before func(*group.Group), take func(g *group.Group, fresh []group.Member, now time.Time) error) (*group.Group, error) {
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
		before(g)
		for i := range fresh {
			if out[i] {
				fresh[i].End(group.OptedOut, say.Phrase{Code: say.Suppressed}, now)
			}
		}
		if err := take(g, fresh, now); err != nil {
			return err
		}
		g.Rename(people, now)
		return nil
	})
	if err != nil && !errors.Is(err, store.ErrIndexBehind) {
		return g, err
	}
	c.late(g, errors.Join(err, c.Queue.Put(context.WithoutCancel(ctx), c.Schedule.Next(g)...)))
	return g, nil
}
