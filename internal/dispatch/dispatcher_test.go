package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// turnOf is what a step returns for a task without a slot: the line in which it must wait, or nil if it needs no slot.
func turnOf(t tasks.Task) error {
	switch t.Type {
	case tasks.TypeCreate:
		return &steps.Turn{Line: tasks.Target{Instance: "alpha"}.Line(tasks.Normal)}
	case tasks.TypeInvite, tasks.TypeAdd:
		return &steps.Turn{Line: tasks.InviteLine("alpha")}
	default:
		return nil
	}
}

func TestDispatch_HighGoesBeforeNormalBeforeLowAndOwnBeforePool(t *testing.T) {
	t.Parallel()
	h := &health{closed: true}
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Health = h }).alpha(pacing.Pace{}).start()
	for _, p := range []tasks.Priority{tasks.Low, tasks.Normal, tasks.High} {
		r.put(tasks.Create("grp_pool_"+string(p), 0, tasks.Target{Pool: "default"}, p), create("grp_own_"+string(p), "alpha", p))
	}
	h.set(true)
	want := []string{"alpha/grp_own_high", "alpha/grp_pool_high", "alpha/grp_own_normal", "alpha/grp_pool_normal", "alpha/grp_own_low", "alpha/grp_pool_low"}
	if got := r.finished(6); !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
}

func TestDispatch_TasksThatMayNotRunStayScheduledAndInOrder(t *testing.T) {
	t.Parallel()
	h := &health{closed: true}
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Health = h }).alpha(pacing.Pace{}).start()
	r.put(create("grp_2", "alpha", tasks.Normal), create("grp_1", "alpha", tasks.Normal))
	testutil.Until(t, "a worker leads", func() bool { return r.Status().Leads })
	during(t, 300*time.Millisecond, "nothing runs", func() bool { return len(r.steps.list()) == 0 })
	if info := r.info(tasks.CallQueue, "grp_1"); info == nil || info.State != asynq.TaskStateScheduled {
		t.Errorf("asynq's tools see %+v, want a scheduled task", info)
	}
	h.set(true)
	if got := r.finished(2); !slices.Equal(got, []string{"alpha/grp_1", "alpha/grp_2"}) {
		t.Errorf("the order is %v, want the order of acceptance, which is that of the ids", got)
	}
}

// late shuts the instance for the second question only: the leader asks first, then the worker.
type late struct {
	health

	asked atomic.Int32
}

func (l *late) Open(string) bool { return l.asked.Add(1) != 2 }

func TestDispatch_AWorkerReportsACallThatItDoesNotMake(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Health = &late{} }).alpha(pacing.Pace{})
	bell, err := subscribe(t.Context(), r.rdb)
	if err != nil {
		t.Fatal(err)
	}
	defer bell.Close()
	r.start()
	testutil.Until(t, "a worker leads", func() bool { return r.Status().Leads })
	r.leads.Store(false) // its workers take the leader for another process
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.finished(1)
	var told []queue.Free
	for heard := bell.Channel(); len(told) < 2; { // the second report is of the call that was made
		select {
		case m := <-heard:
			told = append(told, queue.Heard(m.Payload).Freed...)
		case <-time.After(testutil.Timeout):
			t.Fatalf("the leader got the reports %+v, want two", told)
		}
	}
	if want := (queue.Free{Instance: "alpha", Kind: "create", Prepared: queue.Unused}); told[0] != want {
		t.Errorf("the leader got the reports %+v, want first %+v: otherwise it waits until the permit expires", told, want)
	}
}

func TestDelivery_TellsALeaderInItsProcessWithoutRedis(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t))
	r.leads.Store(true)
	d := &delivery{shared: r.shared, permit: store.Permit{Instance: "alpha", Kind: pacing.Create}}
	d.tell(t.Context(), time.Second)
	select {
	case heard := <-r.rung:
		if want := (queue.Free{Instance: "alpha", Kind: "create", Prepared: time.Second}); !slices.Equal(heard.Freed, []queue.Free{want}) {
			t.Errorf("the leader got %+v, want %+v", heard, want)
		}
	default:
		t.Error("the leader got no report")
	}
}

