package lane

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestHighGoesBeforeNormalBeforeLowAndOwnBeforePool(t *testing.T) {
	t.Parallel()
	h := &health{closed: true}
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}), func(o *Options) { o.Health = h }).start()
	r.put(
		create("grp_low", "alpha", tasks.Low), pooled("grp_pool"), create("grp_n1", "alpha", tasks.Normal),
		create("grp_n2", "alpha", tasks.Normal), create("grp_high", "alpha", tasks.High),
		tasks.Create("grp_phigh", 0, tasks.Target{Pool: "default"}, tasks.High),
	)
	h.set(true)
	r.Wake("alpha")
	want := []string{"alpha/grp_high", "alpha/grp_phigh", "alpha/grp_n1", "alpha/grp_n2", "alpha/grp_pool", "alpha/grp_low"}
	if got := r.finished(6); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAClosedGateLeavesTasksPendingAndInOrder(t *testing.T) {
	t.Parallel()
	h := &health{closed: true}
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}), func(o *Options) { o.Health = h }).start()
	var want []string
	for i := range 5 {
		id := fmt.Sprintf("grp_%d", i)
		want = append(want, id)
		r.put(create(id, "alpha", tasks.Normal))
	}
	during(t, 300*time.Millisecond, "all tasks are pending, in order", func() bool {
		return slices.Equal(r.pending("create:alpha"), want)
	})
	if s := r.Status(); s.Each[0].Reason != "closed" {
		t.Errorf("the status says %+v", s.Each[0])
	}
}

func TestAPacedLaneKeepsItsTasksInTheQueueWhereAnUrgentOneOvertakes(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{Every: 700 * time.Millisecond})).start()
	r.put(create("grp_0", "alpha", tasks.Normal), create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
	r.finished(1)
	testutil.Until(t, "the first is off the queue", func() bool { return r.lengths("create:alpha").Active == 0 })
	if l := r.lengths("create:alpha"); l.Pending != 2 {
		t.Errorf("while it may not create, the queue holds %+v", l)
	}
	r.put(create("grp_high", "alpha", tasks.High))
	want := []string{"alpha/grp_0", "alpha/grp_high", "alpha/grp_1", "alpha/grp_2"}
	if got := r.finished(4); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAPoolsTaskGoesToTheFirstInstanceThatMayCreate(t *testing.T) {
	t.Parallel()
	slow := pacing.Pace{Every: time.Hour}
	r := newRig(t, testutil.Redis(t), func(o *Options) {
		o.Instances = []Instance{
			{Name: "alpha", Pools: []string{"default"}, Create: slow},
			{Name: "beta", Pools: []string{"default"}, Create: slow},
			{Name: "gamma", Create: slow}, // not of the pool
		}
	}).start()
	r.put(create("grp_a", "alpha", tasks.Normal), create("grp_g", "gamma", tasks.Normal))
	r.finished(2)
	r.put(pooled("grp_1"), pooled("grp_2"))
	if got := r.finished(3)[2]; got != "beta/grp_1" {
		t.Errorf("got %s, want beta, the only free one", got)
	}
	during(t, 300*time.Millisecond, "the next waits for the pool", func() bool { return r.lengths("create:pool:default").Pending == 1 })
}

func TestOneTaskForAHundredIdleLanesTakesFewSlots(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	inner := pacing.New(rdb)
	t.Cleanup(inner.Close)
	pacer := &countingPacer{Pacer: inner}
	r := newRig(t, rdb, func(o *Options) {
		o.Pacer = pacer
		for i := range 100 {
			o.Instances = append(o.Instances, Instance{Name: fmt.Sprintf("i%d", i), Pools: []string{"default"}})
		}
	}).start()
	testutil.Until(t, "no instance asks for a slot", func() bool { return !r.anyMaybe() })
	before := pacer.count()
	r.put(pooled("grp_1"))
	r.finished(1)
	testutil.Until(t, "no instance asks for a slot", func() bool { return !r.anyMaybe() })
	if n := pacer.count() - before; n > 5 {
		t.Errorf("one task cost %d slots", n)
	}
}

func (r *rig) anyMaybe() bool {
	return slices.ContainsFunc(r.board.all(), func(e *entry) bool { return e.maybe.Load() })
}

func TestASlotForWhichThereIsNoTaskIsFreeAgain(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := newRig(t, rdb, alpha(pacing.Pace{Every: time.Hour, PerDay: 1})).start()
	for range 3 { // a ring without a task
		r.board.ring("create:alpha")
		testutil.Until(t, "the lane has looked", func() bool { return !r.anyMaybe() })
	}
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.finished(1)
	view, err := r.opts.Pacer.(*pacing.Pacer).Look(t.Context(), "alpha")
	if err != nil || view[0].Create.Today != 1 {
		t.Errorf("got %+v, %v", view, err)
	}
}

func TestAnInviteIsFetchedOnlyWithASlotWhileReadsGoOn(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{Every: 50 * time.Millisecond}))
	var flying, most atomic.Int64
	block := make(chan struct{})
	r.steps.do = func(ctx context.Context, t tasks.Task, _ string, slot *pacing.Slot) error {
		if t.Type != tasks.TypeInvite {
			if slot != nil {
				r.t.Error("a read got a slot")
			}
			return nil
		}
		most.Store(max(most.Load(), flying.Add(1)))
		defer flying.Add(-1)
		if err := slot.Wait(ctx); err != nil {
			return err
		}
		<-block
		return slot.Used(ctx, time.Now())
	}
	r.start()
	r.put(tasks.Invite("grp_1", 0, "alpha"), tasks.Invite("grp_1", 1, "alpha"), tasks.Invite("grp_1", 2, "alpha"))
	testutil.Until(t, "an invite is in flight", func() bool { return flying.Load() == 1 })
	for i := range 10 {
		r.put(tasks.Verify("grp_1", i, "alpha", time.Time{}))
	}
	r.finished(10)
	if l := r.lengths("invite:alpha"); l.Active != 1 || l.Pending != 2 {
		t.Errorf("the invite queue holds %+v", l)
	}
	close(block)
	r.finished(13)
	if most.Load() != 1 {
		t.Errorf("%d invites were in flight at once", most.Load())
	}
}

