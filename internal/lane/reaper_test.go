package lane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// deadTask makes a task active with a lease that ends in so long, as a dead worker leaves it.
func (r *rig) deadTask(id string, lease time.Duration) {
	r.t.Helper()
	q := "create:alpha"
	r.put(create(id, "alpha", tasks.Normal))
	r.rdb.LRem(r.t.Context(), key(q, "pending"), 0, id)
	r.rdb.LPush(r.t.Context(), key(q, "active"), id)
	r.rdb.HSet(r.t.Context(), key(q, "t:"+id), "state", "active")
	if lease > 0 {
		r.rdb.ZAdd(r.t.Context(), key(q, "lease"), redis.Z{Score: float64(time.Now().Add(lease).Unix()), Member: id})
	}
}

// reaperRig is a rig whose reaper believes to have watched for long, and whose lanes are shut.
func reaperRig(t *testing.T, change ...func(*Options)) (*rig, *reaper) {
	t.Helper()
	r := newRig(t, testutil.Redis(t), append(change, alpha(pacing.Pace{}))...)
	r.board.join(&gate{}, []string{"create:alpha"})
	r.heard(time.Hour, 0)
	return r, &reaper{shared: &r.shared, watch: r.watch, orphans: map[orphan]time.Time{}}
}

// heard notes since when workers have reached Redis without a break, and when the last one did.
func (r *rig) heard(since, last time.Duration) {
	now := time.Now()
	r.rdb.HSet(r.t.Context(), heardKey, "since", now.Add(-since).UnixMilli(), "last", now.Add(-last).UnixMilli())
}

func (r *rig) pass(x *reaper) {
	r.watch.look(r.t.Context())
	x.pass(r.t.Context())
}

func TestATaskThatMissedTwoBeatsReturnsToTheHead(t *testing.T) {
	t.Parallel()
	var deaths []string
	r, x := reaperRig(t, func(o *Options) {
		o.OnDeath = func(_ context.Context, id string) (bool, error) { deaths = append(deaths, id); return true, nil }
	})
	r.deadTask("grp_dead", 16*time.Second)
	r.deadTask("grp_alive", 25*time.Second)
	r.put(create("grp_next", "alpha", tasks.Normal))
	r.pass(x)
	r.pass(x)
	if got := r.pending("create:alpha"); !slices.Equal(got, []string{"grp_dead", "grp_next"}) {
		t.Errorf("pending are %v", got)
	}
	if !slices.Equal(deaths, []string{"grp_dead"}) {
		t.Errorf("deaths of %v were told", deaths)
	}
	if l := r.lengths("create:alpha"); l.Active != 1 {
		t.Errorf("the queue holds %+v", l)
	}
}

func TestOneDeathIsToldOnceByManyWorkers(t *testing.T) {
	t.Parallel()
	var deaths atomic.Int64
	slow := func(o *Options) {
		o.OnDeath = func(context.Context, string) (bool, error) {
			deaths.Add(1)
			wait := time.NewTimer(50 * time.Millisecond)
			<-wait.C
			return true, nil
		}
	}
	r, x := reaperRig(t, slow)
	r.deadTask("grp_dead", time.Second)
	r.watch.look(t.Context())
	done := make(chan struct{})
	for range 5 {
		other := *x
		other.orphans = map[orphan]time.Time{}
		go func() { other.pass(context.Background()); done <- struct{}{} }()
	}
	for range 5 {
		<-done
	}
	if deaths.Load() != 1 {
		t.Errorf("told %d times", deaths.Load())
	}
	if got := r.pending("create:alpha"); !slices.Equal(got, []string{"grp_dead"}) {
		t.Errorf("pending are %v", got)
	}
}

func TestATaskThatOnDeathGivesUpIsDeleted(t *testing.T) {
	t.Parallel()
	r, x := reaperRig(t, func(o *Options) { o.OnDeath = func(context.Context, string) (bool, error) { return false, nil } })
	r.deadTask("grp_poison", time.Second)
	r.pass(x)
	if keys := r.rdb.Keys(t.Context(), "*grp_poison*").Val(); len(keys) != 0 {
		t.Errorf("left %v", keys)
	}
	if l := r.lengths("create:alpha"); l.Active != 0 || l.Pending != 0 {
		t.Errorf("the queue holds %+v", l)
	}
}

