package pacing

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// A second opinion, by other people's hands: without jitter, cap and rest, a pace whose calls arrive
// the moment they are allowed is redis_rate's limit of one per interval without a burst.
func TestAPaceWithoutItsExtrasIsRedisRates(t *testing.T) {
	t.Parallel()
	mini, rdb := testutil.Mini(t)
	p, other := New(rdb), redis_rate.NewLimiter(rdb)
	t.Cleanup(p.Close)
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		name := fmt.Sprintf("r%d", run)
		keys := []string{p.paceKey(name, Create), p.restKey(name), p.pauseKey(name, name)}
		every := rapid.SampledFrom([]time.Duration{100 * time.Millisecond, 300 * time.Millisecond, 45 * time.Second, 5 * time.Minute}).Draw(t, "every")
		now := time.UnixMicro(1767225600_000000)
		granted := 0
		for n := range rapid.IntRange(1, 25).Draw(t, "asks") {
			// redis_rate counts in fractions of a second: at the very moment of a turn its last digit
			// decides, so nobody asks then.
			steps := rapid.Int64Range(0, 25).Draw(t, "tenths")
			now = now.Add(time.Duration(steps)*every/10 + time.Millisecond)
			mini.SetTime(now)
			owner := strconv.Itoa(n)
			answer := script(t, rdb, p.scripts.take, keys, every.Microseconds(), "0", 0, 0, 10_000_000, owner, "0", string(Create), "", 0, 0, 0)
			mine := answer[0] == "grant"
			if mine {
				granted++
				script(t, rdb, p.scripts.used, keys[:1], owner, now.UnixMicro(), 0)
			}
			theirs, err := other.Allow(t.Context(), name, redis_rate.Limit{Rate: 1, Period: every, Burst: 1})
			if err != nil {
				t.Fatal(err)
			}
			if mine != (theirs.Allowed == 1) {
				t.Fatalf("ask %d at %v: here %v, redis_rate allows %d and says %v", n, now, answer, theirs.Allowed, theirs.RetryAfter)
			}
			if wait, err := strconv.ParseInt(answer[3], 10, 64); !mine && err == nil {
				if differ := time.Duration(wait)*time.Microsecond - theirs.RetryAfter; differ.Abs() > time.Millisecond {
					t.Fatalf("ask %d: wait %d µs here, %v by redis_rate", n, wait, theirs.RetryAfter)
				}
			}
		}
		if granted == 0 {
			t.Fatal("nothing was ever granted")
		}
	})
}
