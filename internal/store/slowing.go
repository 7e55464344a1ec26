package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

// Slowing is a slower pace that a person has set for an instance. It never makes an instance faster than its
// configured pace, even if the configuration changes later.
type Slowing struct {
	Create pacing.Bound `json:"create,omitzero"`
	Invite pacing.Bound `json:"invite,omitzero"`
	Reason string       `json:"reason,omitempty"`
	At     time.Time    `json:"at"`
	Until  time.Time    `json:"until,omitzero"` // zero: until a person ends it
}

// Of returns the bound for one kind of call at now, by Redis' clock. It is zero for a nil slowing and for one that
// has ended.
func (s *Slowing) Of(kind pacing.Kind, now time.Time) pacing.Bound {
	switch {
	case s == nil, over(s.Until, now):
		return pacing.Bound{}
	case kind == pacing.Invite:
		return s.Invite
	default:
		return s.Create
	}
}

// Equal reports whether both ask for the same pace until the same time. Either may be nil.
func (s *Slowing) Equal(other *Slowing) bool {
	if s == nil || other == nil {
		return s == other
	}
	return s.Create == other.Create && s.Invite == other.Invite && s.Until.Equal(other.Until)
}

// Slow sets a slower pace for an instance, or, if s is nil, its configured pace again.
func (pr *Presence) Slow(ctx context.Context, name string, s *Slowing) error {
	if s == nil {
		if err := pr.rdb.HDel(ctx, paceKey, name).Err(); err != nil {
			return fmt.Errorf("reset the pace of %s: %w", name, err)
		}
		return nil
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := pr.rdb.HSet(ctx, paceKey, name, data).Err(); wrongType(err) {
		return pr.unreadable(ctx, KindPace, strings.TrimPrefix(paceKey, prefix), err)
	} else if err != nil {
		return fmt.Errorf("change the pace of %s: %w", name, err)
	}
	return nil
}

// TellPace writes an event that an instance has been slowed, or has its configured pace again. The event has a type
// of its own, because the instance's state, which webhooks report, has not changed.
func (pr *Presence) TellPace(ctx context.Context, name string, slowed bool) error {
	status := "configured"
	if slowed {
		status = "slowed"
	}
	if err := pr.rdb.XAdd(ctx, eventArgs("pace", name, status, "")).Err(); err != nil {
		return fmt.Errorf("tell the pace of %s: %w", name, err)
	}
	return nil
}