func TestATaskIsLeftAloneWhenItsDeathCannotBeNotedOrItsWorkerIsUs(t *testing.T) {
	t.Parallel()
	r, x := reaperRig(t, func(o *Options) {
		o.OnDeath = func(context.Context, string) (bool, error) { return false, errors.New("the store is away") }
	})
	r.deadTask("grp_dead", time.Second)
	r.deadTask("grp_ours", time.Second)
	r.running.Store("grp_ours", true)
	r.pass(x)
	if l := r.lengths("create:alpha"); l.Active != 2 {
		t.Errorf("the queue holds %+v", l)
	}
	if !r.logs.has("the store is away") || r.logs.has("grp_ours") {
		t.Errorf("the log says %v", r.logs.lines)
	}
}

func TestNobodyIsCalledDeadRightAfterAnOutage(t *testing.T) {
	t.Parallel()
	r, x := reaperRig(t)
	r.deadTask("grp_1", time.Second)
	for _, last := range []time.Duration{time.Minute, unheard + time.Second} {
		r.heard(time.Hour, last)
		r.pass(x)
		if l := r.lengths("create:alpha"); l.Active != 1 {
			t.Errorf("nobody reached Redis for %v, and the queue holds %+v", last, l)
		}
	}
}

func TestAWorkerThatHasJustStartedBuriesTheDeadAtOnceWhereOthersReachedRedis(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{}))
	r.heard(time.Hour, unheard-time.Second)
	r.deadTask("grp_1", time.Second)
	r.opts.Reap = time.Hour // there is no second pass
	r.start()
	r.finished(1)
}

func TestAnOrphanIsGivenBackAfterAWhileAndAGhostIsDropped(t *testing.T) {
	t.Parallel()
	r, x := reaperRig(t)
	r.deadTask("grp_orphan", 0)
	r.deadTask("grp_ghost", time.Second)
	r.rdb.HDel(t.Context(), key("create:alpha", "t:grp_ghost"), "msg")
	r.pass(x)
	if l := r.lengths("create:alpha"); l.Active != 1 || l.Pending != 0 {
		t.Errorf("the queue holds %+v", l)
	}
	for o := range x.orphans {
		x.orphans[o] = time.Now().Add(-orphanFor)
	}
	r.pass(x)
	if got := r.pending("create:alpha"); !slices.Equal(got, []string{"grp_orphan"}) {
		t.Errorf("pending are %v", got)
	}
}

// childMain is a worker process of its own, for killing.
func childMain() bool {
	addr := os.Getenv("ROLLCALL_LANE_CHILD")
	if addr == "" {
		return false
	}
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	// Its slot lapses by itself as well, sooner than its task's lease even when nobody waits.
	lanes, err := New(Options{Redis: rdb, Pacer: pacing.New(rdb, pacing.WithLease(3*time.Second)), Steps: stuck{}, Instances: []Instance{{Name: "alpha"}}})
	if err == nil {
		err = lanes.Start(context.Background())
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// age lets so long pass for a task whose worker is dead: nobody beats for it, and others reach Redis
// all the time. The waiting itself is what e2e measures.
func (r *rig) age(id string, d time.Duration) time.Duration {
	r.t.Helper()
	ctx, lease := r.t.Context(), key("create:alpha", "lease")
	until, err := r.rdb.ZScore(ctx, lease, id).Result()
	if err != nil {
		r.t.Fatal(err)
	}
	if left := time.Until(time.Unix(int64(until), 0)); left > leaseFor {
		r.t.Errorf("the dead worker's lease has %s left, want %s at most", left, leaseFor)
	}
	r.heard(time.Hour, 0)
	if err := r.rdb.ZIncrBy(ctx, lease, -d.Seconds(), id).Err(); err != nil {
		r.t.Fatal(err)
	}
	return d
}

// stuck is in a call for ever.
type stuck struct{}

func (stuck) Do(ctx context.Context, _ tasks.Task, _ string, slot *pacing.Slot) error {
	if err := slot.Wait(ctx); err != nil {
		return err
	}
	select {}
}

func TestTheWorkOfAKilledProcessGoesOnWithinThirtySeconds(t *testing.T) {
	t.Parallel()
	server := testutil.RealRedis(t)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "ROLLCALL_LANE_CHILD="+server.Addr)
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	var deaths atomic.Int64
	r := newRig(t, server.Client(), alpha(pacing.Pace{}), func(o *Options) {
		o.OnDeath = func(context.Context, string) (bool, error) { deaths.Add(1); return true, nil }
	})
	r.put(create("grp_1", "alpha", tasks.Normal))
	testutil.Until(t, "the child has the task", func() bool { return r.lengths("create:alpha").Active == 1 })
	r.start()
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now().Add(-r.age("grp_1", 12*time.Second))
	for len(r.steps.list()) == 0 && time.Since(killed) < 40*time.Second {
		<-time.After(20 * time.Millisecond)
	}
	took := time.Since(killed)
	t.Logf("a killed worker's task was done by another %s later", took.Round(10*time.Millisecond))
	if took > 30*time.Second || deaths.Load() != 1 {
		t.Errorf("took %s, %d deaths were told", took, deaths.Load())
	}
}

// asynq's syncer repeats a failed "done" with a cancelled context (processor.go:306-325): without
// the cure in client.script this handler runs again after a minute, in a healthy process.
func TestAFailedDoneIsRepeatedAndTheHandlerRunsOnce(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("asynq repeats after five seconds")
	}
	rdb := testutil.Redis(t)
	fail := &failDone{}
	rdb.AddHook(fail)
	r := newRig(t, rdb, alpha(pacing.Pace{})).start()
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.finished(1)
	testutil.Until(t, "the first done has failed", func() bool { return fail.n.Load() > 0 })
	testutil.Until(t, "the task is gone", func() bool { return r.info("create:alpha", "grp_1") == nil })
	if n := len(r.steps.list()); n != 1 {
		t.Errorf("the handler ran %d times", n)
	}
}

