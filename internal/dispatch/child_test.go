package dispatch

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// childMain runs a worker in a process of its own, which a test can kill. It returns false in the process of the tests.
func childMain() bool {
	addr := os.Getenv("ROLLCALL_DISPATCH_CHILD")
	if addr == "" {
		return false
	}
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	st, err := store.Open(context.Background(), rdb, store.Options{})
	if err != nil {
		panic(err)
	}
	// Its slot expires before its lead does, so the test measures how long the lead takes to expire.
	d, err := New(Options{
		Redis: rdb, Queue: queue.New(rdb, st.Lines), Store: st, Pacer: pacing.New(rdb, pacing.WithLease(3*time.Second)), Steps: stuck{}, Worker: "child",
	})
	if err == nil {
		d.Set([]Instance{{Name: "alpha"}})
		err = d.Start(context.Background())
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// stuck makes calls that never end.
type stuck struct{}

func (stuck) Do(ctx context.Context, t tasks.Task, slot *pacing.Slot) error {
	if slot == nil {
		return turnOf(t)
	}
	if err := slot.Wait(ctx); err != nil {
		return err
	}
	select {}
}

func TestReaper_TheWorkOfAKilledLeaderGoesOnWithinThirtySeconds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for the lead and the heartbeats to expire")
	}
	server := testutil.RealRedis(t)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "ROLLCALL_DISPATCH_CHILD="+server.Addr)
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	var deaths atomic.Int64
	r := newRig(t, server.Client(), func(o *Options) {
		o.OnDeath = func(context.Context, string, time.Time) (bool, error) { deaths.Add(1); return true, nil }
	}).alpha(pacing.Pace{})
	r.put(create("grp_1", "alpha", tasks.Normal))
	testutil.Until(t, "the child has the task", func() bool { return r.counts(tasks.CallQueue).Active == 1 })
	r.start()
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	r.finished(1)
	took := time.Since(killed)
	t.Logf("another worker finished the killed leader's task after %s", took.Round(10*time.Millisecond))
	if took > 30*time.Second || deaths.Load() != 1 {
		t.Errorf("the task was done after %s, %d deaths reported; want at most 30s and 1", took, deaths.Load())
	}
	if got := r.steps.list()[0]; !tasks.SameWork(got, "alpha/grp_1") || got == "alpha/grp_1" {
		t.Errorf("the task done is %s, want the create of grp_1 under a new task id", got)
	}
}

func TestReaper_ATaskThatOnDeathGivesUpIsNotDeliveredAgain(t *testing.T) {
	t.Parallel()
	var deaths atomic.Int64
	r := newRig(t, testutil.Redis(t), func(o *Options) {
		o.OnDeath = func(context.Context, string, time.Time) (bool, error) { deaths.Add(1); return false, nil }
	}).alpha(pacing.Pace{})
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.orphan("grp_1")
	x := &reaper{shared: r.shared}
	for range 3 {
		r.look(x)
	}
	if deaths.Load() != 1 || r.counts(tasks.CallQueue).Pending != 0 {
		t.Errorf("the death is reported %d times, the queue holds %+v; want it reported once and nothing pending", deaths.Load(), r.counts(tasks.CallQueue))
	}
}

func TestReaper_ALeaderBuriesNothingThatAnotherHasBuried(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	var deaths atomic.Int64
	for range 2 {
		r := newRig(t, rdb, func(o *Options) {
			o.OnDeath = func(context.Context, string, time.Time) (bool, error) { deaths.Add(1); return true, nil }
		}).alpha(pacing.Pace{})
		if deaths.Load() == 0 {
			r.put(create("grp_1", "alpha", tasks.Normal))
			r.orphan("grp_1")
		}
		x := &reaper{shared: r.shared}
		for range 3 {
			r.look(x)
		}
		if n := r.counts(tasks.CallQueue).Pending; n != 1 || deaths.Load() != 1 {
			t.Errorf("the death is reported %d times, %d tasks are pending; want one of each", deaths.Load(), n)
		}
	}
}

func TestReaper_AnotherBuriesWhatADyingLeaderBeganToBury(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	lost := newRig(t, rdb, func(o *Options) {
		o.OnDeath = func(context.Context, string, time.Time) (bool, error) {
			return false, errors.New("killed in the middle")
		}
	}).alpha(pacing.Pace{})
	lost.put(create("grp_1", "alpha", tasks.Normal))
	lost.orphan("grp_1")
	r := newRig(t, rdb).alpha(pacing.Pace{})
	first, second := &reaper{shared: lost.shared}, &reaper{shared: r.shared}
	lost.look(first)
	lost.look(first)
	r.look(second)
	if n := r.counts(tasks.CallQueue).Pending; n != 0 {
		t.Errorf("%d tasks are delivered again while the first reaper holds the burial, want 0", n)
	}
	const key = "rollcall:lead:bury:grp_1"
	if left := rdb.PTTL(t.Context(), key).Val(); left <= 0 || left > takeOverFor {
		t.Errorf("the first reaper holds the burial for %s, want at most %s", left, takeOverFor)
	}
	rdb.Del(t.Context(), key) // as if it had expired
	r.look(second)
	if n := r.counts(tasks.CallQueue).Pending; n != 1 {
		t.Errorf("%d tasks are delivered again, want 1", n)
	}
}

