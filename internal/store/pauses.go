package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/provider"
)

// TellPause writes the event that a person has paused or resumed an instance. For readers of the stream the instance's
// state changes, although the provider still reports the same state.
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

// TellHeld writes an event that an instance makes no paced calls, although no person has paused it: see
// Installation.
func (pr *Presence) TellHeld(ctx context.Context, name string) error {
	if err := pr.rdb.XAdd(ctx, eventArgs("instance", name, string(provider.Paused), "")).Err(); err != nil {
		return fmt.Errorf("tell the hold of %s: %w", name, err)
	}
	return nil
}

// SetPaused pauses an instance, or resumes it with a nil pause.
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

// Pauses returns the pauses in force, by instance, and the time of the reading. It leaves out a pause that cannot be
// read: States reports it.
func (pr *Presence) Pauses(ctx context.Context) (map[string]*Pause, time.Time, error) {
	stored, now, err := pr.stored(ctx, pausedKey)
	if err != nil {
		return nil, now, err
	}
	standing := make(map[string]*Pause, len(stored))
	for name, value := range stored {
		var p Pause
		if json.Unmarshal([]byte(value), &p) == nil && !over(p.Until, now) {
			standing[name] = &p
		}
	}
	return standing, now, nil
}

// stored returns a hash of pauses or paces, and the time of the reading; the hash is empty if it cannot be read, which
// States reports.
func (pr *Presence) stored(ctx context.Context, key string) (map[string]string, time.Time, error) {
	now, err := pr.Now(ctx)
	if err != nil {
		return nil, now, fmt.Errorf("read the clock: %w", err)
	}
	stored, err := pr.rdb.HGetAll(ctx, key).Result()
	if err != nil && !wrongType(err) {
		return nil, now, fmt.Errorf("read %s: %w", key, err)
	}
	return stored, now, nil
}

// EndPauses removes the pauses and the slower paces whose end has come, and returns the instances of each. They have no
// effect any longer. Only the worker that removes one reports its end.
func (pr *Presence) EndPauses(ctx context.Context) (pauses, paces []string, err error) {
	if pauses, err = pr.endAll(ctx, pausedKey); err != nil {
		return nil, nil, err
	}
	paces, err = pr.endAll(ctx, paceKey)
	return pauses, paces, err
}

// endAll removes the fields of a hash whose end has come.
func (pr *Presence) endAll(ctx context.Context, key string) (ended []string, err error) {
	stored, now, err := pr.stored(ctx, key)
	if err != nil {
		return nil, err
	}
	for name, value := range stored {
		var is struct{ Until time.Time }
		if json.Unmarshal([]byte(value), &is) != nil || !over(is.Until, now) {
			continue
		}
		gone := false
		err := pr.transact(ctx, key, func(tx *redis.Tx) error {
			gone = false
			if is, err := tx.HGet(ctx, key, name).Result(); errors.Is(err, redis.Nil) || err == nil && is != value {
				return nil // a person has changed it meanwhile
			} else if err != nil {
				return err
			}
			_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.HDel(ctx, key, name).Err() })
			gone = err == nil
			return err
		})
		if err != nil {
			return ended, fmt.Errorf("end what is over in %s: %w", key, err)
		}
		if gone {
			ended = append(ended, name)
		}
	}
	return ended, nil
}
