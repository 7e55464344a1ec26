package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

func TestIndexNewest_ReadsTheNewestOfSeveralLists(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		batches, ids := []string{group.NewBatchID(), group.NewBatchID()}, map[string][]string{}
		for i := range 7 {
			g := fresh("g", "+5544999999991")
			g.BatchID = batches[i%2]
			accept(t, st, g)
			ids[g.BatchID] = append([]string{g.ID}, ids[g.BatchID]...)
		}
		cancelled := ids[batches[0]][0]
		if _, err := st.Records.Update(t.Context(), cancelled, func(g *group.Group, now time.Time) error { return g.Cancel(now) }); err != nil {
			t.Fatal(err)
		}
		found, err := st.Index.Newest(t.Context(), []store.Filter{
			{BatchID: batches[0], Statuses: []group.Status{group.Queued}},
			{BatchID: batches[1], Statuses: []group.Status{group.Queued}},
			{BatchID: batches[0], Statuses: []group.Status{group.Cancelled}},
			{BatchID: batches[1], Statuses: []group.Status{group.Done}},
		}, 2)
		if err != nil {
			t.Fatal(err)
		}
		got := make([][]string, len(found))
		for i, groups := range found {
			for _, g := range groups {
				got[i] = append(got[i], g.ID)
			}
		}
		want := [][]string{ids[batches[0]][1:3], ids[batches[1]][:2], {cancelled}, nil}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the newest of each list (-want +got):\n%s", diff)
		}
	})
}
