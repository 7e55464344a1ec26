package control

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/status"
	"github.com/rollcallhq/rollcall/internal/store"
)

// longestEvery bounds a slower pace: what is to stand still longer is paused.
const longestEvery = 30 * 24 * time.Hour

// PaceError says why an instance does not get a pace. It is an audit.ErrImpossible.
type PaceError struct {
	Field string // create.every, create.perDay, invite.every, invite.perDay; "" for none of them
	Text  string
}

// Error implements error.
func (e *PaceError) Error() string { return e.Text }

// Unwrap makes it a refusal.
func (e *PaceError) Unwrap() error { return audit.ErrImpossible }

// SetPace slows an instance down until ResetPace. Where a bound is 0 the configured pace holds, which
// stays the floor in any case: a quicker pace fails with a *PaceError and changes nothing. Workers
// keep to it within seconds. An instance that no worker has announced has no pace to compare with:
// store.ErrNotFound.
func (c *Control) SetPace(ctx context.Context, instance string, s store.Slowing) error {
	err := c.setPace(ctx, instance, s)
	detail := strings.TrimSpace(paceText(s) + ". " + s.Reason)
	c.Audit.Did(ctx, audit.ChangePace, audit.About{Subjects: []string{instance}, Detail: detail}, err)
	return err
}

func (c *Control) setPace(ctx context.Context, instance string, s store.Slowing) error {
	i, err := c.announced(ctx, instance)
	if err != nil {
		return err
	}
	if s.Create == (pacing.Bound{}) && s.Invite == (pacing.Bound{}) {
		return &PaceError{Text: "no pace was given: say at least one of create.every, create.perDay, invite.every and invite.perDay, or reset the pace"}
	}
	if err := slower(i, pacing.Create, i.Create, s.Create); err != nil {
		return err
	}
	if err := slower(i, pacing.Invite, i.Invite, s.Invite); err != nil {
		return err
	}
	if s.At, err = c.Store.Now(ctx); err != nil {
		return err
	}
	if err := c.Store.Presence.Slow(ctx, instance, &s); err != nil {
		return err
	}
	return c.Store.Presence.TellPace(ctx, instance, true)
}

// ResetPace gives an instance back the pace of its configuration. The reason is for the audit log.
func (c *Control) ResetPace(ctx context.Context, instance, reason string) error {
	_, err := c.announced(ctx, instance)
	if err == nil {
		err = c.Store.Presence.Slow(ctx, instance, nil)
	}
	if err == nil {
		err = c.Store.Presence.TellPace(ctx, instance, false)
	}
	detail := strings.TrimSpace("as configured. " + reason)
	c.Audit.Did(ctx, audit.ChangePace, audit.About{Subjects: []string{instance}, Detail: detail}, err)
	return err
}

func (c *Control) announced(ctx context.Context, instance string) (*store.Instance, error) {
	all, err := c.Store.Presence.Instances(ctx)
	if err != nil {
		return nil, err
	}
	if all[instance] == nil {
		return nil, fmt.Errorf("no worker has announced an instance %q: %w", instance, store.ErrNotFound)
	}
	return all[instance], nil
}

// slower refuses a bound that the configured pace undercuts.
func slower(i *store.Instance, kind pacing.Kind, configured pacing.Pace, b pacing.Bound) error {
	every, perDay := string(kind)+".every", string(kind)+".perDay"
	switch {
	case b.Every < 0 || b.Every > longestEvery:
		return &PaceError{every, fmt.Sprintf("%s must be longer than nothing and at most %s; to stop %s, pause it", every, status.DurationText(longestEvery), i.Name)}
	case b.PerDay < 0:
		return &PaceError{perDay, perDay + " must be at least 1; to stop " + i.Name + ", pause it"}
	case b.Every > 0 && b.Every < configured.Every:
		return &PaceError{every, fmt.Sprintf("%s is configured with one %s per %s; slower is possible here, quicker only in rollcall.yaml",
			i.Name, kind, status.DurationText(configured.Every))}
	case configured.PerDay > 0 && b.PerDay > configured.PerDay:
		return &PaceError{perDay, fmt.Sprintf("%s is configured with at most %d %ss a day; fewer are possible here, more only in rollcall.yaml",
			i.Name, configured.PerDay, kind)}
	}
	return nil
}

// paceText is what somebody asked for, for the audit log.
func paceText(s store.Slowing) string {
	var said []string
	for _, kind := range []pacing.Kind{pacing.Create, pacing.Invite} {
		b := s.Of(kind)
		if b.Every != 0 {
			said = append(said, fmt.Sprintf("one %s every %s", kind, status.DurationText(b.Every)))
		}
		if b.PerDay != 0 {
			said = append(said, fmt.Sprintf("%d %ss a day", b.PerDay, kind))
		}
	}
	return strings.Join(said, ", ")
}
