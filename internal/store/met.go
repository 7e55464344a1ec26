package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// metAtOnce is how many groups one command reads or writes at most.
const metAtOnce = 1000

// MetGroups returns, by group id, since when earlier looks know that the groups in a number's lists exist.
// Unknown groups are missing. A group that existed before a create began is not the one it made, so a look
// need not read it.
func (pp *People) MetGroups(ctx context.Context, number string, groupIDs []string) (map[string]time.Time, error) {
	met := make(map[string]time.Time, len(groupIDs))
	key := metKey(number)
	for some := range slices.Chunk(groupIDs, metAtOnce) {
		values, err := pp.rdb.HMGet(ctx, key, metFields(some)...).Result()
		if wrongType(err) { // the look reads groups that are missing
			_ = pp.unreadable(ctx, KindMet, strings.TrimPrefix(key, prefix), err)
			return met, nil
		}
		if err != nil {
			return nil, fmt.Errorf("look up when %d groups were met: %w", len(groupIDs), err)
		}
		for i, v := range values {
			text, _ := v.(string)
			if seconds, ok := pp.metAt(ctx, key, metFields(some[i : i+1])[0], text); ok {
				met[some[i]] = time.Unix(seconds, 0).UTC()
			}
		}
	}
	return met, nil
}

// metAt reads a stored time, in Unix seconds. It reports false for "" and for a damaged value, which it notes.
func (pp *People) metAt(ctx context.Context, key, field, text string) (int64, bool) {
	if text == "" {
		return 0, false
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		_ = pp.unreadable(ctx, KindMet, strings.TrimPrefix(key, prefix)+"/"+field, errForm)
	}
	return seconds, err == nil
}

// MeetGroups stores since when groups are known to exist, by group id, for twice the retention. If the
// key holds another type, MeetGroups begins a new one: looks read the lost groups again.
func (pp *People) MeetGroups(ctx context.Context, number string, since map[string]time.Time) error {
	if len(since) == 0 {
		return nil
	}
	ids := make([]string, 0, len(since))
	for id := range since {
		ids = append(ids, id)
	}
	key := metKey(number)
	err := pp.mending(ctx, []string{key}, func() error {
		_, err := pp.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			for some := range slices.Chunk(ids, metAtOnce) {
				values := make([]any, 0, 2*len(some))
				for i, field := range metFields(some) {
					values = append(values, field, since[some[i]].Unix())
				}
				p.HSet(ctx, key, values...)
			}
			p.PExpire(ctx, key, 2*pp.retention)
			return nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("store when %d groups were met: %w", len(since), err)
	}
	return nil
}

// metFields returns the fields of groups: hashes, because an old group id contains a phone number.
func metFields(groupIDs []string) []string {
	fields := make([]string, len(groupIDs))
	for i, id := range groupIDs {
		fields[i] = digest(id)[:16]
	}
	return fields
}
