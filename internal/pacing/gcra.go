package pacing

import (
	"strings"
	"time"
)

// This file is the decision as a pure function: the twin of lua/state.lua, lua/count.lua and
// lua/take.lua, and what Look computes with. All times are µs on Redis's clock; 0 means never.

const (
	earliest    = 900_000_000_000_000 // before any call: an earlier ref or end has lost digits
	minPoll     = 5_000               // busy: ask again after a 50th of the interval, …
	maxPoll     = 250_000             // … within these bounds,
	maxBusyPoll = 1_000_000           // and at least every second: an open slot may be given back
)

// state is what is stored of one kind on one instance.
type state struct {
	ref   int64   // the time by which the last call had certainly reached the provider
	u     float64 // the jitter drawn for the interval after that call
	ends  int64   // end of the day of count, in all zones of the Takes since its last call
	count int64   // calls of that day, without the open slot

	fence int64 // of the newest slot; always grows, even after lost state
	open  bool
	owner string  // of the open slot: makes a repeated Take harmless
	start int64   // when the open slot may send
	lease int64   // until when its holder counts as alive
	term  int64   // the lease's length
	begun bool    // the open slot's call may have left
	nu    float64 // the open slot's jitter: becomes u when it is used
	last  string  // owner of the slot that was used last: makes a repeated Used harmless

	every  int64 // the pace of the latest Take, for Look
	jitter float64
	cap    int64
	zone   string
}

// grantPrefix begins the token of a grant: the owner of a slot that no worker has claimed yet.
const grantPrefix = "grant:"

func granted(owner string) bool { return strings.HasPrefix(owner, grantPrefix) }

// location returns the zone of the pace of the latest Take.
func (s state) location() *time.Location { return Pace{Zone: s.zone}.Location() }

// ask is one Take.
type ask struct {
	every, perDay, lead, lease int64
	jitter, u                  float64
	zone                       string
	quiet                      Quiet
	owner                      string
	restUntil                  int64
	paused                     int64 // when a pause ends: 0 for none, forever for one that a person ends
}

// verdict is the answer to a Take. With a reason, at is when a call may start, and wait is the pause before asking
// again. Without one, at is the slot's start.
type verdict struct {
	reason Reason // "" means granted
	at     int64
	wait   int64
	fence  int64
}

// decide answers a Take at now.
func decide(s state, a ask, now int64) (state, verdict) {
	s.every, s.jitter, s.cap, s.zone = a.every, a.jitter, a.perDay, a.zone
	s = s.settled(now)
	if s.open && s.owner == a.owner {
		return s, verdict{at: s.start, fence: s.fence}
	}
	if a.paused == forever {
		return s, verdict{reason: ReasonPaused, at: now, wait: maxBusyPoll}
	}
	if a.paused > now+a.lead {
		return s, verdict{reason: ReasonPaused, at: a.paused, wait: a.paused - a.lead - now}
	}
	if s.open {
		return s, busy(s, a, now)
	}
	at, reason := s.next(max(now, a.paused), a.restUntil)
	if free := a.quiet.end(wall(at), s.location()).UnixMicro(); free > at {
		at, reason = free, ReasonQuiet
	}
	if at > now+a.lead {
		return s, verdict{reason: reason, at: at, wait: at - a.lead - now}
	}
	s.fence = max(s.fence+1, now)
	s.open, s.begun, s.owner, s.start = true, false, a.owner, at
	s.lease, s.term, s.nu = now+a.lease, a.lease, a.u
	return s, verdict{at: at, fence: s.fence}
}

// busy returns the answer while another owner's slot is open.
func busy(s state, a ask, now int64) verdict {
	if a.restUntil > now+a.lead {
		return verdict{reason: ReasonRest, at: a.restUntil, wait: a.restUntil - a.lead - now}
	}
	step := interval(a.every, a.jitter, s.nu)
	at := max(now, s.start+step)
	poll := min(max(step/50, minPoll), maxPoll)
	return verdict{reason: ReasonBusy, at: at, wait: max(poll, min(at-a.lead-now, maxBusyPoll))}
}

// settled returns the state as it counts at now:
//
//   - Times that lie in the future because the clock was set back move to now, so that they cost one interval and not
//     the hours of the step.
//   - A slot whose lease has expired counts as a call sent at the last moment of the lease, unless no worker had claimed
//     the slot.
//   - The day of the last call also lasts until it ends in the zone of this Take. So another zone never begins a day
//     early, and a return to the first zone never begins a second one.
func (s state) settled(now int64) state {
	s.ref = min(s.ref, now)
	if s.open {
		s.lease = min(s.lease, now+s.term)
	}
	switch {
	case !s.open || s.lease > now:
	case granted(s.owner):
		s.open, s.owner = false, ""
	default:
		s = s.committed(s.lease, s.location())
	}
	s.ends = min(s.ends, now+longestDay)
	if s.ref > 0 {
		s.ends = max(s.ends, dayEnd(s.ref, s.location()))
	}
	return s
}

// committed closes the open slot as a call that had arrived by at. The call counts on the day of its slot's start.
func (s state) committed(at int64, zone *time.Location) state {
	if s.start >= s.ends {
		s.count = 0
	}
	s.count++
	s.ends = max(s.ends, dayEnd(s.start, zone))
	s = s.arrived(at, zone)
	s.u, s.open, s.owner = s.nu, false, ""
	return s
}

// arrived moves the last call to its arrival. A call that arrives after the end of its day counts on both days.
func (s state) arrived(at int64, zone *time.Location) state {
	s.ref = max(s.ref, at)
	if at >= s.ends {
		s.count = 1
	}
	s.ends = max(s.ends, dayEnd(at, zone))
	return s
}

// next returns the first moment, not before now, at which a settled state without an open slot allows a call, and the
// reason for the wait. Quiet hours are not part of the state: they belong to the instance that asks.
func (s state) next(now, restUntil int64) (int64, Reason) {
	at, reason := now, Reason("")
	if s.ref > 0 {
		if floor := s.ref + interval(s.every, s.jitter, s.u); floor > at {
			at, reason = floor, ReasonPace
		}
	}
	if restUntil > at {
		at, reason = restUntil, ReasonRest
	}
	if s.cap > 0 && s.count >= s.cap && at < s.ends {
		at, reason = s.ends, ReasonDayCap
	}
	return at, reason
}

// dayEnd returns the end of the day of a settled state.
func (s state) dayEnd(now int64) int64 {
	if now < s.ends {
		return s.ends
	}
	return dayEnd(now, s.location())
}

// today returns the count of a settled state's day at now, including the open slot.
func (s state) today(now int64) int64 {
	var n int64
	if now < s.ends {
		n = s.count
	}
	if s.open && s.start < s.dayEnd(now) {
		n++
	}
	return n
}
