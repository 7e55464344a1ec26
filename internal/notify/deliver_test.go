package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// one makes an event of a type for a group of two people and returns its task.
func (r *rig) one(typ string) tasks.Task {
	r.t.Helper()
	g := accept(r.t, r.Store, nil, ana, bruno)
	move(r.t, r.Store, g, created("1-group"))
	move(r.t, r.Store, g, called(ana))
	move(r.t, r.Store, g, invited(1))
	r.pass()
	for _, task := range r.queue.take() {
		n, err := r.Store.Outbox.Notice(r.t.Context(), task.Payload.Event)
		if err != nil {
			r.t.Fatal(err)
		}
		if n.Type == typ {
			return task
		}
	}
	r.t.Fatalf("no %s event was made", typ)
	return tasks.Task{}
}

func (r *rig) delivery(t tasks.Task) store.Delivery {
	r.t.Helper()
	n, err := r.Store.Outbox.Notice(r.t.Context(), t.Payload.Event)
	if err != nil {
		r.t.Fatal(err)
	}
	return n.Deliveries[t.Payload.Receiver]
}

// try runs a task and returns the delay before the next try, or -1 if there is none.
func (r *rig) try(t tasks.Task) time.Duration {
	r.t.Helper()
	err := r.Do(r.t.Context(), t)
	if err == nil {
		return -1
	}
	later, ok := errors.AsType[*steps.Later](err)
	if !ok {
		r.t.Fatalf("Do: %v, want nil or a delay", err)
	}
	return later.After
}

func TestDo_SignsADeliveryThatHoldsTheGroup(t *testing.T) {
	t.Parallel()
	in := listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(in.URL))
	if after := r.try(r.one(GroupCompleted)); after != -1 {
		t.Fatalf("got another try in %s, want none", after)
	}
	l := in.letters()[0]
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := wh.Verify(l.body, l.header); err != nil {
		t.Errorf("the library of Standard Webhooks refuses the signature: %v", err)
	}
	if l.header.Get("Content-Type") != "application/json" || !strings.HasPrefix(l.header.Get("webhook-id"), "evt_") {
		t.Errorf("got the headers %v, want JSON and a webhook-id that begins with evt_", l.header)
	}
	d := l.parsed.Data
	if l.parsed.Type != GroupCompleted || l.parsed.Timestamp.IsZero() || l.parsed.Timestamp.Location() != time.UTC {
		t.Errorf("got the type %q and the timestamp %s, want %s and a time in UTC", l.parsed.Type, l.parsed.Timestamp, GroupCompleted)
	}
	if d["status"] != "done" || d["groupId"] != "1-group" || d["externalRef"] != "deal-812" || len(d["members"].([]any)) != 2 {
		t.Errorf("got the group %v, want deal-812, done as 1-group with two members", d)
	}
	if !strings.Contains(string(l.body), "a=1&b=2") {
		t.Errorf("the link is escaped in %s", l.body)
	}
}

func TestDo_AMemberEventNamesItsGroupAndNoOtherMember(t *testing.T) {
	t.Parallel()
	in := listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(in.URL))
	r.try(r.one(MemberInvited))
	d := in.letters()[0].parsed.Data
	member, _ := d["member"].(map[string]any)
	of, _ := d["group"].(map[string]any)
	if member["phone"] != bruno || member["status"] != "invited" || of["externalRef"] != "deal-812" || of["groupId"] != "1-group" {
		t.Errorf("got %v, want bruno invited, of the group deal-812", d)
	}
	if strings.Contains(string(in.letters()[0].body), ana) {
		t.Error("the event holds the number of another member")
	}
}

