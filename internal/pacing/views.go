package pacing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// View is the current state of one instance.
type View struct {
	Instance string
	At       time.Time // of the reading, on Redis's clock
	Create   KindView
	Invite   KindView
	Rest     Resting // of both kinds
	Paused   bool    // by Pause
	// PausedUntil is when that pause ends; zero if only a person ends it.
	PausedUntil time.Time
}

// KindView is the current state of one kind of call on one instance.
type KindView struct {
	// Next is when the next call may start, never before At. It assumes the pace of the latest Take without its quiet
	// hours (see Under), and that a call under way is used.
	Next   time.Time
	Reason Reason  // what Next waits for; "" when a call may start now
	Today  int     // calls of this day, with the one under way
	Busy   bool    // a slot is open: a call is being prepared or under way
	Begun  bool    // that call may have left: a pause is too late for it
	Rest   Resting // of this kind alone
	// DayEnd is when this day ends and Today returns to 0.
	DayEnd time.Time
}

// Under returns the view with the quiet hours of a pace applied.
func (v KindView) Under(p Pace) KindView {
	if free := p.Quiet.sane().end(v.Next, p.Location()); free.After(v.Next) {
		v.Next, v.Reason = free.UTC(), ReasonQuiet
	}
	return v
}

// viewsAtOnce is how many instances Views reads in one pipeline.
const viewsAtOnce = 500

// Views returns the views of instances, in the given order, with one pipeline for each 500. It changes nothing. In a
// cluster it compares times on different servers with one server's clock.
func (p *Pacer) Views(ctx context.Context, instances ...string) ([]View, error) {
	views := make([]View, 0, len(instances))
	for some := range slices.Chunk(instances, viewsAtOnce) {
		var (
			clock   *redis.TimeCmd
			creates = make([]*redis.SliceCmd, len(some))
			invites = make([]*redis.SliceCmd, len(some))
			rests   = make([]*redis.SliceCmd, len(some))
			pauses  = make([]*redis.StringCmd, len(some))
		)
		at, err := p.places(ctx, some...)
		if err != nil {
			return nil, err
		}
		_, err = p.rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			clock = pipe.Time(ctx)
			for i, name := range at {
				creates[i] = pipe.HMGet(ctx, p.paceKey(name, Create), fields...)
				invites[i] = pipe.HMGet(ctx, p.paceKey(name, Invite), fields...)
				rests[i] = pipe.HMGet(ctx, p.restKey(name), restFields...)
				pauses[i] = pipe.Get(ctx, p.pauseKey(name, some[i]))
			}
			return nil
		})
		if err != nil && !foreign(err) && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("pacing: look: %w", err)
		}
		now := clock.Val().UnixMicro()
		for i, name := range some {
			v := View{Instance: name, At: wall(now)}
			ends, err := pauseEnd(pauses[i])
			if err != nil {
				return nil, fmt.Errorf("pacing: look: %w", err)
			}
			if v.Paused = ends > now; v.Paused && ends != forever {
				v.PausedUntil = wall(ends)
			}
			stored := make([][]string, 3)
			for n, cmd := range []*redis.SliceCmd{rests[i], creates[i], invites[i]} {
				if stored[n], err = texts(cmd); err != nil {
					return nil, fmt.Errorf("pacing: look: %w", err)
				}
			}
			rest := stored[0]
			until := restsUntil(rest[0], now)
			v.Rest = resting(rest[:4], now)
			v.Create = kindView(parse(stored[1], now), now, until, rest[4:8])
			v.Invite = kindView(parse(stored[2], now), now, until, rest[8:12])
			views = append(views, v)
		}
	}
	return views, nil
}