func TestDispatcherHear_AnUnusedSlotIsNotTakenAgainAtOnce(t *testing.T) {
	t.Parallel()
	for prepared, atOnce := range map[time.Duration]bool{0: true, queue.Unused: false} {
		d := newDispatcher(&shared{})
		d.turns = newTurns(rosterOf([]Instance{{Name: "alpha"}}))
		began := time.Now()
		d.hear(queue.Heard("~alpha/create/" + strconv.FormatInt(prepared.Milliseconds(), 10)))
		heard := time.Now()
		next := d.turns.byKey[turnKey{"alpha", pacing.Create}].notBefore
		if atOnce && next.After(heard) || !atOnce && (next.Before(began.Add(pollHealth)) || next.After(heard.Add(pollHealth))) {
			t.Errorf("after a report of %v the leader asks again in %v, want at once: %v", prepared, next.Sub(heard), atOnce)
		}
	}
}

func TestDispatcherTake_AsksAgainAtTheEndOfADenialOrOfThePace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ denied, pace, want time.Duration }{
		"a pause that ends soon":              {askAgain / 3, 0, askAgain / 3},
		"a rest of an hour":                   {time.Hour, 0, askAgain},
		"a slower pace that ends soon":        {time.Hour, askAgain / 2, askAgain / 2},
		"a slower pace that ends later":       {askAgain / 3, time.Hour, askAgain / 3},
		"a slower pace that has ended by now": {time.Hour, -time.Second, askAgain},
	} {
		d := newDispatcher(&shared{})
		d.turns = newTurns(rosterOf([]Instance{{Name: "alpha"}}))
		before := time.Now()
		is := d.turns.turn(turnKey{"alpha", pacing.Create})
		is.asking, d.asking = true, 1
		a := answer{turn: is, denied: &pacing.Denied{Wait: c.denied}}
		if c.pace != 0 {
			a.ends = before.Add(c.pace)
		}
		d.take(a)
		if next, after := is.notBefore, time.Now(); next.Before(before.Add(c.want)) || next.After(after.Add(c.want)) {
			t.Errorf("%s: the leader asks again after %v, want %v", name, next.Sub(before), c.want)
		}
	}
}

func TestDispatch_AnUrgentTaskOvertakesWhatWaitsForThePace(t *testing.T) {
	t.Parallel()
	h := &health{bound: pacing.Bound{Every: time.Hour}}
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Health = h }).alpha(pacing.Pace{}).start()
	r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal), create("grp_3", "alpha", tasks.Normal))
	r.finished(1)
	r.put(create("grp_9", "alpha", tasks.High))
	h.slow(pacing.Bound{})
	if err := r.queue.Wake(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	if got := r.finished(4); got[1] != "alpha/grp_9" {
		t.Errorf("the order is %v, want grp_9, which is urgent, right after the first", got)
	}
}

func TestDispatch_APoolsTaskGoesToTheFirstInstanceThatMayCreate(t *testing.T) {
	t.Parallel()
	slow := pacing.Pace{Every: time.Hour}
	r := newRig(t, testutil.Redis(t)).with(
		Instance{Name: "alpha", Pools: []string{"default"}, Create: slow}, Instance{Name: "beta", Pools: []string{"default"}, Create: slow},
	).start()
	r.put(create("grp_0", "alpha", tasks.Normal))
	r.finished(1)
	r.put(pooled("grp_1"), pooled("grp_2"))
	if got := r.finished(2); got[1] != "beta/grp_1" {
		t.Errorf("the steps are %v, want grp_1 at beta, which may create", got)
	}
	during(t, 200*time.Millisecond, "grp_2 waits", func() bool { return len(r.steps.list()) == 2 })
}

