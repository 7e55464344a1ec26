package pacing

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// script runs a script of the package as the Pacer does, and returns its answer.
func script(t *rapid.T, rdb redis.UniversalClient, s *redis.Script, keys []string, args ...any) []string {
	answer, err := s.Run(context.Background(), rdb, keys, args...).StringSlice()
	if err != nil {
		t.Fatalf("script: %v", err)
	}
	return answer
}

func TestTheScriptsAndThePureFunctionDecideAlike(t *testing.T) {
	t.Parallel()
	mini, rdb := testutil.Mini(t)
	p := New(rdb)
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		instance := fmt.Sprintf("i%d", run)
		key, rest, pause := p.paceKey(instance, Create), p.restKey(instance), p.pauseKey(instance, instance)
		now := aroundAChange(t)
		var (
			model     state
			asked     Pace // of the latest take
			restUntil int64
			paused    int64
			owners    []string // oldest first
		)
		owner := func() string {
			if len(owners) == 0 || rapid.IntRange(0, 9).Draw(t, "stranger") == 0 {
				return "stranger"
			}
			return owners[max(len(owners)-1-rapid.IntRange(0, 2).Draw(t, "age"), 0)]
		}
		holds := func(who string) bool { // an expired grant holds nothing
			return model.open && model.owner == who && !(granted(who) && model.lease <= now)
		}
		check := func() {
			values, err := texts(rdb.HMGet(t.Context(), key, fields...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(model, parse(values, now), cmp.AllowUnexported(state{})); diff != "" {
				t.Fatalf("state (-pure +lua):\n%s", diff)
			}
		}
		steps := rapid.IntRange(1, 25).Draw(t, "steps")
		for range steps {
			if rapid.IntRange(0, 19).Draw(t, "clock set back") == 0 {
				now -= rapid.Int64Range(0, 3600_000000).Draw(t, "back")
			} else {
				now += rapid.SampledFrom([]int64{0, 1, 999, 300_000, 4_000_000, 11_000_000, 400_000_000, 50_000_000_000}).Draw(t, "later")
			}
			mini.SetTime(time.UnixMicro(now))
			switch rapid.SampledFrom([]string{"take", "take", "take", "again", "used", "used", "give back", "renew", "claim", "claim", "rest", "begin", "begin", "pause"}).Draw(t, "do") {
			case "take":
				owners = append(owners, rapid.SampledFrom([]string{grantPrefix, ""}).Draw(t, "as")+strconv.Itoa(len(owners)))
				asked = takeBoth(t, p, &model, []string{key, rest, pause}, owners[len(owners)-1], restUntil, paused, now)
			case "again":
				asked = takeBoth(t, p, &model, []string{key, rest, pause}, owner(), restUntil, paused, now)
			case "used":
				who, at := owner(), now+rapid.Int64Range(-5_000_000, 1_000_000).Draw(t, "at")
				if rapid.Bool().Draw(t, "wrong clock") {
					at = now - 3600_000000
				}
				got := script(t, rdb, p.scripts.used, []string{key}, append([]any{who, at}, clockOf(asked.Location(), wall(now))...)...)[0]
				if want := modelUsed(&model, who, at, now, asked.Location()); got != want {
					t.Fatalf("used: lua %q, pure %q", got, want)
				}
			case "give back":
				who := owner()
				script(t, rdb, p.scripts.hold, []string{key}, who, 0, "")
				if model.open && model.owner == who {
					model.open, model.owner = false, ""
				}
			case "renew":
				who := owner()
				script(t, rdb, p.scripts.hold, []string{key}, who, 10_000_000, who)
				if holds(who) {
					model.lease, model.term = now+10_000_000, 10_000_000
				}
			case "claim":
				who, by := owner(), strconv.Itoa(len(owners))
				owners = append(owners, by)
				got := script(t, rdb, p.scripts.hold, []string{key}, who, 10_000_000, by)[0]
				if held := holds(who); held != (got == "held") {
					t.Fatalf("claim: lua %q, held %t", got, held)
				} else if held {
					model.lease, model.term, model.owner = now+10_000_000, 10_000_000, by
				}
			case "begin":
				who := owner()
				got := script(t, rdb, p.scripts.begin, []string{key, pause, rest},
					append([]any{who, "create", asked.Quiet.From.Microseconds(), asked.Quiet.To.Microseconds()}, clockOf(asked.Location(), wall(now))...)...)[0]
				if want := modelBegin(&model, who, restUntil, paused, asked, now); got != want {
					t.Fatalf("begin: lua %q, pure %q", got, want)
				}
			case "pause":
				switch paused = rapid.SampledFrom([]int64{0, forever, now - 1, now + 1, now + 300_000, now + 5_000_000}).Draw(t, "until"); paused {
				case 0:
					rdb.Del(t.Context(), pause)
				case forever:
					rdb.Set(t.Context(), pause, rapid.SampledFrom([]string{"1", "damaged"}).Draw(t, "as"), 0)
				default:
					rdb.Set(t.Context(), pause, paused, 0)
				}
			case "rest":
				restUntil = max(restUntil, now+1+rapid.Int64Range(0, 30_000_000).Draw(t, "for"))
				script(t, rdb, p.scripts.rest, []string{rest}, "until", "reason", "cause", "since", "because", "providerFails", 0, 0, restUntil, 0, "0", 0)
			}
			check()
		}
	})
}

