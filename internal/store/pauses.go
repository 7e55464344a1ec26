package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rollcallhq/rollcall/internal/provider"
)

// TellPause writes into the event stream that a person has stopped an instance or let it go on:
// its state has changed for everybody who follows, although its provider's has not.
func (pr *Presence) TellPause(ctx context.Context, name string, paused bool) error {
	state := provider.Paused
	if !paused {
		r, err := pr.health(ctx, name)
		if err != nil {
			return err
		}
		if state = r.Health; state == "" {
			state = provider.UnknownState
		}
	}
	if err := pr.rdb.XAdd(ctx, eventArgs("instance", name, string(state), "")).Err(); err != nil {
		return fmt.Errorf("tell the pause of %s: %w", name, err)
	}
	return nil
}

// TellHeld writes into the event stream that an instance makes no paced call, although nobody has
// stopped it: see Installation.
func (pr *Presence) TellHeld(ctx context.Context, name string) error {
	if err := pr.rdb.XAdd(ctx, eventArgs("instance", name, string(provider.Paused), "")).Err(); err != nil {
		return fmt.Errorf("tell the hold of %s: %w", name, err)
	}
	return nil
}

// SetPaused stops an instance, or lets it go on with a nil pause.
func (pr *Presence) SetPaused(ctx context.Context, name string, p *Pause) error {
	if p == nil {
		return pr.rdb.HDel(ctx, pausedKey, name).Err()
	}
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := pr.rdb.HSet(ctx, pausedKey, name, data).Err(); wrongType(err) {
		return pr.unreadable(ctx, KindPause, strings.TrimPrefix(pausedKey, prefix), err)
	} else if err != nil {
		return fmt.Errorf("record the pause of %s: %w", name, err)
	}
	return nil
}
