package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestServer_WaitingNeverCostsARetry(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t))
	var tries atomic.Int64
	r.steps.do = func(ctx context.Context, task tasks.Task, slot *pacing.Slot) error {
		if tries.Add(1) < 8 {
			return &steps.Later{Why: say.Words("the instance rests")}
		}
		return call(ctx, task, slot)
	}
	r.alpha(pacing.Pace{}).start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	testutil.Until(t, "the task has come back some times", func() bool { return tries.Load() >= 4 })
	info := r.info(tasks.CallQueue, "grp_1")
	r.finished(1)
	if info != nil && (info.Retried != 0 || info.State == asynq.TaskStateArchived) {
		t.Errorf("asynq counts %d retries, state %s; want 0, not archived", info.Retried, info.State)
	}
	if n := r.Status().Faults; n != 0 {
		t.Errorf("%d faults are counted, want 0", n)
	}
	if c := r.counts(tasks.CallQueue); c.Failed != 0 {
		t.Errorf("asynq counts %d failures, want 0", c.Failed)
	}
}

func TestServer_ATaskThatMustWaitKeepsItsPlace(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"at once": 0, "for a while": 300 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &health{closed: true}
			r := newRig(t, testutil.Redis(t), func(o *Options) { o.Health = h })
			var first atomic.Bool
			r.steps.do = func(ctx context.Context, task tasks.Task, slot *pacing.Slot) error {
				if slot != nil && !first.Swap(true) {
					h.set(false) // until grp_1 is back in its line
					return errors.Join(slot.Wait(ctx), slot.Used(ctx, time.Now()), &steps.Later{After: after, Why: say.Words("limited")})
				}
				return call(ctx, task, slot)
			}
			r.alpha(pacing.Pace{}).start()
			r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
			h.set(true)
			testutil.Until(t, "both tasks are in the line and due", func() bool {
				lines, err := r.store.Lines.Lengths(t.Context(), []string{"create:alpha"})
				now, timeErr := r.store.Now(t.Context())
				line := lines["create:alpha"]
				return errors.Join(err, timeErr) == nil && first.Load() && line.Ready+line.Later == 2 && !line.NextDue.After(now)
			})
			for _, want := range []string{"grp_1", "grp_2"} {
				id, _, err := r.store.Lines.Take(t.Context(), []string{"create:alpha"}, store.Permit{Instance: "alpha", Kind: pacing.Create}, time.Minute)
				if err != nil || id != want {
					t.Errorf("got %s, %v, want %s: grp_1 in its old place, before grp_2", id, err, want)
				}
			}
		})
	}
}

func TestServer_ATaskForLaterRunsWhenItIsDue(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{})
	at := time.Now().Add(1200 * time.Millisecond)
	ran := make(chan string, 2)
	r.steps.do = func(_ context.Context, task tasks.Task, _ *pacing.Slot) error {
		if time.Now().Before(at) {
			t.Errorf("%s ran %s before it was due", task.ID, time.Until(at))
		}
		ran <- task.ID
		return nil
	}
	r.start()
	late := create("grp_2", "alpha", tasks.Normal)
	late.At = at
	r.put(tasks.Verify("grp_1", 1, at), late)
	for range 2 {
		<-ran
	}
}

func TestServer_ATaskWithoutASlotThatComesBackAtOncePausesFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t))
	tries := make(chan time.Time, 3)
	r.steps.do = func(context.Context, tasks.Task, *pacing.Slot) error {
		select {
		case tries <- time.Now():
		default: // three tries are enough
		}
		return &steps.Later{Why: say.Words("busy")}
	}
	r.start()
	r.put(tasks.RollCall("grp_1", time.Time{}))
	last := <-tries
	for range 2 {
		now := <-tries
		if pause := now.Sub(last); pause < soonest-time.Millisecond {
			t.Errorf("the task is tried again after %v, want %v at least", pause, soonest)
		}
		last = now
	}
}

