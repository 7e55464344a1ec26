package pacing_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPacerPause_NoCallBeginsAfterItReturns(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	p, person := worker(t, rdb), worker(t, rdb)
	for round := range 50 {
		slot := take(t, p, pacing.Pace{}, 0)
		var begun time.Time
		var err error
		var one sync.WaitGroup
		one.Go(func() {
			if err = slot.Begin(t.Context()); err == nil {
				begun = time.Now()
			}
		})
		if err := person.Pause(t.Context(), "alpha", time.Time{}); err != nil {
			t.Fatal(err)
		}
		views, errLook := person.Views(t.Context(), "alpha")
		if errLook != nil {
			t.Fatal(errLook)
		}
		one.Wait()
		switch told := views[0].Create.Begun; {
		case err == nil && !told:
			t.Fatalf("round %d: a call began at %s, but Look after Pause does not show it", round, begun)
		case err != nil && (told || !errors.Is(err, pacing.ErrPaused)):
			t.Fatalf("round %d: Begin = %v, Look shows the call as begun: %v; want ErrPaused, false", round, err, told)
		}
		if !views[0].Paused || !views[0].Create.Busy {
			t.Fatalf("Look = %+v, want a paused instance with an open slot", views[0])
		}
		deny(t, p, pacing.Pace{}, 0, pacing.ReasonPaused)
		if err := slot.GiveBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := person.Unpause(t.Context(), "alpha"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSlotBegin_ARepeatedBeginSucceedsAlsoDuringAPause(t *testing.T) {
	t.Parallel()
	p := worker(t, testutil.Redis(t))
	slot := take(t, p, fiveMinutes, 0)
	if err := slot.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Pause(t.Context(), "alpha", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := slot.Begin(t.Context()); err != nil {
		t.Errorf("Begin, repeated after a lost answer: %v", err)
	}
	use(t, slot, time.Now())
	if err := slot.Begin(t.Context()); !errors.Is(err, pacing.ErrLost) {
		t.Errorf("Begin of a slot that is closed = %v, want %v", err, pacing.ErrLost)
	}
}

func TestPacerPause_EndsByRedisClockToTheMoment(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	p := worker(t, rdb)
	now := func() time.Time {
		t.Helper()
		now, err := rdb.Time(t.Context()).Result()
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	pause := func(d time.Duration) (until time.Time) {
		t.Helper()
		until = now().Add(d).Truncate(time.Microsecond)
		if err := p.Pause(t.Context(), "alpha", until); err != nil {
			t.Fatal(err)
		}
		return until
	}
	until := pause(time.Hour)
	d := deny(t, p, pacing.Pace{}, 0, pacing.ReasonPaused)
	if !d.Until.Equal(until) || d.Wait <= 0 || d.Wait > time.Hour {
		t.Errorf("denied until %s, with a wait of %s; want until %s, with a wait of an hour at most", d.Until, d.Wait, until)
	}
	views, err := p.Views(t.Context(), "alpha")
	if err != nil || !views[0].Paused || !views[0].PausedUntil.Equal(until) {
		t.Fatalf("Look = %+v, %v; want a pause until %s", views, err, until)
	}
	slot := take(t, p, pacing.Pace{}, 2*time.Hour) // the lead is longer than the pause
	if err := slot.Begin(t.Context()); !errors.Is(err, pacing.ErrPaused) {
		t.Errorf("Begin before the end = %v, want %v", err, pacing.ErrPaused)
	}
	if err := slot.GiveBack(t.Context()); err != nil {
		t.Fatal(err)
	}
	until = pause(time.Second)
	slot = take(t, p, pacing.Pace{}, time.Hour)
	if err := slot.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := slot.Begin(t.Context()); err != nil {
		t.Errorf("Begin after the end: %v", err)
	}
	if now := now(); now.Before(until) {
		t.Errorf("the call began at %s, before the end %s", now, until)
	}
	use(t, slot, time.Now())
	if views, err = p.Views(t.Context(), "alpha"); err != nil || views[0].Paused {
		t.Errorf("after the end Look = %+v, %v; want no pause", views, err)
	}
}

func TestPacerCopyPause_KeepsTheEndOfThePause(t *testing.T) {
	t.Parallel()
	p, number := moving(t, testutil.Redis(t))
	*number = "first"
	until := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	if err := errors.Join(p.Pause(t.Context(), "alpha", until), p.CopyPause(t.Context(), "alpha", "first", "second")); err != nil {
		t.Fatal(err)
	}
	*number = "second"
	views, err := p.Views(t.Context(), "alpha")
	if err != nil || !views[0].Paused || !views[0].PausedUntil.Equal(until) {
		t.Errorf("Look = %+v, %v; want a pause until %s", views, err, until)
	}
}

// The leader and the workers remember an instance's number for a moment.
func TestPacerCopyPause_ASlotAtTheFormerNumberIsPausedToo(t *testing.T) {
	t.Parallel()
	p, number := moving(t, testutil.Redis(t))
	*number = "first"
	grant, err := p.NewGrant(t.Context(), "alpha")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Pause(t.Context(), "alpha", time.Time{}), p.CopyPause(t.Context(), "alpha", "first", "second")); err != nil {
		t.Fatal(err)
	}
	*number = "second"
	if denied, err := p.Take(t.Context(), grant, "alpha", pacing.Create, pacing.Pace{}, 0); err != nil || denied == nil || denied.Reason != pacing.ReasonPaused {
		t.Errorf("Take of a slot at the former number: denied %+v, %v; want denied for %s", denied, err, pacing.ReasonPaused)
	}
	if views, err := p.Views(t.Context(), "alpha"); err != nil || !views[0].Paused {
		t.Errorf("Look = %+v, %v; want the pause at the second number", views, err)
	}
}

func TestPacerUnpause_ThePauseIsGoneAtEachNumberThatTheInstanceMayComeBackTo(t *testing.T) {
	t.Parallel()
	p, number := moving(t, testutil.Redis(t))
	*number = "first"
	err := errors.Join(
		p.Pause(t.Context(), "alpha", time.Time{}),
		p.CopyPause(t.Context(), "alpha", "first", "third"), // a change of number that failed
		p.CopyPause(t.Context(), "alpha", "first", "second"))
	if err != nil {
		t.Fatal(err)
	}
	*number = "second"
	if err := p.Unpause(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	for _, *number = range []string{"first", "second", "third"} {
		if views, err := p.Views(t.Context(), "alpha"); err != nil || views[0].Paused {
			t.Errorf("at the %s number Look = %+v, %v; want no pause", *number, views, err)
		}
	}
	if err := p.Pause(t.Context(), "beta", time.Time{}); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	if err := errors.Join(p.CopyPause(t.Context(), "beta", "third", "first"), p.Pause(t.Context(), "beta", until)); err != nil {
		t.Fatal(err)
	}
	*number = "first"
	if views, err := p.Views(t.Context(), "beta"); err != nil || !views[0].PausedUntil.Equal(until) {
		t.Errorf("at the first number Look = %+v, %v; want the later pause, until %s", views, err, until)
	}
}

func TestPacer_ADamagedListOfNumbersHindersNoPauseAndNoEndOfIt(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	p := worker(t, rdb)
	if err := p.Pause(t.Context(), "alpha", time.Time{}); err != nil {
		t.Fatal(err)
	}
	list := rdb.Keys(t.Context(), "*:pausedAt").Val()[0]
	for _, pauses := range []bool{true, false} {
		rdb.Del(t.Context(), list)
		rdb.Set(t.Context(), list, "garbage", 0)
		change := p.Unpause
		if pauses {
			change = func(ctx context.Context, name string) error { return p.Pause(ctx, name, time.Time{}) }
		}
		err := change(t.Context(), "alpha")
		if views, lookErr := p.Views(t.Context(), "alpha"); err != nil || lookErr != nil || views[0].Paused != pauses {
			t.Errorf("got %v, then Views = %+v, %v; want paused %v", err, views, lookErr, pauses)
		}
	}
}

func TestPacerCopyPause_AnUnpauseThatComesBetweenIsNotUndone(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	p, number := moving(t, rdb)
	*number = "first"
	if err := p.Pause(t.Context(), "alpha", time.Time{}); err != nil {
		t.Fatal(err)
	}
	lifted := false
	testutil.Meddle(rdb).Before([]string{"hset"}, func() { // the copy has read the pause
		if err := p.Unpause(t.Context(), "alpha"); err != nil {
			t.Error(err)
		}
		lifted = true
	})
	if err := p.CopyPause(t.Context(), "alpha", "first", "second"); err != nil {
		t.Fatal(err)
	}
	*number = "second"
	if views, err := p.Views(t.Context(), "alpha"); err != nil || views[0].Paused || !lifted {
		t.Errorf("Look = %+v, %v; want no pause after Unpause", views, err)
	}
}

func TestPacerUnpause_APauseThatCameBetweenIsFoundByTheNextOne(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	p, number := moving(t, rdb)
	*number = "first"
	lifted := false
	testutil.Meddle(rdb).Before([]string{"set"}, func() { // the pause has noted its number
		if err := p.Unpause(t.Context(), "alpha"); err != nil {
			t.Error(err)
		}
		lifted = true
	})
	if err := errors.Join(p.Pause(t.Context(), "alpha", time.Time{}), p.CopyPause(t.Context(), "alpha", "first", "second")); err != nil {
		t.Fatal(err)
	}
	*number = "second"
	if err := p.Unpause(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	*number = "first"
	if views, err := p.Views(t.Context(), "alpha"); err != nil || views[0].Paused || !lifted {
		t.Errorf("at the first number Look = %+v, %v; want no pause", views, err)
	}
}

func TestPacerPause_HoldsAlsoIfTheNumberChangesMeanwhile(t *testing.T) {
	t.Parallel()
	var answers []string // of the next questions for the number; the last one stays
	p := pacing.New(testutil.Redis(t), pacing.WithNumbers(func(context.Context, ...string) ([]string, error) {
		number := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		return []string{number}, nil
	}))
	t.Cleanup(p.Close)
	paused := func(number string, want bool) {
		t.Helper()
		answers = []string{number}
		if views, err := p.Views(t.Context(), "alpha"); err != nil || views[0].Paused != want {
			t.Errorf("at the %s number Look = %+v, %v; want paused %v", number, views, err, want)
		}
	}
	answers = []string{"first", "second"}
	if err := p.Pause(t.Context(), "alpha", time.Time{}); err != nil {
		t.Fatal(err)
	}
	paused("first", true)
	paused("second", true)
	answers = []string{"second", "third"}
	if err := p.Unpause(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	paused("first", false)
	paused("second", false)
}

// moving returns a Pacer, and the number of every instance.
func moving(t *testing.T, rdb redis.UniversalClient) (p *pacing.Pacer, number *string) {
	t.Helper()
	number = new(string)
	p = pacing.New(rdb, pacing.WithNumbers(func(_ context.Context, instances ...string) ([]string, error) {
		numbers := make([]string, len(instances))
		for i := range numbers {
			numbers[i] = *number
		}
		return numbers, nil
	}))
	t.Cleanup(p.Close)
	return p, number
}
