package lane

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// clock knows how far Redis's clock is ahead of this machine's. All times that several workers
// compare (leases, due times) are Redis's.
type clock struct{ last atomic.Pointer[sight] }

// sight is one look at Redis's clock.
type sight struct{ here, there time.Time }

// offset counts on from the last look by the monotonic clock, so that it is right at once when
// somebody sets this machine's clock. A lease that were written an hour too far into the future
// would keep a dead worker's task lying for that hour.
func (c *clock) offset() time.Duration {
	s := c.last.Load()
	if s == nil {
		return 0
	}
	now := time.Now()
	return s.there.Add(now.Sub(s.here)).Sub(now)
}

// ask reads Redis's clock once.
func (c *clock) ask(ctx context.Context, rdb redis.UniversalClient) error {
	before := time.Now()
	there, err := rdb.Time(ctx).Result()
	if err != nil {
		return fmt.Errorf("ask Redis for the time: %w", err)
	}
	took := time.Since(before)
	// The end of the round trip may have been delayed by anything; its half is the best guess.
	c.last.Store(&sight{here: before.Add(took / 2), there: there})
	return nil
}

// now is the time by Redis's clock, whatever is done to this machine's meanwhile.
func (c *clock) now() time.Time {
	if s := c.last.Load(); s != nil {
		return s.there.Add(time.Since(s.here))
	}
	return time.Now()
}

// due is the local time at which Redis's clock shows t.
func (c *clock) due(t time.Time) time.Time { return t.Add(-c.offset()) }
