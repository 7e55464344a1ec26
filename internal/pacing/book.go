package pacing

import (
	"strconv"
	"time"
)

// Book is the pace of one kind on one instance, in memory instead of Redis and at times that the caller gives. It
// decides as the scripts do. Tests of forecasts simulate whole installations with it. The zero value has made no call.
// It is not safe for concurrent use.
type Book struct {
	state state
	n     int
}

// bookLease is longer than any simulated call.
const bookLease = time.Hour

// Take asks for a call at the given time. u in [0, 1) is the jitter to use. If the call is not granted, wait is the
// pause before asking again.
func (b *Book) Take(at time.Time, p Pace, u float64) (granted bool, wait time.Duration) {
	p = p.sane()
	b.n++
	s, v := decide(b.state, ask{
		every: p.Every.Microseconds(), perDay: int64(p.PerDay), jitter: p.Jitter, u: u,
		zone: p.Zone, quiet: p.Quiet,
		lease: bookLease.Microseconds(), owner: strconv.Itoa(b.n),
	}, at.UnixMicro())
	b.state = s
	return v.reason == "", time.Duration(v.wait) * time.Microsecond
}

// Used closes a granted call. at is when it was sent, and took how long it took.
func (b *Book) Used(at time.Time, took time.Duration, p Pace) {
	b.state = b.state.committed(at.Add(min(took, p.sane().margin())).UnixMicro(), p.Location())
}

// View returns the state of the kind at the given time.
func (b *Book) View(at time.Time) KindView {
	return kindView(b.state, at.UnixMicro(), 0, []string{"", ""})
}
