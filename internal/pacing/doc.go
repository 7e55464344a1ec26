// Package pacing decides when an instance may call, for all workers together.
//
// One instance has one state per kind of call (create, invite) in Redis. A worker takes a slot, waits
// until the slot's start, sends, and says what became of it:
//
//	Take ───► slot ── Wait ── Begin ── send ──┬─ Used      the floor counts from the sending, lock free
//	  │ denied                  │ paused      ├─ GiveBack  as if it had never been taken
//	  ▼                         ▼             └─ (killed)  the lease runs out; the floor counts from its end
//	pace · dayCap · rest · quiet · busy · paused
//
// Three clocks meet here and only two are believed. Redis TIME orders the workers; a worker's
// monotonic clock measures what it did itself; no worker's wall clock is ever read for a decision.
// An offset with a lower and an upper bound ties the two together (clock.go), and every conversion
// takes the bound that makes a call later, never earlier.
//
// The floor is counted from a moment that is not before the provider saw the previous call:
// min(the call's end, the writing of the request + Pace.margin). While a slot is open nothing about
// the past is overwritten: Used commits, GiveBack forgets, and a slot whose holder died is committed
// by the next Take as if the call had been sent at the last moment its lease allowed.
//
// The decision exists twice, as Lua (lua/take.lua) and as a pure function (gcra.go); a property test
// runs both through the same random histories.
//
// A day is a calendar day in the zone of the pace. A new one begins when the day of the last call is over in
// the zone that asks and in every zone that was asked with since that call: neither changing a zone nor
// sharing a number between zones makes a day's cap come twice.
//
// Not covered: a Redis that loses acknowledged writes (a failover without the last second) or whose clock jumps
// forward shortens one gap by as much; a process that is frozen between its last Slot.Valid and its write cannot be
// stopped by anybody but the provider; and a machine that was suspended (not a stopped process) has a monotonic clock
// that slept too.
package pacing