func TestReaper_ADeathIsToldOnceWhenTheOneWhoBuriedDiesToo(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	var deaths atomic.Int64
	told := func(o *Options) {
		o.OnDeath = func(context.Context, string, time.Time) (bool, error) { deaths.Add(1); return true, nil }
	}
	first, second := newRig(t, rdb, told).alpha(pacing.Pace{}), newRig(t, rdb, told).alpha(pacing.Pace{})
	first.put(create("grp_1", "alpha", tasks.Normal))
	first.orphan("grp_1")
	x := &reaper{shared: first.shared}
	first.look(x)
	first.look(x)
	rdb.Del(t.Context(), "rollcall:lead:bury:grp_1") // as if it died before it recorded the burial
	second.look(&reaper{shared: second.shared})
	if n := second.counts(tasks.CallQueue).Pending; n != 2 || deaths.Load() != 1 {
		t.Errorf("the death is reported %d times, %d tasks are pending; want one report, and a delivery by each of the two", deaths.Load(), n)
	}
}

func TestReaper_ADeathThatIsReportedAgainIsTheSameDeath(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	type death struct {
		task  string
		since time.Time
	}
	var told []death
	tell := func(err error) func(o *Options) {
		return func(o *Options) {
			o.OnDeath = func(_ context.Context, id string, since time.Time) (bool, error) {
				told = append(told, death{id, since})
				return true, err
			}
		}
	}
	first, second := newRig(t, rdb, tell(errors.New("killed before the task was delivered"))).alpha(pacing.Pace{}), newRig(t, rdb, tell(nil)).alpha(pacing.Pace{})
	first.put(create("grp_1", "alpha", tasks.Normal))
	first.orphan("grp_1")
	x := &reaper{shared: first.shared}
	first.look(x)
	for _, x := range []*reaper{x, {shared: second.shared}} {
		rdb.Del(t.Context(), "rollcall:lead:reap", "rollcall:lead:bury:grp_1") // as if both had expired
		if err := x.pass(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(told) != 2 || told[0] != told[1] || told[0].since.IsZero() {
		t.Errorf("reported deaths are %v, want the same one twice", told)
	}
}

// The mark of a task that was taken over ends with its silence, also if other leaders make the passes in between.
func TestReaper_TakesTheNextDeathOfATaskOver(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	var deaths atomic.Int64
	first := newRig(t, rdb, func(o *Options) {
		o.OnDeath = func(context.Context, string, time.Time) (bool, error) { deaths.Add(1); return false, nil }
	}).alpha(pacing.Pace{})
	second := newRig(t, rdb).alpha(pacing.Pace{})
	first.put(create("grp_1", "alpha", tasks.Normal))
	first.orphan("grp_1")
	x, y := &reaper{shared: first.shared}, &reaper{shared: second.shared}
	first.look(x)
	first.look(x)
	second.running.Store("grp_1", struct{}{}) // asynq has returned it, and the second process runs it
	second.look(y)
	second.running.Delete("grp_1") // and dies
	rdb.Del(t.Context(), "rollcall:lead:bury:grp_1")
	second.look(y)
	first.look(x)
	if n := deaths.Load(); n != 2 {
		t.Errorf("%d deaths are reported, want 2", n)
	}
}

func TestReaper_ATaskThatThisProcessRunsIsNotDead(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{})
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.orphan("grp_1")
	r.running.Store("grp_1", struct{}{})
	x := &reaper{shared: r.shared}
	for range 3 {
		r.look(x)
	}
	if n := r.counts(tasks.CallQueue).Pending; n != 0 {
		t.Errorf("%d tasks are delivered again while this process runs the only one, want 0", n)
	}
}

func TestReaper_AfterAnOutageItCountsTheSilenceFromTheStart(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t)).alpha(pacing.Pace{})
	r.put(create("grp_1", "alpha", tasks.Normal))
	r.orphan("grp_1")
	x := &reaper{shared: r.shared}
	if err := x.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	since, looked, err := r.store.Lines.Silent(t.Context())
	if err != nil || len(since) != 1 {
		t.Fatalf("silent tasks are %v, %v; want grp_1 alone", since, err)
	}
	since["grp_1"] = since["grp_1"].Add(-time.Minute)
	if err := r.store.Lines.NoteSilent(t.Context(), since, looked.Add(-time.Minute)); err != nil { // no worker looked for a minute
		t.Fatal(err)
	}
	if err := x.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := r.counts(tasks.CallQueue).Pending; n != 0 {
		t.Errorf("%d tasks are delivered again right after the outage, want 0: their servers had no time to send a heartbeat", n)
	}
}

// look makes one pass of a reaper at once, and then lets silentFor go by.
func (r *rig) look(x *reaper) {
	r.t.Helper()
	r.rdb.Del(r.t.Context(), "rollcall:lead:reap")
	if err := x.pass(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.age(silentFor)
}

// age lets tasks be silent for d, as if the reaper had looked all along.
func (r *rig) age(d time.Duration) {
	r.t.Helper()
	since, looked, err := r.store.Lines.Silent(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for id := range since {
		since[id] = earlier(since[id], looked.Add(-d))
	}
	if err := r.store.Lines.NoteSilent(r.t.Context(), since, looked); err != nil {
		r.t.Fatal(err)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// orphan makes a task of the call queue active on a server that has died.
func (r *rig) orphan(id string) {
	r.t.Helper()
	if err := r.queue.Run(r.t.Context(), tasks.CallQueue, id); err != nil {
		r.t.Fatal(err)
	}
	prefix := "asynq:{" + tasks.CallQueue + "}:"
	r.rdb.LRem(r.t.Context(), prefix+"pending", 0, id)
	r.rdb.LPush(r.t.Context(), prefix+"active", id)
	r.rdb.HSet(r.t.Context(), prefix+"t:"+id, "state", "active")
}