// resting returns the rest, at now, whose fields (restNames.fields) have the values v.
func resting(v []string, now int64) Resting {
	until := restsUntil(v[0], now)
	if until <= now {
		return Resting{}
	}
	r := Resting{Why: Why{Said: decoded(v[1]), Cause: Cause(v[2])}, Until: wall(until)}
	if since, err := strconv.ParseInt(v[3], 10, 64); err == nil {
		r.Since = wall(since)
	}
	if _, err := strconv.ParseInt(v[0], 10, 64); err != nil || r.Cause == "" {
		r.Cause = CauseUnreadable
	}
	return r
}

// kindView returns the view of a state at now. own is the rest of its kind alone.
func kindView(s state, now, restUntil int64, own []string) KindView {
	s = s.settled(now)
	v := KindView{Today: int(s.today(now)), DayEnd: wall(s.dayEnd(now)), Busy: s.open, Begun: s.open && s.begun}
	v.Rest = resting(own, now)
	restUntil = max(restUntil, restsUntil(own[0], now))
	if s.open {
		s = s.committed(s.start, s.location()) // the earliest possible arrival
	}
	at, reason := s.next(now, restUntil)
	if v.Busy && (reason == "" || reason == ReasonPace) {
		reason = ReasonBusy
	}
	v.Next, v.Reason = wall(at), reason
	return v
}

// restFields are the fields of lua/rest.lua: of the rest of both kinds, and of each kind's own.
var restFields = slices.Concat(ofBoth.fields(), restOf(Create).fields(), restOf(Invite).fields())

// restNames are the fields of one rest.
type restNames struct{ end, said, cause, since string }

func (n restNames) fields() []string { return []string{n.end, n.said, n.cause, n.since} }

var ofBoth = restNames{"until", "reason", "cause", "since"}

func restOf(kind Kind) restNames {
	k := string(kind)
	return restNames{k, k + "Reason", k + "Cause", k + "Since"}
}

// fields are those of lua/state.lua, in the order parse reads them.
var fields = []string{"ref", "ends", "count", "fence", "open", "start", "lease", "term", "every", "cap", "begun", "u", "nu", "jitter", "owner", "last", "zone"}

// parse reads a stored state at now. A missing field is zero. A damaged state counts as a call that has just
// been made and as a day whose cap is used up, as in lua/state.lua.
func parse(v []string, now int64) state {
	damaged := false
	n := func(i int) int64 {
		x, err := strconv.ParseInt(v[i], 10, 64)
		damaged = damaged || err != nil && v[i] != ""
		return x
	}
	f := func(i int) float64 { x, _ := strconv.ParseFloat(v[i], 64); return x }
	s := state{
		ref: n(0), ends: n(1), count: n(2), fence: n(3), open: n(4) == 1, start: n(5), lease: n(6), term: n(7),
		every: n(8), cap: n(9), begun: n(10) == 1, u: f(11), nu: f(12), jitter: f(13), owner: v[14], last: v[15], zone: v[16],
	}
	if damaged || s.ref != 0 && s.ref < earliest || s.ends != 0 && s.ends < earliest {
		s.ref, s.ends, s.count = now, now, max(s.count, s.cap)
		s.open, s.begun, s.owner = false, false, ""
	}
	return s
}

// restsUntil reads the end of a rest; 0 means no rest. A damaged rest ends in an hour, as in lua/take.lua.
func restsUntil(text string, now int64) int64 {
	until, err := strconv.ParseInt(text, 10, 64)
	if err != nil && text != "" {
		return now + time.Hour.Microseconds()
	}
	return until
}

// foreign reports whether a key holds another type than a pace.
func foreign(err error) bool { return redis.HasErrorPrefix(err, "WRONGTYPE") }

// texts returns the values of an HMGET, "" for a missing one. If the key has another type, all values are damaged.
func texts(cmd *redis.SliceCmd) ([]string, error) {
	if err := cmd.Err(); err != nil && !foreign(err) {
		return nil, err
	}
	out := make([]string, len(cmd.Args())-2)
	for i := range out {
		if cmd.Err() != nil {
			out[i] = "damaged"
			continue
		}
		out[i], _ = cmd.Val()[i].(string)
	}
	return out, nil
}
