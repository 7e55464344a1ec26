package pacing

import "time"

// drift is how fast two clocks may diverge between samples: 500 ppm, the most by which NTP slews a clock.
const drift = 500e-6

// offset ties this process's monotonic clock to a Redis server's: local = redis + offset, with the
// offset somewhere in [lo, hi]. Every reply of a script carries the server's reading, which was
// taken after the request was written and before the reply was read, and so narrows the bounds. The
// bounds of a quick round trip remain useful after slow ones. All values are durations; local ones count
// from the Pacer's epoch, Redis ones from 1970.
type offset struct {
	lo, hi time.Duration
	at     time.Duration // local time at which the newest sample began
	known  bool
}

// observe adds one reading of the server's clock (truncated to µs) that was taken between the two local times. If the
// old bounds contradict it, the server's clock has been stepped since, and the bounds are dropped.
func (o offset) observe(before, after, reading time.Duration) offset {
	lo, hi := before-reading-time.Microsecond, after-reading
	if o.known {
		wide := o.widened(after)
		if l, h := max(lo, wide.lo), min(hi, wide.hi); l <= h {
			lo, hi = l, h
		}
	}
	return offset{lo: lo, hi: hi, at: before, known: true}
}

// widened returns the offset with its bounds widened by the drift up to the local time now.
func (o offset) widened(now time.Duration) offset {
	w := time.Duration(drift * float64(max(now-o.at, 0)))
	o.lo -= w
	o.hi += w
	return o
}

// local returns the local time by which the server's clock certainly shows t: it is never early.
func (o offset) local(t time.Duration) time.Duration { return t + o.widened(t+o.hi).hi }

// redis returns the latest time that the server's clock can have shown at the local time t, so that a floor that counts
// from it is never too short. asOf is the current local time.
func (o offset) redis(t, asOf time.Duration) time.Duration { return t - o.widened(asOf).lo }
