package pacing

import (
	"math"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Kind is what a slot is for. Each kind of an instance has its own floor, day count and lock.
type Kind string

// The two paced kinds.
const (
	Create Kind = "create"
	Invite Kind = "invite"
)

// Pace is how often calls of one kind may start on one instance.
type Pace struct {
	// Every is the floor between two calls, never undercut. 0 means unpaced: still one call at a
	// time, but the next may start as soon as the last has ended. Counted in whole microseconds.
	Every time.Duration
	// Jitter lengthens each interval by a random share between 0 and Jitter of it: 0.2 makes 5m
	// into 5m to 6m.
	Jitter float64
	// PerDay is the most calls in one day of Zone. 0 means no cap.
	PerDay int
	// Zone is the name of the zone whose clock turns the day and shows the quiet hours. "" means UTC.
	Zone string `json:",omitzero"`
	// Quiet are the hours without calls. The zero value means none.
	Quiet Quiet `json:",omitzero"`
}

// Reason is why a Take was denied.
type Reason string

// The reasons. When several hold, the one that holds longest is told.
const (
	ReasonPace   Reason = "pace"   // the floor since the last call
	ReasonDayCap Reason = "dayCap" // PerDay calls were made in this day
	ReasonQuiet  Reason = "quiet"  // the quiet hours of the pace
	ReasonRest   Reason = "rest"   // the instance rests (Rest, RestUntil, RestFor)
	ReasonPaused Reason = "paused" // a person has paused the instance (Pause)
	ReasonBusy   Reason = "busy"   // another call of this kind is under way on this instance
)

// Denied says that no call may start within the lead, and when to ask again.
type Denied struct {
	// Wait is how long until asking again makes sense: Until less the lead. When Reason is
	// ReasonBusy it is a polling interval of 5 ms to 1 s, since the other call may end, or be
	// given back, at any moment.
	Wait   time.Duration
	Reason Reason
	// Until is when a call may start as far as is known now, on Redis's clock, in UTC. For
	// ReasonBusy it assumes that the call under way is used; for a ReasonPaused that only Unpause
	// ends it is the moment of asking.
	Until time.Time
	Said  say.Phrase // ReasonRest: what was given to Rest; otherwise zero
}

// limits of what counts as the arrival of a request, after it was written.
const (
	marginShare = 0.015
	minMargin   = 2 * time.Millisecond
	maxMargin   = time.Second
)

// margin is what a written request is given to arrive, when its call's end is not earlier: 1.5 % of
// the floor, between 2 ms and 1 s. It costs at most that share of the rate; a floor of minutes can
// afford a second, which outlasts a TCP retransmission.
//
// Measured at a floor of 300 ms with three workers, five instances and calls of 30 ms: a gap of
// 305.6 ms in the median, 300 or more in all. With three busy loops beside it on two cores, 6 of 480
// requests needed more than their 4.5 ms to reach the provider. Calls that end within the margin
// cannot undercut the floor at all.
func (p Pace) margin() time.Duration {
	m := time.Duration(marginShare * float64(p.Every))
	return min(max(m, minMargin), maxMargin)
}

// sane replaces what would make no sense by what it surely means.
func (p Pace) sane() Pace {
	p.Every = max(p.Every, 0)
	p.PerDay = max(p.PerDay, 0)
	p.Quiet = p.Quiet.sane()
	if !(p.Jitter > 0) || math.IsInf(p.Jitter, 0) { // also NaN
		p.Jitter = 0
	}
	return p
}

// interval is the gap after a call that drew u in [0, 1), in µs. The conversions keep the compiler
// from fusing the operations: Lua does not, and both must agree to the microsecond.
func interval(every int64, jitter, u float64) int64 {
	return int64(math.Floor(float64(every) * float64(1+float64(jitter*u))))
}

// MostADay is how many calls the pace allows in a day of 24 hours; 0 for as many as fit.
func (p Pace) MostADay() int {
	most := p.PerDay
	if p.Every > 0 {
		if fit := int((day + p.Every - 1) / p.Every); most == 0 || fit < most {
			most = fit
		}
	}
	return most
}