func TestServer_ATaskThatAToolRunsWaitsForItsTurnInItsLine(t *testing.T) {
	t.Parallel()
	h := &health{closed: true}
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Health = h })
	var without atomic.Int64
	r.steps.do = func(ctx context.Context, task tasks.Task, slot *pacing.Slot) error {
		if slot == nil {
			without.Add(1)
		}
		return call(ctx, task, slot)
	}
	r.alpha(pacing.Pace{}).start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	if err := asynq.NewInspectorFromRedisClient(r.rdb).RunTask(tasks.CallQueue, "grp_1"); err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "the task came without a slot and waits again", func() bool {
		info := r.info(tasks.CallQueue, "grp_1")
		return without.Load() == 1 && info != nil && info.State == asynq.TaskStateRetry && slices.Equal(r.standing("create:alpha"), []string{"grp_1"})
	})
	h.set(true)
	r.finished(1)
	if without.Load() != 1 || r.Status().Faults != 0 {
		t.Errorf("the task came %d times without a slot, with %d faults; want once, with 0", without.Load(), r.Status().Faults)
	}
}

func TestServer_AFaultIsLoggedCountedAndTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Retry = Retry{Initial: time.Millisecond, Jitter: 0.001} })
	var tries atomic.Int64
	r.steps.do = func(ctx context.Context, task tasks.Task, slot *pacing.Slot) error {
		if slot == nil {
			return turnOf(task)
		}
		switch tries.Add(1) {
		case 1:
			panic("a bug")
		case 2:
			return errors.New("the store is away")
		}
		return slot.GiveBack(ctx)
	}
	r.alpha(pacing.Pace{}).start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.finished(1)
	if !r.logs.has("a bug", "server_test.go", `"task":"grp_1"`) || !r.logs.has("the store is away", `"tries":2`) {
		t.Errorf("the log lacks the panic with its place and task, or the error with its tries:\n%s", strings.Join(r.logs.lines, ""))
	}
	if n := r.Status().Faults; n != 2 {
		t.Errorf("%d faults are counted, want the panic and the error", n)
	}
	if n := r.counts(tasks.CallQueue).Archived; n != 0 {
		t.Errorf("%d tasks are archived, want 0", n)
	}
}

func TestServer_ASlotIsUsedUpByAPanicAndFreeAfterALater(t *testing.T) {
	t.Parallel()
	today := func(t *testing.T, do func() error) int {
		t.Helper()
		r := newRig(t, testutil.Redis(t), func(o *Options) { o.Retry.Initial = time.Hour })
		r.steps.do = func(context.Context, tasks.Task, *pacing.Slot) error { return do() }
		r.alpha(pacing.Pace{}).start()
		r.put(create("grp_1", "alpha", tasks.Normal))
		testutil.Until(t, "the task waits for its next try", func() bool { return r.counts(tasks.CallQueue).Retry == 1 })
		n := 0
		testutil.Until(t, "no slot is open", func() bool {
			view, err := r.pacer.Views(t.Context(), "alpha")
			n = view[0].Create.Today
			return err == nil && !view[0].Create.Busy
		})
		return n
	}
	if n := today(t, func() error { panic("after sending?") }); n != 1 {
		t.Errorf("after a panic %d calls are counted, want 1", n)
	}
	if n := today(t, func() error { return &steps.Later{After: time.Hour, Why: say.Words("suppressed")} }); n != 0 {
		t.Errorf("after a Later %d calls are counted, want 0", n)
	}
}

func TestServer_ATaskThatCannotBeReadIsParkedAndCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{}).start()
	client := asynq.NewClientFromRedisClient(r.rdb)
	for id, task := range map[string]*asynq.Task{
		"grp_1": asynq.NewTask("group:create", []byte("not json")),
		"grp_2": asynq.NewTask("group:create", []byte("{}")),
	} {
		if _, err := client.Enqueue(task, asynq.Queue(tasks.CallQueue), asynq.TaskID(id)); err != nil {
			t.Fatal(err)
		}
	}
	testutil.Until(t, "both are parked", func() bool { return r.counts(tasks.CallQueue).Archived == 2 })
	if n := r.Status().Parked; n != 2 {
		t.Errorf("%d parked tasks are counted, want 2", n)
	}
	parked, err := r.queue.Archived(t.Context(), 10)
	if err != nil || len(parked) != 2 || parked[0].LastErr == "" {
		t.Errorf("archived tasks are %+v, %v; want two, each with its error", parked, err)
	}
	r.put(create("grp_3", "alpha", tasks.Normal)) // other tasks go on
	r.finished(1)
}