// failDone lets the first done of asynq fail.
type failDone struct{ n atomic.Int64 }

func (f *failDone) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f *failDone) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (f *failDone) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		args := cmd.Args()
		if strings.HasPrefix(cmd.Name(), "eval") && len(args) > 7 && strings.HasSuffix(fmt.Sprint(args[7]), "}:processed") &&
			!strings.Contains(fmt.Sprint(args[3]), "selftest") && f.n.Add(1) == 1 {
			err := errors.New("connection reset by peer")
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

func TestALeaseIsWrittenInRedissTime(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := newRig(t, rdb)
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.clock.last.Store(&sight{here: time.Now(), there: time.Now().Round(0).Add(time.Hour)})
	c := r.client(&testDoor{}, nil)
	ctx := t.Context()
	want := float64(time.Now().Add(time.Hour + leaseFor).Unix())
	c.ZAddXX(ctx, key("q", "lease"), redis.Z{Member: "nobody"})
	rdb.ZAdd(ctx, key("q", "lease"), redis.Z{Member: "x"})
	c.ZAddXX(ctx, key("q", "lease"), redis.Z{Member: "x", Score: float64(time.Now().Unix())})
	if got := rdb.ZScore(ctx, key("q", "lease"), "x").Val(); got < want || got > want+2 {
		t.Errorf("a heartbeat's lease ends at %f, want %f", got, want)
	}
	// What asynq reckoned does not count: the clock may have been set since, by any time.
	for _, set := range []time.Duration{0, -48 * time.Hour, 48 * time.Hour} {
		reckoned := time.Now().Add(set).Unix()
		args := []any{reckoned, "prefix"}
		if got := c.lease(args)[0].(int64); float64(got) < want || float64(got) > want+2 || args[0].(int64) != reckoned {
			t.Errorf("a new lease ends at %d, want %f, the caller's arguments untouched", got, want)
		}
	}
}

// asynq reckons when a task is due by this machine's clock, which may be set just then.
func TestATaskForLaterIsDueByRedissClockHoweverThisMachinesIsSet(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), alpha(pacing.Pace{})).start()
	r.mu.Lock()
	l := r.byName["alpha"].create
	r.mu.Unlock()
	at := l.clock.now().Add(time.Minute)
	l.due.Store("grp_1:verify:1", at)
	for _, fails := range []bool{true, false} { // asynq repeats what has failed
		var due time.Time
		l.retry(t.Context(), "read:alpha", "grp_1:verify:1", time.Now().Add(48*time.Hour), func(d time.Time) *redis.Cmd {
			due = d
			cmd := redis.NewCmd(t.Context())
			if fails {
				cmd.SetErr(errors.New("connection reset by peer"))
			}
			return cmd
		})
		if due.Before(at) || due.Sub(at) >= time.Second {
			t.Errorf("it is due at %s, want the second after %s", due, at)
		}
	}
	if _, kept := l.due.Load("grp_1:verify:1"); kept {
		t.Error("what is written is kept")
	}
}
