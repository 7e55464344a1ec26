package pacing

import "time"

// Quiet are the hours of the day in which people must not be disturbed, as durations since local midnight
// by the clock on the wall. From 21h to 8h spans midnight; equal ends mean no quiet hours at all.
type Quiet struct{ From, To time.Duration }

const day = 24 * time.Hour

// Until is when a person may be disturbed, or zero if that is so now. zones are those the person may
// be in: it must be outside the quiet hours in all of them. Where that is never so (hours too long
// for zones too far apart), it is the moment at which the fewest of them are quiet, since an
// invitation must not wait for ever. Without zones nothing is quiet.
//
// On days on which clocks change, too, quiet hours end when the clock on the wall first shows a time
// outside of them.
func (q Quiet) Until(now time.Time, zones []*time.Location) time.Time {
	q = q.sane()
	best, fewest := time.Time{}, q.quietIn(now, zones)
	if fewest == 0 {
		return time.Time{}
	}
	// The number of quiet zones falls only at an end of quiet hours. Two days hold each end at least
	// once, whatever the clocks do.
	horizon := now.Add(2 * day)
	for _, zone := range zones {
		for at := now; at.Before(horizon); at = q.begin(at, zone) {
			at = q.end(at, zone)
			n := q.quietIn(at, zones)
			if at.After(now) && (n < fewest || n == fewest && !best.IsZero() && at.Before(best)) {
				best, fewest = at, n
			}
		}
	}
	return best
}

// QuietSince is when the quiet hours of the pace began that last at t; zero when none do.
func (p Pace) QuietSince(t time.Time) time.Time {
	q, zone := p.Quiet.sane(), p.Location()
	if !q.covers(clock(t, zone)) {
		return time.Time{}
	}
	at := t.Add(-2 * day)
	for next := at; !next.After(t); next = q.begin(q.end(at, zone), zone) {
		at = next
	}
	return at.UTC()
}

// sane brings both ends into one day: only so some hour is surely not quiet.
func (q Quiet) sane() Quiet {
	return Quiet{From: (q.From%day + day) % day, To: (q.To%day + day) % day}
}

// quietIn counts the zones in which t is quiet.
func (q Quiet) quietIn(t time.Time, zones []*time.Location) int {
	n := 0
	for _, zone := range zones {
		if q.covers(clock(t, zone)) {
			n++
		}
	}
	return n
}

// covers says whether the clock on the wall shows a quiet time.
func (q Quiet) covers(tod time.Duration) bool {
	if q.From <= q.To {
		return q.From <= tod && tod < q.To
	}
	return tod >= q.From || tod < q.To
}

// end is the first moment from t on that is not quiet in zone.
func (q Quiet) end(t time.Time, zone *time.Location) time.Time {
	for q.covers(clock(t, zone)) {
		t = wallClock(t, zone, q.To)
	}
	return t
}

// begin is the first moment from t on that is quiet in zone. There must be quiet hours.
func (q Quiet) begin(t time.Time, zone *time.Location) time.Time {
	for !q.covers(clock(t, zone)) {
		t = wallClock(t, zone, q.From)
	}
	return t
}

// clock is what the clock on the wall shows at t, since midnight.
func clock(t time.Time, zone *time.Location) time.Duration {
	t = t.In(zone)
	h, m, s := t.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(t.Nanosecond())
}

// wallClock is the next moment after t at which the clock on the wall shows tod, or at which it is
// put forward or back if that comes first: between such changes it just runs.
func wallClock(t time.Time, zone *time.Location, tod time.Duration) time.Time {
	left := (tod - clock(t, zone) + day) % day
	if left == 0 {
		left = day
	}
	next := t.Add(left)
	if _, change := t.In(zone).ZoneBounds(); !change.IsZero() && change.Before(next) {
		return change
	}
	return next
}
