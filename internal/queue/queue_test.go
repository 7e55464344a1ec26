package queue_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// lines notes which task was put into which line, in order.
type lines struct {
	order []string
	over  []string // ids of tasks whose groups need no more tasks
	err   error
}

func (l *lines) Put(_ context.Context, ts ...tasks.Task) (over []tasks.Task, err error) {
	for _, t := range ts {
		switch {
		case t.Line == "":
		case slices.Contains(l.over, t.ID):
			over = append(over, t)
		default:
			l.order = append(l.order, t.Line+" "+t.ID)
		}
	}
	return over, l.err
}

func (l *lines) Remove(_ context.Context, t tasks.Task) error {
	l.order = slices.DeleteFunc(l.order, func(one string) bool { return one == t.Line+" "+t.ID })
	return nil
}

func (l *lines) Standing(_ context.Context, ts ...tasks.Task) ([]tasks.Task, error) {
	return slices.DeleteFunc(ts, func(t tasks.Task) bool { return !slices.Contains(l.order, t.Line+" "+t.ID) }), l.err
}

// creates returns n tasks that create groups grp_00000, grp_00001 and so on.
func creates(n int, instance string) []tasks.Task {
	ts := make([]tasks.Task, n)
	for i := range ts {
		ts[i] = tasks.Create(fmt.Sprintf("grp_%05d", i), 0, tasks.Target{Instance: instance}, tasks.Normal)
	}
	return ts
}

func TestQueuePut_WritesWhatAsynqsInspectorReads(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	put(t, queue.New(rdb, &lines{}), tasks.Invite("grp_1", 7, "alpha"))

	info, err := asynq.NewInspectorFromRedisClient(rdb).GetTaskInfo(tasks.CallQueue, "grp_1:invite:7")
	if err != nil {
		t.Fatal(err)
	}
	if info.Type != "group:invite" || string(info.Payload) != `{"v":1,"person":7}` {
		t.Errorf("got type %q and payload %s, want an invitation of person 7", info.Type, info.Payload)
	}
	if info.MaxRetry != queue.MaxRetry || info.Timeout != queue.Timeout || info.Retention != 0 {
		t.Errorf("got %d retries, timeout %s, retention %s; want %d, %s, none", info.MaxRetry, info.Timeout, info.Retention, queue.MaxRetry, queue.Timeout)
	}
	if info.State != asynq.TaskStateScheduled || !info.NextProcessAt.Equal(tasks.FarDay) {
		t.Errorf("got state %s until %s, want scheduled until %s", info.State, info.NextProcessAt, tasks.FarDay)
	}
}

func TestQueuePut_TwiceIsOnce(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	put(t, q, creates(3, "alpha")...)
	put(t, q, creates(4, "alpha")...)
	put(t, queue.New(rdb, &lines{}), creates(4, "alpha")...)
	if got := counts(t, q)[tasks.CallQueue].Scheduled; got != 4 {
		t.Errorf("got %d scheduled, want 4", got)
	}
	missing, err := q.PutMissing(t.Context(), creates(5, "alpha")...)
	if err != nil || len(missing) != 1 || missing[0].ID != "grp_00004" {
		t.Errorf("PutMissing = %v, %v; want only the fifth", missing, err)
	}
}

func TestQueuePut_KeepsTheOrderOfTheTasksInTheLine(t *testing.T) {
	t.Parallel()
	l := &lines{}
	want := creates(1203, "alpha")
	put(t, queue.New(testutil.Redis(t), l), want...)
	if len(l.order) != len(want) {
		t.Fatalf("got %d tasks in the line, want %d", len(l.order), len(want))
	}
	for i := range want {
		if l.order[i] != "create:alpha "+want[i].ID {
			t.Fatalf("at %d: got %s, want %s", i, l.order[i], want[i].ID)
		}
	}
}

