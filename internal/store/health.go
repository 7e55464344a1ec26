package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// SetHealth records a reading. It reports whether the state changed.
func (pr *Presence) SetHealth(ctx context.Context, name string, s provider.State, now time.Time) (changed bool, err error) {
	err = pr.changeHealth(ctx, name, func(r *HealthReport) {
		if changed = r.Health != s.Health; changed {
			r.Since = now
		}
		r.Health, r.Reason, r.Until, r.CheckedAt = s.Health, say.Kept(s.Reason), s.Until, now
	})
	if err != nil {
		return false, err
	}
	if changed {
		err = pr.rdb.XAdd(ctx, eventArgs("instance", name, string(s.Health), "")).Err()
	}
	return changed, err
}

// Doubt requests an immediate reading of an instance's state: a call or a webhook hinted that it has changed.
func (pr *Presence) Doubt(ctx context.Context, name string) error {
	now, err := pr.Now(ctx)
	if err == nil {
		err = pr.hset(ctx, doubtedKey, name, now.UnixMilli())
	}
	if err != nil {
		return fmt.Errorf("doubt the state of %s: %w", name, err)
	}
	return nil
}

// NoteError keeps the latest error of an instance for admins. The caller redacts it.
func (pr *Presence) NoteError(ctx context.Context, name string, what say.Phrase, now time.Time) error {
	return pr.changeHealth(ctx, name, func(r *HealthReport) { r.LastError, r.ErrorAt = say.Kept(what), now })
}

// changeHealth changes what is recorded of an instance's health. If another process was quicker, it runs change again.
func (pr *Presence) changeHealth(ctx context.Context, name string, change func(r *HealthReport)) error {
	for {
		held, err := pr.healthText(ctx, name)
		if err != nil {
			return err
		}
		var r HealthReport
		if held != "" {
			r = pr.readHealth(ctx, name, held)
		}
		change(&r)
		data, err := json.Marshal(r)
		if err != nil {
			return err
		}
		done := false
		err = pr.mending(ctx, []string{healthKey}, func() (err error) {
			done, err = pr.swapField(ctx, healthKey, name, held, string(data))
			return err
		})
		if err != nil {
			return fmt.Errorf("record the health of %s: %w", name, err)
		}
		if done {
			return nil
		}
	}
}

func (pr *Presence) health(ctx context.Context, name string) (HealthReport, error) {
	held, err := pr.healthText(ctx, name)
	if err != nil || held == "" {
		return HealthReport{}, err
	}
	return pr.readHealth(ctx, name, held), nil
}

// healthText returns what is recorded of an instance's health, or "".
func (pr *Presence) healthText(ctx context.Context, name string) (string, error) {
	held, err := pr.rdb.HGet(ctx, healthKey, name).Result()
	if err = pr.tolerate(ctx, healthKey, err); err != nil && !errors.Is(err, redis.Nil) {
		return "", fmt.Errorf("read the health of %s: %w", name, err)
	}
	return held, nil
}
