package store_test

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestSwap_ChangesAKeyOnlyIfItHoldsWhatTheCallerBelieves(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	for name, test := range map[string]struct {
		held string // "" for nothing
		args []any
		done int64
		left string        // "" for nothing
		life time.Duration // of what is left, about; 0 for no end. It began with an hour
	}{
		"set":                      {"a|1", []any{"whole", "a|1", "set", "b", 0}, 1, "b", time.Hour},
		"set for a life":           {"a|1", []any{"whole", "a|1", "set", "b", 120_000}, 1, "b", 2 * time.Minute},
		"set by the head":          {"a|1", []any{"head", "a|", "set", "b", 0}, 1, "b", time.Hour},
		"set again by this call":   {"b", []any{"whole", "a", "set", "b", 0}, 1, "b", time.Hour},
		"set another's":            {"c", []any{"whole", "a", "set", "b", 0}, 0, "c", time.Hour},
		"set of another head":      {"ab|1", []any{"head", "a|", "set", "b", 0}, 0, "ab|1", time.Hour},
		"set nothing":              {"", []any{"head", "", "set", "b", 0}, 0, "", 0},
		"the beginning is not all": {"a|1", []any{"whole", "a", "set", "b", 0}, 0, "a|1", time.Hour},
		"delete":                   {"a", []any{"whole", "a", "delete"}, 1, "", 0},
		"delete by the head":       {"a|1", []any{"head", "a|", "delete"}, 1, "", 0},
		"delete another's":         {"b", []any{"whole", "a", "delete"}, 0, "b", time.Hour},
		"persist":                  {"a", []any{"whole", "a", "persist"}, 1, "a", 0},
		"persist another's":        {"b", []any{"whole", "a", "persist"}, 0, "b", time.Hour},
	} {
		key := "swap " + name
		if test.held != "" {
			rdb.Set(t.Context(), key, test.held, time.Hour)
		}
		done, err := store.SwapScript.Run(t.Context(), rdb, []string{key}, test.args...).Int64()
		if err != nil || done != test.done {
			t.Errorf("%s: %d, %v", name, done, err)
		}
		left, _ := rdb.Get(t.Context(), key).Result()
		life := max(0, rdb.PTTL(t.Context(), key).Val())
		if left != test.left || life.Round(time.Minute) != test.life {
			t.Errorf("%s leaves %q for %s", name, left, life)
		}
	}
}

func TestTrailAudit_ASightIsWrittenOnceByAllWhoSeeItAtOnce(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	var written atomic.Int32
	const sights = 30
	for i := range sights {
		var all sync.WaitGroup
		begin := make(chan struct{})
		for range 8 {
			all.Go(func() {
				<-begin
				wrote, err := st.Trail.Audit(t.Context(), store.AuditEntry{Actor: "ana", Action: "phones.see", Count: i, Detail: say.Words(strconv.Itoa(i))}, time.Hour)
				if err != nil {
					t.Error(err)
				}
				if wrote {
					written.Add(1)
				}
			})
		}
		close(begin)
		all.Wait()
	}
	if entries, _, err := st.Trail.AuditPage(t.Context(), store.AuditFilter{}, "", 300); written.Load() != sights || len(entries) != sights || err != nil {
		t.Errorf("%d say that they wrote, %d entries, %v", written.Load(), len(entries), err)
	}
}

func TestPresenceLead_OneOfManyLeadsUntilItResigns(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	leaders := func() (names []string) {
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, name := range []string{"a", "b", "c", "d"} {
			all.Go(func() {
				lead, err := st.Presence.Lead(t.Context(), "job", name, time.Hour)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if lead {
					names = append(names, name)
				}
			})
		}
		all.Wait()
		return names
	}
	first := leaders()
	if again := leaders(); len(first) != 1 || len(again) != 1 || again[0] != first[0] {
		t.Fatalf("%v lead, then %v", first, again)
	}
	if err := st.Presence.Resign(t.Context(), "job", first[0]); err != nil {
		t.Fatal(err)
	}
	if next := leaders(); len(next) != 1 {
		t.Errorf("after it has resigned %v lead", next)
	}
}

