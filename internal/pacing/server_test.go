package pacing_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPacer_EveryScriptRunsOnRealServers(t *testing.T) {
	t.Parallel()
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		everyScript(t, testutil.RealRedis(t).Client())
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		everyScript(t, testutil.Cluster(t).Client())
	})
}

// everyScript runs each script, on instances that a cluster spreads over its nodes.
func everyScript(t *testing.T, rdb redis.UniversalClient) {
	t.Helper()
	ctx := t.Context()
	p := pacing.New(rdb, pacing.WithPrefix("test:"))
	t.Cleanup(p.Close)
	var names []string
	for i := range 8 {
		name := fmt.Sprintf("instance-%d", i)
		names = append(names, name)
		pace := pacing.Pace{Every: time.Hour, Jitter: 0.2, PerDay: 20}
		slot, denied, err := taken(ctx, p, name, pacing.Create, pace, time.Second)
		if err != nil || denied != nil {
			t.Fatalf("Take: %+v, %v", denied, err)
		}
		if err := slot.GiveBack(ctx); err != nil {
			t.Fatalf("GiveBack: %v", err)
		}
		if slot, denied, err = taken(ctx, p, name, pacing.Create, pace, 0); err != nil || denied != nil {
			t.Fatalf("Take after GiveBack: %+v, %v", denied, err)
		}
		if err := slot.Wait(ctx); err != nil {
			t.Fatalf("Wait: %v", err)
		}
		if _, denied, err := taken(ctx, p, name, pacing.Create, pace, 0); err != nil || denied == nil || denied.Reason != pacing.ReasonBusy {
			t.Fatalf("Take beside an open slot: denied %+v, error %v; want busy", denied, err)
		}
		if err := slot.Begin(ctx); err != nil {
			t.Fatalf("Begin: %v", err)
		}
		if err := p.Pause(ctx, name, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, denied, err := taken(ctx, p, name, pacing.Invite, pace, 0); err != nil || denied == nil || denied.Reason != pacing.ReasonPaused {
			t.Fatalf("Take during a pause: denied %+v, error %v; want paused", denied, err)
		}
		if err := p.Unpause(ctx, name); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			lease := func() string { return rdb.HGet(ctx, "test:{pace:"+name+"}:create", "lease").Val() }
			taken := lease()
			testutil.Until(t, "the lease is renewed", func() bool { return lease() > taken })
		}
		if err := slot.Used(ctx, time.Now()); err != nil {
			t.Fatalf("Used: %v", err)
		}
		if _, denied, err := taken(ctx, p, name, pacing.Create, pace, 0); err != nil || denied == nil || denied.Reason != pacing.ReasonPace ||
			denied.Wait < time.Hour-time.Minute || denied.Wait > 73*time.Minute {
			t.Fatalf("Take after Used: denied %+v, error %v; want the pace, with a wait of 59m to 73m", denied, err)
		}
		if _, err := p.Rest(ctx, name, pacing.Rest{Initial: 3 * time.Hour, Multiplier: 1.5, Max: 24 * time.Hour}, pacing.Why{Cause: pacing.CauseLimited, Said: say.Words("rate overlimit")}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.RestFor(ctx, name, 5*time.Hour, pacing.Why{Cause: pacing.CauseBusy, Said: say.Words("told")}); err != nil {
			t.Fatal(err)
		}
		if err := p.Wait(ctx, name, 100); err != nil {
			t.Fatal(err)
		}
	}
	views, err := p.Views(ctx, names...)
	if err != nil || len(views) != len(names) {
		t.Fatalf("Look: %d views, %v", len(views), err)
	}
	for i, v := range views {
		if v.Instance != names[i] || v.Create.Today != 1 || v.Create.Reason != pacing.ReasonRest || v.Rest.Said.String() != "told" {
			t.Errorf("Look = %+v; want %s with one call today, at rest with the last reason", v, names[i])
		}
	}
	for _, name := range names {
		if err := p.ClearRest(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPacer_TheKeysOfAnIdleInstanceExpire(t *testing.T) {
	t.Parallel()
	mini, rdb := testutil.Mini(t)
	p := worker(t, rdb)
	use(t, take(t, p, fiveMinutes, 0), time.Now())
	if _, err := p.RestFor(t.Context(), "alpha", time.Hour, pacing.Why{Cause: pacing.CauseBusy, Said: say.Words("told")}); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(t.Context(), "alpha:read", 10); err != nil {
		t.Fatal(err)
	}
	mini.FastForward(367 * 24 * time.Hour)
	if keys := mini.Keys(); len(keys) != 0 {
		t.Errorf("after a year the keys %v are still there, want none", keys)
	}
}

func TestPacer_EachMethodReturnsTheErrorOfRedis(t *testing.T) {
	t.Parallel()
	mini, rdb := testutil.Mini(t)
	p := worker(t, rdb)
	slot := take(t, p, fiveMinutes, 0)
	mini.SetError("ERR away")
	ctx := t.Context()
	_, _, errTake := taken(ctx, p, "beta", pacing.Create, fiveMinutes, 0)
	_, errRest := p.Rest(ctx, "alpha", pacing.Rest{Initial: time.Hour}, pacing.Why{})
	_, errUntil := p.RestUntil(ctx, "alpha", time.Now(), pacing.Why{})
	_, errLook := p.Views(ctx, "alpha")
	for what, err := range map[string]error{
		"Take": errTake, "Used": slot.Used(ctx, time.Now()), "Rest": errRest, "RestUntil": errUntil,
		"ClearRest": p.ClearRest(ctx, "alpha"), "Look": errLook, "Begin": slot.Begin(ctx), "Pause": p.Pause(ctx, "alpha", time.Time{}), "Unpause": p.Unpause(ctx, "alpha"), "Wait": p.Wait(ctx, "k", 1),
	} {
		if err == nil || errors.Is(err, pacing.ErrLost) || errors.Is(err, pacing.ErrTooLong) {
			t.Errorf("%s = %v, want Redis's error", what, err)
		}
	}
	mini.SetError("")
	use(t, slot, time.Now()) // Used may be repeated after an error
	deny(t, p, fiveMinutes, 0, pacing.ReasonPace)
}

// BenchmarkTakeAndUsed measures what pacing adds to an unpaced call.
func BenchmarkTakeAndUsed(b *testing.B) {
	p := pacing.New(testutil.RealRedis(b).Client())
	b.Cleanup(p.Close)
	for b.Loop() {
		slot, denied, err := taken(b.Context(), p, "alpha", pacing.Create, pacing.Pace{}, 0)
		if err != nil || denied != nil {
			b.Fatalf("Take: %+v, %v", denied, err)
		}
		if err := slot.Used(b.Context(), time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
