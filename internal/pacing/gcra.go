package pacing

import (
	"strings"
	"time"
)

// This file is the decision as a pure function: the twin of lua/state.lua, lua/count.lua and
// lua/take.lua, and what Look computes with. All times are µs on Redis's clock; 0 means never.

const (
	earliest   = 900_000_000_000_000 // before any call: an earlier ref or end has lost digits
	pollLeast  = 5_000               // busy: ask again after a 50th of the interval, …
	pollMost   = 250_000             // … within these bounds,
	pollAtMost = 1_000_000           // and at least every second: an open slot may be given back
)

// state is what is stored of one kind on one instance.
type state struct {
	ref   int64   // the last call surely had reached the provider by then
	u     float64 // the jitter drawn for the interval after it
	ends  int64   // when the day that count belongs to is over, for all zones asked with since its last call
	count int64   // calls of that day, without the open slot

	fence int64 // of the newest slot; grows for ever, also across lost state
	open  bool
	owner string  // who asked for the open slot: makes a repeated Take harmless
	start int64   // when the open slot may send
	lease int64   // until when its holder is believed alive
	term  int64   // the lease's length
	begun bool    // the open slot's call may have left
	nu    float64 // the open slot's jitter: becomes u when it is used
	last  string  // owner of the slot that was used last: makes a repeated Used harmless

	every  int64 // the pace that was asked with last, for Look
	jitter float64
	cap    int64
	zone   string
}

// grantPrefix begins the token of a grant: the owner of a slot that no worker has claimed yet.
const grantPrefix = "grant:"

func granted(owner string) bool { return strings.HasPrefix(owner, grantPrefix) }

// location is the zone of the pace that was asked with last.
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

// verdict is what a Take is told. With a reason, at is when a call may start and wait when to ask
// again; without, at is the slot's start.
type verdict struct {
	reason Reason // "" means granted
	at     int64
	wait   int64
	fence  int64
}

// decide answers one Take at now.
func decide(s state, a ask, now int64) (state, verdict) {
	s.every, s.jitter, s.cap, s.zone = a.every, a.jitter, a.perDay, a.zone
	s = s.settled(now)
	if s.open && s.owner == a.owner {
		return s, verdict{at: s.start, fence: s.fence}
	}
	if a.paused == forever {
		return s, verdict{reason: ReasonPaused, at: now, wait: pollAtMost}
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

// busy is the answer while another's slot is open.
func busy(s state, a ask, now int64) verdict {
	if a.restUntil > now+a.lead {
		return verdict{reason: ReasonRest, at: a.restUntil, wait: a.restUntil - a.lead - now}
	}
	step := interval(a.every, a.jitter, s.nu)
	at := max(now, s.start+step)
	poll := min(max(step/50, pollLeast), pollMost)
	return verdict{reason: ReasonBusy, at: at, wait: max(poll, min(at-a.lead-now, pollAtMost))}
}

// settled is the state as it has to be read at now:
//
//   - Times that a clock which was set back has put into the future are pulled in, so that they cost one interval and
//     not the hours of the step.
//   - A slot whose lease has run out counts as a call sent at the last moment its holder could have, unless no worker
//     had claimed it.
//   - The day of the last call lasts as long as it does in the zone that asks. So another zone never begins a day
//     early, and going back to the first one never begins a second.
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

// committed closes the open slot as a call that had arrived by at. It counts on the day it was
// granted for.
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

// arrived moves the last call to its arrival. One that slipped over the end of the day counts on both.
func (s state) arrived(at int64, zone *time.Location) state {
	s.ref = max(s.ref, at)
	if at >= s.ends {
		s.count = 1
	}
	s.ends = max(s.ends, dayEnd(at, zone))
	return s
}

// next is the first moment from now, or a later moment, on at which a settled state without an open slot allows a call,
// and what the waiting is for. Quiet hours are not part of the state: they are the asking instance's.
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

// dayEnd is when the day of a settled state is over.
func (s state) dayEnd(now int64) int64 {
	if now < s.ends {
		return s.ends
	}
	return dayEnd(now, s.location())
}

// today is the count of a settled state's day at now, the open slot included.
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
