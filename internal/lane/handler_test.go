package lane

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestWaitingNeverCostsARetry(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}))
	var tries atomic.Int64
	r.steps.do = func(context.Context, tasks.Task, string, *pacing.Slot) error {
		if tries.Add(1) < 8 {
			return &steps.Later{Why: "the instance rests"}
		}
		return nil
	}
	r.start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	testutil.Until(t, "the task has come back some times", func() bool { return tries.Load() >= 4 })
	info := r.info("create:alpha", "grp_1")
	r.finished(1)
	if info != nil && (info.Retried != 0 || info.State == asynq.TaskStateArchived || info.LastErr != "") {
		t.Errorf("got %d retries, state %s, error %q", info.Retried, info.State, info.LastErr)
	}
	if n := r.Status().Faults; n != 0 {
		t.Errorf("%d faults were counted", n)
	}
}

func TestATaskThatMustWaitKeepsItsPlace(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"at once": 0, "for a while": 300 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{Every: 800 * time.Millisecond}))
			var first atomic.Bool
			r.steps.do = func(ctx context.Context, _ tasks.Task, _ string, slot *pacing.Slot) error {
				if !first.Swap(true) {
					return errors.Join(slot.Wait(ctx), slot.Used(ctx, time.Now()), &steps.Later{After: after, Why: "limited"})
				}
				return call(ctx, slot)
			}
			h := &health{closed: true}
			r.opts.Health = h
			r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
			r.start()
			h.set(true)
			testutil.Until(t, "the first was tried", first.Load)
			testutil.Until(t, "it is back in the queue", func() bool { return len(r.pending("create:alpha")) == 2 || len(r.steps.list()) > 0 })
			r.finished(2)
			if after == 0 && !slices.Equal(r.steps.list(), []string{"alpha/grp_1", "alpha/grp_2"}) {
				t.Errorf("got %v", r.steps.list())
			}
		})
	}
}

func TestARetriedTaskReturnsToTheHeadAndAScheduledOneToTheTail(t *testing.T) {
	t.Parallel()
	h := &health{closed: true}
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}), func(o *Options) { o.Health = h }).start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	for _, id := range []string{"grp_r1", "grp_r2", "grp_s1"} {
		late := create(id, "alpha", tasks.Normal)
		late.At = time.Now().Add(time.Hour)
		r.put(late)
	}
	past := float64(time.Now().Add(-time.Minute).Unix())
	for id, set := range map[string]string{"grp_r1": "retry", "grp_r2": "retry", "grp_s1": "scheduled"} {
		score := past
		if id == "grp_r2" {
			score++
		}
		r.rdb.ZRem(t.Context(), key("create:alpha", "scheduled"), id)
		r.rdb.Do(t.Context(), "zadd", key("create:alpha", set), score, id)
	}
	want := []string{"grp_r1", "grp_r2", "grp_1", "grp_s1"}
	testutil.Until(t, "all are pending", func() bool { return len(r.pending("create:alpha")) == 4 })
	if got := r.pending("create:alpha"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if info := r.info("create:alpha", "grp_r1"); info.State != asynq.TaskStatePending {
		t.Errorf("the state is %s", info.State)
	}
	if l := r.lengths("create:alpha"); l.OldestPending.IsZero() {
		t.Errorf("got %+v", l)
	}
}

func TestATaskForLaterRunsWhenItIsDue(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{})).start()
	at := time.Now().Add(1200 * time.Millisecond)
	ran := make(chan time.Time, 1)
	r.steps.do = func(context.Context, tasks.Task, string, *pacing.Slot) error { ran <- time.Now(); return nil }
	r.put(tasks.Verify("grp_1", 1, "alpha", at))
	if got := <-ran; got.Before(at) || got.Sub(at) > 2*time.Second {
		t.Errorf("ran %s after it was due", got.Sub(at))
	}
}

func TestAnUnpacedTaskThatSaysAtOnceDoesNotRunInCircles(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}))
	var tries atomic.Int64
	r.steps.do = func(context.Context, tasks.Task, string, *pacing.Slot) error {
		tries.Add(1)
		return &steps.Later{Why: "busy"}
	}
	r.start()
	r.put(tasks.RollCall("grp_1", "alpha", time.Time{}))
	testutil.Until(t, "it was tried twice", func() bool { return tries.Load() == 2 })
	during(t, 500*time.Millisecond, "it is not tried all the time", func() bool { return tries.Load() <= 3 })
}