func TestPresenceLead_AskingWhileAnotherLeadsIsTwoRoundTrips(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	lead := func(name string, ttl time.Duration) bool {
		t.Helper()
		is, err := st.Presence.Lead(t.Context(), "job", name, ttl)
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if !lead("a", time.Hour) || !lead("a", time.Minute) {
		t.Fatal("a does not lead, or not longer")
	}
	key := rdb.Keys(t.Context(), "rollcall:*lead*").Val()[0]
	if ends := rdb.PTTL(t.Context(), key).Val(); ends <= 0 || ends > time.Minute {
		t.Errorf("the lease that was renewed ends in %v, want a minute", ends)
	}
	asked := &reads{}
	rdb.AddHook(asked)
	if lead("b", time.Hour) || asked.trips.Load() != 2 {
		t.Errorf("b leads beside a, or asks %d times, want twice", asked.trips.Load())
	}
	if err := rdb.Persist(t.Context(), key).Err(); err != nil { // no leader writes a lease without an end
		t.Fatal(err)
	}
	if !lead("b", time.Hour) {
		t.Error("a lease without an end keeps b from leading")
	}
}

func TestOutboxAddress_HappensOnceAndOnlyWhileTheNoticeLives(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	g := fresh("Turma", "+5511999990001")
	if _, err := st.Outbox.ClaimNotices(t.Context(), g.ID, []store.Fact{{Type: "group.created", Of: g.ID, Once: "created", At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	out, err := st.Outbox.Outbox(t.Context(), 10)
	if err != nil || len(out) != 1 {
		t.Fatal(out, err)
	}
	for _, receiver := range []string{"a", "b"} {
		if err := st.Outbox.Address(t.Context(), out[0].ID, map[string]store.Delivery{receiver: {State: store.DeliveryWaiting}}); err != nil {
			t.Fatal(err)
		}
	}
	found, err := st.Outbox.Notices(t.Context(), []string{out[0].ID})
	if err != nil || len(found) != 1 || len(found[0].Deliveries) != 1 || found[0].Deliveries["a"].State != store.DeliveryWaiting {
		t.Fatalf("addressed to %+v, %v", found, err)
	}
	keys, err := rdb.Keys(t.Context(), "rollcall:{hooks}:ev:*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	rdb.Del(t.Context(), keys...) // its retention is over
	if err := st.Outbox.Address(t.Context(), out[0].ID, map[string]store.Delivery{"a": {State: store.DeliveryWaiting}}); err != nil {
		t.Fatal(err)
	}
	if n := rdb.Exists(t.Context(), keys[0]).Val(); n != 0 {
		t.Error("a notice that has lapsed is back, without an end")
	}
}

func TestRecordsReserveName_OneOfManyHoldsItUntilItIsReleased(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	one, two := fresh("Turma", "+5511999990001").ID, fresh("Turma", "+5511999990002").ID
	if holder, err := st.Records.ReserveName(t.Context(), "5511", "Turma", one); err != nil || holder != one {
		t.Fatal(holder, err)
	}
	if holder, err := st.Records.ReserveName(t.Context(), "5511", "Turma", two); err != nil || holder != one {
		t.Errorf("the second one is told %s, %v", holder, err)
	}
	if err := st.Records.ReleaseName(t.Context(), "5511", "Turma", two); err != nil { // it is not its own
		t.Fatal(err)
	}
	if holder, err := st.Records.ReserveName(t.Context(), "5511", "Turma", one); err != nil || holder != one {
		t.Errorf("the holder is told %s, %v", holder, err)
	}
	if err := st.Records.ReleaseName(t.Context(), "5511", "Turma", one); err != nil {
		t.Fatal(err)
	}
	if holder, err := st.Records.ReserveName(t.Context(), "5511", "Turma", two); err != nil || holder != two {
		t.Errorf("after its release the second one is told %s, %v", holder, err)
	}
}

func TestTrailRefusals_TheOldestGoFirst(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	begun := time.Now().UTC().Truncate(time.Minute).Add(-10_010 * time.Minute)
	all := make([]store.Refusal, 10_003)
	for i := range all {
		all[i] = store.Refusal{At: begun.Add(time.Duration(i) * time.Minute), Source: "192.0.2.1", Reason: "key", Count: 1}
	}
	for some := range slices.Chunk(all, 500) { // the embedded Redis takes its time for more under the race detector
		if err := st.Trail.NoteRefusals(t.Context(), some); err != nil {
			t.Fatal(err)
		}
	}
	lines, counts := rdb.ZCard(t.Context(), "rollcall:{audit}:refusals").Val(), rdb.HLen(t.Context(), "rollcall:{audit}:refusals:n").Val()
	if lines != 10_000 || counts != 10_000 {
		t.Errorf("%d lines and %d counts are kept", lines, counts)
	}
	if left, _, err := st.Trail.RefusalPage(t.Context(), store.RefusalFilter{Until: begun.Add(4 * time.Minute)}, "", 9); err != nil || len(left) != 1 || !left[0].At.Equal(begun.Add(3*time.Minute)) {
		t.Errorf("the oldest are %+v, %v", left, err)
	}
}

func TestStoreUncertain_CountsEachDoubtOfAnInstance(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	first, second := store.Doubt{To: time.UnixMilli(1000)}, store.Doubt{To: time.UnixMilli(2000)}
	for n, step := range []struct {
		doubt    store.Doubt
		instance string
		one      bool
	}{
		{first, "alpha", true},
		{first, "alpha", true},
		{first, "alpha", false},
		{first, "beta", true},
		{second, "alpha", true},
		{first, "alpha", false},
	} {
		if one, err := st.Uncertain(t.Context(), step.doubt, step.instance, 2); err != nil || one != step.one {
			t.Errorf("%d: %v, %v", n, one, err)
		}
	}
}

func TestStoreDeclare_DecidesByWhatTheInstallationIs(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	decisions := []func() error{
		func() error { return st.DeclareCurrent(t.Context()) },
		func() error { return st.DeclareRestored(t.Context(), time.Hour) },
		func() error { return st.StartOver(t.Context(), time.Time{}) },
		func() error { return st.Prove(t.Context()) },
	}
	now := time.Now().UTC().Truncate(time.Second)
	ms := func(at time.Time) int64 { return at.UnixMilli() }
	const key = "rollcall:installation"
	for name, test := range map[string]struct {
		fields []any
		says   [4]error
	}{
		"none":    {nil, [4]error{store.ErrSound, store.ErrSound, store.ErrSound, nil}},
		"sound":   {[]any{"id", "ins_1", "epoch", 3, "at", ms(now)}, [4]error{store.ErrSound, nil, store.ErrSound, nil}},
		"doubted": {[]any{"id", "ins_1", "epoch", 3, "at", ms(now), "doubt", "crashed", "doubtFrom", 5, "doubtUntil", ms(now.Add(time.Hour))}, [4]error{nil, nil, store.ErrSound, nil}},
		"lost":    {[]any{"id", "ins_1", "epoch", 3, "lost", "foreign", "lostID", "ins_0", "lostAt", 7}, [4]error{store.ErrUnsure, store.ErrUnsure, nil, nil}},
	} {
		for i, decide := range decisions {
			rdb.Del(t.Context(), key)
			if len(test.fields) > 0 {
				rdb.HSet(t.Context(), key, test.fields...)
			}
			if err := decide(); !errors.Is(err, test.says[i]) {
				t.Errorf("%s, decision %d: %v, want %v", name, i, err, test.says[i])
			}
			is := rdb.HGetAll(t.Context(), key).Val()
			switch {
			case name == "doubted" && i == 0 && is["doubt"] != "",
				name == "doubted" && i == 1 && (is["doubt"] != "restored" || is["doubtFrom"] != "5" || is["epoch"] != "4"),
				name == "doubted" && i == 3 && is["doubt"] != "restored",
				name == "lost" && i == 2 && (is["was"] != "ins_0,ins_1" || is["lost"] != "" || is["epoch"] != "4" || is["doubtTo"] != "7" || is["id"] == "ins_1"),
				name == "none" && len(is) > 0:
				t.Errorf("%s, decision %d, leaves %v", name, i, is)
			}
		}
	}
}

func TestStoreRemove_AListIsRewrittenWithoutACountOrAnEvent(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	queued, failed := fresh("one", "+5511999990001"), fresh("two", "+5511999990002")
	accept(t, st, queued, failed)
	if _, err := st.Records.Update(t.Context(), failed.ID, func(g *group.Group, now time.Time) error { return g.NoMembers(now) }); err != nil {
		t.Fatal(err)
	}
	before, events := indexed(t, rdb), rdb.XLen(t.Context(), "rollcall:{ix}:events").Val()
	rdb.Set(t.Context(), "rollcall:{ix}:st:queued", "garbage", 0)
	if _, err := st.Index.Indexed(t.Context(), group.Queued, "", 10); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Remove(t.Context(), store.KindList, "{ix}:st:queued", false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, indexed(t, rdb)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if now := rdb.XLen(t.Context(), "rollcall:{ix}:events").Val(); now != events {
		t.Errorf("%d events, %d before", now, events)
	}
}