func TestTheBellWakesAnIdleLane(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}), func(o *Options) { o.Watch = time.Hour })
	picked := make(chan time.Time, 1)
	r.steps.do = func(context.Context, tasks.Task, string, *pacing.Slot) error { picked <- time.Now(); return nil }
	r.start()
	testutil.Until(t, "the lane is idle", func() bool { return !r.anyMaybe() })
	var sum, worst time.Duration
	const n = 50
	for i := range n {
		before := time.Now()
		r.put(create(fmt.Sprintf("grp_%d", i), "alpha", tasks.Normal))
		took := (<-picked).Sub(before)
		sum, worst = sum+took, max(worst, took)
		testutil.Until(t, "the lane is idle", func() bool { return !r.anyMaybe() })
	}
	t.Logf("pick-up after the bell, enqueueing included: mean %s, worst %s", (sum / n).Round(10*time.Microsecond), worst.Round(10*time.Microsecond))
	if sum/n > 100*time.Millisecond {
		t.Errorf("mean pick-up %s", sum/n)
	}
}

// A gate that hears the bell while another one finds the queue empty may believe that other one, and
// an idle gate looks by itself but once a minute.
func TestARingDuringALookWakesAllGatesAgain(t *testing.T) {
	t.Parallel()
	b := newBoard()
	one := newGate("one", pacing.Create, pacing.Pace{}, Options{}, b, nil, []string{"create:pool:default"})
	two := newGate("two", pacing.Create, pacing.Pace{}, Options{}, b, nil, []string{"create:pool:default"})
	e := one.queues[0]
	before := e.rings.Load()
	b.ring(e.name)
	<-one.stirred
	<-two.stirred
	b.emptied(e, before)
	if !e.maybe.Load() || len(one.stirred) != 1 || len(two.stirred) != 1 {
		t.Errorf("there may be something: %v; %d and %d gates are woken", e.maybe.Load(), len(one.stirred), len(two.stirred))
	}
	b.emptied(e, e.rings.Load())
	if e.maybe.Load() {
		t.Error("nobody rang, and yet there may be something")
	}
}

