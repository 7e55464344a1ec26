package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

// Slowing is a person's slower pace for an instance. The configuration's stays the floor, whatever
// stands here and whatever the configuration says later.
type Slowing struct {
	Create pacing.Bound `json:"create,omitzero"`
	Invite pacing.Bound `json:"invite,omitzero"`
	Reason string       `json:"reason,omitempty"`
	At     time.Time    `json:"at"`
	Until  time.Time    `json:"until,omitzero"` // zero: until a person ends it
}

// Of is what it says of one kind of call at now, on Redis' clock. A nil slowing says nothing, nor does one whose
// end has come.
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

// Equal says that both ask for the same pace until the same moment. Both may be nil.
func (s *Slowing) Equal(other *Slowing) bool {
	if s == nil || other == nil {
		return s == other
	}
	return s.Create == other.Create && s.Invite == other.Invite && s.Until.Equal(other.Until)
}

// Slow slows an instance down, or gives it back its configured pace with a nil slowing.
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

// TellPace writes into the event stream that a person has changed an instance's pace. It is an event
// of its own: the instance's state, which webhooks tell, has not changed.
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
