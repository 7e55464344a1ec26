package pacing_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

var fiveMinutes = pacing.Pace{Every: 5 * time.Minute}

// worker is a Pacer with its own connections.
func worker(t *testing.T, rdb redis.UniversalClient, options ...pacing.Option) *pacing.Pacer {
	t.Helper()
	p := pacing.New(another(t, rdb), options...)
	t.Cleanup(p.Close)
	return p
}

func take(t *testing.T, p *pacing.Pacer, pace pacing.Pace, lead time.Duration) *pacing.Slot {
	t.Helper()
	slot, denied, err := taken(t.Context(), p, "alpha", pacing.Create, pace, lead)
	if err != nil || denied != nil {
		t.Fatalf("Take: denied %+v, error %v, want a slot", denied, err)
	}
	return slot
}

func deny(t *testing.T, p *pacing.Pacer, pace pacing.Pace, lead time.Duration, want pacing.Reason) *pacing.Denied {
	t.Helper()
	slot, denied, err := taken(t.Context(), p, "alpha", pacing.Create, pace, lead)
	if err != nil || slot != nil || denied.Reason != want {
		t.Fatalf("Take: slot %v, denied %+v, error %v, want denied for %s", slot != nil, denied, err, want)
	}
	return denied
}

func use(t *testing.T, s *pacing.Slot, sentAt time.Time) {
	t.Helper()
	if err := s.Used(t.Context(), sentAt); err != nil {
		t.Fatalf("Used: %v", err)
	}
}

func TestSlotUsed_TheFloorCountsFromWhenTheRequestCertainlyArrived(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		call time.Duration
		want time.Duration // from sending to the next start
	}{
		{"a quick call: from its end", 300 * time.Millisecond, 5*time.Minute + 300*time.Millisecond},
		{"a slow call: from the margin after it was sent", 80 * time.Second, 5*time.Minute + time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := worker(t, testutil.Redis(t))
				first := take(t, p, fiveMinutes, 0)
				if err := first.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				sent := time.Now()
				time.Sleep(tt.call)
				use(t, first, sent)
				denied := deny(t, p, fiveMinutes, 30*time.Second, pacing.ReasonPace)
				time.Sleep(denied.Wait)
				second := take(t, p, fiveMinutes, 30*time.Second)
				if err := second.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(sent); got < tt.want || got > tt.want+100*time.Millisecond { // 500 ppm of uncertainty
					t.Errorf("the next call starts %v after the first, want %v", got, tt.want)
				}
				if second.Fence() <= first.Fence() {
					t.Errorf("the fences are %d, then %d; want the second greater", first.Fence(), second.Fence())
				}
			})
		})
	}
}

func TestSlotGiveBack_LeavesNoTrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		pace := pacing.Pace{Every: time.Minute, Jitter: 0.5, PerDay: 2}
		use(t, take(t, p, pace, 0), time.Now())
		time.Sleep(2 * time.Minute)
		look := func() []pacing.View {
			views, err := p.Views(t.Context(), "alpha")
			if err != nil {
				t.Fatal(err)
			}
			return views
		}
		want := look()
		slot := take(t, p, pace, 0)
		if got := look()[0].Create; !got.Busy || got.Today != 2 {
			t.Errorf("with an open slot Look = %+v, want busy and 2 today", got)
		}
		for range 2 {
			if err := slot.GiveBack(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		use(t, slot, time.Now()) // does nothing after GiveBack
		if diff := cmp.Diff(want, look()); diff != "" {
			t.Errorf("after GiveBack (-before +after):\n%s", diff)
		}
		last := take(t, p, pace, 0)
		use(t, last, time.Now())
		use(t, last, time.Now())
		if err := last.GiveBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := look()[0].Create.Today; got != 2 {
			t.Errorf("after Used twice and GiveBack %d calls are counted, want 2", got)
		}
	})
}

func TestPacerTake_OneCallAtATimePerInstanceAndKind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rdb := testutil.Redis(t)
		a, b := worker(t, rdb), worker(t, rdb)
		slot := take(t, a, pacing.Pace{}, 0)
		if d := deny(t, b, pacing.Pace{}, time.Minute, pacing.ReasonBusy); d.Wait < 5*time.Millisecond || d.Wait > time.Second {
			t.Errorf("the wait for a busy instance is %v, want 5ms to 1s", d.Wait)
		}
		other, denied, err := taken(t.Context(), b, "alpha", pacing.Invite, pacing.Pace{}, 0)
		if err != nil || denied != nil {
			t.Fatalf("an invite beside a create: denied %+v, error %v, want a slot", denied, err)
		}
		use(t, other, time.Time{})
		time.Sleep(2 * time.Minute) // the lease is renewed
		deny(t, b, pacing.Pace{}, 0, pacing.ReasonBusy)
		if !slot.Valid() {
			t.Error("a long call has lost its slot")
		}
		use(t, slot, time.Now())
		use(t, take(t, b, pacing.Pace{}, 0), time.Now())
	})
}