// modelBegin is lua/begin.lua.
func modelBegin(s *state, owner string, restUntil, paused int64, asked Pace, now int64) string {
	switch {
	case !s.open || s.owner != owner:
		return "lost"
	case paused > now && !s.begun:
		return "paused"
	case restUntil > now && !s.begun:
		return "rest"
	case !s.begun && !asked.Quiet.Until(wall(now), []*time.Location{asked.Location()}).IsZero():
		return "quiet"
	}
	s.begun = true
	return "begun"
}

// changing are changes of clocks: at 1:00 UTC, by half an hour, at midnight, so that a day begins an hour
// late or lasts an hour longer, and just before midnight.
var changing = []struct{ zone, change string }{
	{"Europe/Berlin", "2026-03-29T01:00:00Z"},
	{"Europe/Berlin", "2026-10-25T01:00:00Z"},
	{"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
	{"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
	{"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
	{"America/Sao_Paulo", "2019-02-17T02:00:00Z"},
	{"Asia/Beirut", "2026-03-28T22:00:00Z"},
	{"Asia/Beirut", "2026-10-24T21:00:00Z"},
	{"Asia/Pyongyang", "2018-05-04T15:00:00Z"}, // from 23:30 to midnight
}

// aroundAChange is a moment at most two days before one of those changes.
func aroundAChange(t *rapid.T) int64 {
	at, err := time.Parse(time.RFC3339, rapid.SampledFrom(changing).Draw(t, "near").change)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMicro() - rapid.Int64Range(0, 2*dayMicros).Draw(t, "before")
}

// anyZone is one of those zones, or one far from all of them.
func anyZone(t *rapid.T) string {
	names := []string{"", "Pacific/Kiritimati", "Pacific/Pago_Pago"}
	for _, c := range changing {
		names = append(names, c.zone)
	}
	return rapid.SampledFrom(names).Draw(t, "zone")
}

// takeBoth makes one random Take, with the script and with the pure function, and compares the answers.
func takeBoth(t *rapid.T, p *Pacer, model *state, keys []string, owner string, restUntil, paused, now int64) Pace {
	a := ask{
		every:  rapid.SampledFrom([]int64{0, 1, 300_000, 45_000_000, 300_000_000}).Draw(t, "every"),
		jitter: rapid.SampledFrom([]float64{0, 0.2, 0.5, 1.0 / 3}).Draw(t, "jitter"),
		perDay: rapid.Int64Range(0, 4).Draw(t, "perDay"),
		lead:   rapid.SampledFrom([]int64{0, 250_000, 60_000_000}).Draw(t, "lead"),
		lease:  10_000_000,
		u:      rapid.Float64Range(0, 0.999).Draw(t, "u"),
		owner:  owner, restUntil: restUntil, paused: paused,
		zone: anyZone(t),
		quiet: rapid.SampledFrom([]Quiet{
			{},
			{},
			{From: 21 * time.Hour, To: 7 * time.Hour},
			{From: 30 * time.Minute, To: 90 * time.Minute},
			{From: 30 * time.Minute},
			{From: 90 * time.Minute, To: 30 * time.Minute},
			{From: time.Hour, To: time.Hour},
		}).Draw(t, "quiet"),
	}
	pace := Pace{Zone: a.zone, Quiet: a.quiet}
	got := script(t, p.rdb, p.scripts.take, keys, append([]any{
		a.every, number(a.jitter), a.perDay, a.lead, a.lease, a.owner, number(a.u), string(Create), a.zone, a.quiet.From.Microseconds(), a.quiet.To.Microseconds(),
	}, clockOf(pace.Location(), wall(now))...)...)
	next, v := decide(*model, a, now)
	want := []string{"grant", fmt.Sprint(now), fmt.Sprint(v.at), fmt.Sprint(v.fence), ""}
	if v.reason != "" {
		want[0], want[3] = string(v.reason), fmt.Sprint(v.wait)
		if v.reason == ReasonRest {
			want[4] = "because"
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("take %+v at %d of %+v (-pure +lua):\n%s", a, now, *model, diff)
	}
	*model = next
	return pace
}

// modelUsed is lua/used.lua.
func modelUsed(s *state, owner string, at, now int64, zone *time.Location) string {
	at = min(at, now)
	switch {
	case s.open && s.owner == owner:
		*s = s.committed(min(max(at, s.start), now), zone)
		s.last = owner
		return "used"
	case s.last == owner:
		return "used"
	case at > s.ref:
		*s = s.arrived(at, zone)
	}
	return "lost"
}

// TestNoHistoryUndercutsTheFloorOrTheCap lets workers take, send, give back and die at random. It then compares
// the times at which their requests arrived with the floor and the cap.
func TestNoHistoryUndercutsTheFloorOrTheCap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const lease, usableFor = 10_000_000, 9_000_000
		a := ask{
			every:  rapid.SampledFrom([]int64{0, 300_000, 45_000_000, 3600_000000}).Draw(t, "every"),
			jitter: 0.2, perDay: rapid.Int64Range(0, 5).Draw(t, "perDay"),
			lease: lease, zone: anyZone(t),
		}
		if rapid.Bool().Draw(t, "quiet") {
			a.quiet = Quiet{From: 21 * time.Hour, To: 7 * time.Hour}
		}
		var (
			s        state
			now      = aroundAChange(t)
			arrivals []int64
			zone     = Pace{Zone: a.zone}.Location()
		)
		for n := range rapid.IntRange(5, 60).Draw(t, "takes") {
			now += rapid.Int64Range(0, 2*max(a.every, 1_000_000)).Draw(t, "pause")
			a.owner, a.u = strconv.Itoa(n), rapid.Float64Range(0, 0.999).Draw(t, "u")
			a.lead = rapid.Int64Range(0, 5_000_000).Draw(t, "lead")
			before := s
			before.zone = a.zone
			var v verdict
			s, v = decide(s, a, now)
			if v.reason != "" {
				if v.wait <= 0 {
					t.Fatalf("denied with a wait of %d µs: %+v", v.wait, v)
				}
				continue
			}
			if v.at < now || v.at > now+a.lead {
				t.Fatalf("start %d is not within the lead of %d from %d", v.at, a.lead, now)
			}
			if h := wall(v.at).In(zone).Hour(); a.quiet.From > 0 && (h >= 21 || h < 7) {
				t.Fatalf("granted at %s, in the quiet hours", wall(v.at).In(zone))
			}
			taken := now
			switch rapid.SampledFrom([]string{"used", "used", "give back", "dies after sending", "dies before"}).Draw(t, "fate") {
			case "used":
				sent := v.at + rapid.Int64Range(0, 1_000_000).Draw(t, "late")
				arrived := sent + rapid.Int64Range(0, 500_000).Draw(t, "travel")
				now = arrived + rapid.Int64Range(0, 2_000_000).Draw(t, "answer")
				arrivals = append(arrivals, arrived)
				s = s.committed(arrived, zone)
			case "give back":
				now = max(now, v.at)
				s.open, s.owner = false, ""
				want := before.settled(taken)
				want.fence, want.start, want.lease, want.term, want.nu = s.fence, s.start, s.lease, s.term, s.nu
				want.every, want.jitter, want.cap, want.zone = s.every, s.jitter, s.cap, s.zone
				if diff := cmp.Diff(want, s, cmp.AllowUnexported(state{})); diff != "" {
					t.Fatalf("the slot that was given back changed the state (-want +got):\n%s", diff)
				}
			case "dies after sending":
				sent := rapid.Int64Range(v.at, max(v.at, taken+usableFor)).Draw(t, "sent")
				arrivals = append(arrivals, sent+rapid.Int64Range(0, 900_000).Draw(t, "travel"))
				now = max(now, v.at)
			}
		}
		days := make(map[string]int64)
		for i, at := range arrivals {
			if i > 0 && at-arrivals[i-1] < a.every {
				t.Fatalf("two requests arrive %d µs apart, want the floor of %d µs at least", at-arrivals[i-1], a.every)
			}
			day := wall(at).In(zone).Format(time.DateOnly)
			if days[day]++; a.perDay > 0 && days[day] > a.perDay {
				t.Fatalf("%d calls on %s in %s, want the cap of %d at most", days[day], day, zone, a.perDay)
			}
		}
	})
}

func TestDecide_AChangedPaceAppliesToTheIntervalUnderWay(t *testing.T) {
	t.Parallel()
	s := state{ref: 1_000_000_000}
	slow := ask{every: 300_000_000, lease: 10_000_000, owner: "a"}
	s, v := decide(s, slow, 1_000_000_000+5_000_000)
	if v.reason != ReasonPace || v.wait != 295_000_000 {
		t.Fatalf("slow: %+v, want a wait of 295 s for the pace", v)
	}
	quick := slow
	quick.every = 1_000_000
	if _, v = decide(s, quick, 1_000_000_000+5_000_000); v.reason != "" {
		t.Errorf("quick: %+v, want a grant", v)
	}
}
