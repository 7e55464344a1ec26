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

func TestSwap_ChangesAKeyOnlyIfItHoldsWhatTheCallerExpects(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	for name, test := range map[string]struct {
		held string // with a lifetime of an hour; "" for no key
		args []any
		done int64
		left string        // "" for no key
		life time.Duration // of what is left, about; 0 for no key or no expiry
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
			t.Errorf("%s: the script returned %d, %v; want %d", name, done, err, test.done)
		}
		left, _ := rdb.Get(t.Context(), key).Result()
		life := max(0, rdb.PTTL(t.Context(), key).Val())
		if left != test.left || life.Round(time.Minute) != test.life {
			t.Errorf("%s: the key holds %q for %s, want %q for %s", name, left, life, test.left, test.life)
		}
	}
}

func TestTrailAudit_OfManyWritersAtOnceOneWritesTheEntry(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	var written atomic.Int32
	const entries = 30
	for i := range entries {
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
	if all, _, err := st.Trail.AuditPage(t.Context(), store.AuditFilter{}, "", 300); written.Load() != entries || len(all) != entries || err != nil {
		t.Errorf("Audit reported %d writes and the log has %d entries, %v; want %d of both", written.Load(), len(all), err, entries)
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
		t.Fatalf("%v lead, then %v; want one, and the same again", first, again)
	}
	if err := st.Presence.Resign(t.Context(), "job", first[0]); err != nil {
		t.Fatal(err)
	}
	if next := leaders(); len(next) != 1 {
		t.Errorf("after %s has resigned %v lead, want one", first[0], next)
	}
}

func TestPresenceLead_AskingWhileAnotherLeadsTakesTwoRoundTrips(t *testing.T) {
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
		t.Fatal("a does not lead, or cannot renew its lease")
	}
	key := rdb.Keys(t.Context(), "rollcall:*lead*").Val()[0]
	if ends := rdb.PTTL(t.Context(), key).Val(); ends <= 0 || ends > time.Minute {
		t.Errorf("the renewed lease expires in %v, want a minute", ends)
	}
	asked := &reads{}
	rdb.AddHook(asked)
	if lead("b", time.Hour) || asked.trips.Load() != 2 {
		t.Errorf("b leads beside a, or made %d round trips, want 2", asked.trips.Load())
	}
	if err := rdb.Persist(t.Context(), key).Err(); err != nil { // every leader's lease expires
		t.Fatal(err)
	}
	if !lead("b", time.Hour) {
		t.Error("b does not lead, want it to replace a lease that never expires")
	}
}

