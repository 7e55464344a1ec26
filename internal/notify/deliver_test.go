package notify

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// one makes an event of this type for a group of two and gives its task.
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
	r.t.Fatalf("there is no %s", typ)
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

// try carries a task out and gives how long to wait for the next time, -1 when it is over.
func (r *rig) try(t tasks.Task) time.Duration {
	r.t.Helper()
	err := r.Do(r.t.Context(), t)
	if err == nil {
		return -1
	}
	later, ok := errors.AsType[*steps.Later](err)
	if !ok {
		r.t.Fatalf("the infrastructure failed: %v", err)
	}
	return later.After
}

func TestADeliveryIsSignedAndSaysWhatHappened(t *testing.T) {
	t.Parallel()
	in := listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(in.URL))
	if after := r.try(r.one(GroupCompleted)); after != -1 {
		t.Fatalf("again in %s", after)
	}
	l := in.letters()[0]
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := wh.Verify(l.body, l.header); err != nil {
		t.Errorf("the specification's own library says: %v", err)
	}
	if l.header.Get("Content-Type") != "application/json" || !strings.HasPrefix(l.header.Get("webhook-id"), "evt_") {
		t.Errorf("headers: %v", l.header)
	}
	d := l.parsed.Data
	if l.parsed.Type != GroupCompleted || l.parsed.Timestamp.IsZero() || l.parsed.Timestamp.Location() != time.UTC {
		t.Errorf("type %q, timestamp %s", l.parsed.Type, l.parsed.Timestamp)
	}
	if d["status"] != "done" || d["groupId"] != "1-group" || d["externalRef"] != "deal-812" || len(d["members"].([]any)) != 2 {
		t.Errorf("the group is told as %v", d)
	}
	if !strings.Contains(string(l.body), "a=1&b=2") {
		t.Errorf("the link is unreadable in %s", l.body)
	}
}

func TestAMemberIsToldWithTheGroupItIsOf(t *testing.T) {
	t.Parallel()
	in := listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(in.URL))
	r.try(r.one(MemberInvited))
	d := in.letters()[0].parsed.Data
	member, _ := d["member"].(map[string]any)
	of, _ := d["group"].(map[string]any)
	if member["phone"] != bruno || member["status"] != "invited" || of["externalRef"] != "deal-812" || of["groupId"] != "1-group" {
		t.Errorf("the member is told as %v", d)
	}
	if strings.Contains(string(in.letters()[0].body), ana) {
		t.Error("another member is told, too")
	}
}

func TestTheRetryTableIsKeptUnderOneIDAndEndsInTheList(t *testing.T) {
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
		// A task that is delivered early waits for its time.
		if left := r.try(task); left != after {
			t.Fatalf("tried at once, it says %s and not %s", left, after)
		}
		r.clock.forward(after)
	}
	if diff := cmp.Diff(table, waits); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
	letters := in.letters()
	if len(letters) != 1+len(table) {
		t.Errorf("%d tries, want %d", len(letters), 1+len(table))
	}
	for i, l := range letters {
		if l.header.Get("webhook-id") != task.Payload.Event {
			t.Errorf("try %d has the id %s", i+1, l.header.Get("webhook-id"))
		}
		if i > 0 && l.header.Get("webhook-timestamp") == letters[i-1].header.Get("webhook-timestamp") {
			t.Errorf("try %d has the timestamp of the one before: a receiver would refuse it as too old", i+1)
		}
	}
	list, next, err := (Desk{r.Store}).Failures(t.Context(), "", 10)
	if err != nil || next != "" || len(list) != 1 {
		t.Fatalf("failures: %+v, %q, %v", list, next, err)
	}
	f := list[0]
	if f.EventID != task.Payload.Event || f.Tries != 10 || f.Status != 500 || f.Reason.String() != "it answered 500" || f.Type != GroupCompleted {
		t.Errorf("the failure is kept as %+v", f)
	}
	var whole time.Duration
	for _, d := range table {
		whole += d
	}
	if f.LastAt.Sub(f.FirstAt) != whole {
		t.Errorf("first tried at %s, last at %s", f.FirstAt, f.LastAt)
	}
	if after := r.try(task); after != -1 || len(in.letters()) != len(letters) {
		t.Error("a delivery that has ended is tried again")
	}
	assertNothingStored(t, r.rdb, "*{hooks}*", "planted", "99999000", secret, in.URL)
	if log := r.logs.String(); strings.Contains(log, "planted") || strings.Contains(log, "99999000") || !strings.Contains(log, task.Payload.Event) {
		t.Errorf("logged: %s", log)
	}
}

