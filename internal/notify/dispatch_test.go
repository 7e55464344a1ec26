package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

const (
	ana   = "+5544999990001"
	bruno = "+5544999990002"
)

// story moves a batch of two groups and an instance through the states that make the events in told.
func story(t *testing.T, st *store.Store) {
	t.Helper()
	a := &store.Adding{}
	if err := st.Index.JoinBatch(t.Context(), "cohort", a); err != nil {
		t.Fatal(err)
	}
	in := func(g *group.Group) { g.BatchID = a.BatchID }
	first, second := accept(t, st, in, ana, bruno), accept(t, st, in, ana)
	if err := st.Index.CloseBatch(t.Context(), a, 0); err != nil {
		t.Fatal(err)
	}
	if err := st.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha", Provider: "zapi", Pools: []string{"default"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: provider.Ready}, time.Now()); err != nil {
		t.Fatal(err)
	}
	move(t, st, second, refused)
	move(t, st, first, created("1-group"))
	move(t, st, first, called(ana))
	move(t, st, first, invited(1))
}

// told lists the types of story's events, sorted.
var told = []string{"batch.completed", "group.completed", "group.created", "group.failed", "instance.state", "member.invited"}

func TestDispatcher_SendsEveryEventOnceToEveryReceiverUnderOneID(t *testing.T) {
	t.Parallel()
	one, two := listen(t, nil), listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(one.URL), to(two.URL))
	story(t, r.Store)
	for range 3 {
		r.pass()
		for _, err := range r.work() {
			if err != nil {
				t.Error(err)
			}
		}
	}
	for name, in := range map[string]*inbox{"first": one, "second": two} {
		got := in.contents()
		slices.Sort(got)
		if diff := cmp.Diff(told, got); diff != "" {
			t.Errorf("the %s receiver got (-want +got):\n%s", name, diff)
		}
	}
	ids := func(in *inbox) map[string]string {
		m := map[string]string{}
		for _, l := range in.letters() {
			m[l.parsed.Type] = l.header.Get("webhook-id")
		}
		return m
	}
	if diff := cmp.Diff(ids(one), ids(two)); diff != "" {
		t.Errorf("two receivers got one event under two ids:\n%s", diff)
	}
}

func TestDispatcher_SendsTheEndOfABatchLastAndOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), to("http://127.0.0.1:1"))
	story(t, r.Store)
	r.pass()
	types := r.types()
	if last := types[len(types)-1]; last != BatchCompleted && types[len(types)-2] != BatchCompleted {
		t.Errorf("the events in the order of their ids are %v, want %s last or last but one", types, BatchCompleted)
	}
	for _, n := range r.notices() {
		if n.Type != BatchCompleted {
			continue
		}
		var d group.BatchDocument
		if err := json.Unmarshal(n.Data, &d); err != nil || d.Status != "done" || d.Total != 2 || d.Counts[group.Failed] != 1 {
			t.Errorf("got the document %s, %v, want the batch done with 2 groups, one of them failed", n.Data, err)
		}
	}
	for _, task := range r.queue.take() {
		n, err := r.Store.Outbox.Notice(t.Context(), task.Payload.Event)
		if err != nil {
			t.Fatal(err)
		}
		if late := !task.At.IsZero(); late != (n.Type == BatchCompleted) {
			t.Errorf("%s is due at %q: want a later time for %s only", n.Type, task.At, BatchCompleted)
		}
	}
}

func TestWebhooks_NothingIsStoredWithoutReceivers(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := newRig(t, rdb)
	story(t, r.Store)
	if led, err := r.Pass(t.Context(), -1); led || err != nil {
		t.Errorf("without webhooks: led %v, %v, want false", led, err)
	}
	if keys := rdb.Keys(t.Context(), "rollcall:{hooks}*").Val(); len(keys) > 0 {
		t.Errorf("stored without a webhook: %v, want nothing", keys)
	}
	r = newRig(t, rdb, to("http://127.0.0.1:1", "group.failed"))
	story(t, r.Store)
	r.pass()
	if got := r.types(); !slices.Equal(got, []string{GroupFailed}) {
		t.Errorf("with a webhook for group.failed: got the events %v, want only %s", got, GroupFailed)
	}
}