func TestDo_RetriesByTheTableUnderOneIDAndEndsInTheFailures(t *testing.T) {
	t.Parallel()
	in := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprint(w, "planted answer")
	})
	r := newRig(t, testutil.Redis(t), to(in.URL))
	task := r.one(GroupCompleted)
	var waits []time.Duration
	for {
		after := r.try(task)
		if after == -1 {
			break
		}
		waits = append(waits, after)
		// A task that asynq delivers early waits for its time.
		if left := r.try(task); left != after {
			t.Fatalf("run early, the task waits %s, want %s", left, after)
		}
		r.clock.forward(after)
	}
	if diff := cmp.Diff(table, waits); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
	letters := in.letters()
	if len(letters) != 1+len(table) {
		t.Errorf("got %d tries, want %d", len(letters), 1+len(table))
	}
	for i, l := range letters {
		if l.header.Get("webhook-id") != task.Payload.Event {
			t.Errorf("try %d has the id %s, want %s", i+1, l.header.Get("webhook-id"), task.Payload.Event)
		}
		if i > 0 && l.header.Get("webhook-timestamp") == letters[i-1].header.Get("webhook-timestamp") {
			t.Errorf("try %d has the timestamp of the try before: a receiver would refuse it as too old", i+1)
		}
	}
	list, next, err := (Desk{r.Store}).Failures(t.Context(), "", 10)
	if err != nil || next != "" || len(list) != 1 {
		t.Fatalf("got the failures %+v, next page %q, %v; want one failure and no next page", list, next, err)
	}
	f := list[0]
	if f.EventID != task.Payload.Event || f.Tries != 10 || f.Status != 500 || f.Reason.String() != "it answered 500" || f.Type != GroupCompleted {
		t.Errorf("got the failure %+v, want 10 tries and the answer 500", f)
	}
	var whole time.Duration
	for _, d := range table {
		whole += d
	}
	if f.LastAt.Sub(f.FirstAt) != whole {
		t.Errorf("first tried at %s, last at %s, want %s between them", f.FirstAt, f.LastAt, whole)
	}
	if after := r.try(task); after != -1 || len(in.letters()) != len(letters) {
		t.Error("a delivery that ended was tried again")
	}
	assertNothingStored(t, r.rdb, "*{hooks}*", "planted", "99999000", secret, in.URL)
	if log := r.logs.String(); strings.Contains(log, "planted") || strings.Contains(log, "99999000") || !strings.Contains(log, task.Payload.Event) {
		t.Errorf("got the log %s, want the id of the event, no answer and no number", log)
	}
}

func TestPause_IsLengthenedByUpToATenth(t *testing.T) {
	t.Parallel()
	if d, again := pause(table, 1, 0, 0.999); !again || d <= 5*time.Second || d > 5500*time.Millisecond {
		t.Errorf("got a pause of %s (again: %v), want more than 5s and at most 5.5s", d, again)
	}
	if _, again := pause(nil, 1, time.Second, 0); again {
		t.Error("without a retry table there is another try")
	}
}

func TestPause_RetryAfterReplacesTheTablesPause(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"120":                           2 * time.Minute,
		" 7 ":                           7 * time.Second,
		"0":                             0,
		"-5":                            0,
		"999999999999999999":            24 * time.Hour,
		"soon":                          0,
		"1.5":                           0,
		"Tue, 01 Dec 2026 10:01:30 GMT": 90 * time.Second,
		"Tue, 01 Dec 2026 09:00:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("Retry-After %q is %s, want %s", header, got, want)
		}
	}
	if d, again := pause(table, 2, 7*time.Second, 0.9); d != 7*time.Second || !again {
		t.Errorf("Retry-After 7s instead of 5m: got %s (again: %v), want 7s", d, again)
	}
	if d, _ := pause(table, 1, 80*time.Hour, 0); d != 24*time.Hour {
		t.Errorf("Retry-After 80h: got %s, want 24h", d)
	}
	if _, again := pause(table, 10, time.Second, 0); again {
		t.Error("Retry-After brings more tries than the table has")
	}
}

func TestDo_WaitsAsRetryAfterAsks(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInternalServerError} {
		in := listen(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "42")
			w.WriteHeader(status)
		})
		r := newRig(t, testutil.Redis(t), to(in.URL))
		if after := r.try(r.one(GroupCompleted)); after != 42*time.Second {
			t.Errorf("%d with Retry-After 42: next try in %s, want 42s", status, after)
		}
	}
}

