package pacing

import (
	"math"
	"time"
)

// Horizon is how far a forecast reaches. A call that would start later has no time.
const Horizon = 10 * 365 * day

// Outlook is what an estimate needs to know of one kind on one instance.
type Outlook struct {
	Now   time.Time
	Pace  Pace
	Next  time.Time // when the next call may start (KindView.Next). Defaults to Now
	Today int       // calls already made in Now's day (KindView.Today)
	// DayEnd is when that day ends (KindView.DayEnd). Defaults to its end in the zone of the Pace.
	DayEnd time.Time
	// Made is how many waiting calls come before the forecast's. Defaults to 0.
	Made int
	// Call is how long a call usually takes: calls cannot start faster than the provider answers. Defaults to 0.
	Call time.Duration
	// Quiet applies in Zone. If Zone is nil, the quiet hours of the Pace apply.
	Quiet Quiet
	Zone  *time.Location
}

// Start returns when the n-th waiting call (from 1) starts if nothing goes wrong, with mean jitter. It returns zero for
// n < 1 and beyond the Horizon.
func (o Outlook) Start(n int) time.Time {
	at, _ := Drain([]Outlook{o}, n)
	return at
}

// Drain returns when the last of n calls of one queue starts, if each instance of a pool takes a call whenever it may,
// and how many calls each takes. The time is zero if there is nothing to start, if no instance may take a call, or if
// the Horizon comes first; the shares are then the calls up to the Horizon. All outlooks must have the same Now.
//
// Its cost grows with the instances, not with n or the number of days: repeated days are skipped.
func Drain(pool []Outlook, n int) (time.Time, []int) {
	shares := make([]int, len(pool))
	if n < 1 || len(pool) == 0 {
		return time.Time{}, shares
	}
	c := newCourse(pool)
	at := c.start(n)
	for i := range c.tracks {
		shares[i] = int(c.tracks[i].done)
	}
	return at, shares
}

// Starts returns the starts of several calls of one queue, each as Drain returns it. ns must ascend.
func Starts(pool []Outlook, ns []int) []time.Time {
	at := make([]time.Time, len(ns))
	if len(pool) == 0 {
		return at
	}
	c := newCourse(pool)
	for i, n := range ns {
		switch {
		case n < 1:
		case i > 0 && n == ns[i-1]:
			at[i] = at[i-1]
		default:
			at[i] = c.start(n)
		}
	}
	return at
}

// course simulates a pool's instances over time.
type course struct {
	tracks []track
	done   int   // by all of them
	at     int64 // every call that is due before this moment has started
	end    int64
}

func newCourse(pool []Outlook) *course {
	c := &course{tracks: make([]track, len(pool)), at: pool[0].Now.UnixMicro()}
	c.end = c.at + Horizon.Microseconds()
	for i, o := range pool {
		c.tracks[i] = o.track()
	}
	return c
}

// oneByOne is how many calls are simulated one by one. Beyond that, start finds the moment by bisection.
const oneByOne = 200

// start advances to the n-th start, which must not have passed. It returns the zero time beyond the Horizon.
func (c *course) start(n int) time.Time {
	if c.done == 0 || n-c.done > oneByOne {
		c.leap(n)
	}
	for c.done < n && c.at < c.end {
		c.step()
	}
	if c.done < n {
		return time.Time{}
	}
	return wall(c.at)
}

// leap moves to the last moment before the n-th start, or to the end. It finds the moment by strides that double, and
// then by bisection.
func (c *course) leap(n int) {
	ahead := make([]track, len(c.tracks))
	to := c.end
	for stride := int64(dayMicros); c.at < c.end; stride *= 2 {
		next := min(c.at+stride, c.end)
		copy(ahead, c.tracks)
		if advance(ahead, next, n) >= n {
			to = next
			break
		}
		c.tracks, ahead, c.at = ahead, c.tracks, next
	}
	for to-c.at > 1 { // fewer than n calls start before c.at, n or more before to
		half := c.at + (to-c.at)/2
		copy(ahead, c.tracks)
		if advance(ahead, half, n) >= n {
			to = half
		} else {
			c.tracks, ahead, c.at = ahead, c.tracks, half
		}
	}
	c.done = 0
	for i := range c.tracks {
		c.done += int(c.tracks[i].done)
	}
}

// step makes one call on the track that may start earliest; on a tie, on the first of these.
func (c *course) step() {
	first := 0
	for i := range c.tracks {
		c.tracks[i].settle()
		if c.tracks[i].at < c.tracks[first].at {
			first = i
		}
	}
	l := &c.tracks[first]
	if c.at = l.at; c.at < c.end {
		l.until(l.at+1, l.done+1)
		c.done++
	}
}

