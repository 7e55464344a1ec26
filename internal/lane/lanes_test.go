package lane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestDrainReturnsWaitingTasksToTheirPlaceAndTheirSlotsAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{Every: 3 * time.Second}))
	r.start()
	pair := r.byName["alpha"]
	pair.create.gate.lead.observe(time.Minute) // fetch early: half of the pace
	r.put(create("grp_0", "alpha", tasks.Normal))
	r.finished(1)
	r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal))
	testutil.Until(t, "the next waits for its slot", func() bool { return r.Busy() == 1 })
	before := time.Now()
	if err := r.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(before); took > time.Second {
		t.Errorf("the drain took %s", took)
	}
	if got := r.pending("create:alpha"); !slices.Equal(got, []string{"grp_1", "grp_2"}) {
		t.Errorf("pending are %v", got)
	}
	view, err := r.opts.Pacer.(*pacing.Pacer).Look(t.Context(), "alpha")
	if err != nil || view[0].Create.Busy || view[0].Create.Today != 1 {
		t.Errorf("the pace is %+v, %v", view, err)
	}
	if n := r.Status().Faults; n != 0 {
		t.Errorf("%d faults were counted", n)
	}
}

func TestALaneHasNoConnectionOfItsOwn(t *testing.T) {
	t.Parallel()
	var log logBook
	rdb := testutil.RealRedis(t).Client()
	r := newRig(t, rdb, func(o *Options) {
		for i := range 50 {
			o.Instances = append(o.Instances, Instance{Name: fmt.Sprintf("i%02d", i)})
		}
		o.Log = zerolog.New(&log)
	})
	r.start()
	r.put(create("grp_1", "i49", tasks.Normal))
	r.finished(1)
	listening, err := rdb.Do(t.Context(), "CLIENT", "LIST", "TYPE", "pubsub").Text()
	if n := strings.Count(listening, "\n"); n != 1 || err != nil {
		t.Errorf("%d connections listen (%v), want one for the bell of 100 lanes", n, err)
	}
	if n, err := rdb.ZCard(t.Context(), "asynq:servers").Result(); n > 1 || err != nil {
		t.Errorf("%d lanes tell asynq's monitors of themselves (%v), want the one that had work at most", n, err)
	}
	if log.has("cancelation") {
		t.Error("asynq's complaint that nobody listens reached the log")
	}
}

func TestDrainLetsACallUnderWayFinish(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}))
	calling, finish := make(chan struct{}), make(chan struct{})
	r.steps.do = func(ctx context.Context, _ tasks.Task, _ string, slot *pacing.Slot) error {
		close(calling)
		<-finish
		return errors.Join(ctx.Err(), slot.Used(ctx, time.Now()))
	}
	r.start()
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
		t.Errorf("done are %v", got)
	}
	if l := r.lengths("create:alpha"); l.Active != 0 || l.Pending != 1 {
		t.Errorf("the queue holds %+v", l)
	}
}

func TestTheSecondPhaseHandsACallUnderWayBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}))
	calling, finish := make(chan struct{}), make(chan struct{})
	var over atomic.Bool
	r.steps.do = func(ctx context.Context, _ tasks.Task, _ string, slot *pacing.Slot) error {
		close(calling)
		<-finish
		defer over.Store(true)
		return slot.Used(context.WithoutCancel(ctx), time.Now())
	}
	r.start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	<-calling
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := r.Drain(ctx)
	if err == nil || !strings.Contains(err.Error(), "1 calls were cut off") {
		t.Errorf("got %v", err)
	}
	if got := r.pending("create:alpha"); !slices.Equal(got, []string{"grp_1"}) {
		t.Errorf("pending are %v", got)
	}
	close(finish)
	testutil.Until(t, "the call is over", over.Load)
}

