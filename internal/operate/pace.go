package operate

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// longestEvery is the longest interval between two calls that a slower pace may set. To stop an instance for longer,
// pause it.
const longestEvery = 30 * 24 * time.Hour

// ChangeError says why a pause, a pace, an entry of the suppression list or a saved view is refused. It is an audit.ErrImpossible.
type ChangeError struct {
	Field string // for, until, create.every, create.perDay, invite.every, invite.perDay, reason, name, query; "" for none of them
	Why   say.Phrase
}

// Error implements error.
func (e *ChangeError) Error() string { return e.Why.String() }

// Said returns the error as a sentence for people.
func (e *ChangeError) Said() say.Phrase { return e.Why }

// Unwrap makes it a refusal.
func (e *ChangeError) Unwrap() error { return audit.ErrImpossible }

// SetPace slows an instance down until end, or until ResetPace. A bound of 0 means the configured pace. A pace quicker
// than the configured one fails with a *ChangeError and changes nothing. Workers follow a change within seconds.
// SetPace fails with store.ErrNotFound for an instance that no worker has announced.
func (c *Control) SetPace(ctx context.Context, instance string, s store.Slowing, end Ending) error {
	err := c.setPace(ctx, instance, &s, end)
	asked := make([]say.Phrase, 0, 4)
	for _, kind := range []pacing.Kind{pacing.Create, pacing.Invite} {
		if b := s.Of(kind, s.At); b != (pacing.Bound{}) {
			asked = append(asked, say.Phrase{Code: say.AuditPace, Kind: string(kind), Every: b.Every, PerDay: b.PerDay})
		}
	}
	c.Audit.Did(ctx, audit.ChangePace, audit.About{Subjects: []string{instance}, Detail: audit.Details(append(asked, untilOf(s.Until), say.Words(s.Reason))...)}, err)
	return err
}

func (c *Control) setPace(ctx context.Context, instance string, s *store.Slowing, end Ending) error {
	i, err := c.announced(ctx, instance)
	if err != nil {
		return err
	}
	if s.Create == (pacing.Bound{}) && s.Invite == (pacing.Bound{}) {
		return &ChangeError{Why: say.Phrase{Code: say.PaceMissing}}
	}
	if err := short(s.Reason); err != nil {
		return err
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
	if s.Until, err = end.at(i, instance, s.At); err != nil {
		return err
	}
	if err := c.Store.Presence.Slow(ctx, instance, s); err != nil {
		return err
	}
	return c.tellPace(ctx, instance, true)
}

// ResetPace gives an instance back the pace of its configuration. The reason is for the audit log.
func (c *Control) ResetPace(ctx context.Context, instance, reason string) error {
	_, err := c.announced(ctx, instance)
	if err == nil {
		err = c.Store.Presence.Slow(ctx, instance, nil)
	}
	if err == nil {
		err = c.tellPace(ctx, instance, false)
	}
	detail := audit.Details(say.Phrase{Code: say.AuditConfigured}, say.Words(reason))
	c.Audit.Did(ctx, audit.ChangePace, audit.About{Subjects: []string{instance}, Detail: detail}, err)
	return err
}

// tellPace publishes a change and wakes the instance, because workers would otherwise wait at the earlier pace for up
// to half a minute.
func (c *Control) tellPace(ctx context.Context, instance string, slowed bool) error {
	if err := c.Store.Presence.TellPace(ctx, instance, slowed); err != nil {
		return err
	}
	_ = c.Queue.Wake(ctx, instance)
	return nil
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

// slower refuses a bound that is quicker than the configured pace.
func slower(i *store.Instance, kind pacing.Kind, configured pacing.Pace, b pacing.Bound) error {
	every, perDay := string(kind)+".every", string(kind)+".perDay"
	switch {
	case b.Every < 0 || b.Every > longestEvery:
		return &ChangeError{every, say.Phrase{Code: say.PaceEveryRange, Kind: every, Every: longestEvery, Name: i.Name}}
	case b.PerDay < 0:
		return &ChangeError{perDay, say.Phrase{Code: say.PacePerDayRange, Kind: perDay, Name: i.Name}}
	case b.Every > 0 && b.Every < configured.Every:
		return &ChangeError{every, say.Phrase{Code: say.PaceQuicker, Name: i.Name, Kind: string(kind), Every: configured.Every}}
	case configured.PerDay > 0 && b.PerDay > configured.PerDay:
		return &ChangeError{perDay, say.Phrase{Code: say.PaceMore, Name: i.Name, Kind: string(kind), PerDay: configured.PerDay}}
	}
	return nil
}