func TestQueuePut_NamesTheTaskThatFailsAndPutsTheOthers(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	l := &lines{}
	q := queue.New(rdb, l)
	rdb.Set(t.Context(), "asynq:{read}:pending", "not a list", 0)
	ts := append(creates(2, "alpha"), tasks.RollCall("grp_9", time.Time{}))
	err := q.Put(t.Context(), append(ts, tasks.Task{ID: "a{b}", Line: "l", Type: "t"})...)

	var failed *queue.PutError
	if !errors.As(err, &failed) || !slices.Equal(failed.IDs, []string{"grp_9:rollcall"}) {
		t.Errorf("got %v, want a PutError naming the roll call", err)
	}
	if len(l.order) != 2 {
		t.Errorf("got lines %v, want the 2 creates", l.order)
	}
}

func TestQueuePut_NamesTasksThatAreInNoLine(t *testing.T) {
	t.Parallel()
	var failed *queue.PutError
	err := queue.New(testutil.Redis(t), &lines{err: errors.New("away")}).Put(t.Context(), creates(2, "alpha")...)
	if !errors.As(err, &failed) || len(failed.IDs) != 2 {
		t.Errorf("got %v, want a PutError naming both: without a line nothing dispatches them", err)
	}
}

func TestQueuePut_TheTaskOfAGroupThatEndedIsOnNoQueue(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	l := &lines{}
	q := queue.New(rdb, l)
	ts := creates(3, "alpha")
	put(t, q, ts[0])
	l.over = []string{ts[0].ID, ts[1].ID} // the first is on the queue, the second is not
	missing, err := q.PutMissing(t.Context(), ts...)
	if err != nil || len(missing) != 1 || missing[0].ID != ts[2].ID {
		t.Errorf("PutMissing = %v, %v; want only the third", missing, err)
	}
	if due, err := q.Due(t.Context(), ts); err != nil || !due[0].IsZero() || !due[1].IsZero() || due[2].IsZero() {
		t.Errorf("Due = %v, %v; want only the third on the queue", due, err)
	}
}

func TestQueuePut_WithoutRedisNamesEveryTask(t *testing.T) {
	t.Parallel()
	m, rdb := testutil.Mini(t)
	m.SetError("LOADING")
	var failed *queue.PutError
	if err := queue.New(rdb, &lines{}).Put(t.Context(), creates(600, "alpha")...); !errors.As(err, &failed) || len(failed.IDs) != 600 {
		t.Errorf("got %v, want a PutError naming all 600", err)
	}
}

func TestQueuePut_ATaskForLaterIsScheduledAndNeverEarly(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	at := time.Now().Add(90 * time.Second).Truncate(time.Second).Add(300 * time.Millisecond)
	verify, roll := tasks.Verify("grp_1", 1, at), tasks.RollCall("grp_1", time.Now().Add(-time.Millisecond))
	began := time.Now()
	put(t, q, verify, roll)
	took := time.Since(began) // asynq counts from its own now
	if c := counts(t, q)[tasks.ReadQueue]; c.Scheduled != 1 || c.Pending != 1 {
		t.Errorf("got %+v, want one scheduled and one pending", c)
	}
	due, err := q.Due(t.Context(), []tasks.Task{verify, roll, tasks.RollCall("grp_none", at)})
	if err != nil || due[0].Before(at) || due[0].Sub(at) > time.Second+took || !due[1].IsZero() || !due[2].IsZero() {
		t.Errorf("Due = %v, %v; want %s or within a second after it, then zero for one that is due and one that is missing", due, err, at)
	}
}

func TestHeard_TellsLinesInstancesCallsAndWorkersApart(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	bell := listen(t, rdb)
	next := func() queue.Rung { return queue.Heard((<-bell).Payload) }
	put(t, q, append(creates(3, "beta"), creates(2, "alpha")...)...)
	if r := next(); !slices.Equal(r.Lines, []string{"create:alpha", "create:beta"}) || len(r.Instances)+len(r.Freed) > 0 || r.Workers {
		t.Errorf("got %+v, want each line once", r)
	}
	put(t, q, tasks.RollCall("grp_1", time.Time{})) // rings no bell: it has no line
	free := queue.Free{Instance: "alpha", Kind: "create", Prepared: 120 * time.Millisecond}
	if err := errors.Join(q.Wake(t.Context(), "alpha", "beta"), q.Free(t.Context(), free), q.Gather(t.Context())); err != nil {
		t.Fatal(err)
	}
	if r := next(); len(r.Lines) != 0 || !slices.Equal(r.Instances, []string{"alpha", "beta"}) {
		t.Errorf("got %+v, want two instances", r)
	}
	if r := next(); !slices.Equal(r.Freed, []queue.Free{free}) {
		t.Errorf("got %+v, want the end of one call", r)
	}
	if r := next(); len(r.Lines)+len(r.Instances)+len(r.Freed) != 0 || !r.Workers {
		t.Errorf("got %+v, want only the news of a worker", r)
	}
}

