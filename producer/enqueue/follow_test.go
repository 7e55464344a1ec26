package enqueue_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// fail ends a group as failed, by the steps of a worker.
func (b bundle) fail(t *testing.T, id string) {
	t.Helper()
	_, err := b.store.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error {
		g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
		return g.Refused(g.Latest().N, group.Answer{HTTPStatus: 400, Error: say.Words("bad subject")}, now)
	})
	if err != nil {
		t.Error(err)
	}
}

func (b bundle) list(t *testing.T, f enqueue.Filter) []string {
	t.Helper()
	var names []string
	for g, err := range b.client.List(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, g.GroupName)
	}
	return names
}

func TestClientList_ReadsAllPagesAndOnlyWhatMatches(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.create(t, "many", requests(450)...)
	b.create(t, "few", tasks.GroupRequest{GroupName: "one", Phones: []tasks.Phone{"+5511977776666"}})
	if got := b.list(t, enqueue.Filter{}); len(got) != 451 || got[0] != "one" {
		t.Errorf("all: got %d groups and %s first, want 451 and one", len(got), got[0])
	}
	if got := b.list(t, enqueue.Filter{Batch: "many", OldestFirst: true}); len(got) != 450 || got[0] != "Turma 000" {
		t.Errorf("of a batch: got %d groups and %s first, want 450 and Turma 000", len(got), got[0])
	}
	if got := b.list(t, enqueue.Filter{Phone: "(11) 97777-6666", Region: "BR"}); len(got) != 1 || got[0] != "one" {
		t.Errorf("of a person: got %v, want the group one", got)
	}
	for _, err := range b.client.List(t.Context(), enqueue.Filter{Batch: "none"}) {
		if !errors.Is(err, enqueue.ErrNotFound) {
			t.Errorf("of an unknown batch: got %v, want ErrNotFound", err)
		}
	}
}

func TestClientCancel_TakesAQueuedGroupAndRefusesAFailedOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, results := b.create(t, "two", requests(2)...)
	g, err := b.client.Cancel(t.Context(), results[0].ID)
	if err != nil || g.Status != enqueue.StatusCancelled {
		t.Errorf("cancel: got %s, %v, want cancelled", g.Status, err)
	}
	b.fail(t, results[1].ID)
	if _, err := b.client.Cancel(t.Context(), results[1].ID); !errors.Is(err, enqueue.ErrState) {
		t.Errorf("cancel a failed one: %v, want ErrState", err)
	}
	if _, err := b.client.Get(t.Context(), "grp_0"); !errors.Is(err, enqueue.ErrNotFound) {
		t.Errorf("get an unknown group: %v, want ErrNotFound", err)
	}
}

func TestClientWatch_FollowsABatchUntilItsLastGroupHasEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, results := b.create(t, "watched", requests(3)...)
	var ended []string
	begun := false
	for e, err := range b.client.Watch(t.Context(), "watched") {
		switch {
		case err != nil:
			t.Fatal(err)
		case e.Batch != nil && !begun:
			begun = true
			for _, r := range results { // Watch must report what happens from here on
				b.fail(t, r.ID)
			}
		case e.Batch != nil:
			if e.Batch.Status != "done" || e.Batch.Counts[enqueue.StatusFailed] != 3 {
				t.Errorf("the last event of the batch is %+v, want it done with 3 failed", e.Batch)
			}
			begun = false
		case e.Group.Status == enqueue.StatusFailed:
			ended = append(ended, e.Group.ID)
		}
	}
	if begun || len(ended) != 3 {
		t.Errorf("got the end of %d groups, and of the batch: %v; want 3 and true", len(ended), !begun)
	}
	events := 0
	for e, err := range b.client.Watch(t.Context(), results[0].ID) {
		if err != nil || e.Group.Status != enqueue.StatusFailed {
			t.Errorf("got %+v, %v, want the failed group", e.Group, err)
		}
		events++
	}
	if events != 1 {
		t.Errorf("a group that has ended gave %d events, want its state once", events)
	}
}

func TestClientWatch_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, results := b.create(t, "waits", requests(1)...)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	enough := errors.New("seen enough")
	var last error
	for _, err := range b.client.Watch(ctx, results[0].ID) {
		last = err
		cancel(enough)
	}
	if !errors.Is(last, enough) {
		t.Errorf("got %v, want the context's cause", last)
	}
}
