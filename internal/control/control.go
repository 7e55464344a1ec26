// Package control is what people do to groups and instances: cancel, retry, decide a review, pause
// and resume. The command line, the HTTP API and the admin page all go through it, so a decision is
// always recorded first and followed by the tasks that it makes necessary.
package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/tasks"
)

// queue is what decisions need of the queue.
type queue interface {
	Put(ctx context.Context, ts ...tasks.Task) error
	Wake(ctx context.Context, instances ...string) error
}

// rests is what decisions need of the pace.
type rests interface {
	ClearRest(ctx context.Context, instance string) error
}

// Config of a Control. All fields are required.
type Config struct {
	Ledger *ledger.Ledger
	Queue  queue
	Rests  rests
	// Schedule is when a group is read after its create: adopting one calls its roll anew.
	Schedule group.Schedule
}

// Control carries out decisions. It is safe for concurrent use.
type Control struct{ Config }

// New makes a Control.
func New(c Config) *Control { return &Control{c} }

// ErrTaken says that a group at WhatsApp belongs to another request already.
var ErrTaken = errors.New("it belongs to another request already")

// Cancel ends a group before it exists. Its task stays on the queue and does nothing.
//
// Like all decisions it fails with ledger.ErrNotFound, or with group.ErrState where the group's
// state does not allow it; then nothing was changed. It returns the group as it stands.
func (c *Control) Cancel(ctx context.Context, id string) (*group.Group, error) {
	return c.decide(ctx, id, (*group.Group).Cancel)
}

// Retry puts a group that failed or was cancelled back into the queue.
func (c *Control) Retry(ctx context.Context, id string) (*group.Group, error) {
	return c.decide(ctx, id, (*group.Group).Retry)
}

// Recreate ends a review by creating the group again: the person says that there is none.
func (c *Control) Recreate(ctx context.Context, id string) (*group.Group, error) {
	return c.decide(ctx, id, (*group.Group).Recreate)
}

// Abandon ends a review without deciding it.
func (c *Control) Abandon(ctx context.Context, id string) (*group.Group, error) {
	return c.decide(ctx, id, (*group.Group).Abandon)
}

// Adopt ends a review by naming the group at WhatsApp. It fails with ErrTaken when that one is
// another request's.
func (c *Control) Adopt(ctx context.Context, id, groupID string) (*group.Group, error) {
	// Asked first, because a claim is for good: one for a group that may not be adopted would keep
	// others from it.
	g, now, err := c.Ledger.LoadNow(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := g.AdoptByHand(groupID, now); err != nil {
		return nil, err
	}
	owner, err := c.Ledger.ClaimWhatsApp(ctx, groupID, id)
	if err != nil {
		return nil, err
	}
	if owner != id {
		return nil, fmt.Errorf("adopt %s: %w (%s)", groupID, ErrTaken, owner)
	}
	return c.decide(ctx, id, func(g *group.Group, now time.Time) error { return g.AdoptByHand(groupID, now) })
}

// decide records a decision and puts what comes next on the queue. Cut between the two, the sweeper
// does the second.
func (c *Control) decide(ctx context.Context, id string, change func(*group.Group, time.Time) error) (*group.Group, error) {
	g, err := c.Ledger.Update(ctx, id, change)
	if err != nil {
		return g, err
	}
	return g, c.Queue.Put(context.WithoutCancel(ctx), c.Schedule.Next(g)...)
}

// Pause stops an instance: calls under way are finished, no other is begun.
func (c *Control) Pause(ctx context.Context, instance, reason string) error {
	now, err := c.Ledger.Now(ctx)
	if err != nil {
		return fmt.Errorf("pause %s: %w", instance, err)
	}
	if err := c.Ledger.SetPaused(ctx, instance, &ledger.Pause{Reason: reason, At: now}); err != nil {
		return fmt.Errorf("pause %s: %w", instance, err)
	}
	return c.Ledger.TellPause(ctx, instance, true)
}

// Resume lets an instance go on. A rest that the provider imposed goes on, unless endRest.
func (c *Control) Resume(ctx context.Context, instance string, endRest bool) error {
	if err := c.Ledger.SetPaused(ctx, instance, nil); err != nil {
		return fmt.Errorf("resume %s: %w", instance, err)
	}
	if endRest {
		if err := c.Rests.ClearRest(ctx, instance); err != nil {
			return err
		}
	}
	if err := c.Ledger.TellPause(ctx, instance, false); err != nil {
		return err
	}
	// Unheard it costs a moment: workers look at the states every second.
	_ = c.Queue.Wake(ctx, instance)
	return nil
}