func TestQueueRun_TellsMissingFromActiveTasks(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	if err := q.Run(t.Context(), tasks.CallQueue, "grp_00000"); !errors.Is(err, queue.ErrMissing) {
		t.Errorf("without a queue: got %v, want ErrMissing", err)
	}
	put(t, q, creates(1, "alpha")...)
	for range 2 { // the second time it is already pending
		if err := q.Run(t.Context(), tasks.CallQueue, "grp_00000"); err != nil {
			t.Errorf("Run: got %v, want no error", err)
		}
	}
	if c := counts(t, q)[tasks.CallQueue]; c.Pending != 1 {
		t.Errorf("got %+v, want it pending", c)
	}
	activate(t, rdb, tasks.CallQueue, "grp_00000")
	if err := q.Run(t.Context(), tasks.CallQueue, "grp_00000"); !errors.Is(err, queue.ErrActive) {
		t.Errorf("while a handler works on it: got %v, want ErrActive", err)
	}
	if err := q.Run(t.Context(), tasks.CallQueue, "grp_other"); !errors.Is(err, queue.ErrMissing) {
		t.Errorf("an unknown task: got %v, want ErrMissing", err)
	}
}

func TestQueueRemove_DeletesAWaitingTaskAndIgnoresAMissingOne(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	l := &lines{}
	q := queue.New(rdb, l)
	task := creates(1, "alpha")[0]
	put(t, q, task)
	for range 2 {
		if err := q.Remove(t.Context(), task); err != nil {
			t.Errorf("Remove: got %v, want no error", err)
		}
	}
	if c := counts(t, q)[tasks.CallQueue]; c.Scheduled != 0 || len(l.order) != 0 {
		t.Errorf("got %+v and lines %v, want the task gone from both", c, l.order)
	}
	put(t, q, task)
	take(t, q, rdb, task.ID)
	if err := q.Remove(t.Context(), task); !errors.Is(err, queue.ErrActive) {
		t.Errorf("got %v, want ErrActive", err)
	}
	if len(l.order) != 1 {
		t.Errorf("got lines %v, want the task: its handler may have put it back, and without a line asynq keeps it for ever", l.order)
	}
}

// asynq holds the task of a dead worker for minutes, and its redelivery stands in the line.
func TestQueueRemove_ARedeliveryGoesWithItsTask(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	l := &lines{}
	q := queue.New(rdb, l)
	task := creates(1, "alpha")[0]
	put(t, q, task)
	take(t, q, rdb, task.ID)
	l.order = nil // it was let go
	put(t, q, task.Again(), task.Again().Again())
	if err := q.Remove(t.Context(), task); !errors.Is(err, queue.ErrActive) {
		t.Errorf("got %v, want ErrActive", err)
	}
	if c := counts(t, q)[tasks.CallQueue]; c.Scheduled != 0 || len(l.order) != 0 {
		t.Errorf("got %+v and lines %v, want no task but the active one", c, l.order)
	}
}

func TestQueueRemove_ATaskThatAsynqKeepsStaysInItsLine(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	meddler := testutil.Meddle(rdb)
	l := &lines{}
	q := queue.New(rdb, l)
	task := creates(1, "alpha")[0]
	put(t, q, task)
	meddler.Refuse("asynq:{call}:t:" + task.ID)
	if err := q.Remove(t.Context(), task); err == nil {
		t.Error("Remove succeeds while Redis refuses the task's key, want an error")
	}
	if len(l.order) != 1 {
		t.Errorf("got lines %v, want the task: without its line nothing finds it", l.order)
	}
}