// advance starts all calls that each track can start before limit, at most n per track. It returns how many calls all
// tracks have started, at most n.
func advance(tracks []track, limit int64, n int) int {
	total := int64(0)
	for i := range tracks {
		tracks[i].until(limit, int64(n))
		total = min(total+tracks[i].done, int64(n))
	}
	return int(total)
}

// track simulates one instance over time. Its times are in µs since 1970.
type track struct {
	at    int64 // when the next call may start by the floor alone
	step  int64
	cap   int64
	day   int64 // end of the day whose calls used counts
	days  *time.Location
	used  int64
	done  int64
	quiet Quiet
	zone  *time.Location

	dawn     int64 // the latest moment that settle called fresh; 0 for none
	dawnDone int64 // done at that moment
}

func (o Outlook) track() track {
	pace := o.Pace.sane()
	step := time.Duration(float64(pace.Every) * (1 + pace.Jitter/2))
	step = max(step+min(pace.margin(), o.Call), o.Call)
	l := track{
		at:   max(o.Now.UnixMicro(), o.Next.UnixMicro()),
		step: step.Microseconds(),
		cap:  int64(pace.PerDay),
		day:  o.DayEnd.UnixMicro(),
		days: pace.Location(),
		used: int64(o.Today),
	}
	if o.DayEnd.IsZero() {
		l.day = dayEnd(o.Now.UnixMicro(), l.days)
	}
	q, zone := o.Quiet.sane(), o.Zone
	if zone == nil {
		q, zone = pace.Quiet, l.days
	}
	if q.From != q.To {
		l.quiet, l.zone = q, zone
	}
	if o.Made > 0 {
		l.until(o.Now.Add(Horizon).UnixMicro(), int64(o.Made))
		l.done, l.dawn = 0, 0
	}
	return l
}

// until starts calls before limit until most are done. It takes all calls up to the next midnight or quiet hours
// in one step, and skips days that repeat the one before.
func (l *track) until(limit, most int64) {
	for l.done < most {
		stretch, fresh := l.settle()
		if fresh && l.at < limit {
			if skipped := l.skipDays(limit, most); stretch < math.MaxInt64 {
				stretch += skipped
			}
		}
		if l.at >= limit || l.done >= most {
			return
		}
		k := most - l.done
		if l.step > 0 {
			k = min(k, (min(limit, stretch)-1-l.at)/l.step+1)
		}
		if l.cap > 0 {
			k = min(k, l.cap-l.used)
		}
		l.done += k
		l.used += k
		l.at += k * l.step
	}
}

// settle moves at to the first moment that the day cap and the quiet hours allow. stretch is when these may next stop
// calls. fresh means that only the time of day decides what follows: the moment is before the first call of a capped
// day or, without a cap, at the end of quiet hours.
func (l *track) settle() (stretch int64, fresh bool) {
	stretch = math.MaxInt64
	for {
		if l.cap > 0 && l.at >= l.day {
			l.day, l.used = dayEnd(l.at, l.days), 0
		}
		if l.cap > 0 && l.used >= l.cap {
			l.at = l.day
			continue
		}
		if l.zone == nil {
			break
		}
		at := wall(l.at)
		free := l.quiet.end(at, l.zone)
		if free.Equal(at) {
			stretch = l.quiet.begin(at, l.zone).UnixMicro()
			break
		}
		l.at, fresh = free.UnixMicro(), true
	}
	if l.cap > 0 {
		stretch = min(stretch, l.day)
		fresh = l.used == 0
	}
	return stretch, fresh
}

// skipDays skips days that repeat. The caller has just reached a fresh moment (see settle). If the fresh moment before
// was at the same time of day, the days between the two repeat until a clock of the instance changes. skipDays skips as
// many of these periods as it can, and returns by how much at has moved.
func (l *track) skipDays(limit, most int64) (skipped int64) {
	period, did := l.at-l.dawn, l.done-l.dawnDone
	if l.dawn > 0 && period > 0 && period%dayMicros == 0 && did > 0 {
		steady := l.steady(limit)
		if n := min((steady-l.at)/period, (most-l.done)/did); n > 0 {
			skipped = n * period
			l.at += skipped
			l.day += skipped
			l.done += n * did
		}
	}
	l.dawn, l.dawnDone = l.at, l.done
	return skipped
}

// steady returns the end of the span, at most limit, in which the clocks of the track's days and quiet hours do not
// change. If one has changed since dawn, it returns at: the span is empty.
func (l *track) steady(limit int64) int64 {
	for _, zone := range []*time.Location{l.days, l.zone} {
		if zone == nil {
			continue
		}
		since, change := wall(l.at).In(zone).ZoneBounds()
		if !since.IsZero() && since.UnixMicro() > l.dawn {
			return l.at
		}
		if !change.IsZero() {
			limit = min(limit, change.UnixMicro()-2*dayMicros) // two days before, so that no skipped period reaches the change
		}
	}
	return limit
}