// During a rolling update, old workers get tasks from new ones.
func TestServer_ATaskOfANewerVersionIsLeftForANewerWorker(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{}).start()
	client := asynq.NewClientFromRedisClient(r.rdb)
	for id, task := range map[string]*asynq.Task{
		"grp_1": asynq.NewTask("group:create", []byte(`{"v":2}`)),
		"grp_2": asynq.NewTask("group:unheard-of", tasks.Payload{Version: 1}.Encode()),
	} {
		if _, err := client.Enqueue(task, asynq.Queue(tasks.ReadQueue), asynq.TaskID(id), asynq.MaxRetry(1)); err != nil {
			t.Fatal(err)
		}
	}
	testutil.Until(t, "both wait for another try", func() bool { return r.counts(tasks.ReadQueue).Retry == 2 })
	r.put(create("grp_3", "alpha", tasks.Normal))
	r.finished(1)
	if c, s := r.counts(tasks.ReadQueue), r.Status(); c.Archived != 0 || s.Parked != 0 || s.Faults != 0 {
		t.Errorf("the queue holds %+v, the worker counts %+v; want nothing parked and no fault; it logged\n%s", c, s, r.logs)
	}
}

// asynq archives a task whose retries are used up, even after an error that IsFailure does not count as a
// failure (processor.go:335-349). A task of ours never uses up its retries.
func TestServer_WaitingArchivesOnlyAForeignTaskWithoutRetries(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t))
	var mine atomic.Int64
	r.steps.do = func(_ context.Context, t tasks.Task, _ *pacing.Slot) error {
		if tasks.GroupOf(t.ID) == "grp_mine" {
			mine.Add(1)
		}
		return &steps.Later{After: time.Millisecond, Why: say.Words("not now")}
	}
	r.start()
	foreign := asynq.NewTask("group:verify", tasks.Payload{Version: 1}.Encode())
	if _, err := asynq.NewClientFromRedisClient(r.rdb).Enqueue(foreign, asynq.Queue(tasks.ReadQueue), asynq.MaxRetry(0)); err != nil {
		t.Fatal(err)
	}
	r.put(tasks.Verify("grp_mine", 1, time.Time{}))
	testutil.Until(t, "the foreign task is archived", func() bool { return r.counts(tasks.ReadQueue).Archived == 1 })
	testutil.Until(t, "ours is tried again", func() bool { return mine.Load() >= 2 })
	if info := r.info(tasks.ReadQueue, "grp_mine:verify:1"); info.MaxRetry != queue.MaxRetry || info.Retried != 0 {
		t.Errorf("our task has used %d of %d retries, want 0 of %d", info.Retried, info.MaxRetry, queue.MaxRetry)
	}
}

func TestRetryAfter_GrowsToItsMaximumAndNeverStops(t *testing.T) {
	t.Parallel()
	r := Retry{Initial: 2 * time.Second, Multiplier: 2, Jitter: 0.2, Max: 10 * time.Minute}
	for n, want := range map[int]time.Duration{0: 2 * time.Second, 1: 4 * time.Second, 5: 64 * time.Second, 9: 10 * time.Minute, 1 << 30: 10 * time.Minute} {
		for range 20 {
			if got := r.after(n); got < want || got > want*12/10+1 {
				t.Errorf("after %d tries: got %s, want %s to a fifth more", n, got, want)
			}
		}
	}
}

func TestOptions_KeepAJitterOfNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Retry = Retry{Initial: time.Minute} }).start()
	if pause := r.opts.Retry.after(0); pause != time.Minute {
		t.Errorf("without jitter: got a pause of %s, want a minute", pause)
	}
}

func TestServer_MeasuresHowLongItsCallsTake(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{Every: time.Millisecond}).start()
	if got := r.Takes("alpha", pacing.Create); got != 0 {
		t.Errorf("before any call Takes = %v, want 0", got)
	}
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.finished(1)
	testutil.Until(t, "the call is measured", func() bool { return r.Takes("alpha", pacing.Create) > 0 })
}

