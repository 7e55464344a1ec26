// Package operate carries out what people decide about groups and instances: cancel, retry, decide a review, pause
// and resume, and keep the suppression list. The command line, the HTTP API and the admin page all use it, so that
// every decision is recorded first, then its tasks are queued, and the audit log has it.
package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// putter is what decisions need of the queue.
type putter interface {
	Put(ctx context.Context, ts ...tasks.Task) error
	Wake(ctx context.Context, instances ...string) error
	Remove(ctx context.Context, t tasks.Task) error
	Unpause(ctx context.Context) ([]string, error)
}

// pacer is what decisions need of the pace.
type pacer interface {
	ClearRest(ctx context.Context, instance string) error
	Pause(ctx context.Context, instance string, until time.Time) error
	Unpause(ctx context.Context, instance string) error
}

// Config of a Control. All fields but Rules and Audit are required.
type Config struct {
	Store *store.Store
	Queue putter
	Pacer pacer
	// Schedule says when a group is read after its create, and after a person adopts it.
	Schedule group.Schedule
	// Rules check an edited request; Edit sets Region, Strict and Now. Default to no demands.
	Rules intake.Rules
	// Audit records what the actor of the context did. Defaults to no report.
	Audit *audit.Log
	// Late is called when a decision about a group is recorded and its index entry or its tasks are not. The sweeper
	// writes these later. Defaults to no report.
	Late func(id, instance string, err error)
}

// Control carries out decisions. It is safe for concurrent use.
type Control struct{ Config }

// New makes a Control.
func New(c Config) *Control { return &Control{c} }

// ErrTaken says that a group at WhatsApp belongs to another request already.
var ErrTaken = audit.ErrRefused

// Cancel ends a group before it exists, and removes its task.
//
// Like all decisions it fails with store.ErrNotFound, or with group.ErrState when the group's state does not allow
// it, and then changes nothing. It returns the group as it is now.
func (c *Control) Cancel(ctx context.Context, id string) (*group.Group, error) {
	return c.decide(ctx, audit.CancelGroup, id, (*group.Group).Cancel)
}

// Retry puts a group that failed or was cancelled back into the queue.
func (c *Control) Retry(ctx context.Context, id string) (*group.Group, error) {
	return c.decide(ctx, audit.RetryGroup, id, (*group.Group).Retry)
}

// Recreate ends a review by creating the group again: the person confirms that it does not exist.
func (c *Control) Recreate(ctx context.Context, id string) (*group.Group, error) {
	return c.decide(ctx, audit.RecreateGroup, id, (*group.Group).Recreate)
}

// Abandon ends a review without deciding it.
func (c *Control) Abandon(ctx context.Context, id string) (*group.Group, error) {
	return c.decide(ctx, audit.AbandonGroup, id, (*group.Group).Abandon)
}

// Adopt ends a review by naming the group at WhatsApp, without the blanks around its id. It fails with ErrTaken when
// that group belongs to another request.
func (c *Control) Adopt(ctx context.Context, id, groupID string) (*group.Group, error) {
	groupID = strings.TrimSpace(groupID)
	g, err := c.adopt(ctx, id, groupID)
	c.Audit.Did(ctx, audit.AdoptGroup, audit.About{Subjects: []string{id}, Detail: say.Words(groupID)}, err)
	return g, err
}