func TestPacer_AShortCallCostsThreeScripts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rdb := another(t, testutil.Redis(t))
		p := pacing.New(rdb)
		t.Cleanup(p.Close)
		use(t, take(t, p, pacing.Pace{}, 0), time.Now()) // loads the scripts
		var commands atomic.Int64
		rdb.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
			commands.Add(1)
			return next(ctx, cmd)
		}))
		slot := take(t, p, pacing.Pace{}, 0)
		time.Sleep(2900 * time.Millisecond)
		use(t, slot, time.Now())
		time.Sleep(time.Minute)
		if got := commands.Load(); got != 3 {
			t.Errorf("a call of 2.9 s took %d commands, want 3: take, claim, used", got)
		}
	})
}

func TestPacerTake_AKilledWorkersInstanceGoesOnAfterItsLeaseAndItsFloor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rdb := testutil.Redis(t)
		dead, alive := worker(t, rdb), worker(t, rdb)
		pace := pacing.Pace{Every: time.Minute, PerDay: 2}
		take(t, dead, pace, 0)
		dead.Close() // it no longer renews the lease, as if it were killed
		died := time.Now()
		for {
			slot, denied, err := taken(t.Context(), alive, "alpha", pacing.Create, pace, 0)
			if err != nil {
				t.Fatal(err)
			}
			if slot != nil {
				break
			}
			time.Sleep(denied.Wait)
		}
		if got := time.Since(died); got < 70*time.Second || got > 71*time.Second {
			t.Errorf("the next slot comes %v after the death, want 70s to 71s: the lease of 10s and the floor of 1m", got)
		}
		views, err := alive.Views(t.Context(), "alpha")
		if err != nil {
			t.Fatal(err)
		}
		if got := views[0].Create.Today; got != 2 {
			t.Errorf("%d calls are counted, want 2: the dead worker's and the new one", got)
		}
	})
}

func TestSlotValid_EndsBeforeAnUnrenewedLeaseDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mini, rdb := testutil.Mini(t)
		p := worker(t, rdb)
		slot := take(t, p, fiveMinutes, 0)
		ctx, cancel := slot.Context(t.Context())
		defer cancel()
		mini.SetError("LOADING Redis is loading the dataset in memory")
		time.Sleep(8900 * time.Millisecond)
		if !slot.Valid() || ctx.Err() != nil {
			t.Errorf("8.9s into a lease of 10s: valid %v, context %v; want true, nil", slot.Valid(), ctx.Err())
		}
		time.Sleep(200 * time.Millisecond)
		if slot.Valid() {
			t.Error("9.1s into a lease of 10s the slot is still valid")
		}
		<-ctx.Done()
		if cause := context.Cause(ctx); !errors.Is(cause, pacing.ErrLost) {
			t.Errorf("the context ended with %v, want ErrLost", cause)
		}
		if err := slot.Wait(t.Context()); !errors.Is(err, pacing.ErrLost) {
			t.Errorf("Wait = %v, want ErrLost", err)
		}
		mini.SetError("")
		if err := slot.GiveBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		take(t, p, fiveMinutes, 0) // no other worker took the slot, so it is as if it had never been taken
	})
}

// freeze returns a Pacer, as in a process that is stopped for a minute: after start, its next command, a
// renewal, waits for a minute before it is sent.
func freeze(t *testing.T, rdb redis.UniversalClient) (p *pacing.Pacer, start func()) {
	t.Helper()
	client := another(t, rdb)
	p = pacing.New(client)
	t.Cleanup(p.Close)
	return p, func() {
		var frozen atomic.Bool
		client.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
			if !frozen.Swap(true) {
				time.Sleep(time.Minute)
			}
			return next(context.WithoutCancel(ctx), cmd)
		}))
	}
}

func TestSlot_AFrozenHolderFindsItsSlotLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rdb := testutil.Redis(t)
		awake := worker(t, rdb)
		sleepy, start := freeze(t, rdb)
		slot := take(t, sleepy, pacing.Pace{Every: time.Second}, 0)
		start()
		time.Sleep(30 * time.Second)
		if slot.Valid() {
			t.Error("the slot is still valid 30s after its last renewal")
		}
		second := take(t, awake, pacing.Pace{Every: time.Second}, 0)
		time.Sleep(40 * time.Second) // until after the late renewal
		if slot.Valid() {
			t.Error("the late renewal brought the slot back")
		}
		if !second.Valid() {
			t.Error("the late renewal took the second holder's slot")
		}
		use(t, second, time.Now())
		time.Sleep(3 * time.Second)
		if err := slot.Used(t.Context(), time.Now()); !errors.Is(err, pacing.ErrLost) {
			t.Errorf("Used = %v, want ErrLost", err)
		}
		deny(t, awake, pacing.Pace{Every: 2 * time.Second}, 0, pacing.ReasonPace) // the late call of the first holder still counts
	})
}