func TestDrain_ReturnsWaitingTasksToTheirPlaceAndTheirSlotsAtOnce(t *testing.T) {
	t.Parallel()
	server, rdb := testutil.Mini(t)
	r := newRig(t, rdb)
	waiting := make(chan struct{}, 1)
	r.steps.do = func(ctx context.Context, task tasks.Task, slot *pacing.Slot) error {
		if slot != nil && task.ID == "grp_1" {
			r.drain() // Drain does this first; the slot starts seconds later
			waiting <- struct{}{}
		}
		return call(ctx, task, slot)
	}
	noon := time.Now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour)
	server.SetTime(noon) // Redis' clock stands still, so that the slot of grp_1 starts as late as possible
	r.alpha(pacing.Pace{Every: time.Hour}).start()
	r.put(create("grp_0", "alpha", tasks.Normal))
	r.finished(1)
	r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
	server.SetTime(noon.Add(time.Hour - leadMax + time.Millisecond))
	// The leader lets a task with a long preparation go early.
	if err := r.queue.Free(t.Context(), queue.Free{Instance: "alpha", Kind: string(pacing.Create), Prepared: time.Minute}); err != nil {
		t.Fatal(err)
	}
	<-waiting
	if err := r.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.standing("create:alpha"); !slices.Equal(got, []string{"grp_1", "grp_2"}) {
		t.Errorf("the line holds %v, want grp_1 and grp_2 in their places", got)
	}
	view, err := r.pacer.Views(t.Context(), "alpha")
	if err != nil || view[0].Create.Busy || view[0].Create.Today != 1 {
		t.Errorf("the pace of alpha is %+v, %v; want no open slot, and one call today", view, err)
	}
	if n := r.Status().Faults; n != 0 {
		t.Errorf("%d faults are counted, want 0", n)
	}
}

func TestDrain_LetsACallUnderWayFinish(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t))
	calling, finish := make(chan struct{}), make(chan struct{})
	r.steps.do = func(ctx context.Context, task tasks.Task, slot *pacing.Slot) error {
		if slot == nil {
			return turnOf(task)
		}
		close(calling)
		<-finish
		return errors.Join(ctx.Err(), slot.Used(ctx, time.Now()))
	}
	r.alpha(pacing.Pace{}).start()
	r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
	<-calling
	drained := make(chan error, 1)
	go func() { drained <- r.Drain(context.Background()) }()
	during(t, 200*time.Millisecond, "the drain waits", func() bool { return len(drained) == 0 })
	close(finish)
	if err := <-drained; err != nil {
		t.Fatal(err)
	}
	if got := r.steps.list(); !slices.Equal(got, []string{"alpha/grp_1"}) {
		t.Errorf("the finished steps are %v, want that of grp_1", got)
	}
	if c := r.counts(tasks.CallQueue); c.Active != 0 || !slices.Equal(r.standing("create:alpha"), []string{"grp_2"}) {
		t.Errorf("the queue holds %+v, the line %v; want no active task, and grp_2 in the line", c, r.standing("create:alpha"))
	}
}

func TestDrain_WhenItsTimeIsOverItHandsTheTaskOfACallUnderWayBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t))
	calling, finish := make(chan struct{}), make(chan struct{})
	var over atomic.Bool
	r.steps.do = func(ctx context.Context, task tasks.Task, slot *pacing.Slot) error {
		if slot == nil {
			return turnOf(task)
		}
		close(calling)
		<-finish
		defer over.Store(true)
		return slot.Used(context.WithoutCancel(ctx), time.Now())
	}
	r.alpha(pacing.Pace{}).start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	<-calling
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := r.Drain(ctx)
	if err == nil || !strings.Contains(err.Error(), "1 calls were cut off") {
		t.Errorf("Drain = %v, want it to say that one call was cut off", err)
	}
	testutil.Until(t, "asynq has the task for another try", func() bool {
		info := r.info(tasks.CallQueue, "grp_1")
		return info != nil && info.State == asynq.TaskStateRetry
	})
	close(finish)
	testutil.Until(t, "the call is over", over.Load)
}

