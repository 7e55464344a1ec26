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

// script runs a script of the package as the Pacer would and returns its answer.
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
		now := int64(1767225600_000000) + rapid.Int64Range(0, 2*dayMicros).Draw(t, "now")
		var (
			model     state
			restUntil int64
			paused    bool
			owners    []string // the newest last
		)
		owner := func() string {
			if len(owners) == 0 || rapid.IntRange(0, 9).Draw(t, "stranger") == 0 {
				return "nobody"
			}
			return owners[max(len(owners)-1-rapid.IntRange(0, 2).Draw(t, "age"), 0)]
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
			switch rapid.SampledFrom([]string{"take", "take", "take", "again", "used", "used", "give back", "renew", "rest", "begin", "begin", "pause"}).Draw(t, "do") {
			case "take":
				owners = append(owners, strconv.Itoa(len(owners)))
				takeBoth(t, p, &model, []string{key, rest, pause}, owners[len(owners)-1], restUntil, paused, now)
			case "again":
				takeBoth(t, p, &model, []string{key, rest, pause}, owner(), restUntil, paused, now)
			case "used":
				who, at := owner(), now+rapid.Int64Range(-5_000_000, 1_000_000).Draw(t, "at")
				if rapid.Bool().Draw(t, "wrong clock") {
					at = now - 3600_000000
				}
				got := script(t, rdb, p.scripts.used, []string{key}, who, at)[0]
				if want := modelUsed(&model, who, at, now); got != want {
					t.Fatalf("used: lua %q, pure %q", got, want)
				}
			case "give back":
				who := owner()
				script(t, rdb, p.scripts.giveback, []string{key}, who)
				if model.open && model.owner == who {
					model.open, model.owner = false, ""
				}
			case "renew":
				who := owner()
				script(t, rdb, p.scripts.renew, []string{key}, who, 10_000_000)
				if model.open && model.owner == who {
					model.lease, model.term = now+10_000_000, 10_000_000
				}
			case "begin":
				who := owner()
				got := script(t, rdb, p.scripts.begin, []string{key, pause}, who)[0]
				if want := modelBegin(&model, who, paused); got != want {
					t.Fatalf("begin: lua %q, pure %q", got, want)
				}
			case "pause":
				if paused = !paused; paused {
					rdb.Set(t.Context(), pause, "1", 0)
				} else {
					rdb.Del(t.Context(), pause)
				}
			case "rest":
				restUntil = max(restUntil, now+1+rapid.Int64Range(0, 30_000_000).Draw(t, "for"))
				script(t, rdb, p.scripts.restUntil, []string{rest}, restUntil, 0, 0, "because", "until", "reason")
			}
			check()
		}
	})
}

// modelBegin is lua/begin.lua.
func modelBegin(s *state, owner string, paused bool) string {
	switch {
	case !s.open || s.owner != owner:
		return "lost"
	case paused && !s.begun:
		return "paused"
	}
	s.begun = true
	return "begun"
}

// takeBoth asks both sides with one random question.
func takeBoth(t *rapid.T, p *Pacer, model *state, keys []string, owner string, restUntil int64, paused bool, now int64) {
	a := ask{
		every:  rapid.SampledFrom([]int64{0, 1, 300_000, 45_000_000, 300_000_000}).Draw(t, "every"),
		jitter: rapid.SampledFrom([]float64{0, 0.2, 0.5, 1.0 / 3}).Draw(t, "jitter"),
		perDay: rapid.Int64Range(0, 4).Draw(t, "perDay"),
		lead:   rapid.SampledFrom([]int64{0, 250_000, 60_000_000}).Draw(t, "lead"),
		lease:  10_000_000,
		u:      rapid.Float64Range(0, 0.999).Draw(t, "u"),
		owner:  owner, restUntil: restUntil, paused: paused,
	}
	got := script(t, p.rdb, p.scripts.take, keys,
		a.every, number(a.jitter), a.perDay, a.lead, a.lease, a.owner, number(a.u), string(Create))
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
}

// modelUsed is lua/used.lua.
func modelUsed(s *state, owner string, at, now int64) string {
	at = min(at, now)
	switch {
	case s.open && s.owner == owner:
		*s = s.committed(min(max(at, s.start), now))
		s.last = owner
		return "used"
	case s.last == owner:
		return "used"
	default:
		s.ref = max(s.ref, at)
		return "lost"
	}
}

// TestNoHistoryUndercutsTheFloorOrTheCap lets workers take, send, give back and die at random, and
// looks at when requests arrived.
func TestNoHistoryUndercutsTheFloorOrTheCap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const lease, believed = 10_000_000, 9_000_000
		a := ask{
			every:  rapid.SampledFrom([]int64{0, 300_000, 45_000_000, 3600_000000}).Draw(t, "every"),
			jitter: 0.2, perDay: rapid.Int64Range(0, 5).Draw(t, "perDay"),
			lease: lease,
		}
		var (
			s        state
			now      = int64(1767225600_000000)
			arrivals []int64
		)
		for n := range rapid.IntRange(5, 60).Draw(t, "takes") {
			now += rapid.Int64Range(0, 2*max(a.every, 1_000_000)).Draw(t, "pause")
			a.owner, a.u = strconv.Itoa(n), rapid.Float64Range(0, 0.999).Draw(t, "u")
			a.lead = rapid.Int64Range(0, 5_000_000).Draw(t, "lead")
			before := s
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
			taken := now
			switch rapid.SampledFrom([]string{"used", "used", "give back", "dies after sending", "dies before"}).Draw(t, "fate") {
			case "used":
				sent := v.at + rapid.Int64Range(0, 1_000_000).Draw(t, "late")
				arrived := sent + rapid.Int64Range(0, 500_000).Draw(t, "travel")
				now = arrived + rapid.Int64Range(0, 2_000_000).Draw(t, "answer")
				arrivals = append(arrivals, arrived)
				s = s.committed(arrived)
			case "give back":
				now = max(now, v.at)
				s.open, s.owner = false, ""
				want := before.settled(taken)
				want.fence, want.start, want.lease, want.term, want.nu = s.fence, s.start, s.lease, s.term, s.nu
				want.every, want.jitter, want.cap = s.every, s.jitter, s.cap
				if diff := cmp.Diff(want, s, cmp.AllowUnexported(state{})); diff != "" {
					t.Fatalf("give back leaves a trace (-want +got):\n%s", diff)
				}
			case "dies after sending":
				sent := rapid.Int64Range(v.at, max(v.at, taken+believed)).Draw(t, "sent")
				arrivals = append(arrivals, sent+rapid.Int64Range(0, 900_000).Draw(t, "travel"))
				now = max(now, v.at)
			}
		}
		days := make(map[int64]int64)
		for i, at := range arrivals {
			if i > 0 && at-arrivals[i-1] < a.every {
				t.Fatalf("arrivals %d µs apart, floor %d µs", at-arrivals[i-1], a.every)
			}
			if days[at/dayMicros]++; a.perDay > 0 && days[at/dayMicros] > a.perDay {
				t.Fatalf("%d calls on a day with a cap of %d", days[at/dayMicros], a.perDay)
			}
		}
	})
}

func TestAPaceThatChangesAppliesToTheGapUnderWay(t *testing.T) {
	t.Parallel()
	s := state{ref: 1_000_000_000, day: 0}
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
