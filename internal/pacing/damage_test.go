package pacing_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPacerTake_ADamagedStateIsNeverQuicker(t *testing.T) {
	t.Parallel()
	const key = "rollcall:{pace:alpha}:create"
	pace := pacing.Pace{Every: 5 * time.Minute, PerDay: 5}
	rdb := testutil.RealRedis(t).Client()
	var told atomic.Int32
	p := worker(t, rdb, pacing.WithDamage(func(instance string, kind pacing.Kind) {
		if instance == "alpha" && kind == pacing.Create {
			told.Add(1)
		}
	}))
	for _, field := range []string{"ref", "ends", "count", "fence", "open", "start", "lease", "term", "every", "cap", "begun", "key"} {
		for _, value := range []string{"gar|bage\xff", "1", "nan", ""} {
			if value == "1" && field != "ref" && field != "ends" {
				continue // a valid value of the other fields
			}
			if err := rdb.Del(t.Context(), key).Err(); err != nil {
				t.Fatal(err)
			}
			called := time.Now()
			use(t, take(t, p, pace, 0), called)
			if field == "key" {
				if err := rdb.Del(t.Context(), key).Err(); err != nil {
					t.Fatal(err)
				}
				if err := rdb.RPush(t.Context(), key, value).Err(); err != nil {
					t.Fatal(err)
				}
			} else if err := rdb.HSet(t.Context(), key, field, value).Err(); err != nil {
				t.Fatal(err)
			}
			told.Store(0)
			slot, denied, err := taken(t.Context(), p, "alpha", pacing.Create, pace, 0)
			if err != nil || slot != nil {
				t.Errorf("%s = %q: slot %v, error %v, want a denial", field, value, slot != nil, err)
				continue
			}
			if passed := time.Since(called); denied.Wait < pace.Every-passed {
				t.Errorf("%s = %q: %s after the call the wait is %s, too short for the pace of %s", field, value, passed, denied.Wait, pace.Every)
			}
			sameDay := time.Now().UTC().YearDay() == time.Now().UTC().Add(pace.Every).YearDay()
			if sameDay && (field == "ends" || field == "count") && denied.Reason != pacing.ReasonDayCap {
				t.Errorf("%s = %q: denied for %s, want the day's cap, because the count is unknown", field, value, denied.Reason)
			}
			if _, _, err := taken(t.Context(), p, "alpha", pacing.Create, pace, 0); err != nil || told.Load() != 1 {
				t.Errorf("%s = %q: the damage is reported %d times, want once; %v", field, value, told.Load(), err)
			}
			if typ := rdb.Type(t.Context(), key).Val(); typ != "hash" {
				t.Errorf("%s = %q: afterwards the state is a %s, want a hash", field, value, typ)
			}
		}
	}
}

func TestPacerRest_ADamagedRestLastsUntilAPersonEndsIt(t *testing.T) {
	t.Parallel()
	const key = "rollcall:{pace:alpha}:rest"
	rdb := testutil.RealRedis(t).Client()
	p := worker(t, rdb)
	damages := map[string]func() error{
		"until":            func() error { return rdb.HSet(t.Context(), key, "until", "gar|bage").Err() },
		"rest of the kind": func() error { return rdb.HSet(t.Context(), key, "create", "gar|bage").Err() },
		"key":              func() error { return rdb.RPush(t.Context(), key, "gar|bage").Err() },
	}
	for name, damage := range damages {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		deny(t, p, pacing.Pace{}, 0, pacing.ReasonRest)
		if name != "rest of the kind" {
			if _, err := p.RestFor(t.Context(), "alpha", time.Second, pacing.Why{Cause: pacing.CauseFailing, Said: say.Words("because")}); err != nil {
				t.Errorf("damaged %s: RestFor: %v", name, err)
			}
			if _, err := p.Rest(t.Context(), "alpha", pacing.Rest{Initial: time.Second}, pacing.Why{Cause: pacing.CauseFailing, Said: say.Words("because")}); err != nil {
				t.Errorf("damaged %s: Rest: %v", name, err)
			}
			deny(t, p, pacing.Pace{}, 0, pacing.ReasonRest)
		}
		if err := p.ClearRest(t.Context(), "alpha"); err != nil {
			t.Fatal(err)
		}
		if err := take(t, p, pacing.Pace{}, 0).GiveBack(t.Context()); err != nil {
			t.Errorf("damaged %s: give back after ClearRest: %v", name, err)
		}
	}
}

func TestPacerViews_DamageOfOneInstanceHidesNoOther(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	p := worker(t, rdb)
	for _, key := range []string{"rollcall:{pace:alpha}:create", "rollcall:{pace:alpha}:rest"} {
		if err := rdb.RPush(t.Context(), key, "gar|bage").Err(); err != nil {
			t.Fatal(err)
		}
	}
	until, err := p.RestFor(t.Context(), "beta", time.Hour, pacing.Why{Cause: pacing.CauseFailing, Said: say.Words("because")})
	if err != nil {
		t.Fatal(err)
	}
	views, err := p.Views(t.Context(), "alpha", "beta")
	if err != nil {
		t.Fatal(err)
	}
	if !views[1].Rest.Until.Equal(until) || views[0].Rest.Until.Before(time.Now().Add(50*time.Minute)) {
		t.Errorf("Look = %+v; want alpha, which is damaged, to rest on, and beta to rest until %v", views, until)
	}
}
