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
	// Every is the floor: the shortest time between two calls, in whole microseconds. 0 means no floor: still one call
	// at a time, but the next may start as soon as the last has ended.
	Every time.Duration
	// Jitter lengthens each interval by a random share between 0 and Jitter: 0.2 turns 5m into 5m to 6m.
	Jitter float64
	// PerDay is the most calls in one day of Zone. 0 means no cap.
	PerDay int
	// Zone is the name of the time zone of the day and the quiet hours. "" means UTC.
	Zone string `json:",omitzero"`
	// Quiet are the hours without calls. The zero value means none.
	Quiet Quiet `json:",omitzero"`
}

// Reason is why a Take was denied.
type Reason string

// The reasons. If several apply, Denied has the one that lasts longest.
const (
	ReasonPace   Reason = "pace"   // the floor since the last call
	ReasonDayCap Reason = "dayCap" // PerDay calls were made in this day
	ReasonQuiet  Reason = "quiet"  // the quiet hours of the pace
	ReasonRest   Reason = "rest"   // the instance rests (Rest, RestUntil, RestFor)
	ReasonPaused Reason = "paused" // a person has paused the instance (Pause)
	ReasonBusy   Reason = "busy"   // another call of this kind is under way on this instance
)

// Denied means that no call may start within the lead. It says when to ask again.
type Denied struct {
	// Wait is the pause before asking again: the time to Until, less the lead. For ReasonBusy it is a polling
	// interval of 5 ms to 1 s, because the other slot may be used or given back at any moment.
	Wait   time.Duration
	Reason Reason
	// Until is when a call may start as far as is known now, on Redis's clock, in UTC. For ReasonBusy it assumes that
	// the slot of the call under way is used. For a pause that only Unpause ends it is the time of the Take.
	Until time.Time
	Said  say.Phrase // ReasonRest: what was given to Rest; otherwise zero
}

// The bounds of margin.
const (
	marginShare = 0.015
	minMargin   = 2 * time.Millisecond
	maxMargin   = time.Second
)

// margin returns how long a written request may take to arrive, unless its call ends earlier: 1.5 % of the floor,
// between 2 ms and 1 s. It costs at most that share of the rate. A floor of minutes can afford a second, which is
// longer than a TCP retransmission. Calls that end within the margin always keep the floor.
func (p Pace) margin() time.Duration {
	m := time.Duration(marginShare * float64(p.Every))
	return min(max(m, minMargin), maxMargin)
}

// sane replaces invalid values by the nearest valid ones.
func (p Pace) sane() Pace {
	p.Every = max(p.Every, 0)
	p.PerDay = max(p.PerDay, 0)
	p.Quiet = p.Quiet.sane()
	if !(p.Jitter > 0) || math.IsInf(p.Jitter, 0) { // also NaN
		p.Jitter = 0
	}
	return p
}

// interval returns the gap after a call with the jitter u in [0, 1), in µs. The conversions keep the compiler
// from fusing the operations: Lua does not, and both must agree to the microsecond.
func interval(every int64, jitter, u float64) int64 {
	return int64(math.Floor(float64(every) * float64(1+float64(jitter*u))))
}

// MaxPerDay returns how many calls the pace allows in a day of 24 hours; 0 means no limit.
func (p Pace) MaxPerDay() int {
	most := p.PerDay
	if p.Every > 0 {
		if fit := int((day + p.Every - 1) / p.Every); most == 0 || fit < most {
			most = fit
		}
	}
	return most
}