func TestSlot_ALostSlotStaysLostEvenIfNoOtherWorkerTookIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepy, start := freeze(t, testutil.Redis(t))
		slot := take(t, sleepy, fiveMinutes, 0)
		start()
		time.Sleep(70 * time.Second) // the late renewal succeeded
		if slot.Valid() {
			t.Error("the late renewal brought the slot back")
		}
		if err := slot.GiveBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		take(t, sleepy, fiveMinutes, 0)
	})
}

func TestPacerClaim_AGrantServesOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rdb := testutil.Redis(t)
		leader, a, b := worker(t, rdb), worker(t, rdb), worker(t, rdb)
		grant, err := leader.NewGrant(t.Context(), "alpha")
		if err != nil {
			t.Fatal(err)
		}
		if denied, err := leader.Take(t.Context(), grant, "alpha", pacing.Create, fiveMinutes, 0); err != nil || denied != nil {
			t.Fatalf("Take = %+v, %v, want a grant", denied, err)
		}
		slot, err := a.Claim(t.Context(), grant, "alpha", pacing.Create, fiveMinutes)
		if err != nil || !slot.Valid() {
			t.Fatalf("Claim: %v", err)
		}
		if _, err := b.Claim(t.Context(), grant, "alpha", pacing.Create, fiveMinutes); !errors.Is(err, pacing.ErrLost) {
			t.Errorf("the second Claim: %v, want ErrLost", err)
		}
		if err := leader.Return(t.Context(), grant, pacing.Create); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if !slot.Valid() {
			t.Error("Return took a slot that was claimed")
		}
		use(t, slot, time.Now())
	})
}

func TestPacerTake_AGrantThatLapsesCostsNeitherPaceNorDay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rdb := testutil.Redis(t)
		p, pace := worker(t, rdb), pacing.Pace{Every: 5 * time.Minute, PerDay: 1}
		grant, err := p.NewGrant(t.Context(), "alpha")
		if err != nil {
			t.Fatal(err)
		}
		if denied, err := p.Take(t.Context(), grant, "alpha", pacing.Create, pace, 0); err != nil || denied != nil {
			t.Fatalf("Take = %+v, %v, want a grant", denied, err)
		}
		deny(t, p, pace, 0, pacing.ReasonBusy)
		time.Sleep(10*time.Second + time.Millisecond)
		slot := take(t, worker(t, rdb), pace, 0)
		if _, err := p.Claim(t.Context(), grant, "alpha", pacing.Create, pace); !errors.Is(err, pacing.ErrLost) {
			t.Errorf("Claim of the expired grant: %v, want ErrLost", err)
		}
		use(t, slot, time.Now())
		deny(t, p, pace, 0, pacing.ReasonDayCap)
	})
}

// A leader that dies takes the only look at the grant with it. Its instance may rest by the time a worker gets the task.
func TestPacerClaim_AGrantThatNoTakeHasEndedExpiresAllTheSame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		grant, err := p.NewGrant(t.Context(), "alpha")
		if err != nil {
			t.Fatal(err)
		}
		if denied, err := p.Take(t.Context(), grant, "alpha", pacing.Create, pacing.Pace{}, 0); err != nil || denied != nil {
			t.Fatalf("Take = %+v, %v, want a grant", denied, err)
		}
		time.Sleep(10*time.Second + time.Millisecond)
		if _, err := p.RestFor(t.Context(), "alpha", time.Hour, pacing.Why{Cause: pacing.CauseLimited}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Claim(t.Context(), grant, "alpha", pacing.Create, pacing.Pace{}); !errors.Is(err, pacing.ErrLost) {
			t.Errorf("Claim of the expired grant: %v, want ErrLost", err)
		}
		deny(t, p, pacing.Pace{}, 0, pacing.ReasonRest)
	})
}

func TestPacerTake_AGrantWhoseAnswerIsLostIsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rdb := testutil.Redis(t)
		lossy := another(t, rdb)
		var calls atomic.Int64
		lossy.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
			err := next(ctx, cmd)
			if cmd.Name() == "eval" && calls.Add(1) == 1 { // the first run of take
				cmd.SetErr(net.ErrClosed)
				return net.ErrClosed
			}
			return err
		}))
		p := pacing.New(lossy)
		t.Cleanup(p.Close)
		if _, _, err := taken(t.Context(), p, "alpha", pacing.Create, fiveMinutes, 0); !errors.Is(err, net.ErrClosed) {
			t.Fatalf("Take = %v, want the connection's error", err)
		}
		take(t, worker(t, rdb), fiveMinutes, 0)
	})
}