func TestTheWatchFindsWhatTheBellDidNotSay(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{})).start()
	testutil.Until(t, "the lane is idle", func() bool { return !r.anyMaybe() })
	client := asynq.NewClientFromRedisClient(r.rdb)
	payload := tasks.Payload{Version: 1, Group: "grp_1"}.Encode()
	if _, err := client.Enqueue(asynq.NewTask("group:create", payload), asynq.Queue("create:alpha"), asynq.TaskID("grp_1")); err != nil {
		t.Fatal(err)
	}
	r.finished(1)
}

func TestWakeEndsADenialThatIsOutOfDate(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := newRig(t, rdb, alpha(pacing.Pace{})).start()
	pacer := r.opts.Pacer.(*pacing.Pacer)
	if _, err := pacer.RestFor(t.Context(), "alpha", time.Hour, pacing.Why{Cause: pacing.CauseLimited, Said: "rate overlimit"}); err != nil {
		t.Fatal(err)
	}
	r.put(create("grp_1", "alpha", tasks.Normal))
	testutil.Until(t, "the lane knows of the rest", func() bool { return r.Status().Each[0].Reason == string(pacing.ReasonRest) })
	if err := pacer.ClearRest(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	if err := r.queue.Wake(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	r.finished(1)
}

func TestNoTwoCreatesOfAnInstanceAreInFlightOverThreeProcesses(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	var flying, most, done atomic.Int64
	do := func(ctx context.Context, _ tasks.Task, _ string, slot *pacing.Slot) error {
		if err := slot.Wait(ctx); err != nil {
			return err
		}
		most.Store(max(most.Load(), flying.Add(1)))
		wait := time.NewTimer(5 * time.Millisecond)
		<-wait.C
		flying.Add(-1)
		done.Add(1)
		return slot.Used(ctx, time.Now())
	}
	var r *rig
	for range 3 {
		r = newRig(t, rdb, alpha(pacing.Pace{Every: 10 * time.Millisecond}))
		r.steps.do = do
		r.start()
	}
	for i := range 30 {
		r.put(create(fmt.Sprintf("grp_%d", i), "alpha", tasks.Normal))
	}
	testutil.Until(t, "all are created", func() bool { return done.Load() == 30 })
	if most.Load() != 1 {
		t.Errorf("%d creates were in flight at once", most.Load())
	}
}

func TestALaneLearnsHowLongItsStepsPrepare(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{Every: 400 * time.Millisecond}))
	const preparing = 100 * time.Millisecond
	var late []time.Duration
	r.steps.do = func(ctx context.Context, _ tasks.Task, _ string, slot *pacing.Slot) error {
		prepared := time.NewTimer(preparing)
		<-prepared.C
		if err := slot.Wait(ctx); err != nil {
			return err
		}
		late = append(late, time.Since(slot.Start())) // one at a time
		return slot.Used(ctx, time.Now())
	}
	r.start()
	for i := range 4 {
		r.put(create(fmt.Sprintf("grp_%d", i), "alpha", tasks.Normal))
	}
	r.finished(4)
	t.Logf("calls after their slots' starts: %v", late)
	// One that has not learned is late by all of it each time; a busy machine makes one that has late now and then.
	if got := slices.Min(late); got > preparing/2 {
		t.Errorf("a call that takes %s to prepare was late by %s", preparing, got)
	}
}

