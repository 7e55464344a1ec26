package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestEvents_AReaderOfAGroupsFirstEventCanReadTheGroup(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		const batches, rows = 20, 25
		done := make(chan error, 1)
		go func() {
			var err error
			for i := range batches {
				entries := make([]*store.Entry, rows)
				for n := range entries {
					entries[n] = &store.Entry{Group: fresh(fmt.Sprintf("Turma %d.%d", i, n), "+5544999999991")}
				}
				if err = st.Records.Record(t.Context(), entries); err != nil {
					break
				}
			}
			done <- err
		}()
		seen, after, deadline := map[string]bool{}, "0-0", time.Now().Add(testutil.Timeout)
		for len(seen) < batches*rows && time.Now().Before(deadline) {
			events, err := st.Outbox.Events(t.Context(), after, 100*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				after = e.ID
				if _, err := st.Records.Load(t.Context(), e.Of); err != nil {
					t.Fatalf("the event %+v came before its record: %v", e, err)
				}
				if seen[e.Of] || e.Status != string(group.Queued) {
					t.Errorf("got %+v, want one event of each group, with the status queued", e)
				}
				seen[e.Of] = true
			}
		}
		if err := <-done; err != nil || len(seen) != batches*rows {
			t.Errorf("read events of %d groups (%v), want %d", len(seen), err, batches*rows)
		}
	})
}

// The embedded Redis reads on after the last possible id; a real one rejects it.
func TestOutboxResume_ReportsAGapAfterTheLastPossibleID(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	st := open(t, rdb)
	newest := rdb.XAdd(t.Context(), &redis.XAddArgs{Stream: "rollcall:{ix}:events", Values: []any{"t", "group"}}).Val()
	place, err := st.Outbox.Resume(t.Context(), "18446744073709551615-18446744073709551615")
	if err != nil || !place.Gap || place.After != newest {
		t.Errorf("Resume = %+v, %v; want a gap up to %s", place, err, newest)
	}
}