func TestOutboxAddress_AddressesANoticeOnceAndOnlyWhileItExists(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	g := fresh("Turma", "+5511999990001")
	if _, err := st.Outbox.ClaimNotices(t.Context(), g.ID, []store.Fact{{Type: "group.created", Of: g.ID, Once: "created", At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	out, err := st.Outbox.Outbox(t.Context(), 10)
	if err != nil || len(out) != 1 {
		t.Fatalf("Outbox = %v, %v; want one notice", out, err)
	}
	for _, receiver := range []string{"a", "b"} {
		if err := st.Outbox.Address(t.Context(), out[0].ID, map[string]store.Delivery{receiver: {State: store.DeliveryWaiting}}); err != nil {
			t.Fatal(err)
		}
	}
	found, err := st.Outbox.Notices(t.Context(), []string{out[0].ID})
	if err != nil || len(found) != 1 || len(found[0].Deliveries) != 1 || found[0].Deliveries["a"].State != store.DeliveryWaiting {
		t.Fatalf("Notices = %+v, %v; want one, addressed to a alone", found, err)
	}
	keys, err := rdb.Keys(t.Context(), "rollcall:{hooks}:ev:*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatalf("the keys of notices are %v, %v; want one", keys, err)
	}
	rdb.Del(t.Context(), keys...) // its retention is over
	if err := st.Outbox.Address(t.Context(), out[0].ID, map[string]store.Delivery{"a": {State: store.DeliveryWaiting}}); err != nil {
		t.Fatal(err)
	}
	if n := rdb.Exists(t.Context(), keys[0]).Val(); n != 0 {
		t.Error("Address wrote an expired notice again, which would never expire")
	}
}

func TestRecordsReserveName_OneOfManyHoldsItUntilItIsReleased(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	one, two := fresh("Turma", "+5511999990001").ID, fresh("Turma", "+5511999990002").ID
	if holder, err := st.Records.ReserveName(t.Context(), "5511", "Turma", one); err != nil || holder != one {
		t.Fatalf("the first ReserveName = %s, %v; want %s", holder, err, one)
	}
	if holder, err := st.Records.ReserveName(t.Context(), "5511", "Turma", two); err != nil || holder != one {
		t.Errorf("ReserveName of the second request = %s, %v; want %s", holder, err, one)
	}
	if err := st.Records.ReleaseName(t.Context(), "5511", "Turma", two); err != nil { // which does not hold it
		t.Fatal(err)
	}
	if holder, err := st.Records.ReserveName(t.Context(), "5511", "Turma", one); err != nil || holder != one {
		t.Errorf("ReserveName of the holder = %s, %v; want %s", holder, err, one)
	}
	if err := st.Records.ReleaseName(t.Context(), "5511", "Turma", one); err != nil {
		t.Fatal(err)
	}
	if holder, err := st.Records.ReserveName(t.Context(), "5511", "Turma", two); err != nil || holder != two {
		t.Errorf("after the release ReserveName of the second request = %s, %v; want %s", holder, err, two)
	}
}

func TestTrailNoteRefusals_RemovesTheOldestFirst(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	begun := time.Now().UTC().Truncate(time.Minute).Add(-10_010 * time.Minute)
	all := make([]store.Refusal, 10_003)
	for i := range all {
		all[i] = store.Refusal{At: begun.Add(time.Duration(i) * time.Minute), Source: "192.0.2.1", Reason: "key", Count: 1}
	}
	for some := range slices.Chunk(all, 500) { // with the race detector the embedded Redis is slow with more
		if err := st.Trail.NoteRefusals(t.Context(), some); err != nil {
			t.Fatal(err)
		}
	}
	lines, counts := rdb.ZCard(t.Context(), "rollcall:{audit}:refusals").Val(), rdb.HLen(t.Context(), "rollcall:{audit}:refusals:n").Val()
	if lines != 10_000 || counts != 10_000 {
		t.Errorf("%d lines and %d counts are kept, want 10000 of both", lines, counts)
	}
	if left, _, err := st.Trail.RefusalPage(t.Context(), store.RefusalFilter{Until: begun.Add(4 * time.Minute)}, "", 9); err != nil || len(left) != 1 || !left[0].At.Equal(begun.Add(3*time.Minute)) {
		t.Errorf("the oldest refusals are %+v, %v; want the fourth that was written", left, err)
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
			t.Errorf("step %d: Uncertain = %v, %v; want %v", n+1, one, err, step.one)
		}
	}
}

func TestStoreDeclare_AcceptsADecisionOnlyInTheStatesItFits(t *testing.T) {
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
				t.Errorf("%s, decision %d: got %v, want %v", name, i, err, test.says[i])
			}
			is := rdb.HGetAll(t.Context(), key).Val()
			switch {
			case name == "doubted" && i == 0 && is["doubt"] != "",
				name == "doubted" && i == 1 && (is["doubt"] != "restored" || is["doubtFrom"] != "5" || is["epoch"] != "4"),
				name == "doubted" && i == 3 && is["doubt"] != "restored",
				name == "lost" && i == 2 && (is["was"] != "ins_0,ins_1" || is["lost"] != "" || is["epoch"] != "4" || is["doubtTo"] != "7" || is["id"] == "ins_1"),
				name == "none" && len(is) > 0:
				t.Errorf("%s, decision %d: the installation is then %v, which does not fit the decision", name, i, is)
			}
		}
	}
}

func TestStoreRemove_RewritesAListWithoutCountsOrEvents(t *testing.T) {
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
		t.Errorf("the index has changed (-before +after):\n%s", diff)
	}
	if now := rdb.XLen(t.Context(), "rollcall:{ix}:events").Val(); now != events {
		t.Errorf("there are %d events, want %d as before", now, events)
	}
}
