package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// ErrIndexBehind says that a record is written and the index is not: Redis rejected the write for a while.
// The record holds, and the change must not be made again. Lists, counts and events follow with the
// group's next change, or when the sweeper comes to it.
var ErrIndexBehind = errors.New("the change is recorded, but lists do not show it yet")

// indexFor is how long follow tries to write the index.
const indexFor = 15 * time.Second

// follow brings the index up to a record that was just written. It outlives its caller's context, because
// the record is there already, and fails with ErrIndexBehind.
func (ix *Index) follow(ctx context.Context, g *group.Group) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), indexFor)
	defer cancel()
	groups := []*group.Group{g}
	err := ix.together(ctx, g)
	if err == nil {
		return nil
	}
	policy := backoff.NewExponentialBackOff(backoff.WithInitialInterval(50*time.Millisecond), backoff.WithMaxInterval(500*time.Millisecond))
	err = backoff.Retry(func() error {
		if lasting(err) {
			return backoff.Permanent(err)
		}
		// After a failover Redis may be a replica without the last records; the index must not be ahead of
		// them.
		if groups, _, err = ix.records.LoadEach(ctx, []string{g.ID}); err == nil {
			err = ix.Refresh(ctx, groups...)
		}
		return err
	}, backoff.WithContext(policy, ctx))
	if err != nil {
		return fmt.Errorf("group %s: %w: %w", g.ID, ErrIndexBehind, err)
	}
	return nil
}

// Refresh brings the index up to groups as they were read. It does nothing where the index is not older.
func (ix *Index) Refresh(ctx context.Context, groups ...*group.Group) error {
	var cmds []*redis.Cmd
	var err error
	switch len(groups) {
	case 0:
		return nil
	case 1:
		args := append([]any{index, keepEvents, ""}, indexArgs(groups[0])...)
		cmd := indexScript.Run(ctx, ix.rdb, []string{heldKey}, args...)
		cmds, err = []*redis.Cmd{cmd}, cmd.Err()
	default:
		_, err = ix.pipeline(ctx, []*redis.Script{indexScript}, func(p redis.Pipeliner) error {
			cmds = queueIndex(ctx, p, groups, false)
			return nil
		})
	}
	ix.brokenAll(ctx, cmds)
	if err != nil {
		return fmt.Errorf("index %d groups: %w", len(groups), err)
	}
	return nil
}

// lasting reports whether Redis will reject the command however often it is sent. All other errors come
// from a state of Redis that passes.
func lasting(err error) bool {
	answer, answered := errors.AsType[redis.Error](err)
	if !answered {
		return false
	}
	passing := []func(error) bool{
		redis.IsLoadingError, redis.IsReadOnlyError, redis.IsMasterDownError, redis.IsClusterDownError, redis.IsTryAgainError,
		redis.IsMaxClientsError, redis.IsOOMError, redis.IsNoReplicasError, redis.IsAuthError, redis.IsPermissionError,
		func(err error) bool { return redis.HasErrorPrefix(err, "MISCONF") },
	}
	return !slices.ContainsFunc(passing, func(is func(error) bool) bool { return is(answer) })
}

// reopenedKey has the groups that leave an ended state, scored by the time of the change in µs. The sweeper reads only
// the lists of the other states, so it would not find a group whose record was written and whose index entry was not.
const reopenedKey = index + "reopened"

// reopening notes that a group that had ended is about to change its state.
func (ix *Index) reopening(ctx context.Context, id string, now time.Time) error {
	err := ix.rdb.ZAdd(ctx, reopenedKey, redis.Z{Score: float64(now.UnixMicro()), Member: shortID(id)}).Err()
	if err = ix.tolerate(ctx, reopenedKey, err); err != nil {
		return fmt.Errorf("reopen %s: %w", id, err)
	}
	return nil
}

// Reopened brings the index up to groups that left an ended state before a time, at most n of them, oldest
// first. It reports whether there may be more.
func (ix *Index) Reopened(ctx context.Context, before time.Time, n int) (more bool, err error) {
	marks, err := ix.rdb.ZRangeByScoreWithScores(ctx, reopenedKey, &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(before.UnixMicro(), 10), Count: int64(n)}).Result()
	if err = ix.tolerate(ctx, reopenedKey, err); err != nil || len(marks) == 0 {
		return false, err
	}
	ids := make([]string, len(marks))
	for i, m := range marks {
		ids[i], _ = m.Member.(string)
	}
	groups, _, err := ix.records.LoadEach(ctx, longIDs(ids))
	if err != nil {
		return false, err
	}
	if err := ix.Refresh(ctx, groups...); err != nil {
		return false, err
	}
	// Remove the marks by time and not by id: a group that was reopened again meanwhile stays. So does the last group
	// if others may have its time.
	last, more := strconv.FormatInt(int64(marks[len(marks)-1].Score), 10), len(marks) == n
	if more {
		last = "(" + last
	}
	return more, ix.rdb.ZRemRangeByScore(ctx, reopenedKey, "-inf", last).Err()
}