func TestQueue_ABrokenTaskIsToldAndHidesNoOther(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	l := &lines{}
	q := queue.New(rdb, l)
	ts := creates(4, "alpha")
	put(t, q, ts...)
	for _, one := range ts[:3] {
		take(t, q, rdb, one.ID)
	}
	rdb.HDel(t.Context(), "asynq:{call}:t:"+ts[1].ID, "msg")
	rdb.HSet(t.Context(), "asynq:{call}:t:"+ts[2].ID, "msg", "garbage")
	rdb.Del(t.Context(), "asynq:{call}:scheduled")
	if held, err := q.Active(t.Context()); err != nil || len(held) != 1 || held[0].ID != ts[0].ID {
		t.Errorf("active are %+v, %v; want the whole task alone", held, err)
	}
	for _, one := range ts[1:] {
		if err := q.Run(t.Context(), tasks.CallQueue, one.ID); !errors.Is(err, queue.ErrBroken) {
			t.Errorf("Run: got %v, want ErrBroken", err)
		}
		if err := q.Remove(t.Context(), one); err != nil {
			t.Errorf("Remove: got %v, want no error", err)
		}
	}
	if len(l.order) != 1 {
		t.Errorf("the lines have %v, want the whole task alone", l.order)
	}
}

func TestQueuePutAgain_AsynqHasOneRedeliveryThatItCanRun(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	task := tasks.RollCall("grp_1", time.Now().Add(time.Hour))
	put(t, q, task)
	again := func() bool {
		t.Helper()
		put, err := q.PutAgain(t.Context(), task)
		if err != nil {
			t.Fatal(err)
		}
		return put
	}
	if !again() || again() {
		t.Error("want the task put once under its next id")
	}
	rdb.HSet(t.Context(), "asynq:{read}:t:"+task.Again().ID, "msg", "garbage")
	if !again() || again() {
		t.Error("want the task put once more: asynq cannot run its redelivery either")
	}
}

func TestQueueRemove_ATaskInNoListIsRemoved(t *testing.T) {
	t.Parallel()
	for state, take := range map[string]func(q *queue.Queue) error{
		"scheduled": func(*queue.Queue) error { return nil },
		"pending":   func(q *queue.Queue) error { return q.Run(t.Context(), tasks.CallQueue, "grp_00000") },
	} {
		rdb := testutil.Redis(t)
		l := &lines{}
		q := queue.New(rdb, l)
		one := creates(1, "alpha")[0]
		put(t, q, one)
		if err := take(q); err != nil {
			t.Fatal(err)
		}
		rdb.Del(t.Context(), "asynq:{call}:"+state)
		if err := q.Remove(t.Context(), one); err != nil {
			t.Errorf("%s: got %v, want no error", state, err)
		}
		if len(l.order) != 0 {
			t.Errorf("%s: the lines have %v, want nothing", state, l.order)
		}
	}
}

func TestQueuePutAgain_UsesUpNoIDsWhileAKeyIsBlocked(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"pending", "scheduled"} {
		t.Run(list, func(t *testing.T) {
			t.Parallel()
			rdb := testutil.RealRedis(t).Client() // miniredis undoes a script that fails
			q := queue.New(rdb, &lines{})
			task := tasks.RollCall("grp_1", time.Now().Add(map[string]time.Duration{"pending": -time.Hour, "scheduled": time.Hour}[list]))
			key := "asynq:{read}:" + list
			rdb.Set(t.Context(), key, "a stranger's", 0)
			if err := q.Put(t.Context(), task); err == nil {
				t.Fatalf("a task was put although %s holds another type", key)
			}
			for range 20 {
				if put, err := q.PutAgain(t.Context(), task); put || err == nil {
					t.Fatalf("PutAgain with %s of another type: got %v, %v, want an error", key, put, err)
				}
			}
			rdb.Del(t.Context(), key)
			if put, err := q.PutAgain(t.Context(), task); !put || err != nil {
				t.Errorf("after %s is free: got %v, %v, want the task put", key, put, err)
			}
		})
	}
}

