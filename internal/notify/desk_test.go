package notify

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// broken returns a rig without retries and its receiver, which answers 502 until mended is true.
func broken(t *testing.T) (*rig, *inbox, *atomic.Bool) {
	t.Helper()
	mended := &atomic.Bool{}
	in := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		if !mended.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	r := newRig(t, testutil.Redis(t), to(in.URL, "group.completed"))
	if err := r.Set(Settings{Endpoints: []Endpoint{to(in.URL, "group.completed")}}); err != nil {
		t.Fatal(err)
	}
	return r, in, mended
}

func (r *rig) replay(s Selection) Replayed {
	r.t.Helper()
	done, err := (Desk{r.Store}).Replay(r.t.Context(), s)
	if err != nil {
		r.t.Fatal(err)
	}
	r.pass()
	r.work()
	return done
}

func TestReplay_SendsAnEventAgainUnderItsID(t *testing.T) {
	t.Parallel()
	r, in, mended := broken(t)
	task := r.one(GroupCompleted)
	if after := r.try(task); after != -1 {
		t.Fatalf("without retries: got another try in %s, want none", after)
	}
	mended.Store(true)
	done := r.replay(Selection{IDs: []string{task.Payload.Event, "evt_nothing"}})
	if done.Events != 1 || done.Deliveries != 1 || len(done.Unknown) != 1 {
		t.Errorf("replayed %+v, want one event, one delivery and one unknown id", done)
	}
	letters := in.letters()
	if len(letters) != 2 || letters[1].header.Get("webhook-id") != task.Payload.Event {
		t.Fatalf("got %d letters, want 2 with the id %s", len(letters), task.Payload.Event)
	}
	if list, _, err := (Desk{r.Store}).Failures(t.Context(), "", 10); err != nil || len(list) != 0 {
		t.Errorf("got the failures %+v, %v, want none", list, err)
	}
	// The task of the first run changes nothing, however late it comes.
	if r.try(task); len(in.letters()) != 2 || r.delivery(task).State != store.Delivered {
		t.Errorf("after an old task: got %d letters and the delivery %+v, want 2 and delivered", len(in.letters()), r.delivery(task))
	}
	id := task.Payload.Event
	if done := r.replay(Selection{IDs: []string{id, "evt_nothing", id, "evt_nothing"}, DryRun: true}); done.Events != 1 || done.Deliveries != 1 || len(done.Unknown) != 1 {
		t.Errorf("ids given twice: replayed %+v, want one event, one delivery and one unknown id", done)
	}
	// An event that is replayed by its id is sent even if it was delivered.
	if done := r.replay(Selection{IDs: []string{task.Payload.Event}}); done.Deliveries != 1 || len(in.letters()) != 3 {
		t.Errorf("replayed %+v, got %d letters, want one delivery and 3 letters", done, len(in.letters()))
	}
}

func TestReplay_OfATimeSendsWhatWasNotDeliveredOrAll(t *testing.T) {
	t.Parallel()
	r, in, mended := broken(t)
	begun := time.Now().Add(-time.Second)
	r.try(r.one(GroupCompleted))
	mended.Store(true)
	r.try(r.one(GroupCompleted))
	if n := len(in.letters()); n != 2 {
		t.Fatalf("got %d letters, want 2", n)
	}
	if done := r.replay(Selection{Since: begun, DryRun: true}); done.Deliveries != 1 || len(in.letters()) != 2 {
		t.Errorf("a dry run: got %+v and %d letters, want one delivery and still 2 letters", done, len(in.letters()))
	}
	if done := r.replay(Selection{Since: begun}); done.Deliveries != 1 || len(in.letters()) != 3 {
		t.Errorf("what failed: got %+v and %d letters, want one delivery and 3 letters", done, len(in.letters()))
	}
	if done := r.replay(Selection{Since: begun}); done.Deliveries != 0 {
		t.Errorf("once more: got %+v, want no delivery", done)
	}
	if done := r.replay(Selection{Since: begun, All: true}); done.Deliveries != 2 || len(in.letters()) != 5 {
		t.Errorf("all: got %+v and %d letters, want 2 deliveries and 5 letters", done, len(in.letters()))
	}
	for _, s := range []Selection{
		{Since: begun.Add(-time.Hour), Until: begun, All: true},
		{Since: time.Now().Add(time.Minute), All: true},
	} {
		if done := r.replay(s); done.Deliveries != 0 {
			t.Errorf("%+v: replayed %+v, want nothing", s, done)
		}
	}
	for _, s := range []Selection{{}, {IDs: []string{"evt_1"}, Since: begun}} {
		if _, err := (Desk{r.Store}).Replay(t.Context(), s); !errors.Is(err, ErrSelection) {
			t.Errorf("%+v: got %v, want ErrSelection", s, err)
		}
	}
}

func TestReplay_SendsANewReceiverAnOlderEvent(t *testing.T) {
	t.Parallel()
	first, later := listen(t, nil), listen(t, nil)
	r := newRig(t, testutil.Redis(t), to(first.URL))
	task := r.one(GroupCompleted)
	r.try(task)
	if err := r.Set(Settings{Endpoints: []Endpoint{to(first.URL), to(later.URL)}}); err != nil {
		t.Fatal(err)
	}
	r.pass()
	done := r.replay(Selection{IDs: []string{task.Payload.Event}, Receiver: later.URL})
	if done.Deliveries != 1 || len(first.letters()) != 1 || len(later.letters()) != 1 {
		t.Errorf("replayed %+v; the receivers got %d and %d letters, want 1 each", done, len(first.letters()), len(later.letters()))
	}
	if _, err := (Desk{r.Store}).Replay(t.Context(), Selection{IDs: []string{"evt_1"}, Receiver: "https://unknown.example"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown receiver: got %v, want ErrNotFound", err)
	}
}

func TestFailures_AreReadInPages(t *testing.T) {
	t.Parallel()
	r, _, _ := broken(t)
	for range 5 {
		r.try(r.one(GroupCompleted))
	}
	seen := map[string]bool{}
	pages := 0
	for cursor := ""; ; pages++ {
		list, next, err := (Desk{r.Store}).Failures(t.Context(), cursor, 2)
		if err != nil || len(list) > 2 {
			t.Fatalf("got a page of %d failures, %v, want at most 2", len(list), err)
		}
		for _, f := range list {
			seen[f.EventID] = true
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if len(seen) != 5 || pages != 2 {
		t.Errorf("got %d failures on %d pages, want 5 on 3", len(seen), pages+1)
	}
	if _, _, err := (Desk{r.Store}).Failures(t.Context(), "x", 2); !errors.Is(err, store.ErrCursor) {
		t.Errorf("an invalid cursor: got %v, want ErrCursor", err)
	}
}
