package pacing

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestOffset_ConversionsAreNeverEarly compares the offset's bounds with the true offset to a server whose
// clock drifts and is set, over round trips of up to 40 ms.
func TestOffset_ConversionsAreNeverEarly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var (
			o     offset
			truth = time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "offset")) // local - redis
			ppm   = rapid.Float64Range(-400, 400).Draw(t, "drift")
			local = time.Second
		)
		pass := func(d time.Duration) {
			local += d
			truth += time.Duration(float64(d) * ppm * 1e-6)
		}
		for range rapid.IntRange(1, 30).Draw(t, "samples") {
			pass(time.Duration(rapid.Int64Range(0, int64(10*time.Minute)).Draw(t, "pause")))
			switch rapid.IntRange(0, 9).Draw(t, "set") { // between the round trips: a clock that is set within one cannot be noticed
			case 0:
				truth += time.Duration(rapid.Int64Range(int64(time.Second), int64(time.Hour)).Draw(t, "back"))
			case 1:
				truth -= time.Duration(rapid.Int64Range(int64(time.Second), int64(time.Hour)).Draw(t, "forward"))
			}
			before := local
			pass(time.Duration(rapid.Int64Range(0, int64(20*time.Millisecond)).Draw(t, "there")))
			reading := (local - truth).Truncate(time.Microsecond)
			if local-truth < 0 {
				reading -= time.Microsecond // Truncate rounds to zero
			}
			pass(time.Duration(rapid.Int64Range(0, int64(20*time.Millisecond)).Draw(t, "back")))
			o = o.observe(before, local, reading)
			later := time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "lead"))
			due := local + later
			shown := due - truth - time.Duration(float64(later)*ppm*1e-6)
			if got := o.local(shown); got < due-time.Nanosecond {
				t.Fatalf("local(%v) = %v is %v early", shown, got, due-got)
			}
			if got := o.redis(local, local); got < local-truth-time.Nanosecond {
				t.Fatalf("redis(%v) = %v is %v early", local, got, local-truth-got)
			}
		}
	})
}

func TestOffset_AQuickRoundTripKeepsTheBoundsNarrowAfterSlowOnes(t *testing.T) {
	t.Parallel()
	const redis = 1000 * time.Hour
	var o offset
	o = o.observe(0, 100*time.Microsecond, redis+50*time.Microsecond)
	o = o.observe(time.Second, time.Second+40*time.Millisecond, redis+time.Second+39*time.Millisecond)
	late := o.local(redis+2*time.Second) - 2*time.Second
	if late < 0 || late > 2*time.Millisecond {
		t.Errorf("the server's time of 2s is converted with an error of %v, want 0 to 2ms", late)
	}
}
