package pacing

import (
	"strconv"
	"time"
)

// Book is the pace of one kind on one instance without Redis: what the scripts decide, kept in
// memory, at times that its user tells. Whole installations are played through with it in no time,
// which is how forecasts are tested. The zero value has made no call. It is not safe for concurrent
// use.
type Book struct {
	state state
	n     int
}

// bookLease is longer than any call that is played.
const bookLease = time.Hour

// Take asks at a time for a call now. u in [0, 1) is the jitter that is drawn. When it is not granted,
// wait is how long until asking again makes sense.
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

// Used closes a granted call that was sent at a time and took so long.
func (b *Book) Used(at time.Time, took time.Duration, p Pace) {
	b.state = b.state.committed(at.Add(min(took, p.sane().margin())).UnixMicro(), p.Location())
}

// View is how the kind stands at a time.
func (b *Book) View(at time.Time) KindView {
	return kindView(b.state, at.UnixMicro(), 0, []string{"", ""})
}
