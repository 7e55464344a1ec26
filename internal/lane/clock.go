package lane

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// clock knows how far Redis's clock is ahead of this machine's. All times that several workers
// compare (leases, due times) are Redis's.
type clock struct{ ahead atomic.Int64 }

func (c *clock) offset() time.Duration { return time.Duration(c.ahead.Load()) }

// ask reads Redis's clock once.
func (c *clock) ask(ctx context.Context, rdb redis.UniversalClient) error {
	before := time.Now()
	there, err := rdb.Time(ctx).Result()
	if err != nil {
		return fmt.Errorf("ask Redis for the time: %w", err)
	}
	took := time.Since(before)
	// The end of the round trip may have been delayed by anything; its half is the best guess.
	c.ahead.Store(int64(there.Sub(before.Add(took / 2))))
	return nil
}

// seconds is the clock's offset in whole seconds: a lease is not worth more precision.
func (c *clock) seconds() float64 { return math.Round(c.offset().Seconds()) }

// due is the local time at which Redis's clock shows t.
func (c *clock) due(t time.Time) time.Time { return t.Add(-c.offset()) }
