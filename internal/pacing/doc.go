// Package pacing decides when an instance may call, for all workers together.
//
// One instance has one state per kind of call (create, invite) in Redis. A worker takes a slot, waits
// until the slot's start, sends, and reports the result:
//
//	Take ───► slot ── Wait ── Begin ── send ──┬─ Used      the floor counts from the sending, lock free
//	  │ denied                  │ paused      ├─ GiveBack  as if it had never been taken
//	  ▼                         ▼             └─ (killed)  the lease runs out; the floor counts from its end
//	pace · dayCap · rest · quiet · busy · paused
//
// Two clocks decide: Redis TIME orders the workers, and a worker's monotonic clock measures its own actions. No
// decision reads a worker's wall clock. An offset with a lower and an upper bound relates the two clocks (clock.go), and
// every conversion takes the bound that makes a call later, never earlier.
//
// The floor is counted from a moment that is not before the provider saw the previous call:
// min(the call's end, the writing of the request + Pace.margin). An open slot overwrites nothing about
// the past: Used commits the call, and GiveBack discards the slot. If the holder died, the next Take commits the slot
// as if the call had been sent at the last moment that its lease allowed.
//
// The decision is implemented twice, in Lua (lua/take.lua) and as a pure function (gcra.go); a property test runs both
// through the same random histories.
//
// A day is a calendar day in the zone of the pace. A new day begins when the day of the last call is over in the zone of
// the current Take and in the zone of every Take since that call. So neither changing a zone nor sharing a number between
// zones doubles a day's cap.
//
// Not covered: if Redis loses acknowledged writes (a failover without the last second) or its clock jumps forward, one
// gap is shorter by as much. If a process is frozen between its last Slot.Valid and its write, only the provider can
// refuse the call. If a machine is suspended (not only a process stopped), its monotonic clock stops too.
package pacing
