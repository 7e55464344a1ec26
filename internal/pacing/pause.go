package pacing

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// forever is the end of a pause that only a person ends, and paused the value of its key.
const (
	forever = math.MaxInt64
	paused  = "1"
)

// lingers is how much longer than its pause a key lives. Scripts read the pause's end from the value.
const lingers = time.Minute

// Pause keeps the calls of an instance from beginning before until on Redis' clock, or before Unpause if until is zero.
// Once it returns, Take grants no slot that starts earlier, and Begin refuses open slots. Calls that have begun go on;
// Look shows them. Pause replaces an earlier pause.
func (p *Pacer) Pause(ctx context.Context, instance string, until time.Time) error {
	ends := int64(forever)
	if !until.IsZero() {
		ends = until.UnixMicro()
	}
	if err := p.changePause(ctx, instance, func(number string) error { return p.writePause(ctx, instance, number, ends) }); err != nil {
		return fmt.Errorf("pacing: pause: %w", err)
	}
	return nil
}

// changePause changes an instance's pause at its number and at each number at which the instance was paused before: it
// may come back with any of them. If another one is added meanwhile, it is changed too.
func (p *Pacer) changePause(ctx context.Context, instance string, change func(number string) error) error {
	var changed []string
	for {
		at, err := p.places(ctx, instance)
		if err != nil {
			return err
		}
		paused, err := p.rdb.HGetAll(ctx, p.pausedAtKey(instance)).Result()
		if foreign(err) {
			err = p.rdb.Del(ctx, p.pausedAtKey(instance)).Err()
		}
		if err != nil {
			return err
		}
		before := len(changed)
		for _, number := range append(slices.Collect(maps.Keys(paused)), at[0]) {
			if slices.Contains(changed, number) {
				continue
			}
			if err := change(number); err != nil {
				return err
			}
			changed = append(changed, number)
		}
		if len(changed) == before {
			return nil
		}
	}
}

// writePause writes the pause of an instance at one of its numbers. It notes the number first, so that Unpause finds it.
// The note stays for good: an Unpause that removed it could meet a Pause that has noted the number and not yet paused it.
func (p *Pacer) writePause(ctx context.Context, instance, number string, ends int64) error {
	if err := p.rdb.HSet(ctx, p.pausedAtKey(instance), number, paused).Err(); err != nil {
		return err
	}
	key := p.pauseKey(number, instance)
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
	if err := p.changePause(ctx, instance, func(number string) error { return p.rdb.Del(ctx, p.pauseKey(number, instance)).Err() }); err != nil {
		return fmt.Errorf("pacing: unpause: %w", err)
	}
	return nil
}

// CopyPause copies an instance's pause from one number to the next. Copy it before the number changes, and again after
// it: until then a person may pause or resume the instance at the first number. The first number keeps the pause too:
// other processes may still take slots there, and the instance may come back to it. from and to are values of Numbers.
func (p *Pacer) CopyPause(ctx context.Context, instance, from, to string) error {
	if from == to {
		return nil
	}
	if err := p.copyPause(ctx, instance, from, to); err != nil {
		return fmt.Errorf("pacing: copy a pause: %w", err)
	}
	return nil
}

// copyPause copies again while the pause changes: an Unpause may have reached the next number before the copy did.
func (p *Pacer) copyPause(ctx context.Context, instance, from, to string) error {
	read := func() (int64, error) { return pauseEnd(p.rdb.Get(ctx, p.pauseKey(from, instance))) }
	copied := int64(0)
	for {
		ends, err := read()
		switch {
		case err != nil || ends == copied:
			return err
		case ends == 0:
			err = p.rdb.Del(ctx, p.pauseKey(to, instance)).Err()
		default:
			err = p.writePause(ctx, instance, to, ends)
		}
		if err != nil {
			return err
		}
		copied = ends
	}
}