func TestDispatcher_SendsNothingFromBeforeWebhooksWereSwitchedOn(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := openStore(t, rdb)
	story(t, st)
	before := newRig(t, rdb, to("http://127.0.0.1:1"))
	before.pass()
	if got := before.types(); len(got) > 0 {
		t.Fatalf("got events from before the first webhook: %v", got)
	}
	// What happens while webhooks are switched off is not sent later either.
	newRig(t, rdb)
	if led, err := st.Presence.Led(t.Context(), job); err != nil || !led {
		t.Fatalf("led %v, %v, want true: a worker without webhooks must not take the lead from another", led, err)
	}
	if err := st.Presence.Resign(t.Context(), job, before.Worker); err != nil {
		t.Fatal(err)
	}
	newRig(t, rdb)
	story(t, st)
	after := newRig(t, rdb, to("http://127.0.0.1:1"))
	after.pass()
	if got := after.types(); len(got) > 0 {
		t.Fatalf("got events from while webhooks were off: %v", got)
	}
	story(t, st)
	after.pass()
	if got, want := len(after.types()), len(told)-1; got != want { // the instance stayed ready
		t.Errorf("got %d events after that, want %d", got, want)
	}
}

func TestDispatcher_LeadsInOneWorkerAndInAnotherAsSoonAsItStops(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	one := newRig(t, rdb, to("http://127.0.0.1:1"))
	one.pass()
	other := newRig(t, rdb, to("http://127.0.0.1:1"))
	other.Worker = "other"
	if led, err := other.Pass(t.Context(), -1); led || err != nil {
		t.Fatalf("the second worker: led %v, %v, want false", led, err)
	}
	if err := one.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := one.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	other.pass()
}

func TestDispatcher_APauseIsAStateOfItsInstance(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), to("http://127.0.0.1:1", "instance.state"))
	if err := r.Store.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha", Pools: []string{"default"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: provider.Ready}, time.Now()); err != nil {
		t.Fatal(err)
	}
	r.pass()
	for _, p := range []*store.Pause{{Reason: "new SIM", At: time.Now()}, nil} {
		if err := r.Store.Presence.SetPaused(t.Context(), "alpha", p); err != nil {
			t.Fatal(err)
		}
		if err := r.Store.Presence.TellPause(t.Context(), "alpha", p != nil); err != nil {
			t.Fatal(err)
		}
		r.pass()
	}
	if err := r.Store.Presence.TellPace(t.Context(), "alpha", true); err != nil { // no state has changed
		t.Fatal(err)
	}
	r.pass()
	var got []string
	for _, n := range r.notices() {
		var d struct{ Name, State, Reason string }
		if err := json.Unmarshal(n.Data, &d); err != nil {
			t.Fatal(err)
		}
		got = append(got, d.Name+" "+d.State+" "+d.Reason)
	}
	if diff := cmp.Diff([]string{"alpha ready ", "alpha paused new SIM", "alpha ready "}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// errCut is the error of every command from the cut on.
var errCut = fmt.Errorf("cut: the process is gone")

// knife fails a process's left-th command and all later ones, as if the process had ended. With after, Redis still runs
// the first of them, and only its answer is lost.
type knife struct {
	mu    sync.Mutex
	left  int
	after bool
}

func (k *knife) cut(do func() error) error {
	k.mu.Lock()
	k.left--
	left := k.left
	k.mu.Unlock()
	if left == 0 && k.after {
		_ = do()
	}
	if left <= 0 {
		return errCut
	}
	return do()
}

func (k *knife) DialHook(next redis.DialHook) redis.DialHook { return next }

func (k *knife) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := k.cut(func() error { return next(ctx, cmd) })
		if err == errCut { //nolint:errorlint // cut does not wrap it
			cmd.SetErr(err)
		}
		return err
	}
}

func (k *knife) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := k.cut(func() error { return next(ctx, cmds) })
		if err == errCut { //nolint:errorlint // cut does not wrap it
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
		}
		return err
	}
}

