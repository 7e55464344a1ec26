package pacing

import "time"

// drift is how fast two clocks may part while no worker compares them: 500 ppm, the most that NTP slews
// a clock by.
const drift = 500e-6

// offset ties this process's monotonic clock to a Redis server's: local = redis + offset, with the
// offset somewhere in [lo, hi]. Every reply of a script carries the server's reading, which was
// taken after the request was written and before the reply was read, and so narrows the bounds. A
// quick round trip keeps being useful after slow ones. All values are durations; local ones count
// from the Pacer's epoch, Redis ones from 1970.
type offset struct {
	lo, hi time.Duration
	at     time.Duration // local time at which the newest sample was begun
	known  bool
}

// observe takes in one reading of the server's clock (whole µs, cut off) that was made between the
// two local times. Bounds that contradict it are older than a step of the server's clock.
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

// widened is the offset as it may have become by the local time now.
func (o offset) widened(now time.Duration) offset {
	w := time.Duration(drift * float64(max(now-o.at, 0)))
	o.lo -= w
	o.hi += w
	return o
}

// local is the local time by which the server's clock surely shows t: never early.
func (o offset) local(t time.Duration) time.Duration { return t + o.widened(t+o.hi).hi }

// redis is the latest that the server's clock can have shown at the local time t: a floor that
// counts from it is never short. asOf is the local time of asking.
func (o offset) redis(t, asOf time.Duration) time.Duration { return t - o.widened(asOf).lo }