func TestDispatch_ASlotWithoutATaskIsFreeAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{Every: time.Hour}).start()
	testutil.Until(t, "a worker leads", func() bool { return r.Status().Leads })
	if err := r.queue.Ring(t.Context(), "create:alpha"); err != nil { // although the line is empty
		t.Fatal(err)
	}
	testutil.Until(t, "no slot is open", func() bool {
		view, err := r.pacer.Views(t.Context(), "alpha")
		return err == nil && !view[0].Create.Busy && view[0].Create.Today == 0
	})
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.finished(1)
}

func TestDispatch_ATaskThatIsNotOnAsynqIsPassedOver(t *testing.T) {
	t.Parallel()
	h := &health{closed: true}
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Health = h }).alpha(pacing.Pace{Every: time.Hour}).start()
	r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
	if err := asynq.NewInspectorFromRedisClient(r.rdb).DeleteTask(tasks.CallQueue, "grp_1"); err != nil {
		t.Fatal(err)
	}
	h.set(true)
	if got := r.finished(1); !slices.Equal(got, []string{"alpha/grp_2"}) {
		t.Errorf("the steps are %v, want grp_2 alone, in the slot of the deleted grp_1", got)
	}
}

func TestDispatch_ATaskThatAsynqCannotRunIsToldAndPassedOver(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(r *rig){
		"its key has another type": func(r *rig) { r.rdb.Set(t.Context(), "asynq:{call}:t:grp_1", "garbage", 0) },
		"it is in no list":         func(r *rig) { r.rdb.ZRem(t.Context(), "asynq:{call}:scheduled", "grp_1") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &health{closed: true}
			told := make(chan string, 1)
			r := newRig(t, testutil.Redis(t), func(o *Options) {
				o.Health = h
				o.OnBroken = func(_ context.Context, id string) error { told <- id; return nil }
			}).alpha(pacing.Pace{Every: time.Hour}).start()
			r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
			spoil(r)
			h.set(true)
			if got := r.finished(1); !slices.Equal(got, []string{"alpha/grp_2"}) {
				t.Errorf("the steps are %v, want grp_2 alone, in the slot of grp_1", got)
			}
			if id := <-told; id != "grp_1" {
				t.Errorf("OnBroken was told of %s, want grp_1", id)
			}
		})
	}
}

func TestDispatch_ATaskThatIsStillWorkedOnIsTriedAgainSoon(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{})
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.orphan("grp_1") // as if another server worked on it
	r.start()
	testutil.Until(t, "the task is left out", func() bool { return r.logs.has("task_left_out") })
	prefix := "asynq:{" + tasks.CallQueue + "}:"
	r.rdb.LRem(t.Context(), prefix+"active", 0, "grp_1")
	r.rdb.HSet(t.Context(), prefix+"t:grp_1", "state", "retry")
	r.rdb.ZAdd(t.Context(), prefix+"retry", redis.Z{Member: "grp_1", Score: float64(tasks.FarDay.Unix())})
	r.finished(1)
}

// asynq shows the task of a dead worker as active for as long as that worker's clock was ahead. A worker with such a clock
// has put the redelivery off, and the sweeper has put the task in line.
func TestDispatch_ARedeliveryThatAsynqPutsOffGetsTheTurnOfItsTask(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Reap = time.Hour }).alpha(pacing.Pace{})
	task := create("grp_1", "alpha", tasks.Normal)
	r.put(task)
	r.orphan(task.ID)
	r.put(task.Again())
	r.rdb.ZRem(t.Context(), "rollcall:{ln}:ready:create:alpha", task.Again().ID)
	r.start()
	if got := r.finished(1); !slices.Equal(got, []string{"alpha/grp_1~1"}) {
		t.Errorf("the steps are %v, want the redelivery in a slot of alpha", got)
	}
}