func TestAFaultIsLoggedCountedAndTriedAgainWithGrowingPauses(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}), func(o *Options) { o.Retry = Retry{Initial: time.Millisecond, Jitter: 0.001} })
	var tries atomic.Int64
	r.steps.do = func(_ context.Context, _ tasks.Task, _ string, slot *pacing.Slot) error {
		switch tries.Add(1) {
		case 1:
			panic("a bug")
		case 2:
			return errors.New("the store is away")
		}
		return slot.GiveBack(context.Background())
	}
	r.start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	testutil.Until(t, "it was tried", func() bool { return tries.Load() >= 2 })
	r.finished(1)
	if !r.logs.has("a bug", "handler_test.go", `"task":"grp_1"`) || !r.logs.has("the store is away", `"tries":2`) {
		t.Errorf("the log says %s", strings.Join(r.logs.lines, ""))
	}
	if n := r.Status().Faults; n != 2 {
		t.Errorf("%d faults were counted", n)
	}
	if n := r.lengths("create:alpha").Archived; n != 0 {
		t.Errorf("%d tasks were archived", n)
	}
}

func TestASlotIsUsedUpByAPanicAndFreeAfterAVerdict(t *testing.T) {
	t.Parallel()
	today := func(t *testing.T, do func() error) int {
		t.Helper()
		r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}), func(o *Options) { o.Retry.Initial = time.Hour })
		r.steps.do = func(context.Context, tasks.Task, string, *pacing.Slot) error { return do() }
		r.start()
		r.put(create("grp_1", "alpha", tasks.Normal))
		// The slot is settled before asynq hears what becomes of the task; the gate may hold another
		// one for a moment then, until it has seen that nothing waits.
		testutil.Until(t, "the task waits for its next try", func() bool { return r.lengths("create:alpha").Retry == 1 })
		n := 0
		testutil.Until(t, "no slot is open", func() bool {
			view, err := r.opts.Pacer.(*pacing.Pacer).Look(t.Context(), "alpha")
			n = view[0].Create.Today
			return err == nil && !view[0].Create.Busy
		})
		return n
	}
	if n := today(t, func() error { panic("after sending?") }); n != 1 {
		t.Errorf("after a panic %d calls are counted, want 1", n)
	}
	if n := today(t, func() error { return &steps.Later{After: time.Hour, Why: "suppressed"} }); n != 0 {
		t.Errorf("after a verdict %d calls are counted, want 0", n)
	}
}

func TestWhatCannotBeReadIsParkedAndCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{})).start()
	client := asynq.NewClientFromRedisClient(r.rdb)
	for id, task := range map[string]*asynq.Task{
		"grp_1": asynq.NewTask("group:create", []byte("not json")),
		"grp_2": asynq.NewTask("group:create", []byte("{}")),
	} {
		if _, err := client.Enqueue(task, asynq.Queue("create:alpha"), asynq.TaskID(id)); err != nil {
			t.Fatal(err)
		}
	}
	testutil.Until(t, "both are parked", func() bool { return r.lengths("create:alpha").Archived == 2 })
	if n := r.Status().Parked; n != 2 {
		t.Errorf("%d are counted", n)
	}
	parked, err := r.queue.Archived(t.Context(), "create:alpha", 10)
	if err != nil || len(parked) != 2 || parked[0].LastErr == "" {
		t.Errorf("got %+v, %v", parked, err)
	}
	r.put(create("grp_3", "alpha", tasks.Normal)) // and the lane goes on
	r.finished(1)
}

// In the middle of a deploy old workers meet the tasks of new ones.
func TestATaskOfANewerVersionIsLeftForANewerWorker(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{})).start()
	client := asynq.NewClientFromRedisClient(r.rdb)
	for id, task := range map[string]*asynq.Task{
		"grp_1": asynq.NewTask("group:create", []byte(`{"v":2,"group":"grp_1"}`)),
		"grp_2": asynq.NewTask("group:unheard-of", tasks.Payload{Version: 1, Group: "grp_2"}.Encode()),
	} {
		if _, err := client.Enqueue(task, asynq.Queue("create:alpha"), asynq.TaskID(id), asynq.MaxRetry(1)); err != nil {
			t.Fatal(err)
		}
	}
	testutil.Until(t, "both wait to be looked at again", func() bool { return r.rdb.ZCard(t.Context(), key("create:alpha", "retry")).Val() == 2 })
	r.put(create("grp_3", "alpha", tasks.Normal)) // the lane goes on
	r.finished(1)
	if l, s := r.lengths("create:alpha"), r.Status(); l.Archived != 0 || s.Parked != 0 || s.Faults != 0 {
		t.Errorf("the queue holds %+v, the lane counts %+v; want nothing parked and no fault", l, s)
	}
}

