package store_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

func fact(once string) store.Fact {
	return store.Fact{Type: "group.created", Of: "grp_1", Once: once, Person: 3, At: time.Now().UTC().Truncate(time.Millisecond)}
}

func TestOutboxClaimNotices_ClaimsAFactOnceAndKeepsItsNoticeUntilCleared(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		a, b := fact("a"), fact("b")
		for i, want := range []int{2, 0} {
			if n, err := st.Outbox.ClaimNotices(t.Context(), "grp_1", []store.Fact{a, b}); err != nil || n != want {
				t.Fatalf("claim %d: %d facts are new, %v; want %d", i+1, n, err, want)
			}
		}
		left, err := st.Outbox.Untold(t.Context(), []string{"grp_1", "grp_2", "grp_3"}, [][]store.Fact{{a, fact("c")}, {a}, nil})
		if err != nil || len(left[0]) != 1 || left[0][0].Once != "c" || len(left[1]) != 1 || len(left[2]) != 0 {
			t.Errorf("Untold = %+v, %v; want c of grp_1, a of grp_2 and none of grp_3", left, err)
		}
		out, err := st.Outbox.Outbox(t.Context(), 10)
		if err != nil || len(out) != 2 || out[0].Of != "grp_1" || out[0].Person != 3 || !out[0].At.Equal(a.At) || out[0].Data != nil {
			t.Fatalf("Outbox = %+v, %v; want two notices, the first as its fact and without data", out, err)
		}
		if err := st.Outbox.ClearOutbox(t.Context(), out[0].ID); err != nil {
			t.Fatal(err)
		}
		if rest, err := st.Outbox.Outbox(t.Context(), 10); err != nil || len(rest) != 1 || rest[0].ID != out[1].ID {
			t.Errorf("after the first was cleared Outbox = %+v, %v; want the second", rest, err)
		}
		ids, err := st.Outbox.NoticesBetween(t.Context(), time.Now().Add(-time.Minute), time.Now().Add(time.Minute), "", 10)
		if err != nil || !slices.Equal(ids, []string{out[0].ID, out[1].ID}) {
			t.Errorf("NoticesBetween = %v, %v; want both notices", ids, err)
		}
		if ttl := rdb.PTTL(t.Context(), "rollcall:{hooks}:ev:"+ids[0]).Val(); ttl <= 0 {
			t.Errorf("the notice %s expires in %s, want some time", ids[0], ttl)
		}
		// A notice that has expired does not block the outbox.
		rdb.Del(t.Context(), "rollcall:{hooks}:ev:"+out[1].ID)
		if rest, err := st.Outbox.Outbox(t.Context(), 10); err != nil || len(rest) != 0 || rdb.ZCard(t.Context(), "rollcall:{hooks}:out").Val() != 0 {
			t.Errorf("after the second expired Outbox = %+v, %v; want it empty", rest, err)
		}
		if _, err := st.Outbox.Notice(t.Context(), out[1].ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an expired notice: got %v, want ErrNotFound", err)
		}
	})
}

func TestOutboxSaveDelivery_OnlyTheCurrentRunWrites(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		if _, err := st.Outbox.ClaimNotices(t.Context(), "grp_1", []store.Fact{fact("a")}); err != nil {
			t.Fatal(err)
		}
		out, err := st.Outbox.Outbox(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		id := out[0].ID
		waiting := store.Delivery{State: store.DeliveryWaiting, Host: "crm.example"}
		for _, to := range []string{"r1", "r2"} { // a notice that is addressed stays so
			if err := st.Outbox.Address(t.Context(), id, map[string]store.Delivery{to: waiting}); err != nil {
				t.Fatal(err)
			}
		}
		failed := waiting
		failed.State, failed.Tries, failed.Status, failed.Reason = store.DeliveryFailed, 10, 500, say.Phrase{Code: say.OutAnswered, N: 500}
		save := func(was, d store.Delivery) bool {
			t.Helper()
			written, err := st.Outbox.SaveDelivery(t.Context(), id, "r1", was, d)
			if err != nil {
				t.Fatal(err)
			}
			return written
		}
		if !save(waiting, failed) {
			t.Error("SaveDelivery wrote nothing for the current run")
		}
		list, next, err := st.Outbox.Failures(t.Context(), "", 10)
		if err != nil || next != "" || len(list) != 1 || list[0].Receiver != "r1" || !reflect.DeepEqual(list[0].Delivery, failed) || len(list[0].Notice.Deliveries) != 1 {
			t.Errorf("Failures = %+v, %q, %v; want the failed delivery to r1, and no cursor", list, next, err)
		}
		if err := st.Outbox.ClearOutbox(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		for i, want := range []bool{true, false} { // only one of two requests begins the next run
			if again, err := st.Outbox.Redeliver(t.Context(), id, "r1", failed, time.Now()); err != nil || again != want {
				t.Errorf("Redeliver %d = %v, %v; want %v", i+1, again, err, want)
			}
		}
		if save(failed, failed) {
			t.Error("SaveDelivery wrote for the run before")
		}
		n, err := st.Outbox.Notice(t.Context(), id)
		if err != nil || n.Deliveries["r1"].Run != 1 || n.Deliveries["r1"].State != store.DeliveryWaiting || n.Deliveries["r1"].Tries != 0 {
			t.Errorf("the new delivery is %+v, %v; want run 1, waiting, without tries", n.Deliveries["r1"], err)
		}
		if list, _, err := st.Outbox.Failures(t.Context(), "", 10); err != nil || len(list) != 0 {
			t.Errorf("Failures = %+v, %v; want none", list, err)
		}
		if out, err := st.Outbox.Outbox(t.Context(), 10); err != nil || len(out) != 1 {
			t.Errorf("Outbox = %+v, %v; want the notice again", out, err)
		}
		rdb.Del(t.Context(), "rollcall:{hooks}:ev:"+id)
		if save(n.Deliveries["r1"], failed) || rdb.Exists(t.Context(), "rollcall:{hooks}:ev:"+id).Val() == 1 {
			t.Error("SaveDelivery wrote an expired notice again, which would never expire")
		}
	})
}

func TestOutboxTrimNotices_RemovesWhatIsPastItsRetention(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st, err := store.Open(t.Context(), rdb, store.Options{Retention: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.Outbox.ClaimNotices(t.Context(), "grp_1", []store.Fact{fact("a")}); err != nil {
			t.Fatal(err)
		}
		const old = "evt_01900000-0000-7000-8000-000000000000" // of June 2024
		rdb.ZAdd(t.Context(), "rollcall:{hooks}:log", redis.Z{Member: old})
		rdb.ZAdd(t.Context(), "rollcall:{hooks}:failed", redis.Z{Member: old + ":r1"})
		if err := st.Outbox.TrimNotices(t.Context()); err != nil {
			t.Fatal(err)
		}
		if log, failed := rdb.ZCard(t.Context(), "rollcall:{hooks}:log").Val(), rdb.ZCard(t.Context(), "rollcall:{hooks}:failed").Val(); log != 1 || failed != 0 {
			t.Errorf("%d notices and %d failures are left, want the new notice alone", log, failed)
		}
	})
}