func TestDispatch_PollingFindsATaskThatNoBellReported(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{}).start()
	testutil.Until(t, "a worker leads", func() bool { return r.Status().Leads })
	r.put(create("grp_0", "alpha", tasks.Normal))
	r.finished(1)
	task := create("grp_1", "alpha", tasks.Normal)
	if _, err := asynq.NewClientFromRedisClient(r.rdb).Enqueue(asynq.NewTask(string(task.Type), task.Payload.Encode()),
		asynq.Queue(task.Queue()), asynq.TaskID(task.ID), asynq.ProcessAt(tasks.FarDay)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.Lines.Put(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	r.finished(2)
}

func TestDispatch_PollingFindsWhatIsDueByRedisClock(t *testing.T) {
	t.Parallel()
	server, rdb := testutil.Mini(t)
	ahead := time.Now().Add(time.Hour)
	server.SetTime(ahead)
	r := newRig(t, rdb).alpha(pacing.Pace{})
	task := create("grp_1", "alpha", tasks.Normal)
	task.At = ahead.Add(time.Second)
	r.put(task) // no leader hears its bell
	r.start()
	testutil.Until(t, "a worker leads", func() bool { return r.Status().Leads })
	server.SetTime(ahead.Add(2 * time.Second))
	r.finished(1)
}

func TestDispatch_WakeEndsADenialThatIsOutOfDate(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{}).start()
	if _, err := r.pacer.RestFor(t.Context(), "alpha", time.Hour, pacing.Why{Cause: pacing.CauseLimited}); err != nil {
		t.Fatal(err)
	}
	r.put(create("grp_1", "alpha", tasks.Normal))
	during(t, 200*time.Millisecond, "the task waits for the end of the rest", func() bool { return len(r.steps.list()) == 0 })
	if err := errors.Join(r.pacer.ClearRest(t.Context(), "alpha"), r.queue.Wake(t.Context(), "alpha")); err != nil {
		t.Fatal(err)
	}
	r.finished(1)
}

func TestDispatch_ASlowerPaceHoldsFromTheNextSlotOn(t *testing.T) {
	t.Parallel()
	h := &health{}
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Health = h }).alpha(pacing.Pace{}).start()
	h.slow(pacing.Bound{Every: time.Hour})
	r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
	r.finished(1)
	during(t, 300*time.Millisecond, "the second waits for the slower pace", func() bool { return len(r.steps.list()) == 1 })
	h.slow(pacing.Bound{})
	if err := r.queue.Wake(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	r.finished(2)
}

func TestDispatch_GoesOnWhenASlowerPaceEndsAndNotBefore(t *testing.T) {
	t.Parallel()
	ends := time.Now().Add(2 * time.Second)
	h := &health{bound: pacing.Bound{Every: time.Hour}, until: ends}
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Health = h }).alpha(pacing.Pace{})
	var began atomic.Int64 // when the latest step began
	r.steps.do = func(ctx context.Context, task tasks.Task, slot *pacing.Slot) error {
		if slot != nil {
			began.Store(time.Now().UnixNano())
		}
		return call(ctx, task, slot)
	}
	r.start()
	r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
	r.finished(2)
	if early := ends.Sub(time.Unix(0, began.Load())); early > 0 {
		t.Errorf("the second step began %v before the end of the slower pace", early)
	}
}

func TestDispatch_GoesOnWhenAPauseEndsAndNotBefore(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.RealRedis(t).Client(), func(o *Options) {}).alpha(pacing.Pace{})
	now, err := r.store.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	until := now.Add(1500 * time.Millisecond)
	if err := r.pacer.Pause(t.Context(), "alpha", until); err != nil {
		t.Fatal(err)
	}
	var began atomic.Int64
	r.steps.do = func(ctx context.Context, task tasks.Task, slot *pacing.Slot) error {
		if slot == nil {
			return turnOf(task)
		}
		if err := slot.Wait(ctx); err != nil {
			return err
		}
		if err := slot.Begin(ctx); err != nil {
			return err
		}
		now, err := r.store.Now(ctx)
		began.Store(now.UnixNano())
		return errors.Join(err, slot.Used(ctx, time.Now()))
	}
	r.start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.finished(1)
	if early := until.Sub(time.Unix(0, began.Load())); early > 0 {
		t.Errorf("the call began %v before the end of the pause", early)
	}
}