func TestQueueDue_ABrokenTaskHidesNoOther(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	later := time.Now().Add(time.Hour)
	ts := []tasks.Task{tasks.RollCall("grp_1", later), tasks.RollCall("grp_2", later), tasks.RollCall("grp_3", later)}
	put(t, q, ts...)
	rdb.HSet(t.Context(), "asynq:{read}:t:"+ts[0].ID, "msg", "garbage")
	rdb.Set(t.Context(), "asynq:{read}:t:"+ts[1].ID, "garbage", 0)
	due, err := q.Due(t.Context(), ts)
	if err != nil || !due[0].IsZero() || !due[1].IsZero() || due[2].IsZero() {
		t.Errorf("got %v, %v; want the time of the whole task alone", due, err)
	}
}

func TestQueueRun_APendingTaskBehindADamagedOneIsNotBroken(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	damaged, behind := tasks.Verify("grp_1", 1, time.Time{}), tasks.Verify("grp_2", 1, time.Time{})
	put(t, q, damaged)
	put(t, q, behind)
	rdb.HSet(t.Context(), "asynq:{read}:t:"+damaged.ID, "msg", "garbage")
	if err := q.Run(t.Context(), tasks.ReadQueue, behind.ID); err != nil {
		t.Errorf("got %v, want no error: the task is pending", err)
	}
}

