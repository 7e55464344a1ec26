package pacing

import "time"

// Quiet are the hours of the day in which people must not be disturbed, as local times since midnight. From 21h to 8h
// spans midnight. Equal ends mean no quiet hours.
type Quiet struct{ From, To time.Duration }

const day = 24 * time.Hour

// Until returns when a person may next be disturbed, or zero if that is now. zones are those the person may be in: the
// moment is outside the quiet hours in all of them. If no such moment exists (long quiet hours, distant zones), Until
// returns the moment at which the fewest zones are quiet, because an invitation must not wait for ever. Without zones
// there are no quiet hours.
//
// Quiet hours end when the local clock first shows a time outside them, also on days on which clocks change.
func (q Quiet) Until(now time.Time, zones []*time.Location) time.Time {
	q = q.sane()
	best, fewest := time.Time{}, q.quietIn(now, zones)
	if fewest == 0 {
		return time.Time{}
	}
	// The number of quiet zones falls only at an end of quiet hours. Two days contain each end at least once, even when
	// clocks change.
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

// QuietSince returns when the quiet hours of the pace that include t began; zero if t is not quiet.
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

// sane moves both ends into one day, so that not all hours are quiet.
func (q Quiet) sane() Quiet {
	return Quiet{From: (q.From%day + day) % day, To: (q.To%day + day) % day}
}

// quietIn returns the number of zones in which t is quiet.
func (q Quiet) quietIn(t time.Time, zones []*time.Location) int {
	n := 0
	for _, zone := range zones {
		if q.covers(clock(t, zone)) {
			n++
		}
	}
	return n
}

// covers reports whether the local time tod is quiet.
func (q Quiet) covers(tod time.Duration) bool {
	if q.From <= q.To {
		return q.From <= tod && tod < q.To
	}
	return tod >= q.From || tod < q.To
}

// end returns the first moment, not before t, that is not quiet in zone.
func (q Quiet) end(t time.Time, zone *time.Location) time.Time {
	for q.covers(clock(t, zone)) {
		t = wallClock(t, zone, q.To)
	}
	return t
}

// begin returns the first moment, not before t, that is quiet in zone. There must be quiet hours.
func (q Quiet) begin(t time.Time, zone *time.Location) time.Time {
	for !q.covers(clock(t, zone)) {
		t = wallClock(t, zone, q.From)
	}
	return t
}

// clock returns the local time of t in zone, since midnight.
func clock(t time.Time, zone *time.Location) time.Duration {
	t = t.In(zone)
	h, m, s := t.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(t.Nanosecond())
}

// wallClock returns the next moment after t at which the local time is tod, or at which the clock is put forward or back
// if that comes first.
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
