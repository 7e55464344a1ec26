package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// hashSlice is about how many fields of a hash are read with one command.
const hashSlice = 2000

// wholeHash is what a hash holds.
type wholeHash struct {
	values map[string]string
	first  *redis.ScanCmd
}

// hashes reads whole hashes: small ones in one round trip, large ones in slices, because Redis serves no other client
// while it writes a large answer. The caller can use with to add commands to the first round trip.
func (c *core) hashes(ctx context.Context, with func(p redis.Pipeliner), keys ...string) ([]wholeHash, error) {
	all := make([]wholeHash, len(keys))
	_, err := c.each(ctx, nil, func(p redis.Pipeliner) error {
		with(p)
		for i, key := range keys {
			all[i].first = p.HScan(ctx, key, 0, "", hashSlice)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		all[i].values = map[string]string{}
		for slice := all[i].first; slice.Err() == nil; {
			fields, cursor := slice.Val()
			for at := 0; at+1 < len(fields); at += 2 {
				all[i].values[fields[at]] = fields[at+1]
			}
			if cursor == 0 {
				break
			}
			if slice = c.rdb.HScan(ctx, key, cursor, "", hashSlice); slice.Err() != nil {
				return nil, slice.Err()
			}
		}
	}
	return all, nil
}

// number reads a counter; "" means no value. A text that is not a number is noted.
func (c *core) number(ctx context.Context, key, field, text string) (n int64, ok bool) {
	if text == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		_ = c.unreadable(ctx, KindCounter, strings.TrimPrefix(key, prefix)+"/"+field, errForm)
	}
	return n, err == nil
}

// hashRead notes a hash that a command could not read, because its key holds another type.
func (c *core) hashRead(ctx context.Context, key string, cmd redis.Cmder) {
	if err := cmd.Err(); wrongType(err) {
		f := familyOf(key)
		_ = c.unreadable(ctx, f.kind, f.idOf(key, ""), err)
	}
}

// textAt returns one of the values that a command read, or "".
func textAt(cmd *redis.SliceCmd, at int) string {
	if cmd.Err() != nil {
		return ""
	}
	text, _ := cmd.Val()[at].(string)
	return text
}