func TestStart_FailsAtOnceWhenRedisDoesNotAnswer(t *testing.T) {
	t.Parallel()
	m, rdb := testutil.Mini(t)
	r := newRig(t, rdb)
	m.SetError("LOADING")
	if err := r.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "Redis does not answer") {
		t.Errorf("Start = %v, want an error that says that Redis does not answer", err)
	}
	m.SetError("")
}

func TestNew_RefusesOptionsThatLackAField(t *testing.T) {
	t.Parallel()
	o := newRig(t, testutil.Redis(t)).opts
	o.Pacer = nil
	if _, err := New(o); err == nil {
		t.Error("New accepts options without a pacer")
	}
}

// A worker that reloads its configuration may get longer timeouts after its start.
func TestOptions_ADrainWaitsAsLongAsATaskMayRun(t *testing.T) {
	t.Parallel()
	o := newRig(t, testutil.Redis(t)).opts
	o.ShutdownTimeout = 0
	if o, err := o.withDefaults(); err != nil || o.ShutdownTimeout != queue.Timeout {
		t.Errorf("a drain waits %s (%v), want %s", o.ShutdownTimeout, err, queue.Timeout)
	}
}

func TestLogger_AsynqsFatalDoesNotEndTheProcess(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t))
	logger{r.opts.Log}.Fatal("asynq would exit here")
	if !r.logs.has("asynq_log", "asynq would exit here", `"fatal":true`) {
		t.Errorf("the log is %v, want asynq's line, marked as fatal", r.logs.lines)
	}
}

// asynq's syncer repeats a failed "done" with a context that has ended (processor.go:306-325). Without
// detached, the handler runs again after a minute, in a healthy process.
func TestDetached_AFailedDoneIsRepeatedAndTheHandlerRunsOnce(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("asynq repeats after five seconds")
	}
	rdb := testutil.Redis(t)
	fail := &failDone{}
	rdb.AddHook(fail)
	r := newRig(t, rdb).alpha(pacing.Pace{}).start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.finished(1)
	testutil.Until(t, "the first done has failed", func() bool { return fail.n.Load() > 0 })
	testutil.Until(t, "the task is gone", func() bool { return r.info(tasks.CallQueue, "grp_1") == nil })
	if n := len(r.steps.list()); n != 1 {
		t.Errorf("the handler ran %d times, want once", n)
	}
}

// failDone makes asynq's first "done" fail.
type failDone struct{ n atomic.Int64 }

func (f *failDone) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f *failDone) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (f *failDone) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		args := cmd.Args()
		if strings.HasPrefix(cmd.Name(), "eval") && len(args) > 7 && strings.HasSuffix(fmt.Sprint(args[7]), "}:processed") && f.n.Add(1) == 1 {
			err := errors.New("connection reset by peer")
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

func TestHandler_ATaskWhoseGroupIsCancelledDuringItsStepDoesNotComeBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{})
	now := time.Now().UTC()
	g := &group.Group{ID: group.NewID(), Name: "Turma", Target: tasks.Target{Instance: "alpha"}, Priority: tasks.Normal, Status: group.Queued, CreatedAt: now, UpdatedAt: now}
	if err := r.store.Records.Record(t.Context(), []*store.Entry{{Group: g}}); err != nil {
		t.Fatal(err)
	}
	task := tasks.Create(g.ID, 0, g.Target, g.Priority)
	r.steps.do = func(ctx context.Context, _ tasks.Task, _ *pacing.Slot) error {
		if _, err := r.store.Records.Update(ctx, g.ID, (*group.Group).Cancel); err != nil {
			t.Errorf("cancel: %v", err)
		}
		if err := r.queue.Remove(ctx, task); !errors.Is(err, queue.ErrActive) {
			t.Errorf("Remove = %v, want ErrActive", err)
		}
		return &steps.Later{Why: say.Words("the instance rests")}
	}
	r.put(task)
	r.start()
	testutil.Until(t, "asynq no longer has the task", func() bool { return r.info(tasks.CallQueue, task.ID) == nil })
	if line, err := r.store.Lines.Lengths(t.Context(), []string{task.Line}); err != nil || line[task.Line].Waiting() != 0 {
		t.Errorf("the line holds %+v, %v; want it empty", line, err)
	}
}