func TestSetStartsStopsAndChangesLanesWhileOthersRun(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{Every: time.Hour})).start()
	r.put(create("grp_a1", "alpha", tasks.Normal))
	r.finished(1)
	r.put(create("grp_a2", "alpha", tasks.Normal), create("grp_b", "beta", tasks.Normal),
		tasks.Create("grp_vip", 0, tasks.Target{Pool: "vip"}, tasks.Normal))
	during(t, 200*time.Millisecond, "nothing more may run", func() bool { return len(r.steps.list()) == 1 })

	set := func(instances ...Instance) {
		t.Helper()
		if err := r.Set(instances); err != nil {
			t.Fatal(err)
		}
	}
	// A new instance; the other's pace becomes free.
	set(Instance{Name: "alpha", Pools: []string{"default"}}, Instance{Name: "beta", Create: pacing.Pace{Every: time.Hour}})
	got := r.finished(3)
	slices.Sort(got)
	if !slices.Equal(got, []string{"alpha/grp_a1", "alpha/grp_a2", "beta/grp_b"}) {
		t.Errorf("got %v", got)
	}
	// Another pool.
	set(Instance{Name: "alpha", Pools: []string{"vip"}}, Instance{Name: "beta"})
	if got := r.finished(4)[3]; got != "alpha/grp_vip" {
		t.Errorf("got %s", got)
	}
	// One is removed.
	set(Instance{Name: "beta"})
	testutil.Until(t, "two lanes are left", func() bool { return r.Lanes.Lanes() == 2 })
	r.put(create("grp_a3", "alpha", tasks.Normal), create("grp_b2", "beta", tasks.Normal))
	if got := r.finished(5)[4]; got != "beta/grp_b2" {
		t.Errorf("got %s", got)
	}
	if l := r.lengths("create:alpha"); l.Pending != 1 {
		t.Errorf("the queue without a lane holds %+v", l)
	}
	if err := r.Set([]Instance{{Name: "x"}, {Name: "x"}}); err == nil {
		t.Error("two instances of one name were accepted")
	}
}

func TestASharedLaneServesItsQueuesWithoutAPace(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Shared = []Shared{{Name: "webhook", Queues: []string{"webhook"}}} }).start()
	r.put(tasks.Task{Type: tasks.TypeDeliver, ID: "evt_1", Queue: "webhook", Payload: tasks.Payload{Version: 1, Group: "grp_1"}})
	if got := r.finished(1)[0]; got != "/evt_1" {
		t.Errorf("got %s", got)
	}
}

func TestAnAsynqOfAnotherShapeIsNoticedAndItsTasksStillKeepTheirPace(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{Every: 300 * time.Millisecond}))
	r.recognise = func(keys []string) (op, string) {
		if what, queue := recognise(keys); what != opDequeue {
			return what, queue
		}
		return opOther, ""
	}
	var calls []time.Time
	r.steps.do = func(ctx context.Context, _ tasks.Task, _ string, slot *pacing.Slot) error {
		if err := slot.Wait(ctx); err != nil {
			return err
		}
		calls = append(calls, time.Now()) // one at a time
		return slot.Used(ctx, time.Now())
	}
	r.start()
	if !r.Status().Blind || !r.logs.has("not known") {
		t.Errorf("nobody noticed: %v", r.logs.lines)
	}
	r.put(create("grp_1", "alpha", tasks.Normal), create("grp_2", "alpha", tasks.Normal), create("grp_3", "alpha", tasks.Normal))
	r.finished(3)
	for i, at := range calls[1:] {
		if gap := at.Sub(calls[i]); gap < 299*time.Millisecond {
			t.Errorf("a gap of %s", gap)
		}
	}
}

func TestTheSelfTestLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).start()
	if r.Status().Blind {
		t.Error("the gate does not see this asynq")
	}
	if keys := r.rdb.Keys(t.Context(), "*selftest*").Val(); len(keys) != 0 {
		t.Errorf("left %v", keys)
	}
	if queues := r.rdb.SMembers(t.Context(), "asynq:queues").Val(); len(queues) != 0 {
		t.Errorf("left %v", queues)
	}
}

func TestWhatASelfTestLeftWhoseWorkerWasKilledIsRemoved(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}))
	old := fmt.Sprintf("selftest:%d-X", time.Now().Add(-time.Minute).Unix())
	young := fmt.Sprintf("selftest:%d-Y", time.Now().Unix())
	for _, name := range []string{old, young} {
		r.rdb.SAdd(t.Context(), "asynq:queues", name)
		r.rdb.LPush(t.Context(), key(name, "active"), "probe")
		r.rdb.ZAdd(t.Context(), key(name, "lease"), redis.Z{Member: "probe", Score: 1})
		r.rdb.HSet(t.Context(), key(name, "t:probe"), "state", "active")
	}
	r.start()
	if n := r.rdb.Exists(t.Context(), key(young, "active"), key(young, "lease"), key(young, "t:probe")).Val(); n != 3 {
		t.Errorf("of the self-test that may be under way %d keys are left, want all 3", n)
	}
	if keys := r.rdb.Keys(t.Context(), "*"+old+"*").Val(); len(keys) != 0 {
		t.Errorf("left are %v", keys)
	}
	if all := r.rdb.SMembers(t.Context(), "asynq:queues").Val(); slices.Contains(all, old) {
		t.Errorf("the queues are %v", all)
	}
}