func TestDispatch_NoTwoCreatesOfAnInstanceAreInFlightOverThreeProcesses(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	var inFlight, most, made atomic.Int64
	do := func(ctx context.Context, task tasks.Task, slot *pacing.Slot) error {
		if slot == nil {
			return turnOf(task)
		}
		if err := slot.Wait(ctx); err != nil {
			return err
		}
		if n := inFlight.Add(1); n > most.Load() {
			most.Store(n)
		}
		select { // the call takes a while
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
		}
		inFlight.Add(-1)
		made.Add(1)
		return slot.Used(ctx, time.Now())
	}
	for range 3 {
		r := newRig(t, rdb, func(o *Options) { o.Reap = time.Hour }) // so that no slow worker is taken for dead
		r.steps.do = do
		r.alpha(pacing.Pace{}).start()
	}
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, rdb: rdb, store: st, queue: newRig(t, rdb).queue}
	const n = 60
	for i := range n {
		r.put(create(fmt.Sprintf("grp_%03d", i), "alpha", tasks.Normal))
	}
	testutil.Until(t, "all are made", func() bool { return made.Load() >= n })
	if made.Load() != n || most.Load() != 1 {
		t.Errorf("%d calls, %d of them at the same time; want %d and 1", made.Load(), most.Load(), n)
	}
}

func TestDispatch_AnotherLeadsAsSoonAsTheLeaderStops(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	first := newRig(t, rdb).alpha(pacing.Pace{}).start()
	testutil.Until(t, "the first leads", func() bool { return first.Status().Leads })
	second := newRig(t, rdb).alpha(pacing.Pace{}).start()
	during(t, 200*time.Millisecond, "the second does not lead", func() bool { return !second.Status().Leads })
	if err := first.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	second.put(create("grp_1", "alpha", tasks.Normal))
	second.finished(1)
	if !second.Status().Leads || first.Status().Leads {
		t.Errorf("after the drain the first leads: %v, the second leads: %v; want the second alone", first.Status().Leads, second.Status().Leads)
	}
}

func TestDispatcherRun_AWorkerThatDrainsDoesNotBeginToDispatch(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{})
	ctx, drain := context.WithCancel(t.Context())
	drain()
	r.dispatcher.until = time.Now().Add(leaseFor)
	r.dispatcher.run(ctx)
	if r.logs.has(string(event.Dispatching)) {
		t.Error("a worker that drains begins to dispatch")
	}
}

func TestDispatch_ALeaderThatIsNotHeardOfIsReplaced(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.RealRedis(t).Client()).alpha(pacing.Pace{}) // a real Redis: no key expires in the embedded one
	if lead, err := r.store.Presence.Lead(t.Context(), job, "a worker that is frozen", time.Second); err != nil || !lead {
		t.Fatalf("the frozen worker leads: %t, %v; want true", lead, err)
	}
	r.start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.finished(1)
}

func TestDispatch_AnUnclaimedPermitPutsTheTaskBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{Every: time.Hour})
	task := create("grp_1", "alpha", tasks.Normal)
	r.put(task)
	// A leader took the task from its line and was killed before it gave the task to asynq.
	grant, err := r.pacer.NewGrant(t.Context(), "alpha")
	if err != nil {
		t.Fatal(err)
	}
	if id, _, err := r.store.Lines.Take(t.Context(), []string{task.Line}, store.Permit{Instance: "alpha", Kind: pacing.Create, Grant: grant}, 100*time.Millisecond); err != nil || id != task.ID {
		t.Fatalf("Take = %q, %v, want %q", id, err, task.ID)
	}
	r.start()
	r.finished(1)
}

func TestDispatch_APausedQueueTakesNoSlotAndGoesOnAfterwards(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{Every: time.Hour})
	r.put(create("grp_1", "alpha", tasks.Normal))
	tools := asynq.NewInspectorFromRedisClient(r.rdb)
	if err := tools.PauseQueue(tasks.CallQueue); err != nil {
		t.Fatal(err)
	}
	r.start()
	testutil.Until(t, "the pause is noticed", func() bool {
		view, err := r.pacer.Views(t.Context(), "alpha")
		return err == nil && r.Status().Leads && r.Status().Paused && !view[0].Create.Busy
	})
	if err := tools.UnpauseQueue(tasks.CallQueue); err != nil {
		t.Fatal(err)
	}
	r.finished(1)
}