// asynq reckons the lease of what a round fetches from the round's begin. Of a task whose lease is
// over before it is fetched nothing is ever written: it would be taken for a dead worker's.
func TestALaneThatWasIdleForLongFetchesWithAFreshLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBoard()
		g := newGate("alpha", "", pacing.Pace{}, Options{Health: &health{}, Log: zerolog.Nop()}, b, []string{"read:alpha", "invite:alpha"}, nil)
		defer g.quit()
		for _, e := range g.queues {
			e.maybe.Store(false)
		}
		time.AfterFunc(40*time.Second, func() { b.ring("read:alpha") })
		fetched := ""
		for rounds := 0; fetched == "" && rounds < 5; rounds++ {
			for _, queue := range []string{"read:alpha", "invite:alpha"} {
				begun := time.Now()
				g.dequeue(t.Context(), queue, func() *redis.Cmd {
					if age := time.Since(begun); age > staleAfter {
						t.Errorf("%s was looked into with a lease that began %v before", queue, age)
					}
					fetched = queue
					return answer(t.Context(), "a task")
				})
				if fetched != "" {
					break
				}
			}
		}
		if fetched != "read:alpha" {
			t.Errorf("fetched from %q, not from where somebody rang", fetched)
		}
	})
}

func TestAGateThatOpensInTheMiddleOfARoundLetsNothingOvertakeWhatItPassedOver(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	pacer := pacing.New(rdb)
	t.Cleanup(pacer.Close)
	// Open where a round begins, shut at the probe of the urgent queue, open again ever after.
	h := &flickering{answers: []bool{true, false}}
	queues := []string{"create:alpha:high", "create:alpha"}
	g := newGate("alpha", pacing.Create, pacing.Pace{}, Options{Health: h, Pacer: pacer, Log: zerolog.Nop()}, newBoard(), nil, queues)
	t.Cleanup(g.quit)
	round := func() (fetched string) {
		for _, queue := range queues {
			g.dequeue(t.Context(), queue, func() *redis.Cmd {
				fetched = queue
				return answer(t.Context(), "a task") // each of them holds one
			})
			if fetched != "" {
				break
			}
		}
		return fetched
	}
	if got := round(); got != "" {
		t.Fatalf("a round that passed over %s fetched from %s", queues[0], got)
	}
	if len(h.answers) > 0 {
		t.Fatal("the gate was never shut: the test is of no use")
	}
	if got := round(); got != queues[0] {
		t.Fatalf("the next round fetched from %q, not from %s", got, queues[0])
	}
	g.giveBack(g.collect().slot)
}

// flickering is a Health that gives these answers, one at a question, and then says open.
type flickering struct {
	health
	answers []bool
}

func (f *flickering) Open(string) bool {
	if len(f.answers) == 0 {
		return true
	}
	open := f.answers[0]
	f.answers = f.answers[1:]
	return open
}

func TestASlowerPaceHoldsFromTheNextSlotOnAndItsEndIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	h := &health{}
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{Every: 10 * time.Millisecond}), func(o *Options) { o.Health = h }).start()
	r.put(create("grp_0", "alpha", tasks.Normal))
	r.finished(1)
	testutil.Until(t, "the lane is idle", func() bool { return !r.anyMaybe() })
	h.slow(pacing.Bound{Every: time.Hour})
	r.put(create("grp_1", "alpha", tasks.Normal))
	g := r.byName["alpha"].create.gate
	testutil.Until(t, "the next is denied for an hour", func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.denied != nil && g.denied.Reason == pacing.ReasonPace && g.denied.Wait > 30*time.Minute
	})
	if got := r.pending("create:alpha"); !slices.Equal(got, []string{"grp_1"}) {
		t.Errorf("pending are %v", got)
	}
	r.put(create("grp_2", "alpha", tasks.Normal))
	h.slow(pacing.Bound{}) // the denial of an hour would be believed for longer than this test waits, by either
	r.finished(3)
}
