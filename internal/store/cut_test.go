package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

func TestRecordsMendEdits_PeopleOfACutExtensionLeadNowhere(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		g := fresh("one")
		accept(t, st, g)
		people := []group.Member{{Number: "+5544999990009", Status: group.Pending}}
		found := func(want int, when string) {
			t.Helper()
			groups, _, err := st.Index.List(t.Context(), store.Filter{Person: people[0].Identity()}, "", 10)
			if err != nil || len(groups) != want {
				t.Errorf("%s: the person leads to %d groups (%v), want %d", when, len(groups), err, want)
			}
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = st.Records.Extend(t.Context(), g.ID, people, func(*group.Group, time.Time) error { panic("the process is killed") })
		}()
		found(1, "after the crash")
		if n, err := st.Records.MendEdits(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil {
			t.Errorf("mended %d (%v), want 1", n, err)
		}
		found(0, "once mended")
		if _, err := st.Records.Extend(t.Context(), g.ID, people, func(g *group.Group, now time.Time) error {
			_, err := g.Extend(people, "ana", now)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if n, err := st.Records.MendEdits(t.Context(), time.Now().Add(time.Hour)); n != 0 || err != nil {
			t.Errorf("mended %d (%v), want none", n, err)
		}
		found(1, "once extended")
	})
}

func TestIndexSettleBatch_RemovesOneThatACrashLeftWithoutGroups(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		begin := func() string {
			t.Helper()
			a := &store.Adding{}
			if err := st.Index.JoinBatch(t.Context(), "cohort", a); err != nil {
				t.Fatal(err)
			}
			return a.BatchID
		}
		old := &store.Adding{}
		g := fresh("one")
		if err := st.Index.JoinBatch(t.Context(), "cohort", old); err != nil {
			t.Fatal(err)
		}
		g.BatchID = old.BatchID
		accept(t, st, g)
		if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error { return g.Cancel(now) }); err != nil {
			t.Fatal(err)
		}
		if err := st.Index.CloseBatch(t.Context(), old, 0); err != nil {
			t.Fatal(err)
		}
		empty := begin()
		rdb.Del(t.Context(), "rollcall:{ix}:adding:"+empty) // its run has crashed
		named := func(want, when string) {
			t.Helper()
			if err := st.Index.SettleBatch(t.Context(), empty); err != nil {
				t.Fatal(err)
			}
			if id, err := st.Index.BatchID(t.Context(), "cohort"); err != nil || id != want {
				t.Errorf("%s: the name leads to %s (%v), want %s", when, id, err, want)
			}
		}
		named(empty, "while a cut edit may still bring a group")
		if again := begin(); again != empty {
			t.Errorf("the next run joins %s, want %s", again, empty)
		}
		rdb.Del(t.Context(), "rollcall:{ix}:adding:"+empty)
		rdb.HSet(t.Context(), "rollcall:{ix}:b:"+empty, "createdAt", time.Now().Add(-2*time.Hour).UnixMilli())
		named(old.BatchID, "later")
		if running, err := st.Index.RunningBatches(t.Context()); err != nil || len(running) > 0 {
			t.Errorf("the batches %v run (%v), want none", running, err)
		}
	})
}

func TestIndexLeaveBatch_LeavesOneOpenToWhichAGroupMayStillCome(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		a := &store.Adding{}
		if err := errors.Join(st.Index.JoinBatch(t.Context(), "cohort", a), st.Index.LeaveBatch(t.Context(), a)); err != nil {
			t.Fatal(err)
		}
		if b, err := st.Index.Batch(t.Context(), "cohort"); err != nil || !b.FinishedAt.IsZero() {
			t.Errorf("the batch is %+v (%v), want it open", b, err)
		}
	})
}

func TestIndexSettleBatch_KeepsOneOfInvalidRowsAlone(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		a := &store.Adding{}
		if err := st.Index.JoinBatch(t.Context(), "cohort", a); err != nil {
			t.Fatal(err)
		}
		if err := st.Index.NoteInvalid(t.Context(), a, []store.InvalidRow{{Row: 1, Code: "noName"}}); err != nil {
			t.Fatal(err)
		}
		rdb.Del(t.Context(), "rollcall:{ix}:adding:"+a.BatchID) // its run has crashed before CloseBatch
		rdb.HSet(t.Context(), "rollcall:{ix}:b:"+a.BatchID, "createdAt", time.Now().Add(-2*time.Hour).UnixMilli())
		if err := st.Index.SettleBatch(t.Context(), a.BatchID); err != nil {
			t.Fatal(err)
		}
		if b, err := st.Index.Batch(t.Context(), "cohort"); err != nil || b.FinishedAt.IsZero() {
			t.Errorf("the batch is %+v (%v), want it there, and ended", b, err)
		}
	})
}
