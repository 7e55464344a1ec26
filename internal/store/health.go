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
	old, err := pr.health(ctx, name)
	if err != nil {
		return false, err
	}
	r := HealthReport{
		Health: s.Health, Reason: say.Kept(s.Reason), Until: s.Until, Since: old.Since, CheckedAt: now,
		LastError: old.LastError, ErrorAt: old.ErrorAt,
	}
	if changed = old.Health != s.Health; changed {
		r.Since = now
	}
	if err := pr.putHealth(ctx, name, r); err != nil {
		return false, err
	}
	if changed {
		err = pr.rdb.XAdd(ctx, eventArgs("instance", name, string(s.Health), "")).Err()
	}
	return changed, err
}

// Doubt requests a reading of an instance's state, now: a call or a webhook hinted that it has changed.
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
	r, err := pr.health(ctx, name)
	if err != nil {
		return err
	}
	r.LastError, r.ErrorAt = say.Kept(what), now
	return pr.putHealth(ctx, name, r)
}

func (pr *Presence) health(ctx context.Context, name string) (HealthReport, error) {
	data, err := pr.rdb.HGet(ctx, healthKey, name).Result()
	if err = pr.tolerate(ctx, healthKey, err); err == nil && data == "" || errors.Is(err, redis.Nil) {
		return HealthReport{}, nil
	}
	if err != nil {
		return HealthReport{}, fmt.Errorf("read the health of %s: %w", name, err)
	}
	return pr.readHealth(ctx, name, data), nil
}

func (pr *Presence) putHealth(ctx context.Context, name string, r HealthReport) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := pr.hset(ctx, healthKey, name, data); err != nil {
		return fmt.Errorf("record the health of %s: %w", name, err)
	}
	return nil
}
