package lane

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestMain(m *testing.M) {
	if childMain() {
		return
	}
	testutil.Waiting()
	goleak.VerifyTestMain(m)
}

// rig is one process's lanes on a Redis, with steps that record.
type rig struct {
	*Lanes
	t     *testing.T
	rdb   redis.UniversalClient
	queue *queue.Queue
	steps *fakeSteps
	logs  *logBook
}

// fakeSteps records each Do, and does what do says.
type fakeSteps struct {
	do func(ctx context.Context, t tasks.Task, instance string, slot *pacing.Slot) error

	mu   sync.Mutex
	done []string
}

// Do waits for its slot, makes its "call" and closes the slot, as a step of ours would.
func (f *fakeSteps) Do(ctx context.Context, t tasks.Task, instance string, slot *pacing.Slot) error {
	if f.do != nil {
		if err := f.do(ctx, t, instance, slot); err != nil {
			return err
		}
	} else if err := call(ctx, slot); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = append(f.done, instance+"/"+t.ID)
	return nil
}

func call(ctx context.Context, slot *pacing.Slot) error {
	if slot == nil {
		return nil
	}
	if err := slot.Wait(ctx); err != nil {
		return err
	}
	return slot.Used(ctx, time.Now())
}

func (f *fakeSteps) list() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.done)
}

// newRig makes lanes that are not started yet.
func newRig(t *testing.T, rdb redis.UniversalClient, change ...func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, rdb: rdb, queue: queue.New(rdb), steps: &fakeSteps{}, logs: &logBook{}}
	pacer := pacing.New(rdb)
	o := Options{
		Redis: rdb, Pacer: pacer, Steps: r.steps, Log: zerolog.New(r.logs),
		Budget: 5 * time.Second, ShutdownTimeout: 10 * time.Second, Watch: 200 * time.Millisecond,
	}
	for _, f := range change {
		f(&o)
	}
	lanes, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Lanes = lanes
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := lanes.Drain(ctx); err != nil {
			t.Errorf("drain at the end: %v", err)
		}
		pacer.Close()
	})
	return r
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

func (r *rig) lengths(name string) queue.Length {
	r.t.Helper()
	all, err := r.queue.Lengths(r.t.Context(), []string{name})
	if err != nil {
		r.t.Fatal(err)
	}
	return all[name]
}

// pending lists a queue, next first.
func (r *rig) pending(name string) []string {
	r.t.Helper()
	ids, err := r.rdb.LRange(r.t.Context(), key(name, "pending"), 0, -1).Result()
	if err != nil {
		r.t.Fatal(err)
	}
	slices.Reverse(ids)
	return ids
}

// finished waits for n finished steps and gives them.
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

func alpha(pace pacing.Pace) func(*Options) {
	return func(o *Options) {
		o.Instances = []Instance{{Name: "alpha", Pools: []string{"default"}, Create: pace, Invite: pace}}
	}
}

// during checks that a condition holds for a while.
func during(t *testing.T, d time.Duration, what string, holds func() bool) {
	t.Helper()
	end := time.After(d)
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for {
		if !holds() {
			t.Fatalf("it did not stay true that %s", what)
		}
		select {
		case <-poll.C:
		case <-end:
			return
		}
	}
}

// health is a switch for all instances.
type health struct {
	mu     sync.Mutex
	closed bool
	bound  pacing.Bound
}

func (h *health) Open(string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.closed
}

func (h *health) Pace(_ string, _ pacing.Kind, configured pacing.Pace) pacing.Pace {
	h.mu.Lock()
	defer h.mu.Unlock()
	return configured.Within(h.bound)
}

// slow bounds the pace of every kind.
func (h *health) slow(b pacing.Bound) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bound = b
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

func (b *logBook) has(parts ...string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.lines, func(line string) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) })
	})
}

// countingPacer counts the Takes.
type countingPacer struct {
	Pacer
	mu    sync.Mutex
	takes int
}

func (p *countingPacer) Take(ctx context.Context, instance string, kind pacing.Kind, pace pacing.Pace, lead time.Duration) (*pacing.Slot, *pacing.Denied, error) {
	p.mu.Lock()
	p.takes++
	p.mu.Unlock()
	return p.Pacer.Take(ctx, instance, kind, pace, lead)
}

func (p *countingPacer) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.takes
}
