package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Day is what an instance did in the last 24 hours, by hour, the current one last.
type Day struct {
	Created [24]int
	Failed  [24]int // groups that failed or came to review
}

// Days returns the last 24 hours of every instance that did anything in them.
func (ix *Index) Days(ctx context.Context) (map[string]*Day, error) {
	now, err := ix.Now(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the last day: %w", err)
	}
	hour := now.Unix() / int64(time.Hour/time.Second)
	var hours [24]*redis.MapStringStringCmd
	if _, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for i := range hours {
			hours[i] = p.HGetAll(ctx, index+"hour:"+strconv.FormatInt(hour-int64(len(hours)-1-i), 10))
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read the last day: %w", err)
	}
	days := map[string]*Day{}
	for i, fields := range hours {
		key := index + "hour:" + strconv.FormatInt(hour-int64(len(hours)-1-i), 10)
		ix.hashRead(ctx, key, fields)
		for field, value := range ix.numbers(ctx, KindCounter, strings.TrimPrefix(key, prefix), fields.Val()) {
			what, name, _ := strings.Cut(field, ":")
			n := int(value)
			d := days[name]
			if d == nil {
				d = &Day{}
				days[name] = d
			}
			if what == "c" {
				d.Created[i] = n
			} else {
				d.Failed[i] = n
			}
		}
	}
	return days, nil
}

// FailedEver returns how often groups have failed. It never decreases: neither a retry nor the end of a group's
// retention lowers it.
func (ix *Index) FailedEver(ctx context.Context) (int64, error) {
	text, err := ix.rdb.HGet(ctx, index+"n", "ever:failed").Result()
	if err != nil && !errors.Is(err, redis.Nil) && !wrongType(err) {
		return 0, fmt.Errorf("read how many groups failed: %w", err)
	}
	n, _ := ix.number(ctx, index+"n", "ever:failed", text)
	return n, nil
}
