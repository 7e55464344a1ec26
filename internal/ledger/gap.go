package ledger

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// EventTime is when an event of the stream was written.
func EventTime(id string) time.Time {
	ms, _ := splitEventID(id)
	return moment(ms)
}

// EventID is the id of an event that is no more in the stream, by its time.
func EventID(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) + "-0" }

func splitEventID(id string) (ms, n int64) {
	a, b, _ := strings.Cut(id, "-")
	ms, _ = strconv.ParseInt(a, 10, 64)
	n, _ = strconv.ParseInt(b, 10, 64)
	return ms, n
}

// Missed says that the stream may have dropped events that came after an id: whoever reads from
// there must look at the lists instead. A stream that is not full has never dropped any.
func (l *Ledger) Missed(ctx context.Context, after string) (bool, error) {
	var first *redis.XMessageSliceCmd
	var length *redis.IntCmd
	if _, err := l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		first, length = p.XRangeN(ctx, eventsKey, "-", "+", 1), p.XLen(ctx, eventsKey)
		return nil
	}); err != nil {
		return false, fmt.Errorf("look how far back the events go: %w", err)
	}
	if length.Val() < keepEvents || len(first.Val()) == 0 {
		return false, nil
	}
	ms, n := splitEventID(after)
	oldestMs, oldestN := splitEventID(first.Val()[0].ID)
	return oldestMs > ms || oldestMs == ms && oldestN > n, nil
}

// Resign ends a Lead before its time, so that another worker can begin at once.
func (l *Ledger) Resign(ctx context.Context, job, worker string) error {
	return releaseScript.Run(ctx, l.rdb, []string{prefix + "lead:" + job}, worker).Err()
}

// Led says whether any worker leads a job now.
func (l *Ledger) Led(ctx context.Context, job string) (bool, error) {
	n, err := l.rdb.Exists(ctx, prefix+"lead:"+job).Result()
	return n == 1, err
}