func TestStartSaysThatRedisIsAwayInsteadOfWaitingForIt(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	t.Cleanup(func() { _ = rdb.Close() })
	r := newRig(t, rdb, alpha(pacing.Pace{}))
	if err := r.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "Redis does not answer") {
		t.Errorf("got %v", err)
	}
}

func TestTimesThatWouldHandACallOnAreRefused(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	good := Options{Redis: rdb, Pacer: pacing.New(rdb), Steps: &fakeSteps{}}
	if _, err := New(good); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
	for name, change := range map[string]func(*Options){
		"shutdown shorter than a call": func(o *Options) { o.Budget, o.ShutdownTimeout = time.Minute, 59*time.Second },
		"task timeout as long":         func(o *Options) { o.Budget, o.TaskTimeout = time.Minute, time.Minute },
		"no steps":                     func(o *Options) { o.Steps = nil },
		"an instance without a name":   func(o *Options) { o.Instances = []Instance{{}} },
	} {
		o := good
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAsynqsFatalDoesNotEndTheProcess(t *testing.T) {
	t.Parallel()
	book := &logBook{}
	logger{zerolog.New(book)}.Fatal("the ", "end")
	if !book.has("the end", `"level":"error"`) {
		t.Errorf("logged %v", book.lines)
	}
}

func TestIdleLanesCostOnePipelineASecond(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := newRig(t, rdb, func(o *Options) {
		o.Watch = time.Second
		for i := range 50 {
			o.Instances = append(o.Instances, Instance{Name: fmt.Sprintf("i%d", i), Pools: []string{"default"}})
		}
	}).start()
	testutil.Until(t, "the lanes are idle", func() bool { return !r.anyMaybe() })
	trips := &scripts{}
	rdb.AddHook(trips)
	// A last fetch may still be on its way; after it there is none.
	fetches, pipelines, since := int64(-1), int64(0), time.Now()
	testutil.Until(t, "two seconds pass without a fetch", func() bool {
		if n := trips.fetching.Load(); n != fetches {
			fetches, pipelines, since = n, trips.pipelines.Load(), time.Now()
		}
		return time.Since(since) > 2*time.Second
	})
	n := trips.pipelines.Load() - pipelines
	t.Logf("100 idle lanes, 2s: %d pipelines, %d scripts (heartbeats)", n, trips.all.Load())
	if n > 4 {
		t.Errorf("%d pipelines in 2s", n)
	}
}

// scripts counts what reaches Redis.
type scripts struct{ pipelines, all, fetching atomic.Int64 }

func (s *scripts) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s *scripts) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if strings.HasPrefix(cmd.Name(), "eval") {
			s.all.Add(1)
			if args := cmd.Args(); len(args) > 4 && strings.HasSuffix(fmt.Sprint(args[4]), "}:paused") {
				s.fetching.Add(1)
			}
		}
		return next(ctx, cmd)
	}
}

func (s *scripts) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { s.pipelines.Add(1); return next(ctx, cmds) }
}

func TestLanesWorkOnACluster(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts three servers")
	}
	r := newRig(t, testutil.Cluster(t).Client(), func(o *Options) {
		o.Instances = []Instance{
			{Name: "alpha", Pools: []string{"default"}, Create: pacing.Pace{Every: 20 * time.Millisecond}},
			{Name: "beta", Pools: []string{"default"}, Create: pacing.Pace{Every: 20 * time.Millisecond}},
		}
	}).start()
	if r.Status().Blind {
		t.Error("the gate does not see asynq on a cluster")
	}
	for i := range 20 {
		r.put(pooled(fmt.Sprintf("grp_p%d", i)), create(fmt.Sprintf("grp_a%d", i), "alpha", tasks.High),
			tasks.RollCall(fmt.Sprintf("grp_a%d", i), "alpha", time.Time{}), tasks.Invite(fmt.Sprintf("grp_a%d", i), 1, "beta"))
	}
	r.put(tasks.Verify("grp_v", 1, "beta", time.Now().Add(time.Second)))
	r.finished(81)
}
