package pacing

import (
	"math"
	"time"
)

// Horizon is how far a forecast goes; what would start later has no time.
const Horizon = 10 * 365 * day

// Outlook is what an estimate needs to know of one kind on one instance.
type Outlook struct {
	Now   time.Time
	Pace  Pace
	Next  time.Time // when the next call may start (KindView.Next). Defaults to Now
	Today int       // calls already made in Now's UTC day (KindView.Today)
	// Made is how many calls come before those that are asked for. Defaults to 0.
	Made int
	// Call is how long a call usually takes: a pace that is quicker than the provider is not
	// reached. Defaults to 0.
	Call time.Duration
	// Quiet holds in Zone. Defaults to none: a nil Zone.
	Quiet Quiet
	Zone  *time.Location
}

// Start is when the n-th waiting call (from 1) will start if nothing goes wrong, with mean jitter. It
// is zero for n < 1 and beyond the Horizon.
func (o Outlook) Start(n int) time.Time {
	at, _ := Drain([]Outlook{o}, n)
	return at
}

// Drain is when the last of n calls of one queue will start, if several instances take from it
// whenever each may, and how many each takes. It is zero when there is nothing to start, nobody to
// do it or the Horizon comes first; the shares then are what would be done by then. All outlooks are
// of the same Now.
//
// It costs O(days × instances), whatever n is.
func Drain(pool []Outlook, n int) (time.Time, []int) {
	shares := make([]int, len(pool))
	if n < 1 || len(pool) == 0 {
		return time.Time{}, shares
	}
	begin := pool[0].Now.UnixMicro()
	lanes, ahead := make([]lane, len(pool)), make([]lane, len(pool))
	for i, o := range pool {
		lanes[i] = o.lane()
	}
	end := begin + Horizon.Microseconds()
	for begin < end {
		midnight := (begin/dayMicros + 1) * dayMicros
		copy(ahead, lanes)
		if advance(ahead, midnight, n) >= n {
			return lastStart(lanes, shares, begin, midnight, n)
		}
		lanes, ahead = ahead, lanes
		begin = midnight
	}
	for i := range lanes {
		shares[i] = int(lanes[i].done)
	}
	return time.Time{}, shares
}

// lastStart finds the n-th start between two moments by halving, and says who does how many.
func lastStart(lanes []lane, shares []int, from, to int64, n int) (time.Time, []int) {
	try := make([]lane, len(lanes))
	for to-from > 1 { // fewer than n start before from, at least n before to
		half := from + (to-from)/2
		copy(try, lanes)
		if advance(try, half, n) >= n {
			to = half
		} else {
			from = half
		}
	}
	left := n - advance(lanes, to-1, n)
	for i := range lanes {
		before := lanes[i].done
		lanes[i].until(to, before+int64(left)) // those that start in the last microsecond share the rest in order
		left -= int(lanes[i].done - before)
		shares[i] = int(lanes[i].done)
	}
	return wall(to - 1), shares
}

// advance lets every lane start what it can before limit, and returns how many have been started in
// all, n at most.
func advance(lanes []lane, limit int64, n int) int {
	total := int64(0)
	for i := range lanes {
		lanes[i].until(limit, int64(n))
		total = min(total+lanes[i].done, int64(n))
	}
	return int(total)
}

// lane is one instance on its way through time; µs since 1970.
type lane struct {
	at    int64 // when the next call may start, as far as the floor is concerned
	step  int64
	cap   int64
	day   int64 // used counts this day
	used  int64
	done  int64
	quiet Quiet
	zone  *time.Location
}

func (o Outlook) lane() lane {
	pace := o.Pace.sane()
	step := time.Duration(float64(pace.Every) * (1 + pace.Jitter/2))
	step = max(step+min(pace.margin(), o.Call), o.Call)
	l := lane{
		at:   max(o.Now.UnixMicro(), o.Next.UnixMicro()),
		step: step.Microseconds(),
		cap:  int64(pace.PerDay),
		day:  o.Now.UnixMicro() / dayMicros,
		used: int64(o.Today),
	}
	if q := o.Quiet.sane(); o.Zone != nil && q.From != q.To {
		l.quiet, l.zone = q, o.Zone
	}
	if o.Made > 0 {
		l.until(o.Now.Add(Horizon).UnixMicro(), int64(o.Made))
		l.done = 0
	}
	return l
}

// until starts calls before limit until most have been done, a whole stretch of them at once: one
// that neither midnight nor the quiet hours cut.
func (l *lane) until(limit, most int64) {
	for l.done < most {
		stretch := l.settle()
		if l.at >= limit {
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

// settle moves at to the first moment that the day cap and the quiet hours allow, and returns how
// long nothing new stands in the way.
func (l *lane) settle() int64 {
	stretch := int64(math.MaxInt64)
	for {
		if d := l.at / dayMicros; d != l.day {
			l.day, l.used = d, 0
		}
		if l.cap > 0 && l.used >= l.cap {
			l.at = (l.day + 1) * dayMicros
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
		l.at = free.UnixMicro()
	}
	if l.cap > 0 {
		stretch = min(stretch, (l.day+1)*dayMicros)
	}
	return stretch
}
