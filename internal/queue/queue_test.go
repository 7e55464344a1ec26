package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func creates(n int, instance string) []tasks.Task {
	ts := make([]tasks.Task, n)
	for i := range ts {
		ts[i] = tasks.Create(fmt.Sprintf("grp_%05d", i), 0, tasks.Target{Instance: instance}, tasks.Normal)
	}
	return ts
}

func TestAPutTaskIsWhatAPlainAsynqToolReads(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	put(t, queue.New(rdb), tasks.Invite("grp_1", 7, "alpha"))

	info, err := asynq.NewInspectorFromRedisClient(rdb).GetTaskInfo("invite:alpha", "grp_1:invite:7")
	if err != nil {
		t.Fatal(err)
	}
	if info.Type != "group:invite" || string(info.Payload) != `{"v":1,"group":"grp_1","person":7}` {
		t.Errorf("got type %q and payload %s", info.Type, info.Payload)
	}
	if info.MaxRetry != queue.MaxRetry || info.Timeout != queue.DefaultTimeout || info.Retention != 0 {
		t.Errorf("got %d retries, timeout %s, retention %s", info.MaxRetry, info.Timeout, info.Retention)
	}
}

func TestPuttingTwiceIsPuttingOnce(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb)
	put(t, q, creates(3, "alpha")...)
	put(t, q, creates(4, "alpha")...)
	put(t, queue.New(rdb), creates(4, "alpha")...)
	if got := lengths(t, q, "create:alpha").Pending; got != 4 {
		t.Errorf("got %d pending, want 4", got)
	}
	if n := rdb.SCard(t.Context(), "asynq:queues").Val(); n != 1 {
		t.Errorf("got %d registered queues, want 1", n)
	}
}

func TestTheOrderOfTheRowsIsTheOrderOfTheQueue(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	want := creates(1203, "alpha")
	put(t, queue.New(rdb), want...)
	got := rdb.LRange(t.Context(), "asynq:{create:alpha}:pending", 0, -1).Val()
	slices.Reverse(got) // asynq takes from the right
	for i := range want {
		if got[i] != want[i].ID {
			t.Fatalf("at %d: got %s, want %s", i, got[i], want[i].ID)
		}
	}
}

func TestManyTasksTravelInFewRoundTrips(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	trips := countRoundTrips(t, rdb)
	put(t, queue.New(rdb), creates(1000, "alpha")...)
	// 2 slices, one repetition because the script was unknown, the bell.
	if trips.n > 5 {
		t.Errorf("1000 tasks took %d round trips", trips.n)
	}
}

func TestOneLostTaskIsNamedAndTheOthersAreIn(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb)
	rdb.LPush(t.Context(), "asynq:{create:beta}:t:grp_00001", "not a hash")
	rdb.Set(t.Context(), "asynq:{create:gamma}:pending", "not a list", 0)
	ts := append(creates(2, "alpha"), tasks.Create("grp_9", 0, tasks.Target{Instance: "gamma"}, tasks.Normal))
	err := q.Put(t.Context(), append(ts, tasks.Task{ID: "a{b}", Queue: "q", Type: "t"})...)

	var failed *queue.PutError
	if !errors.As(err, &failed) || !slices.Equal(failed.IDs, []string{"grp_9"}) {
		t.Errorf("got %v, want a PutError naming grp_9", err)
	}
	if got := lengths(t, q, "create:alpha").Pending; got != 2 {
		t.Errorf("got %d pending, want the 2 good ones", got)
	}
}

func TestAPutWithoutRedisNamesEveryTask(t *testing.T) {
	t.Parallel()
	m, rdb := testutil.Mini(t)
	m.SetError("LOADING")
	var failed *queue.PutError
	if err := queue.New(rdb).Put(t.Context(), creates(600, "alpha")...); !errors.As(err, &failed) || len(failed.IDs) != 600 {
		t.Errorf("got %v", err)
	}
}