// Else a removed webhook that was disabled would be a problem that no one can solve.
func TestDeskReceivers_ARemovedWebhookIsNotListed(t *testing.T) {
	t.Parallel()
	in := listen(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	r := newRig(t, testutil.Redis(t), to(in.URL))
	r.try(r.one(GroupCompleted))
	if err := r.Set(Settings{Endpoints: []Endpoint{to(in.URL + "/other")}}); err != nil {
		t.Fatal(err)
	}
	r.pass()
	all, err := (Desk{r.Store}).Receivers(t.Context())
	if err != nil || len(all) != 1 || all[0].State != "enabled" || all[0].ID != r.Store.Outbox.ReceiverID(in.URL+"/other") {
		t.Errorf("got the receivers %+v, %v; want the one that is configured", all, err)
	}
}

func TestWebhooks_GoneDisablesTheReceiverUntilItIsEnabledOrReplaced(t *testing.T) {
	t.Parallel()
	gone := true
	in := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		if gone {
			w.WriteHeader(http.StatusGone)
		}
	})
	r := newRig(t, testutil.Redis(t), to(in.URL))
	desk := Desk{r.Store}
	first := r.one(GroupCompleted)
	if after := r.try(first); after != -1 {
		t.Fatalf("410: got another try in %s, want none", after)
	}
	if d := r.delivery(first); d.State != store.DeliveryFailed || d.Status != http.StatusGone {
		t.Errorf("got the delivery %+v, want it failed with 410", d)
	}
	if all, err := desk.Receivers(t.Context()); err != nil || len(all) != 1 || all[0].State != "disabled" || all[0].DisabledAt == nil {
		t.Errorf("got the receivers %+v, %v; want one, disabled", all, err)
	}

	second := r.one(GroupCompleted)
	if after := r.try(second); after != -1 || len(in.letters()) != 1 || r.delivery(second).State != store.DeliverySkipped {
		t.Errorf("a disabled receiver got %d letters, want 1; its delivery is %+v, want it skipped", len(in.letters()), r.delivery(second))
	}

	gone = false
	was, err := desk.Enable(t.Context(), in.URL)
	if err != nil || was == nil || was.Event != first.Payload.Event {
		t.Errorf("enabled: got %+v, %v, want that event %s disabled it", was, err, first.Payload.Event)
	}
	if was, err := desk.Enable(t.Context(), first.Payload.Receiver); err != nil || was != nil {
		t.Errorf("enabled once more, by its id: got %+v, %v, want nil", was, err)
	}
	if _, err := desk.Enable(t.Context(), "https://unknown.example/"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown receiver: got %v, want ErrNotFound", err)
	}
	if r.try(r.one(GroupCompleted)); len(in.letters()) != 2 {
		t.Errorf("an enabled receiver got %d letters, want 2", len(in.letters()))
	}
	// A replay of the time in which it was disabled sends what it missed.
	if done, err := desk.Replay(t.Context(), Selection{Since: was.At.Add(-time.Minute)}); err != nil || done.Deliveries < 2 {
		t.Errorf("replayed %+v, %v, want at least 2 deliveries", done, err)
	}

	gone = true
	r.try(r.one(GroupCompleted))
	gone = false
	changed := to(in.URL, "group.*", "batch.completed")
	if err := r.Set(Settings{Endpoints: []Endpoint{changed}, Retries: table}); err != nil {
		t.Fatal(err)
	}
	sent := len(in.letters())
	if r.try(r.one(GroupCompleted)); len(in.letters()) != sent+1 {
		t.Error("a receiver stays disabled although its configuration changed")
	}
}

func TestDo_AnUnreadableEntryDisablesTheReceiver(t *testing.T) {
	t.Parallel()
	in := listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(in.URL))
	first := r.one(GroupCompleted)
	if err := r.Store.Outbox.Disable(t.Context(), first.Payload.Receiver, store.Disabled{Print: "of an older configuration"}); err != nil {
		t.Fatal(err)
	}
	if r.try(first); len(in.letters()) != 1 {
		t.Errorf("a receiver whose configuration changed got %d letters, want 1", len(in.letters()))
	}
	if err := r.rdb.HSet(t.Context(), "rollcall:{hooks}:disabled", first.Payload.Receiver, "{").Err(); err != nil {
		t.Fatal(err)
	}
	second := r.one(GroupCompleted)
	if r.try(second); len(in.letters()) != 1 || r.delivery(second).State != store.DeliverySkipped {
		t.Errorf("with an unreadable entry the receiver got %d letters, want 1; its delivery is %+v, want it skipped", len(in.letters()), r.delivery(second))
	}
}

