package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestMain(m *testing.M) {
	if childMain() {
		return
	}
	testutil.Waiting(4)
	testutil.Main(m)
}

// rig is the dispatch of one worker process, with fake steps and a recorded log.
type rig struct {
	*Dispatch
	t     *testing.T
	rdb   redis.UniversalClient
	store *store.Store
	queue *queue.Queue
	pacer *pacing.Pacer
	steps *fakeSteps
	logs  *logBook
}

// fakeSteps records each step. do is what a step does; nil means call.
type fakeSteps struct {
	do func(ctx context.Context, t tasks.Task, slot *pacing.Slot) error

	mu    sync.Mutex
	begun int
	done  []did
}

// did is a finished step.
type did struct {
	n    int    // its place in the order of beginning, from 1
	step string // instance/task
}

// Do runs the step, and records it if it succeeds.
func (f *fakeSteps) Do(ctx context.Context, t tasks.Task, slot *pacing.Slot) error {
	do := f.do
	if do == nil {
		do = call
	}
	f.mu.Lock()
	f.begun++
	n := f.begun
	f.mu.Unlock()
	if err := do(ctx, t, slot); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	instance := ""
	if slot != nil {
		instance = slot.Instance()
	}
	f.done = append(f.done, did{n, instance + "/" + t.ID})
	return nil
}

// call waits for the slot and uses it up, as the paced call of a real step does. Without a slot it asks for its turn.
func call(ctx context.Context, t tasks.Task, slot *pacing.Slot) error {
	if slot == nil {
		return turnOf(t)
	}
	if err := slot.Wait(ctx); err != nil {
		return err
	}
	return slot.Used(ctx, time.Now())
}

// list returns the finished steps in the order in which they began. That may not be the order of their ends: a step
// frees its slot for the next one before it is over.
func (f *fakeSteps) list() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	slices.SortFunc(f.done, func(a, b did) int { return a.n - b.n })
	var all []string
	for _, d := range f.done {
		all = append(all, d.step)
	}
	return all
}

// newRig makes a dispatch and does not start it.
func newRig(t *testing.T, rdb redis.UniversalClient, change ...func(*Options)) *rig {
	t.Helper()
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, rdb: rdb, store: st, queue: queue.New(rdb, st.Lines), pacer: pacing.New(rdb), steps: &fakeSteps{}, logs: &logBook{}}
	o := Options{
		Redis: rdb, Queue: r.queue, Store: st, Pacer: r.pacer, Steps: r.steps, Log: zerolog.New(r.logs),
		Worker: fmt.Sprintf("%s-%p", t.Name(), r), ShutdownTimeout: testutil.Timeout, Reap: 200 * time.Millisecond,
	}
	for _, f := range change {
		f(&o)
	}
	if r.Dispatch, err = New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testutil.Timeout)
		defer cancel()
		if err := r.Drain(ctx); err != nil {
			t.Errorf("drain at the end of the test: %v", err)
		}
		r.pacer.Close()
	})
	return r
}

// with sets the instances.
func (r *rig) with(instances ...Instance) *rig {
	r.Set(instances)
	return r
}

// alpha sets one instance, with this pace for every kind of call.
func (r *rig) alpha(pace pacing.Pace) *rig {
	return r.with(Instance{Name: "alpha", Pools: []string{"default"}, Create: pace, Invite: pace})
}

func (r *rig) start() *rig {
	r.t.Helper()
	if err := r.Start(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return r
}

func (r *rig) put(ts ...tasks.Task) {
	r.t.Helper()
	if err := r.queue.Put(r.t.Context(), ts...); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) counts(name string) queue.Counts {
	r.t.Helper()
	all, err := r.queue.Counts(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return all[name]
}

// standing lists the ids of the tasks that are ready in a line, next first.
func (r *rig) standing(line string) []string {
	r.t.Helper()
	ids, err := r.rdb.ZRange(r.t.Context(), "rollcall:{ln}:ready:"+line, 0, -1).Result()
	if err != nil {
		r.t.Fatal(err)
	}
	return ids
}

// info is what asynq's tools show of a task, or nil if it is gone.
func (r *rig) info(name, id string) *asynq.TaskInfo {
	info, err := asynq.NewInspectorFromRedisClient(r.rdb).GetTaskInfo(name, id)
	if err != nil {
		return nil
	}
	return info
}

// finished waits for at least n finished steps and returns all of them.
func (r *rig) finished(n int) []string {
	r.t.Helper()
	testutil.Until(r.t, fmt.Sprintf("%d steps are done", n), func() bool { return len(r.steps.list()) >= n })
	return r.steps.list()
}

func create(id, instance string, p tasks.Priority) tasks.Task {
	return tasks.Create(id, 0, tasks.Target{Instance: instance}, p)
}

func pooled(id string) tasks.Task {
	return tasks.Create(id, 0, tasks.Target{Pool: "default"}, tasks.Normal)
}

// during checks that a condition holds for a while.
func during(t *testing.T, d time.Duration, what string, holds func() bool) {
	t.Helper()
	end := time.After(d)
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for {
		if !holds() {
			t.Fatalf("within %s it stopped being true that %s", d, what)
		}
		select {
		case <-poll.C:
		case <-end:
			return
		}
	}
}

// health opens, shuts and slows all instances at once.
type health struct {
	mu     sync.Mutex
	closed bool
	bound  pacing.Bound
	until  time.Time // of the bound
}

func (h *health) Open(string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.closed
}

func (h *health) Pace(_ string, _ pacing.Kind, configured pacing.Pace) (pacing.Pace, time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.until.IsZero() && !time.Now().Before(h.until) {
		return configured, h.until
	}
	return configured.Within(h.bound), h.until
}

// slow bounds the pace of every kind.
func (h *health) slow(b pacing.Bound) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bound, h.until = b, time.Time{}
}

func (h *health) set(open bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = !open
}

// logBook keeps what was logged.
type logBook struct {
	mu    sync.Mutex
	lines []string
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, string(p))
	return len(p), nil
}

func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.lines, "")
}

func (b *logBook) has(parts ...string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.lines, func(line string) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) })
	})
}