func TestPacerTake_ADayEndsAtMidnightOfItsZone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // begins at midnight UTC
		saoPaulo := zone(t, "America/Sao_Paulo")
		p := worker(t, testutil.Redis(t))
		pace := pacing.Pace{PerDay: 3, Zone: saoPaulo.String()}
		time.Sleep(23 * time.Hour) // 21:00 there
		for range 3 {
			use(t, take(t, p, pace, 0), time.Now())
		}
		now := time.Now().In(saoPaulo)
		midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, saoPaulo)
		deny(t, p, pace, 0, pacing.ReasonDayCap)
		time.Sleep(2 * time.Hour) // another day in UTC, the same evening there
		if view, err := p.Views(t.Context(), "alpha"); err != nil || view[0].Create.Today != 3 || !view[0].Create.DayEnd.Equal(midnight) {
			t.Errorf("in the evening Look = %+v, error %v, want 3 calls in a day that ends at %v", view, err, midnight)
		}
		if d := deny(t, p, pace, 0, pacing.ReasonDayCap); !d.Until.Equal(midnight) {
			t.Errorf("the cap ends at %v, want %v", d.Until, midnight)
		}
		time.Sleep(time.Until(midnight) - time.Second)
		slot := take(t, p, pace, 2*time.Second)
		if early := time.Until(midnight) - time.Until(slot.Start()); early > 0 {
			t.Errorf("the first slot of the day starts %v before midnight", early)
		}
	})
}

// A person may slow an instance down long after its last call, to a floor longer than the one at that call.
func TestPacerTake_KeepsTheLastCallForASlowerPace(t *testing.T) {
	t.Parallel()
	mini, rdb := testutil.Mini(t)
	now := time.Now()
	mini.SetTime(now)
	p := worker(t, rdb)
	use(t, take(t, p, fiveMinutes, 0), now)
	mini.SetTime(now.Add(20 * 24 * time.Hour))
	mini.FastForward(20 * 24 * time.Hour)
	deny(t, p, pacing.Pace{Every: 30 * 24 * time.Hour}, 0, pacing.ReasonPace)
}

func TestPacerTake_AnUnusedPaceEndsAYearAfterItsInterval(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	p := worker(t, rdb)
	for _, pace := range []pacing.Pace{fiveMinutes, {Every: 30 * 24 * time.Hour}} {
		if slot, _, err := taken(t.Context(), p, "alpha", pacing.Create, pace, 31*24*time.Hour); err != nil {
			t.Fatal(err)
		} else if slot != nil {
			use(t, slot, time.Now())
		}
		const day = 24 * time.Hour
		if life, want := rdb.TTL(t.Context(), "rollcall:{pace:alpha}:create").Val(), 366*day+pace.Every; life.Round(day) != want.Round(day) {
			t.Errorf("with %s the pace lives for %s, want %s", pace.Every, life, want)
		}
	}
}

func TestPacerClose_EndsTakesAndRenewals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		slot := take(t, p, fiveMinutes, 0)
		p.Close()
		p.Close()
		if _, _, err := taken(t.Context(), p, "alpha", pacing.Create, fiveMinutes, 0); !errors.Is(err, pacing.ErrClosed) {
			t.Errorf("Take = %v, want ErrClosed", err)
		}
		time.Sleep(5 * time.Second)
		if slot.Valid() {
			t.Error("5s after Close, without a renewal, the slot is still valid")
		}
		use(t, slot, time.Now())
	})
}

func TestSlotWait_EndsWithItsContextAndItsCause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		use(t, take(t, p, fiveMinutes, 0), time.Now())
		slot := take(t, p, fiveMinutes, 10*time.Minute)
		drain := errors.New("drain")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, drain)
		defer cancel()
		began := time.Now()
		if err := slot.Wait(ctx); !errors.Is(err, drain) || time.Since(began) != time.Minute {
			t.Errorf("Wait = %v after %v, want %v after 1m", err, time.Since(began), drain)
		}
		if err := slot.GiveBack(ctx); err != nil {
			t.Errorf("GiveBack with an ended context: %v", err)
		}
		take(t, p, fiveMinutes, 10*time.Minute)
	})
}

// hook lets a test see and change the commands of a client.
type hook func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error

func (h hook) DialHook(next redis.DialHook) redis.DialHook { return next }
func (h hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return h(ctx, cmd, next) }
}

func (h hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