func TestAPauseIsLengthenedByUpToATenth(t *testing.T) {
	t.Parallel()
	if d, again := pause(table, 1, 0, 0.999); !again || d <= 5*time.Second || d > 5500*time.Millisecond {
		t.Errorf("%s, %v", d, again)
	}
	if _, again := pause(nil, 1, time.Second, 0); again {
		t.Error("without a table there is another try")
	}
}

func TestDo_ThePauseOfTheReceiverWinsOverTheTable(t *testing.T) {
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
		t.Errorf("asked for 7s instead of 5m: %s, %v", d, again)
	}
	if d, _ := pause(table, 1, 80*time.Hour, 0); d != 24*time.Hour {
		t.Errorf("asked for 80h: %s", d)
	}
	if _, again := pause(table, 10, time.Second, 0); again {
		t.Error("a receiver can ask for more tries than there are")
	}
}

func TestRetryAfterIsHeededOverHTTP(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInternalServerError} {
		in := listen(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "42")
			w.WriteHeader(status)
		})
		r := newRig(t, testutil.Redis(t), to(in.URL))
		if after := r.try(r.one(GroupCompleted)); after != 42*time.Second {
			t.Errorf("%d with Retry-After 42: again in %s", status, after)
		}
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
		t.Fatalf("410: again in %s", after)
	}
	if d := r.delivery(first); d.State != store.DeliveryFailed || d.Status != http.StatusGone {
		t.Errorf("the delivery is %+v", d)
	}
	if all, err := desk.Receivers(t.Context()); err != nil || len(all) != 1 || all[0].State != "disabled" || all[0].DisabledAt == nil {
		t.Errorf("receivers: %+v, %v", all, err)
	}

	second := r.one(GroupCompleted)
	if after := r.try(second); after != -1 || len(in.letters()) != 1 || r.delivery(second).State != store.DeliverySkipped {
		t.Errorf("a disabled receiver was sent %d letters; its delivery is %+v", len(in.letters()), r.delivery(second))
	}

	gone = false
	was, err := desk.Enable(t.Context(), in.URL)
	if err != nil || was == nil || was.Event != first.Payload.Event {
		t.Errorf("enabled: %+v, %v", was, err)
	}
	if was, err := desk.Enable(t.Context(), first.Payload.Receiver); err != nil || was != nil {
		t.Errorf("enabled once more, by its id: %+v, %v", was, err)
	}
	if _, err := desk.Enable(t.Context(), "https://unknown.example/"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown one: %v", err)
	}
	if r.try(r.one(GroupCompleted)); len(in.letters()) != 2 {
		t.Errorf("an enabled receiver was sent %d letters", len(in.letters()))
	}
	// A replay of that time sends what it missed.
	if done, err := desk.Replay(t.Context(), Selection{Since: was.At.Add(-time.Minute)}); err != nil || done.Deliveries < 2 {
		t.Errorf("replayed %+v, %v", done, err)
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
		t.Error("a receiver whose configuration was changed stays disabled")
	}
}

func TestAReceiverIsNotSentWhatItDoesNotWantAnyMore(t *testing.T) {
	t.Parallel()
	in := listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(in.URL))
	task := r.one(MemberInvited)
	if err := r.Set(Settings{Endpoints: []Endpoint{to(in.URL, "group.*")}}); err != nil {
		t.Fatal(err)
	}
	if after := r.try(task); after != -1 || len(in.letters()) > 0 {
		t.Errorf("again in %s, letters %v", after, in.contents())
	}
	if err := r.Set(Settings{}); err != nil {
		t.Fatal(err)
	}
	if after := r.try(task); after != elsewhere {
		t.Errorf("a worker that knows no such receiver keeps its task: again in %s", after)
	}
}

func TestAGroupWhoseRetentionIsOverCannotBeTold(t *testing.T) {
	t.Parallel()
	in := listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(in.URL))
	task := r.one(GroupCompleted)
	n, err := r.Store.Outbox.Notice(t.Context(), task.Payload.Event)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Store.Records.Forget(t.Context(), n.Of); err != nil {
		t.Fatal(err)
	}
	if after := r.try(task); after != -1 || len(in.letters()) > 0 {
		t.Errorf("again in %s, letters %v", after, in.contents())
	}
	if d := r.delivery(task); d.State != store.DeliveryFailed || d.Tries != 0 || !strings.Contains(d.Reason.String(), "retention") {
		t.Errorf("the delivery is %+v", d)
	}
	r.rdb.Del(t.Context(), "rollcall:{hooks}:ev:"+n.ID)
	if after := r.try(task); after != -1 {
		t.Errorf("an event that has lapsed: again in %s", after)
	}
}

func TestWebhooksSet_TwoOfOneAddressAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), to("http://a.example"), to("http://b.example"))
	if err := r.Set(Settings{Endpoints: []Endpoint{to("http://a.example"), to("http://a.example")}}); err == nil {
		t.Error("two webhooks of one address are taken")
	}
}