func TestADispatcherThatDiesAnywhereTellsEverythingOnce(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("run=%v", after), func(t *testing.T) {
			t.Parallel()
			for n, finished := 1, false; !finished; n++ {
				finished = dieAfter(t, n, after)
				if n > 500 {
					t.Fatal("a pass takes more than 500 commands")
				}
			}
		})
	}
}

// dieAfter lets a dispatcher die at its n-th command, which Redis still runs if after is true, and lets another one go
// on. It reports whether the first one finished before its n-th command.
func dieAfter(t *testing.T, n int, after bool) (finished bool) {
	t.Helper()
	mini, rdb := testutil.Mini(t)
	calm := newRig(t, rdb, to("http://127.0.0.1:1"))
	story(t, calm.Store)

	doomed := redis.NewClient(&redis.Options{
		Addr: "memory:6379", Dialer: mini.Dial, MaxRetries: -1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone},
	})
	defer func() { _ = doomed.Close() }()
	first := newRig(t, doomed, to("http://127.0.0.1:1"))
	first.queue = calm.queue // the queue outlives the process
	first.Queue = calm.queue
	doomed.AddHook(&knife{left: n, after: after})
	_, err := first.Pass(t.Context(), -1)
	// The queue has run these tasks before the next dispatcher begins, so it accepts a task that is put again.
	carried := calm.queue.take()

	if err := calm.Store.Presence.Resign(t.Context(), job, first.Worker); err != nil { // its lead lapses
		t.Fatal(err)
	}
	calm.pass()
	got := calm.types()
	slices.Sort(got)
	if diff := cmp.Diff(told, got); diff != "" {
		t.Errorf("cut at command %d (run: %v): events (-want +got):\n%s", n, after, diff)
	}
	carried = append(carried, calm.queue.take()...)
	put := map[string]bool{}
	for _, task := range carried {
		put[task.Payload.Event] = true
	}
	for _, e := range calm.notices() {
		if !put[e.ID] {
			t.Errorf("cut at command %d (run: %v): %s was never put on the queue", n, after, e.Type)
		}
	}
	return err == nil
}

func TestTwoWhoTellAtOnceTellEverythingOnce(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := newRig(t, rdb, to("http://127.0.0.1:1"))
	for range 5 {
		story(t, r.Store)
	}
	events, err := r.Store.Outbox.Events(t.Context(), "0-0", -1)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 { // each acts as the leader, as a process does that was suspended for too long
		all.Go(func() {
			p := r.plan.Load()
			if err := r.tell(t.Context(), p, events); err != nil {
				t.Error(err)
			}
			if err := r.flush(t.Context(), p); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, want := len(r.types()), 5*len(told)-4; got != want { // the instance's state changed once
		t.Errorf("got %d events, want %d", got, want)
	}
	for id, n := range r.queue.puts {
		if n != 1 {
			t.Errorf("task %s was put %d times, want once", id, n)
		}
	}
}

func TestDispatcher_FindsInTheListsWhatAFullStreamHasDropped(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client() // the Redis in memory takes seconds for so many events
	r := newRig(t, rdb, to("http://127.0.0.1:1"))
	story(t, r.Store)
	cursor, err := r.cursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if missed, err := r.Store.Outbox.Missed(t.Context(), cursor); err != nil || missed {
		t.Errorf("before anything is dropped: missed is %v, %v, want false", missed, err)
	}
	// A hundred thousand later events push the story's out of the stream.
	const stream = "rollcall:{ix}:events"
	if err := rdb.Eval(t.Context(), `for _ = 1, 100100 do
		redis.call("XADD", KEYS[1], "*", "type", "group", "id", "grp_x", "status", "queued", "batch", "")
	end
	return 1`, []string{stream}).Err(); err != nil {
		t.Fatal(err)
	}
	if err := rdb.XTrimMaxLen(t.Context(), stream, 100_000).Err(); err != nil {
		t.Fatal(err)
	}
	if missed, err := r.Store.Outbox.Missed(t.Context(), cursor); err != nil || !missed {
		t.Fatalf("after events were dropped: missed is %v, %v, want true", missed, err)
	}
	for range 2 {
		r.pass()
	}
	got := r.types()
	slices.Sort(got)
	if diff := cmp.Diff(told, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