func (c *Control) adopt(ctx context.Context, id, groupID string) (*group.Group, error) {
	// Check first, because a claim is permanent: one for a group that may not be adopted would keep others from
	// it.
	g, at, err := c.Store.Records.LoadNow(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := g.AdoptByHand(groupID, at.Now()); err != nil {
		return nil, err
	}
	owner, err := c.Store.Records.ClaimWhatsApp(ctx, groupID, id)
	if err == nil && owner != id {
		owner, err = c.claimLeft(ctx, groupID, owner, id)
	}
	if err != nil {
		return nil, err
	}
	if owner != id {
		return nil, fmt.Errorf("adopt %s: %w (%s)", groupID, ErrTaken, owner)
	}
	return c.change(ctx, id, func(g *group.Group, now time.Time) error { return g.AdoptByHand(groupID, now) })
}

// claimLeft claims a group at WhatsApp that its owner has left: a person adopted another group for that request, or the
// request's retention is over. It returns the request that has the group then. It does not take a group from an owner
// whose record a person has removed, because the group may still be the owner's.
func (c *Control) claimLeft(ctx context.Context, groupID, owner, id string) (string, error) {
	if left, err := c.hasLeft(ctx, groupID, owner); err != nil || !left {
		return owner, err
	}
	if holder, err := c.passOn(ctx, groupID, owner, id); err != nil || holder != id {
		return holder, err
	}
	left, err := c.hasLeft(ctx, groupID, owner)
	if err == nil && left {
		return id, nil
	}
	// The owner came back before it lost the claim.
	holder, back := c.passOn(ctx, groupID, id, owner)
	return holder, errors.Join(err, back)
}

// hasLeft reports whether a group at WhatsApp certainly no longer belongs to the request that has claimed it.
func (c *Control) hasLeft(ctx context.Context, groupID, owner string) (bool, error) {
	switch g, err := c.Store.Records.Load(ctx, owner); {
	case errors.Is(err, store.ErrNotFound):
		removed, err := c.Store.WasRemoved(ctx, owner)
		return !removed, err
	case errors.Is(err, store.ErrUnreadable):
		return false, nil
	case err != nil:
		return false, err
	default:
		return !g.Owns(groupID), nil
	}
}

// passOn gives a request the claim that another one has. It returns the request that has the claim then.
func (c *Control) passOn(ctx context.Context, groupID, from, to string) (string, error) {
	if err := c.Store.Records.ReleaseWhatsApp(ctx, groupID, from); err != nil {
		return "", err
	}
	return c.Store.Records.ClaimWhatsApp(ctx, groupID, to)
}

// decide carries out a decision about one group and writes it to the audit log.
func (c *Control) decide(ctx context.Context, what audit.Action, id string, change func(*group.Group, time.Time) error) (*group.Group, error) {
	g, err := c.change(ctx, id, change)
	c.Audit.Did(ctx, what, audit.About{Subjects: []string{id}}, err)
	return g, err
}

// change records a decision, queues the tasks that follow, and removes the task of a create that is cancelled or moved
// to another line. Once the decision is recorded it holds, and change does not fail: the sweeper does what a crash or
// an error has left undone.
func (c *Control) change(ctx context.Context, id string, change func(*group.Group, time.Time) error) (*group.Group, error) {
	var was group.Group
	g, err := c.Store.Records.Update(ctx, id, func(g *group.Group, now time.Time) error {
		was = *g
		return change(g, now)
	})
	if err != nil && !errors.Is(err, store.ErrIndexBehind) {
		return g, err
	}
	ctx = context.WithoutCancel(ctx)
	err = errors.Join(err, c.Queue.Put(ctx, c.Schedule.Next(g)...))
	if was.Status == group.Queued && (g.Status != group.Queued || g.Round != was.Round) {
		err = errors.Join(err, c.removeCreate(ctx, &was))
	}
	c.late(g, err)
	return g, nil
}

// late reports what failed after a decision was recorded, if anything did.
func (c *Control) late(g *group.Group, err error) {
	if err != nil && c.Late != nil {
		c.Late(g.ID, g.Instance, err)
	}
}

// Pause stops an instance until the ending, or until Resume: calls under way finish, and no other begins after
// Pause returns. It replaces an earlier pause. An invalid ending or a reason that is too long fails with a
// *ChangeError and changes nothing.
func (c *Control) Pause(ctx context.Context, instance, reason string, end Ending) error {
	p := store.Pause{Reason: reason}
	err := c.pause(ctx, instance, &p, end)
	c.Audit.Did(ctx, audit.PauseInstance, audit.About{Subjects: []string{instance}, Detail: audit.Details(untilOf(p.Until), say.Words(reason))}, err)
	return err
}

func (c *Control) pause(ctx context.Context, instance string, p *store.Pause, end Ending) error {
	if err := short(p.Reason); err != nil {
		return err
	}
	all, err := c.Store.Presence.InstancesNamed(ctx, []string{instance})
	if err == nil {
		p.At, err = c.Store.Now(ctx)
	}
	if err != nil {
		return fmt.Errorf("pause %s: %w", instance, err)
	}
	if p.Until, err = end.at(all[instance], instance, p.At); err != nil {
		return err
	}
	// The pacer first: if the process ends between the two, the instance still stops and shows the right end.
	if err := c.Pacer.Pause(ctx, instance, p.Until); err != nil {
		return err
	}
	if err := c.Store.Presence.SetPaused(ctx, instance, p); err != nil {
		return fmt.Errorf("pause %s: %w", instance, err)
	}
	return c.Store.Presence.TellPause(ctx, instance, true)
}

// Resume lets an instance go on, and lifts the pauses that asynq's own tools have set on the queues, which hold
// every instance. A rest that the provider imposed goes on, unless endRest is true. The reason is for
// the audit log.
func (c *Control) Resume(ctx context.Context, instance, reason string, endRest bool) error {
	lifted, err := c.resume(ctx, instance, endRest)
	var also []say.Phrase
	if len(lifted) > 0 {
		also = append(also, say.Phrase{Code: say.AuditLifted, Place: strings.Join(lifted, ", ")})
	}
	if endRest {
		also = append(also, say.Phrase{Code: say.AuditRestEnded})
	}
	c.Audit.Did(ctx, audit.ResumeInstance, audit.About{Subjects: []string{instance}, Detail: audit.Details(append(also, say.Words(reason))...)}, err)
	return err
}

func (c *Control) resume(ctx context.Context, instance string, endRest bool) (lifted []string, err error) {
	if err := c.Pacer.Unpause(ctx, instance); err != nil {
		return nil, err
	}
	if err := c.Store.Presence.SetPaused(ctx, instance, nil); err != nil {
		return nil, fmt.Errorf("resume %s: %w", instance, err)
	}
	if lifted, err = c.Queue.Unpause(ctx); err != nil {
		return nil, err
	}
	if endRest {
		if err := c.Pacer.ClearRest(ctx, instance); err != nil {
			return lifted, err
		}
	}
	if err := c.Store.Presence.TellPause(ctx, instance, false); err != nil {
		return lifted, err
	}
	// If the signal is lost, it costs a moment: workers poll the states every second.
	_ = c.Queue.Wake(ctx, instance)
	return lifted, nil
}

// Suppress puts people on the list of those who must not be added or invited. It reports how many were not on it
// before; people who were keep their first reason. A reason that is too long fails with a *ChangeError.
func (c *Control) Suppress(ctx context.Context, people []phone.Number, reason string) (added int, err error) {
	added, err = c.suppress(ctx, people, reason)
	c.Audit.Did(ctx, audit.Suppress, audit.About{Subjects: c.named(people), Count: len(people), Detail: say.Words(reason), Idle: added == 0}, err)
	return added, err
}

func (c *Control) suppress(ctx context.Context, people []phone.Number, reason string) (added int, err error) {
	if err := short(reason); err != nil {
		return 0, err
	}
	ids := make([]phone.Identity, len(people))
	for i, n := range people {
		ids[i] = n.Identity()
	}
	on, err := c.Store.People.Suppressed(ctx, ids)
	if err != nil {
		return 0, err
	}
	for _, already := range on {
		if !already {
			added++
		}
	}
	return added, c.Store.People.Suppress(ctx, people, reason)
}

// Unsuppress takes people off the list and reports how many were on it.
func (c *Control) Unsuppress(ctx context.Context, people []phone.Number) (int, error) {
	n, err := c.Store.People.Unsuppress(ctx, people)
	c.Audit.Did(ctx, audit.Unsuppress, audit.About{Subjects: c.named(people), Count: len(people), Idle: n == 0}, err)
	return n, err
}

// named returns people as the audit log has them: by the hash of the suppression list.
func (c *Control) named(people []phone.Number) []string {
	ids := make([]string, len(people))
	for i, n := range people {
		ids[i] = c.Store.People.PersonID(n.Identity())
	}
	return ids
}