func TestDo_AReceiverGetsNoEventThatItNoLongerWants(t *testing.T) {
	t.Parallel()
	in := listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(in.URL))
	task := r.one(MemberInvited)
	if err := r.Set(Settings{Endpoints: []Endpoint{to(in.URL, "group.*")}}); err != nil {
		t.Fatal(err)
	}
	if after := r.try(task); after != -1 || len(in.letters()) > 0 {
		t.Errorf("got another try in %s and the letters %v, want neither", after, in.contents())
	}
	if err := r.Set(Settings{}); err != nil {
		t.Fatal(err)
	}
	if after := r.try(task); after != elsewhere {
		t.Errorf("a worker without this receiver: next try in %s, want %s", after, elsewhere)
	}
}

func TestDo_ARemovedReceiversDeliveryEndsWithTheEvent(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), to(listen(t, nil).URL))
	task := r.one(GroupCompleted)
	if err := r.Set(Settings{}); err != nil {
		t.Fatal(err)
	}
	if after := r.try(task); after != elsewhere {
		t.Errorf("while the event is kept: next try in %s, want %s", after, elsewhere)
	}
	r.rdb.Del(t.Context(), "rollcall:{hooks}:ev:"+task.Payload.Event)
	if after := r.try(task); after != -1 {
		t.Errorf("an event that expired: got another try in %s, want none", after)
	}
}

// Redis is emptied under a worker, and a person starts over. What the worker sends from then on must be known to workers
// that are started later: it may be in their hands when it is tried again.
func TestWebhooksRekey_AWorkerThatWasStartedSinceMakesTheDeliveries(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	url := listen(t, nil).URL
	r := newRig(t, rdb, to(url))
	attend := func(want store.Verdict) {
		t.Helper()
		if _, verdict, _, err := r.Store.Attend(t.Context(), false, 0); err != nil || verdict != want {
			t.Fatalf("the verdict is %s, %v; want %s", verdict, err, want)
		}
	}
	attend(store.New)
	if err := rdb.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	attend(store.Lost)
	if err := r.Rekey(); err != nil {
		t.Fatal(err)
	}
	if err := r.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	task := r.one(GroupCompleted)
	later := newRig(t, rdb, to(url))
	if after := later.try(task); after != -1 {
		t.Errorf("a worker that was started since: next try in %s, want the delivery made", after)
	}
}

func TestDo_AnEventOfAGroupBeyondItsRetentionFails(t *testing.T) {
	t.Parallel()
	in := listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(in.URL))
	task := r.one(GroupCompleted)
	n, err := r.Store.Outbox.Notice(t.Context(), task.Payload.Event)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.Records.Update(t.Context(), n.Of, func(g *group.Group, now time.Time) error {
		g.FinishedAt = now.AddDate(-10, 0, 0)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if gone, err := r.Store.Records.ForgetExpired(t.Context(), n.Of); err != nil || !gone {
		t.Fatalf("the group was forgotten: %v (%v), want it gone", gone, err)
	}
	if after := r.try(task); after != -1 || len(in.letters()) > 0 {
		t.Errorf("got another try in %s and the letters %v, want neither", after, in.contents())
	}
	if d := r.delivery(task); d.State != store.DeliveryFailed || d.Tries != 0 || !strings.Contains(d.Reason.String(), "retention") {
		t.Errorf("got the delivery %+v, want it failed without a try because of the retention", d)
	}
	r.rdb.Del(t.Context(), "rollcall:{hooks}:ev:"+n.ID)
	if after := r.try(task); after != -1 {
		t.Errorf("an event that expired: got another try in %s, want none", after)
	}
}

func TestWebhooksSet_TwoOfOneAddressAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), to("http://a.example"), to("http://b.example"))
	if err := r.Set(Settings{Endpoints: []Endpoint{to("http://a.example"), to("http://a.example")}}); err == nil {
		t.Error("two webhooks of one address are accepted")
	}
}

func TestWebhooksReload_KeepsTheOldReceiversWhenRedisDoesNotAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Connect(t, "memory:").Client(), to("http://a.example"))
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Reload(over, Settings{}); err == nil {
		t.Error("Reload succeeded, want the error of Redis")
	}
	if n := len(r.plan.Load().receivers); n != 1 {
		t.Errorf("it has %d receivers, want the old one", n)
	}
}