func TestATaskForLaterIsScheduledAndNeverEarly(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb)
	at := time.Now().Add(90 * time.Second).Truncate(time.Second).Add(300 * time.Millisecond)
	bell := listen(t, rdb)
	put(t, q, tasks.Verify("grp_1", 1, "alpha", at), tasks.RollCall("grp_1", "alpha", time.Now().Add(-time.Millisecond)))
	l := lengths(t, q, "read:alpha")
	if l.Scheduled != 1 || l.Pending != 1 || l.NextDue.Before(at) || l.NextDue.Sub(at) > time.Second {
		t.Errorf("got %+v for a task of %s", l, at)
	}
	if rung := queue.Heard((<-bell).Payload); !slices.Equal(rung.Queues, []string{"read:alpha"}) {
		t.Errorf("the bell said %+v", rung)
	}
}

func TestTheBellNamesEachQueueOnceAndInstancesApart(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb)
	bell := listen(t, rdb)
	put(t, q, creates(1, "gamma")...)
	if got := (<-bell).Payload; got != "create:gamma" {
		t.Errorf("the bell said %q", got)
	}
	put(t, q, creates(1, "gamma")...) // nothing new, nothing rung
	put(t, q, append(creates(3, "alpha"), creates(2, "beta")...)...)
	if got := (<-bell).Payload; got != "create:alpha create:beta" {
		t.Errorf("the bell said %q", got)
	}
	if err := q.Wake(t.Context(), "alpha", "beta"); err != nil {
		t.Fatal(err)
	}
	if rung := queue.Heard((<-bell).Payload); len(rung.Queues) != 0 || rung.Workers || !slices.Equal(rung.Instances, []string{"alpha", "beta"}) {
		t.Errorf("got %+v", rung)
	}
	if err := q.Gather(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rung := queue.Heard((<-bell).Payload); len(rung.Queues)+len(rung.Instances) != 0 || !rung.Workers {
		t.Errorf("got %+v, want word of a worker alone", rung)
	}
}

func TestLengthsOfManyQueuesAreThreeRoundTripsAndOfEmptyOnesOne(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb)
	before := time.Now()
	put(t, q, creates(2, "alpha")...)
	trips := countRoundTrips(t, rdb)
	got, err := q.Lengths(t.Context(), []string{"create:alpha", "create:nobody"})
	if err != nil {
		t.Fatal(err)
	}
	if l := got["create:alpha"]; l.Pending != 2 || l.OldestPending.Before(before) || time.Since(l.OldestPending) > time.Minute {
		t.Errorf("got %+v", l)
	}
	if l, ok := got["create:nobody"]; !ok || l != (queue.Length{}) {
		t.Errorf("got %+v for a queue nobody used", l)
	}
	if trips.n != 3 {
		t.Errorf("took %d round trips", trips.n)
	}
	if _, err := q.Lengths(t.Context(), []string{"create:nobody"}); err != nil || trips.n != 4 {
		t.Errorf("where nothing waits there is nothing to ask after: %d round trips, %v", trips.n, err)
	}
}

func TestRemoveTakesAWaitingTaskAndForgivesAMissingOne(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb)
	put(t, q, creates(1, "alpha")...)
	for _, queueName := range []string{"create:alpha", "create:alpha", "create:nobody"} {
		if err := q.Remove(t.Context(), queueName, "grp_00000"); err != nil {
			t.Errorf("remove from %s: %v", queueName, err)
		}
	}
	if l := lengths(t, q, "create:alpha"); l != (queue.Length{}) {
		t.Errorf("left %+v", l)
	}
	put(t, q, creates(1, "alpha")...)
	activate(t, rdb, "create:alpha", "grp_00000", true)
	if err := q.Remove(t.Context(), "create:alpha", "grp_00000"); !errors.Is(err, queue.ErrActive) {
		t.Errorf("got %v, want ErrActive", err)
	}
}

