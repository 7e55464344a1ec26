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
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// CheckTarget fails with ErrTarget unless a target names exactly one of instance and pool and a worker has
// announced it. Otherwise groups would wait there without end.
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
	return fmt.Errorf("%w: %s is unknown", ErrTarget, to)
}

// Move lets a waiting group be created by another instance or pool. It fails with ErrTarget when there is no such
// target.
func (c *Control) Move(ctx context.Context, id string, to tasks.Target) (*group.Group, error) {
	g, err := c.move(ctx, id, to)
	c.Audit.Did(ctx, audit.MoveGroup, audit.About{Subjects: []string{id}, Detail: say.Phrase{Code: say.AuditMoved, Name: to.Instance, Place: to.Pool}}, err)
	return g, err
}

func (c *Control) move(ctx context.Context, id string, to tasks.Target) (*group.Group, error) {
	if err := c.CheckTarget(ctx, to); err != nil {
		return nil, err
	}
	return c.change(ctx, id, func(g *group.Group, now time.Time) error { return g.Move(to, now) })
}

// removeCreate removes the create task that a group had. The task would do nothing and still count as waiting.
func (c *Control) removeCreate(ctx context.Context, was *group.Group) error {
	if err := c.Queue.Remove(ctx, tasks.Create(was.ID, was.Round, was.Target, was.Priority)); err != nil && !errors.Is(err, queue.ErrActive) {
		return err
	}
	return nil
}