func TestQueueArchived_TasksCanBeDeletedAndPutAgain(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	tools := asynq.NewInspectorFromRedisClient(rdb)
	put(t, q, creates(5, "alpha")...)
	for i := range 5 {
		if err := tools.ArchiveTask(tasks.CallQueue, fmt.Sprintf("grp_%05d", i)); err != nil {
			t.Fatal(err)
		}
	}
	total := 0
	for {
		parked, err := q.Archived(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(parked) == 0 {
			break
		}
		for _, p := range parked {
			if err := q.DeleteArchived(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			total++
		}
	}
	if missing, err := q.PutMissing(t.Context(), creates(5, "alpha")...); total != 5 || err != nil || len(missing) != 5 {
		t.Errorf("deleted %d tasks and put %d again, %v; want 5 and 5", total, len(missing), err)
	}
}

func TestQueueCounts_ATaskWithoutItsKeyHidesNoOtherQueue(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	q := queue.New(rdb, &lines{})
	put(t, q, append(creates(2, "alpha"), tasks.RollCall("grp_1", time.Time{}))...)
	rdb.Del(t.Context(), "asynq:{call}:t:grp_00000")
	if all := counts(t, q); all[tasks.ReadQueue].Pending != 1 {
		t.Errorf("got %+v, want the counts of the other queue", all)
	}
}

func TestQueueCounts_ACounterThatIsNoNumberHidesNoOtherQueue(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	q := queue.New(rdb, &lines{})
	put(t, q, append(creates(1, "alpha"), tasks.RollCall("grp_1", time.Time{}))...)
	rdb.Set(t.Context(), "asynq:{call}:processed", "garbage", 0)
	if all := counts(t, q); all[tasks.ReadQueue].Pending != 1 {
		t.Errorf("got %+v, want the counts of the other queue", all)
	}
}

func TestQueueCounts_NamesAKeyOfAnotherType(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	put(t, q, append(creates(1, "alpha"), tasks.RollCall("grp_1", time.Time{}))...)
	for _, name := range tasks.Queues() {
		for _, list := range []string{"pending", "active", "lease", "scheduled", "retry", "archived"} {
			key := "asynq:{" + name + "}:" + list
			was, _ := rdb.Dump(t.Context(), key).Result()
			rdb.Set(t.Context(), key, "a stranger's", 0)
			_, err := q.Counts(t.Context())
			if blocked, ok := errors.AsType[*queue.BlockedError](err); !ok || blocked.Key != "asynq:*"+name+"*" {
				t.Errorf("with %s of another type: got %v, want an error with a pattern that fits it", key, err)
			}
			if rdb.Del(t.Context(), key); was != "" {
				rdb.Restore(t.Context(), key, 0, was)
			}
		}
	}
	if all := counts(t, q); len(all) != 2 {
		t.Errorf("got %+v without such a key, want the counts of both queues", all)
	}
}

func TestQueueRun_ATaskThatNoListHasIsBroken(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	ts := creates(2, "alpha")
	put(t, q, ts...)
	take(t, q, rdb, ts[0].ID)
	if err := q.Run(t.Context(), tasks.CallQueue, ts[1].ID); err != nil {
		t.Fatal(err)
	}
	if err := q.Run(t.Context(), tasks.CallQueue, ts[1].ID); err != nil {
		t.Errorf("a pending task: got %v, want no error", err)
	}
	rdb.Del(t.Context(), "asynq:{call}:pending", "asynq:{call}:active")
	for _, one := range ts {
		if err := q.Run(t.Context(), tasks.CallQueue, one.ID); !errors.Is(err, queue.ErrBroken) {
			t.Errorf("a task that no list has: got %v, want ErrBroken", err)
		}
	}
}

func TestQueueRegister_AQueueThatToolsRemovedIsListedAgain(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q, tools := queue.New(rdb, &lines{}), asynq.NewInspectorFromRedisClient(rdb)
	if lost, err := q.Register(t.Context()); err != nil || len(lost) != 0 {
		t.Errorf("before the first task: got %v, %v; want no queue", lost, err)
	}
	both := func() { // the clients for one task and for many
		put(t, q, creates(1, "alpha")...)
		put(t, q, creates(2, "alpha")...)
	}
	both()
	if err := errors.Join(tools.PauseQueue(tasks.CallQueue), tools.DeleteQueue(tasks.CallQueue, true)); err != nil {
		t.Fatal(err)
	}
	both() // asynq's clients believe that the queue is still listed
	if listed, err := tools.Queues(); err != nil || len(listed) > 0 {
		t.Fatalf("got listed queues %v, %v; want none before Register, else this test proves nothing", listed, err)
	}
	if lost, err := q.Register(t.Context()); err != nil || !slices.Equal(lost, []string{tasks.CallQueue}) {
		t.Errorf("Register = %v, %v; want the queue of calls", lost, err)
	}
	put(t, q, creates(3, "alpha")...)
	c := counts(t, q)[tasks.CallQueue]
	if c.Scheduled != 3 || !c.Paused {
		t.Errorf("got %+v, want 3 tasks and the pause that the tools left behind", c)
	}
	if lifted, err := q.Unpause(t.Context()); err != nil || !slices.Equal(lifted, []string{tasks.CallQueue}) || counts(t, q)[tasks.CallQueue].Paused {
		t.Errorf("Unpause = %v, %v; want the queue of calls, no longer paused", lifted, err)
	}
	if lifted, err := q.Unpause(t.Context()); err != nil || len(lifted) != 0 {
		t.Errorf("the second Unpause = %v, %v; want no queue", lifted, err)
	}
}

func TestQueueRedeliver_PutsTheWorkAtOnceUnderAnotherID(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	task := creates(1, "alpha")[0]
	put(t, q, task)
	take(t, q, rdb, task.ID)
	held, err := q.Active(t.Context())
	if err != nil || len(held) != 1 || held[0].ID != task.ID || held[0].Alive {
		t.Fatalf("Active = %+v, %v; want one task whose server is not alive", held, err)
	}
	for range 2 {
		if err := q.Redeliver(t.Context(), held[0]); err != nil {
			t.Fatal(err)
		}
	}
	pending, err := asynq.NewInspectorFromRedisClient(rdb).ListPendingTasks(tasks.CallQueue)
	if err != nil || len(pending) != 2 || pending[0].ID == pending[1].ID {
		t.Fatalf("got pending %+v, %v; want two tasks of different ids", pending, err)
	}
	for _, p := range pending {
		if !tasks.SameWork(p.ID, task.ID) || string(p.Payload) != string(task.Payload.Encode()) {
			t.Errorf("got task %s with %s, want the work of %s with %s", p.ID, p.Payload, task.ID, task.Payload.Encode())
		}
	}
}

func TestQueueRedeliver_KeepsTheTrace(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	trace := map[string]string{"traceparent": "00-1"}
	task := creates(1, "alpha")[0]
	put(t, queue.New(rdb, &lines{}, queue.WithHeaders(func(context.Context) map[string]string { return trace })), task)
	q := queue.New(rdb, &lines{})
	take(t, q, rdb, task.ID)
	held, err := q.Active(t.Context())
	if err != nil || len(held) != 1 {
		t.Fatalf("Active = %+v, %v; want one task", held, err)
	}
	if err := q.Redeliver(t.Context(), held[0]); err != nil {
		t.Fatal(err)
	}
	if again, err := asynq.NewInspectorFromRedisClient(rdb).GetTaskInfo(tasks.CallQueue, task.Again().ID); err != nil || !maps.Equal(again.Headers, trace) {
		t.Errorf("the redelivery is %+v, %v; want it with the headers %v", again, err, trace)
	}
}

// A look by a worker that died goes on as its redelivery, while asynq shows the look as active.
func TestQueueDue_ATaskThatADeadWorkerHadIsDueWithItsRedelivery(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	q := queue.New(rdb, &lines{})
	task := tasks.Verify("grp_00000", 1, time.Time{})
	put(t, q, task)
	activate(t, rdb, tasks.ReadQueue, task.ID)
	if due, err := q.Due(t.Context(), []tasks.Task{task}); err != nil || !due[0].IsZero() {
		t.Errorf("an active look is due at %v, %v; want now", due, err)
	}
	again := task.Again()
	again.At = time.Now().Add(time.Hour)
	put(t, q, again)
	if due, err := q.Due(t.Context(), []tasks.Task{task}); err != nil || due[0].Before(again.At) {
		t.Errorf("it is due at %v, %v; want at %v or a second later", due, err, again.At)
	}
}

func TestQueuePut_WorksOnACluster(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts three servers")
	}
	q := queue.New(testutil.Cluster(t).Client(), &lines{})
	var ts []tasks.Task
	for i := range 20 {
		for _, task := range creates(10, "alpha") {
			task.ID = fmt.Sprintf("%s-%d", task.ID, i)
			ts = append(ts, task)
		}
	}
	put(t, q, ts...)
	put(t, q, ts...)
	if got := counts(t, q)[tasks.CallQueue].Scheduled; got != 200 {
		t.Errorf("got %d scheduled, want 200", got)
	}
}

func put(t *testing.T, q *queue.Queue, ts ...tasks.Task) {
	t.Helper()
	if err := q.Put(t.Context(), ts...); err != nil {
		t.Fatal(err)
	}
}

func counts(t *testing.T, q *queue.Queue) map[string]queue.Counts {
	t.Helper()
	all, err := q.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// activate moves a pending task as asynq's dequeue does.
func activate(t *testing.T, rdb redis.UniversalClient, name, id string) {
	t.Helper()
	prefix := "asynq:{" + name + "}:"
	rdb.LRem(t.Context(), prefix+"pending", 0, id)
	rdb.LPush(t.Context(), prefix+"active", id)
	rdb.HSet(t.Context(), prefix+"t:"+id, "state", "active")
	rdb.ZAdd(t.Context(), prefix+"lease", redis.Z{Score: float64(time.Now().Add(30 * time.Second).Unix()), Member: id})
}

// take lets a call's task go, and has a server take it.
func take(t *testing.T, q *queue.Queue, rdb redis.UniversalClient, id string) {
	t.Helper()
	if err := q.Run(t.Context(), tasks.CallQueue, id); err != nil {
		t.Fatal(err)
	}
	activate(t, rdb, tasks.CallQueue, id)
}

// listen subscribes to the bell until the end of the test.
func listen(t *testing.T, rdb redis.UniversalClient) <-chan *redis.Message {
	t.Helper()
	sub := rdb.Subscribe(t.Context(), queue.Bell)
	if _, err := sub.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sub.Close() })
	return sub.Channel()
}
