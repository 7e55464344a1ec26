package view_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// bench is an installation with one worker that announced some instances.
type bench struct {
	t      *testing.T
	rdb    redis.UniversalClient
	store  *store.Store
	reader *view.Reader
	client *enqueue.Client
	ids    []string
	batch  string
}

func install(t *testing.T, instances ...string) *bench {
	t.Helper()
	ctx := t.Context()
	b := &bench{t: t, rdb: testutil.Redis(t)}
	var err error
	if b.store, err = store.Open(ctx, b.rdb, store.Options{}); err != nil {
		t.Fatal(err)
	}
	pacer := pacing.New(b.rdb)
	t.Cleanup(pacer.Close)
	b.reader = view.New(b.store, pacer, queue.New(b.rdb, b.store.Lines))
	now, err := b.store.Now(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.store.Presence.Beat(ctx, store.Worker{ID: "w1", Host: "here", StartedAt: now}); err != nil {
		t.Fatal(err)
	}
	for _, name := range instances {
		if err := b.store.Presence.Announce(ctx, []store.Announcement{{
			Name: name, Provider: "zapi", Pools: []string{"default"}, SeenAt: now, Create: pacing.Pace{Every: 5 * time.Minute},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	if b.client, err = enqueue.New(ctx, b.rdb, enqueue.Options{}); err != nil {
		t.Fatal(err)
	}
	return b
}

// accept accepts a group and returns its id.
func (b *bench) accept(q tasks.GroupRequest) string {
	b.t.Helper()
	q.Phones = []tasks.Phone{"+5544999999991"}
	r, err := b.client.Create(b.t.Context(), q, enqueue.Rules{})
	if err != nil || r.Error != nil {
		b.t.Fatal(err, r.Error)
	}
	return r.ID
}

// newBench returns a bench with the instance alpha and a batch of three groups.
func newBench(t *testing.T) *bench {
	t.Helper()
	b := install(t, "alpha")
	rows := func(yield func(enqueue.Row, error) bool) {
		for i, name := range []string{"one", "two", "three"} {
			row := enqueue.Row{N: i + 1, Request: tasks.GroupRequest{GroupName: name, Phones: []tasks.Phone{"+5544999999991"}}}
			if !yield(row, nil) {
				return
			}
		}
	}
	sum, err := b.client.CreateBatch(t.Context(), "cohort", enqueue.Rules{}, rows, func(r enqueue.Result) error {
		b.ids = append(b.ids, r.ID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.batch = sum.BatchID
	return b
}

// asked notes in seen whether a command contains about, or reads all instances.
type asked struct {
	redis.Hook

	about string
	seen  bool
}

func (a *asked) note(cmd redis.Cmder) {
	a.seen = a.seen || strings.Contains(fmt.Sprint(cmd.Args()), a.about) || cmd.Name() == "hgetall" && strings.Contains(fmt.Sprint(cmd.Args()), "instances")
}

func (a *asked) DialHook(next redis.DialHook) redis.DialHook { return next }

func (a *asked) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { a.note(cmd); return next(ctx, cmd) }
}

func (a *asked) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			a.note(cmd)
		}
		return next(ctx, cmds)
	}
}

func TestReader_ReadsOtherInstancesOnlyIfTheyShareWork(t *testing.T) {
	t.Parallel()
	b := install(t, "alpha", "beta")
	b.accept(tasks.GroupRequest{GroupName: "first", Instance: "alpha"})
	id := b.accept(tasks.GroupRequest{GroupName: "second", Instance: "alpha"})
	b.accept(tasks.GroupRequest{GroupName: "other", Instance: "beta"})
	others := &asked{about: "beta"}
	b.rdb.AddHook(others)
	describe := func() group.Document {
		t.Helper()
		others.seen = false
		d, err := b.reader.Group(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if want := "its turn at alpha: one group is before it, one every 5m"; d.WaitingFor.String() != want {
			t.Errorf("it waits for %q, want %q", d.WaitingFor, want)
		}
		return d
	}
	alone := describe()
	if others.seen {
		t.Error("beta was read, which shares no work with the group")
	}
	if i, err := b.reader.Instance(t.Context(), "alpha"); err != nil || i.Queued.Create != 2 || others.seen {
		t.Errorf("alpha has %+v queued (beta read: %v, %v), want 2 creates and beta not read", i.Queued, others.seen, err)
	}
	if _, err := b.reader.Instance(t.Context(), "unknown"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown instance: got %v, want ErrNotFound", err)
	}
	rows := func(yield func(enqueue.Row, error) bool) {
		yield(enqueue.Row{N: 1, Request: tasks.GroupRequest{GroupName: "third", Instance: "alpha", Phones: []tasks.Phone{"+5544999999991"}}}, nil)
	}
	if _, err := b.client.CreateBatch(t.Context(), "cohort", enqueue.Rules{}, rows, func(enqueue.Result) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if d, err := b.reader.Batch(t.Context(), "cohort"); err != nil || d.EtaAt == nil || d.EtaAt.Before(*alone.EtaAt) || others.seen {
		t.Errorf("the batch ends at %v (beta read: %v, %v), want no earlier than %v and beta not read", d.EtaAt, others.seen, err, alone.EtaAt)
	}
	// Two groups of the pool come first, and alpha makes one of them.
	for range 2 {
		b.accept(tasks.GroupRequest{GroupName: "pool's", Priority: tasks.High})
	}
	shared := describe()
	if !others.seen {
		t.Error("beta was not read, which takes from the same pool")
	}
	if later := shared.EtaAt.Sub(*alone.EtaAt); later < 4*time.Minute || later > 6*time.Minute {
		t.Errorf("after a group of the pool it comes %v later, want about 5m", later)
	}
}

func TestReaderGroup_HasItsPlaceInTheLine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first, err := b.reader.Group(t.Context(), b.ids[0])
	if err != nil {
		t.Fatal(err)
	}
	last, err := b.reader.Group(t.Context(), b.ids[2])
	if err != nil {
		t.Fatal(err)
	}
	if want := "its turn at alpha: it is the next, one every 5m"; first.WaitingFor.String() != want {
		t.Errorf("the first waits for %q, want %q", first.WaitingFor, want)
	}
	if want := "its turn at alpha: 2 groups are before it, one every 5m"; last.WaitingFor.String() != want {
		t.Errorf("the last waits for %q, want %q", last.WaitingFor, want)
	}
	if first.EtaAt == nil || last.EtaAt == nil {
		t.Fatalf("got the times %v and %v, want both", first.EtaAt, last.EtaAt)
	}
	if gap := last.EtaAt.Sub(*first.EtaAt); gap < 10*time.Minute || gap > 11*time.Minute {
		t.Errorf("the last comes %s after the first, want two intervals of 5m", gap)
	}
}

func TestReaderStatus_HoldsGroupsInstancesWorkersAndBatches(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d, err := b.reader.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d.Groups[group.Queued] != 3 || d.Members[group.Pending] != 3 {
		t.Errorf("got %d groups queued and %d people pending, want 3 and 3", d.Groups[group.Queued], d.Members[group.Pending])
	}
	if len(d.Instances) != 1 || d.Instances[0].Queued.Create != 3 {
		t.Errorf("got the instances %+v, want alpha with 3 groups", d.Instances)
	}
	if len(d.Workers) != 1 || d.EtaAt == nil {
		t.Errorf("got %d workers and the end %v, want one worker and an end", len(d.Workers), d.EtaAt)
	}
	if len(d.Batches) == 1 && d.EtaAt != nil && d.Batches[0].EtaAt != nil && !d.EtaAt.Equal(*d.Batches[0].EtaAt) {
		t.Errorf("all ends at %v, and the only batch at %v, want the same", d.EtaAt, d.Batches[0].EtaAt)
	}
	if len(d.Batches) != 1 || d.Batches[0].ID != b.batch || d.Batches[0].EtaAt == nil {
		t.Errorf("got the batches %+v, want %s with an end", d.Batches, b.batch)
	}
}

func TestReaderGroup_WaitsForNothingAfterItsEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.store.Records.Update(t.Context(), b.ids[1], (*group.Group).Cancel); err != nil {
		t.Fatal(err)
	}
	d, err := b.reader.Group(t.Context(), b.ids[1])
	if err != nil {
		t.Fatal(err)
	}
	if !d.WaitingFor.Zero() || d.EtaAt != nil {
		t.Errorf("it waits for %q until %v, want nothing", d.WaitingFor, d.EtaAt)
	}
	last, err := b.reader.Group(t.Context(), b.ids[2])
	if err != nil {
		t.Fatal(err)
	}
	if want := "its turn at alpha: one group is before it, one every 5m"; last.WaitingFor.String() != want {
		t.Errorf("the one behind it waits for %q, want %q", last.WaitingFor, want)
	}
}

func TestReader_AKeyOfAnotherTypeHoldsTheCallsAndNoView(t *testing.T) {
	t.Parallel()
	for key, told := range map[string]string{
		"rollcall:numbers": "rollcall:numbers", "rollcall:installation": "rollcall:installation", "asynq:queues": "asynq:queues",
		"asynq:{call}:lease": "asynq:*call*", "asynq:{call}:pending": "asynq:*call*",
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.reader = view.New(b.store, pacing.New(b.rdb, pacing.WithNumbers(b.store.Presence.Numbers)), queue.New(b.rdb, b.store.Lines))
			if err := errors.Join(b.rdb.Del(t.Context(), key).Err(), b.rdb.Set(t.Context(), key, "a stranger's", 0).Err()); err != nil {
				t.Fatal(err)
			}
			status, err := b.reader.Status(t.Context())
			if err != nil || status.Installation.State != view.InstallationLost || status.Installation.Cause != view.CauseBlocked {
				t.Errorf("got the installation %+v, %v, want it lost because it is blocked", status.Installation, err)
			}
			alpha := status.Instances[0]
			if title, _, _ := alpha.Explain(); !alpha.Held() || alpha.NextCreateAt != nil || title != say.Code("all-instances-are-held") {
				t.Errorf("got alpha %+v with the title %v, want it held without a next create", alpha, title)
			}
			if _, err := b.reader.Gauges(t.Context()); err != nil {
				t.Errorf("gauges: %v", err)
			}
			doc, err := b.reader.Explain(t.Context(), b.ids[0])
			if err != nil || !strings.Contains(fmt.Sprint(doc), told) {
				t.Errorf("got the explanation %v, %v, want it to name %s", doc, err, told)
			}
		})
	}
}
