package operate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/tasks"
)

// ErrTarget says that a group cannot be moved there.
var ErrTarget = errors.New("name an instance or a pool that a worker has announced")

// CheckTarget says whether groups may be moved to a target: exactly one of instance and pool, and
// somebody has announced it. Otherwise they would wait for nobody.
func (c *Control) CheckTarget(ctx context.Context, to tasks.Target) error {
	if (to.Instance == "") == (to.Pool == "") {
		return ErrTarget
	}
	all, err := c.Store.Presence.Instances(ctx)
	if err != nil {
		return err
	}
	for name, i := range all {
		if name == to.Instance || slices.Contains(i.Pools, to.Pool) {
			return nil
		}
	}
	return fmt.Errorf("%w: %s is none", ErrTarget, to)
}

// Move lets a waiting group be created by another instance or pool. It fails with ErrTarget where
// there is no such one.
func (c *Control) Move(ctx context.Context, id string, to tasks.Target) (*group.Group, error) {
	g, err := c.move(ctx, id, to)
	c.Audit.Did(ctx, audit.MoveGroup, audit.About{Subjects: []string{id}, Detail: "to " + to.String()}, err)
	return g, err
}

func (c *Control) move(ctx context.Context, id string, to tasks.Target) (*group.Group, error) {
	if err := c.CheckTarget(ctx, to); err != nil {
		return nil, err
	}
	var old tasks.Task
	g, err := c.change(ctx, id, func(g *group.Group, now time.Time) error {
		old = tasks.Create(g.ID, g.Round, g.Target, g.Priority)
		return g.Move(to, now)
	})
	if err != nil {
		return g, err
	}
	// The old task would do nothing; taken away, it does not count as waiting there either.
	if err := c.Queue.Remove(context.WithoutCancel(ctx), old); err != nil && !errors.Is(err, queue.ErrActive) {
		return g, err
	}
	return g, nil
}