func TestDispatch_ABlockedQueueTakesNoSlotIsToldOnceAndGoesOnAfterwards(t *testing.T) {
	t.Parallel()
	for key, told := range map[string]string{"asynq:queues": "asynq:queues", "asynq:{call}:lease": "asynq:*call*", "asynq:{call}:scheduled": "asynq:*call*"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			task := create("grp_1", "alpha", tasks.Normal)
			r := newRig(t, testutil.Redis(t), func(o *Options) {
				o.OnBroken = func(ctx context.Context, _ string) error { _, err := o.Queue.PutAgain(ctx, task); return err }
			}).alpha(pacing.Pace{Every: time.Hour})
			r.put(task)
			listed := r.rdb.SMembers(t.Context(), "asynq:queues").Val()
			r.rdb.Del(t.Context(), key)
			r.rdb.Set(t.Context(), key, "a stranger's", 0)
			r.start()
			testutil.Until(t, "the key is told", func() bool { return strings.Contains(r.logs.String(), `"event":"queue_blocked"`) })
			if view, err := r.pacer.Views(t.Context(), "alpha"); err != nil || view[0].Create.Busy || !strings.Contains(r.logs.String(), told) {
				t.Errorf("got %+v, %v and the log\n%s\nwant no slot taken and %s named", view, err, r.logs, told)
			}
			r.rdb.Del(t.Context(), key)
			for _, name := range listed {
				r.rdb.SAdd(t.Context(), "asynq:queues", name)
			}
			r.finished(1)
			if n := strings.Count(r.logs.String(), "queue_blocked"); n != 1 || strings.Count(r.logs.String(), "queue_unblocked") != 1 {
				t.Errorf("the key was told %d times, want once, and its end once:\n%s", n, r.logs)
			}
		})
	}
}

func TestDispatch_WorksOnACluster(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts three servers")
	}
	r := newRig(t, testutil.Cluster(t).Client()).with(Instance{Name: "alpha", Pools: []string{"default"}}, Instance{Name: "beta", Pools: []string{"default"}}).start()
	for i := range 10 {
		r.put(create(fmt.Sprintf("grp_a%d", i), "alpha", tasks.High), pooled(fmt.Sprintf("grp_b%d", i)), tasks.Invite(fmt.Sprintf("grp_c%d", i), 1, "beta"))
	}
	r.put(tasks.Verify("grp_v", 1, time.Now().Add(time.Second)))
	r.finished(31)
}

func TestDispatch_SetAddsAndRemovesInstances(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).with(Instance{Name: "alpha"}).start()
	r.put(create("grp_1", "beta", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
	r.finished(1)
	r.with(Instance{Name: "beta"})
	r.finished(2)
	r.put(create("grp_3", "alpha", tasks.Normal))
	during(t, 200*time.Millisecond, "nothing is let go for an instance that is gone", func() bool { return len(r.steps.list()) == 2 })
	r.with(Instance{Name: "alpha"}, Instance{Name: "beta"})
	r.finished(3)
}

func TestLeadOf_FollowsThePreparationWithinItsBounds(t *testing.T) {
	t.Parallel()
	minute := pacing.Pace{Every: time.Minute}
	if got := leadOf(0, minute); got != leadStart {
		t.Errorf("before any measurement the lead is %s, want %s", got, leadStart)
	}
	if got := leadOf(400*time.Millisecond, minute); got < 400*time.Millisecond || got > 600*time.Millisecond {
		t.Errorf("after preparations of 400ms the lead is %s, want 400ms to 600ms", got)
	}
	if got := leadOf(400*time.Millisecond, pacing.Pace{Every: 100 * time.Millisecond}); got != 50*time.Millisecond {
		t.Errorf("at a pace of 100ms the lead is %s, want 50ms", got)
	}
	if got := leadOf(time.Hour, minute); got != leadMax {
		t.Errorf("after preparations of an hour the lead is %s, want %s", got, leadMax)
	}
}
