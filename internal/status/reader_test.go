package status_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/status"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// bench is an installation with one worker that has announced alpha, and a batch of three groups.
type bench struct {
	rdb    redis.UniversalClient
	ledger *ledger.Ledger
	reader *status.Reader
	ids    []string
	batch  string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	ctx := t.Context()
	b := &bench{rdb: testutil.Redis(t)}
	var err error
	if b.ledger, err = ledger.Open(ctx, b.rdb, ledger.Options{}); err != nil {
		t.Fatal(err)
	}
	pacer := pacing.New(b.rdb)
	t.Cleanup(pacer.Close)
	b.reader = status.New(b.ledger, pacer, queue.New(b.rdb))
	now, err := b.ledger.Now(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.ledger.Beat(ctx, ledger.Worker{ID: "w1", Host: "here", StartedAt: now}); err != nil {
		t.Fatal(err)
	}
	if err := b.ledger.Announce(ctx, []ledger.Announcement{{
		Name: "alpha", Provider: "zapi", Pools: []string{"default"}, SeenAt: now, Create: pacing.Pace{Every: 5 * time.Minute},
	}}); err != nil {
		t.Fatal(err)
	}
	client, err := enqueue.New(ctx, b.rdb, enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := func(yield func(intake.Row, error) bool) {
		for i, name := range []string{"one", "two", "three"} {
			row := intake.Row{N: i + 1, Request: tasks.GroupRequest{GroupName: name, Phones: []tasks.Phone{"+5544999999991"}}}
			if !yield(row, nil) {
				return
			}
		}
	}
	sum, err := client.CreateBatch(ctx, "cohort", enqueue.Rules{}, rows, func(r enqueue.Result) error {
		b.ids = append(b.ids, r.ID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.batch = sum.BatchID
	return b
}

func TestAQueuedGroupKnowsItsPlaceInTheLine(t *testing.T) {
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
	if want := "its turn at alpha: it is the next, one every 5m"; first.WaitingFor != want {
		t.Errorf("the first waits for %q, want %q", first.WaitingFor, want)
	}
	if want := "its turn at alpha: 2 groups are before it, one every 5m"; last.WaitingFor != want {
		t.Errorf("the last waits for %q, want %q", last.WaitingFor, want)
	}
	if first.EtaAt == nil || last.EtaAt == nil {
		t.Fatalf("got the times %v and %v, want both", first.EtaAt, last.EtaAt)
	}
	if gap := last.EtaAt.Sub(*first.EtaAt); gap < 10*time.Minute || gap > 11*time.Minute {
		t.Errorf("the last comes %s after the first, want two intervals of 5m", gap)
	}
}

func TestTheStatusHoldsEverything(t *testing.T) {
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
		t.Errorf("got %d workers and the end %v, want one and a time", len(d.Workers), d.EtaAt)
	}
	if len(d.Batches) != 1 || d.Batches[0].ID != b.batch || d.Batches[0].EtaAt == nil {
		t.Errorf("got the batches %+v, want the one with its end", d.Batches)
	}
}

func TestAGroupThatHasEndedWaitsForNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.ledger.Update(t.Context(), b.ids[1], (*group.Group).Cancel); err != nil {
		t.Fatal(err)
	}
	d, err := b.reader.Group(t.Context(), b.ids[1])
	if err != nil {
		t.Fatal(err)
	}
	if d.WaitingFor != "" || d.EtaAt != nil {
		t.Errorf("got %q until %v, want nothing", d.WaitingFor, d.EtaAt)
	}
	last, err := b.reader.Group(t.Context(), b.ids[2])
	if err != nil {
		t.Fatal(err)
	}
	if want := "its turn at alpha: one group is before it, one every 5m"; last.WaitingFor != want {
		t.Errorf("the one behind it waits for %q, want %q", last.WaitingFor, want)
	}
}