func TestArchivedTasksAreListedAndDeletedInSlices(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb)
	inspector := asynq.NewInspectorFromRedisClient(rdb)
	put(t, q, creates(5, "alpha")...)
	for i := range 5 {
		if err := inspector.ArchiveTask("create:alpha", fmt.Sprintf("grp_%05d", i)); err != nil {
			t.Fatal(err)
		}
	}
	rdb.Del(t.Context(), "asynq:{create:alpha}:t:grp_00001") // an entry without its hash
	total := 0
	for {
		parked, err := q.Archived(t.Context(), "create:alpha", 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(parked) == 0 {
			break
		}
		if len(parked) > 2 {
			t.Fatalf("asked for 2, got %d", len(parked))
		}
		ids := make([]string, 0, 2)
		for _, p := range parked {
			ids = append(ids, p.ID)
		}
		n, err := q.DeleteArchived(t.Context(), "create:alpha", ids...)
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if total != 5 {
		t.Errorf("deleted %d, want 5", total)
	}
	if keys := rdb.Keys(t.Context(), "asynq:{create:alpha}:t:*").Val(); len(keys) != 0 {
		t.Errorf("left %v", keys)
	}
}

func TestAnActiveTaskWithoutALeaseIsAnOrphan(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb)
	put(t, q, creates(2, "alpha")...)
	activate(t, rdb, "create:alpha", "grp_00000", true)
	activate(t, rdb, "create:alpha", "grp_00001", false)
	got, err := q.Orphans(t.Context(), "create:alpha")
	if err != nil || !slices.Equal(got, []string{"grp_00001"}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPutAndLengthsWorkOnACluster(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts three servers")
	}
	rdb := testutil.Cluster(t).Client()
	q := queue.New(rdb)
	var ts []tasks.Task
	var names []string
	for i := range 20 {
		instance := fmt.Sprintf("i%d", i)
		names = append(names, "create:"+instance)
		ts = append(ts, creates(10, instance)...)
	}
	put(t, q, ts...)
	put(t, q, ts...)
	all, err := q.Lengths(t.Context(), names)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if all[name].Pending != 10 || all[name].OldestPending.IsZero() {
			t.Errorf("%s: got %+v", name, all[name])
		}
	}
}

func put(t *testing.T, q *queue.Queue, ts ...tasks.Task) {
	t.Helper()
	if err := q.Put(t.Context(), ts...); err != nil {
		t.Fatal(err)
	}
}

func lengths(t *testing.T, q *queue.Queue, name string) queue.Length {
	t.Helper()
	all, err := q.Lengths(t.Context(), []string{name})
	if err != nil {
		t.Fatal(err)
	}
	return all[name]
}

// activate does what asynq's dequeue does, with or without the lease.
func activate(t *testing.T, rdb redis.UniversalClient, name, id string, lease bool) {
	t.Helper()
	prefix := "asynq:{" + name + "}:"
	rdb.LRem(t.Context(), prefix+"pending", 0, id)
	rdb.LPush(t.Context(), prefix+"active", id)
	rdb.HSet(t.Context(), prefix+"t:"+id, "state", "active")
	if lease {
		rdb.ZAdd(t.Context(), prefix+"lease", redis.Z{Score: float64(time.Now().Add(30 * time.Second).Unix()), Member: id})
	}
}

func listen(t *testing.T, rdb redis.UniversalClient) <-chan *redis.Message {
	t.Helper()
	sub := rdb.Subscribe(t.Context(), queue.Bell)
	if _, err := sub.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sub.Close() })
	return sub.Channel()
}

// roundTrips counts them.
type roundTrips struct{ n int }

// countRoundTrips begins after the connections' own greetings.
func countRoundTrips(t *testing.T, rdb redis.UniversalClient) *roundTrips {
	t.Helper()
	ping := func(p redis.Pipeliner) error {
		return errors.Join(p.Ping(t.Context()).Err(), p.Ping(t.Context()).Err())
	}
	_, err := rdb.Pipelined(t.Context(), ping)
	if err := errors.Join(err, rdb.Ping(t.Context()).Err()); err != nil {
		t.Fatal(err)
	}
	trips := &roundTrips{}
	rdb.AddHook(trips)
	return trips
}

func (r *roundTrips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (r *roundTrips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { r.n++; return next(ctx, cmd) }
}

func (r *roundTrips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { r.n++; return next(ctx, cmds) }
}