// The trap: asynq archives a task whose retries are used up even for an error that IsFailure calls
// harmless (processor.go:335-349). Our tasks never get there.
func TestAForeignTaskWithoutRetriesIsTheOnlyOneThatAWaitCanArchive(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}))
	var mine atomic.Int64
	r.steps.do = func(_ context.Context, t tasks.Task, _ string, _ *pacing.Slot) error {
		if t.Payload.Group == "grp_mine" {
			mine.Add(1)
		}
		return &steps.Later{After: time.Millisecond, Why: "not now"}
	}
	r.start()
	client := asynq.NewClientFromRedisClient(r.rdb)
	foreign := asynq.NewTask("group:verify", tasks.Payload{Group: "grp_foreign"}.Encode())
	if _, err := client.Enqueue(foreign, asynq.Queue("read:alpha"), asynq.MaxRetry(0)); err != nil {
		t.Fatal(err)
	}
	r.put(tasks.Verify("grp_mine", 1, "alpha", time.Time{}))
	testutil.Until(t, "the foreign one is archived", func() bool { return r.lengths("read:alpha").Archived == 1 })
	testutil.Until(t, "ours is tried again", func() bool { return mine.Load() >= 2 })
	if info := r.info("read:alpha", "grp_mine:verify:1"); info.MaxRetry != queue.MaxRetry || info.Retried != 0 {
		t.Errorf("got %d of %d retries", info.Retried, info.MaxRetry)
	}
}

func TestThePausesGrowToTheirMaximumAndNeverStop(t *testing.T) {
	t.Parallel()
	r := Retry{Initial: 2 * time.Second, Multiplier: 2, Jitter: 0.2, Max: 10 * time.Minute}
	for n, want := range map[int]time.Duration{0: 2 * time.Second, 1: 4 * time.Second, 5: 64 * time.Second, 9: 10 * time.Minute, 1 << 30: 10 * time.Minute} {
		if got := r.after(n); got < want*8/10 || got > want*12/10+1 {
			t.Errorf("after %d tries: got %s, want about %s", n, got, want)
		}
	}
}

func TestALaneKnowsHowLongItsCallsTake(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{Every: time.Millisecond})).start()
	takes := func() time.Duration {
		for _, v := range r.Status().Each {
			if v.Instance == "alpha" && v.Kind == string(pacing.Create) {
				return v.Takes
			}
		}
		return -1
	}
	if got := takes(); got != 0 {
		t.Errorf("before any: %v", got)
	}
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.finished(1)
	testutil.Until(t, "it was measured", func() bool { return takes() > 0 })
}

func TestTheLeadFollowsThePreparationWithinItsBounds(t *testing.T) {
	t.Parallel()
	var l lead
	minute := pacing.Pace{Every: time.Minute}
	if got := l.of(minute); got != leadStart {
		t.Errorf("before anything was measured: %s", got)
	}
	for range 50 {
		l.observe(400 * time.Millisecond)
	}
	if got := l.of(minute); got < 400*time.Millisecond || got > 600*time.Millisecond {
		t.Errorf("after preparations of 400ms: %s", got)
	}
	if got := l.of(pacing.Pace{Every: 100 * time.Millisecond}); got != 50*time.Millisecond {
		t.Errorf("at a pace of 100ms: %s", got)
	}
	if got := l.of(pacing.Pace{}); got != 0 {
		t.Errorf("unpaced: %s", got)
	}
	for range 100 {
		l.observe(time.Hour)
	}
	if got := l.of(minute); got != leadMost {
		t.Errorf("after preparations of an hour: %s", got)
	}
}

func (r *rig) info(name, id string) *asynq.TaskInfo {
	info, err := asynq.NewInspectorFromRedisClient(r.rdb).GetTaskInfo(name, id)
	if err != nil {
		return nil
	}
	return info
}
