package pacing

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// forever is the end of a pause that only a person ends, and paused the value of its key.
const (
	forever = math.MaxInt64
	paused  = "1"
)

// lingers is how much longer than its pause a key lives. Scripts read the pause's end from the value. It is also how long
// a key lives after Carry.
const lingers = time.Minute

// Pause keeps the calls of an instance from beginning before until on Redis' clock, or before Unpause if until is zero.
// Once it returns, Take grants no slot that starts earlier, and Begin refuses open slots. Calls that have begun go on;
// Look shows them. Pause replaces an earlier pause.
func (p *Pacer) Pause(ctx context.Context, instance string, until time.Time) error {
	ends := int64(forever)
	if !until.IsZero() {
		ends = until.UnixMicro()
	}
	former := ""
	err := p.changePause(ctx, instance, func(key string) error {
		if former != "" {
			if err := p.rdb.PExpire(ctx, former, lingers).Err(); err != nil {
				return err
			}
		}
		former = key
		return p.writePause(ctx, key, ends)
	})
	if err != nil {
		return fmt.Errorf("pacing: pause: %w", err)
	}
	return nil
}

// changePause changes the key of an instance's pause, and that of its next number as well if the number changes
// meanwhile.
func (p *Pacer) changePause(ctx context.Context, instance string, change func(key string) error) error {
	at, err := p.places(ctx, instance)
	for err == nil {
		was := at[0]
		if err = change(p.pauseKey(was, instance)); err != nil {
			break
		}
		if at, err = p.places(ctx, instance); err == nil && at[0] == was {
			return nil
		}
	}
	return err
}

func (p *Pacer) writePause(ctx context.Context, key string, ends int64) error {
	if ends == forever {
		return p.rdb.Set(ctx, key, paused, 0).Err()
	}
	return p.rdb.SetArgs(ctx, key, strconv.FormatInt(ends, 10), redis.SetArgs{ExpireAt: wall(ends).Add(lingers)}).Err()
}

// pauseEnd reads the end of a pause from its key: 0 for no pause, forever for one that only a person ends. A value that
// cannot be read counts as forever. Its twin is pausedUntil in lua/state.lua.
func pauseEnd(cmd *redis.StringCmd) (int64, error) {
	value, err := cmd.Result()
	switch {
	case errors.Is(err, redis.Nil):
		return 0, nil
	case err != nil && !foreign(err):
		return 0, err
	}
	if ends, err := strconv.ParseInt(value, 10, 64); err == nil && ends >= earliest {
		return ends, nil
	}
	return forever, nil
}

// Unpause ends a pause.
func (p *Pacer) Unpause(ctx context.Context, instance string) error {
	if err := p.changePause(ctx, instance, func(key string) error { return p.rdb.Del(ctx, key).Err() }); err != nil {
		return fmt.Errorf("pacing: unpause: %w", err)
	}
	return nil
}

// CopyPause gives an instance's pause at one number to the next as well, for a change of number that may fail. from and
// to are values of Numbers.
func (p *Pacer) CopyPause(ctx context.Context, instance, from, to string) error {
	_, err := p.copyPause(ctx, instance, from, to)
	return err
}

func (p *Pacer) copyPause(ctx context.Context, instance, from, to string) (copied bool, err error) {
	if from == to {
		return false, nil
	}
	ends, err := pauseEnd(p.rdb.Get(ctx, p.pauseKey(from, instance)))
	if err == nil && ends > 0 {
		copied, err = true, p.writePause(ctx, p.pauseKey(to, instance), ends)
	}
	if err != nil {
		return false, fmt.Errorf("pacing: copy a pause: %w", err)
	}
	return copied, nil
}

// Carry moves an instance's pause from one number to the next: the pause belongs to the instance, and is stored beside
// the pace of its number. At the first number it holds for another minute: for a second or two other processes still
// take slots there. from and to are values of Numbers.
func (p *Pacer) Carry(ctx context.Context, instance, from, to string) error {
	copied, err := p.copyPause(ctx, instance, from, to)
	if err != nil || !copied {
		return err
	}
	if err := p.rdb.PExpire(ctx, p.pauseKey(from, instance), lingers).Err(); err != nil {
		return fmt.Errorf("pacing: carry a pause: %w", err)
	}
	return nil
}
