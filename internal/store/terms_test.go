package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// brief returns a store with a retention of a minute, its Redis, and a function that moves the clock of Redis on.
func brief(t *testing.T) (*store.Store, redis.UniversalClient, func(time.Duration)) {
	t.Helper()
	mini, rdb := testutil.Mini(t)
	now := time.Now()
	mini.SetTime(now)
	st, err := store.Open(t.Context(), rdb, store.Options{Retention: time.Minute, Elapsed: func(time.Time) time.Duration { return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	return st, rdb, func(d time.Duration) {
		now = now.Add(d)
		mini.SetTime(now)
		mini.FastForward(d)
	}
}

const year = 365 * 24 * time.Hour

// newRequest returns a request with an idempotency key.
func newRequest(key string) *store.Entry {
	g := fresh("Turma", "+5511999990001")
	g.Key = key
	return &store.Entry{Group: g, Scope: "key", Key: key, Content: "0123456789abcdef"}
}

// acceptRequest claims and records a request, and returns its entry.
func acceptRequest(t *testing.T, st *store.Store, key string) *store.Entry {
	t.Helper()
	e := newRequest(key)
	if err := errors.Join(st.Records.Claim(t.Context(), []*store.Entry{e}, nil), st.Records.Record(t.Context(), []*store.Entry{e})); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestStoreClaim_AKeyLivesAsLongAsItsGroup(t *testing.T) {
	t.Parallel()
	st, rdb, forward := brief(t)
	first := acceptRequest(t, st, "deal-812")
	forward(year) // the group still waits, for example for a number that rests
	if e := acceptRequest(t, st, "deal-812"); e.Outcome != store.Existed || e.Group.ID != first.Group.ID {
		t.Fatalf("after a year the same key has outcome %v and group %s, want Existed and %s", e.Outcome, e.Group.ID, first.Group.ID)
	}
	if err := st.Records.Forget(t.Context(), first.Group.ID); err != nil {
		t.Fatal(err)
	}
	if e := acceptRequest(t, st, "deal-812"); e.Outcome != store.Created || e.Group.ID == first.Group.ID {
		t.Errorf("after the group was forgotten the same key has outcome %v and group %s, want Created and a new one", e.Outcome, e.Group.ID)
	}
	if n := len(rdb.Keys(t.Context(), "rollcall:key:*").Val()); n != 1 {
		t.Errorf("there are %d claims of one group, want 1", n)
	}
}

func TestStoreClaim_OfAnInterruptedAcceptanceExpiresAndIsNotRecordedLater(t *testing.T) {
	t.Parallel()
	st, rdb, forward := brief(t)
	cut := newRequest("deal-812")
	if err := st.Records.Claim(t.Context(), []*store.Entry{cut}, nil); err != nil {
		t.Fatal(err)
	}
	forward(year)
	if keys := rdb.Keys(t.Context(), "rollcall:key:*").Val(); len(keys) > 0 {
		t.Errorf("the claims %v are left of an interrupted acceptance, want none", keys)
	}
	next := acceptRequest(t, st, "deal-812")
	if err := st.Records.Record(t.Context(), []*store.Entry{cut}); !errors.Is(err, store.ErrOvertaken) {
		t.Errorf("Record a year after Claim: got %v, want ErrOvertaken", err)
	}
	if _, err := st.Records.Load(t.Context(), cut.Group.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one key has two groups, %s and %s: Load of the second = %v, want ErrNotFound", next.Group.ID, cut.Group.ID, err)
	}
}

func TestStoreClaimWhatsApp_LivesAsLongAsTheGroup(t *testing.T) {
	t.Parallel()
	st, _, forward := brief(t)
	g, other := fresh("Turma", "+5511999990001"), fresh("Turma", "+5511999990002")
	g.WhatsAppID, g.Strays = "1@g.us", []group.Stray{{GroupID: "2@g.us", Instance: "alpha"}}
	accept(t, st, g, other)
	if owner, err := st.Records.ClaimWhatsApp(t.Context(), "2@g.us", g.ID); err != nil || owner != g.ID {
		t.Fatalf("the claim of another group that it made: the owner is %s, %v; want %s", owner, err, g.ID)
	}
	if owner, err := st.Records.ClaimWhatsApp(t.Context(), "1@g.us", g.ID); err != nil || owner != g.ID {
		t.Fatalf("the first claim: the owner is %s, %v; want %s", owner, err, g.ID)
	}
	forward(year)
	if owner, err := st.Records.ClaimWhatsApp(t.Context(), "1@g.us", other.ID); err != nil || owner != g.ID {
		t.Errorf("after a year the owner is %s, %v; want %s", owner, err, g.ID)
	}
	if err := st.Records.Forget(t.Context(), g.ID); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"1@g.us", "2@g.us"} {
		if owner, err := st.Records.ClaimWhatsApp(t.Context(), id, other.ID); err != nil || owner != other.ID {
			t.Errorf("after the owner was forgotten the owner of %s is %s, %v; want %s", id, owner, err, other.ID)
		}
	}
}

func TestStoreReserveName_DoesNotExpire(t *testing.T) {
	t.Parallel()
	st, _, forward := brief(t)
	first := group.NewID()
	if _, err := st.Records.ReserveName(t.Context(), "alpha", "Turma", first); err != nil {
		t.Fatal(err)
	}
	forward(year)
	if holder, err := st.Records.ReserveName(t.Context(), "alpha", "Turma", group.NewID()); err != nil || holder != first {
		t.Errorf("after a year the name is held by %s, %v; want %s", holder, err, first)
	}
}

func TestPeopleRecallChecks_BelievesAnAccountForAMonthAndNoAccountForADay(t *testing.T) {
	t.Parallel()
	st, rdb, forward := brief(t)
	const has, hasNot = "5511999990001", "5511999990002"
	if err := st.People.RememberChecks(t.Context(), "zapi", map[string]provider.Checked{
		has: {Exists: true, Identity: phone.Identity{Digits: has, LID: "1@lid"}}, hasNot: {},
	}); err != nil {
		t.Fatal(err)
	}
	const hour = time.Hour
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 2}, {23 * hour, 2}, {2 * hour, 1}, {28*24*hour + 22*hour, 1}, {2 * hour, 0}} {
		forward(c.after)
		if err := st.People.ForgetChecks(t.Context()); err != nil {
			t.Fatal(err)
		}
		known, err := st.People.RecallChecks(t.Context(), "zapi", []string{has, hasNot})
		if err != nil || len(known) != c.want {
			t.Errorf("%v later %d checks are known, %v; want %d", c.after, len(known), err, c.want)
		}
		if other, err := st.People.RecallChecks(t.Context(), "greenapi", []string{has}); err != nil || len(other) != 0 {
			t.Errorf("RecallChecks of another provider = %v, %v; want none", other, err)
		}
	}
	forward(31 * 24 * hour)
	if err := st.People.ForgetChecks(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := rdb.Keys(t.Context(), "rollcall:{people}:*").Val(); len(left) > 0 {
		t.Errorf("a month later the keys %q are left, want none", left)
	}
}

// The number and the LID of a person are known for the retention of their group, and as long again.
func TestPeopleMeet_IsKnownForTwiceTheRetention(t *testing.T) {
	t.Parallel()
	mini, rdb := testutil.Mini(t)
	begin := time.Unix(20_000*86400, 0)
	mini.SetTime(begin)
	st, err := store.Open(t.Context(), rdb, store.Options{Retention: 90 * 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	const number, lid = "5511999990001", "1@lid"
	if _, err := st.People.Meet(t.Context(), []phone.Identity{{Digits: number, LID: lid}}); err != nil {
		t.Fatal(err)
	}
	mini.SetTime(begin.Add(180*24*time.Hour - time.Minute))
	if err := st.People.ForgetChecks(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := st.People.Suppress(t.Context(), []phone.Number{"+" + number}, "asked"); err != nil {
		t.Fatal(err)
	}
	if on, err := st.People.Suppressed(t.Context(), []phone.Identity{{LID: lid}}); err != nil || !on[0] {
		t.Errorf("Suppressed by the LID = %v, %v; want true", on, err)
	}
	mini.SetTime(begin.Add(220 * 24 * time.Hour))
	if err := st.People.ForgetChecks(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := rdb.Keys(t.Context(), "rollcall:{people}:*").Val(); len(left) > 0 {
		t.Errorf("after 220 days the keys %q are left, want none", left)
	}
}

// A person is requested by number and their LID becomes known. Long after, while the group still waits, they are
// suppressed by number: a request with the LID alone must not reach them.
func TestStoreSuppress_FindsTheLIDThatAWaitingGroupKnows(t *testing.T) {
	t.Parallel()
	st, _, forward := brief(t)
	const number, lid = phone.Number("+5511999990001"), "123456789012345@lid"
	g := fresh("Turma", string(number))
	accept(t, st, g)
	if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, _ time.Time) error { g.Members[0].LID = lid; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := st.People.Meet(t.Context(), []phone.Identity{{Digits: number.Digits(), LID: lid}}); err != nil {
		t.Fatal(err)
	}
	forward(year)
	if err := st.People.Suppress(t.Context(), []phone.Number{number}, "asked"); err != nil {
		t.Fatal(err)
	}
	out, err := st.People.Suppressed(t.Context(), []phone.Identity{{LID: lid}})
	if err != nil || !slices.Equal(out, []bool{true}) {
		t.Errorf("Suppressed by the LID = %v, %v; want true", out, err)
	}
}

func TestStoreClaimNotices_WhatIsToldOfAGroupIsKnownAsLongAsItIs(t *testing.T) {
	t.Parallel()
	st, rdb, forward := brief(t)
	g := fresh("Turma", "+5511999990001")
	accept(t, st, g)
	fact := []store.Fact{{Type: "group.created", Of: g.ID, Once: "group.created x"}}
	if n, err := st.Outbox.ClaimNotices(t.Context(), g.ID, fact); err != nil || n != 1 {
		t.Fatalf("the first ClaimNotices = %d, %v; want 1", n, err)
	}
	forward(year)
	if n, err := st.Outbox.ClaimNotices(t.Context(), g.ID, fact); err != nil || n != 0 {
		t.Errorf("after a year ClaimNotices = %d, %v; want 0", n, err)
	}
	if err := st.Records.Forget(t.Context(), g.ID); err != nil {
		t.Fatal(err)
	}
	if keys := rdb.Keys(t.Context(), "rollcall:{hooks}:told:*").Val(); len(keys) > 0 {
		t.Errorf("the keys %v are left of a forgotten group, want none", keys)
	}
}

// A delivery is retried for days, also if the retention of groups is shorter.
func TestStoreSaveDelivery_ANoticeLivesUntilAfterItsNextTry(t *testing.T) {
	t.Parallel()
	st, _, forward := brief(t)
	if _, err := st.Outbox.ClaimNotices(t.Context(), "bat_1", []store.Fact{{Type: "batch.completed", Of: "bat_1", Once: "x"}}); err != nil {
		t.Fatal(err)
	}
	out, err := st.Outbox.Outbox(t.Context(), 1)
	if err != nil || len(out) != 1 {
		t.Fatalf("Outbox = %v, %v; want one notice", out, err)
	}
	now, err := st.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := store.Delivery{State: store.DeliveryWaiting, Last: now, Next: now.Add(30 * 24 * time.Hour)}
	if ok, err := st.Outbox.SaveDelivery(t.Context(), out[0].ID, "r", store.Delivery{}, d); err != nil || !ok {
		t.Fatalf("SaveDelivery = %v, %v; want true", ok, err)
	}
	forward(31 * 24 * time.Hour)
	if _, err := st.Outbox.Notice(t.Context(), out[0].ID); err != nil {
		t.Errorf("after the time of its next try Notice = %v, want the notice", err)
	}
}

// A group that is extended after its batch has ended keeps the batch, which counts it.
func TestStoreForgetBatches_ABatchLivesAsLongAsItsGroups(t *testing.T) {
	t.Parallel()
	st, _, forward := brief(t)
	var a store.Adding
	if err := st.Index.JoinBatch(t.Context(), "cohort", &a); err != nil {
		t.Fatal(err)
	}
	g := fresh("Turma", "+5511999990001")
	g.BatchID = a.BatchID
	accept(t, st, g)
	end := func(status group.Status) {
		t.Helper()
		if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error {
			g.Status, g.FinishedAt = status, time.Time{}
			if status == group.Done {
				g.FinishedAt = now
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	end(group.Done)
	if err := st.Index.CloseBatch(t.Context(), &a, 0); err != nil {
		t.Fatal(err)
	}
	end(group.Inviting) // it was extended
	forward(year)
	forget := func() error { return st.Index.ForgetBatches(t.Context(), 100) }
	if err := forget(); err != nil {
		t.Fatal(err)
	}
	if b, err := st.Index.Batch(t.Context(), a.BatchID); err != nil || b.Counts[group.Inviting] != 1 {
		t.Fatalf("the batch of an extended group is %+v, %v; want one inviting group", b, err)
	}
	end(group.Done)
	if err := errors.Join(st.Records.Forget(t.Context(), g.ID), forget()); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Index.Batch(t.Context(), a.BatchID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after its last group was forgotten Batch = %v, want ErrNotFound", err)
	}
	if id, err := st.Index.BatchID(t.Context(), "cohort"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the name of the forgotten batch leads to %q, %v; want ErrNotFound", id, err)
	}
}

func TestStoreForgetBatches_OlderBatchesThatAreKeptHideNone(t *testing.T) {
	t.Parallel()
	st, _, forward := brief(t)
	var kept, ended store.Adding
	for name, a := range map[string]*store.Adding{"kept": &kept, "ended": &ended} {
		if err := st.Index.JoinBatch(t.Context(), name, a); err != nil {
			t.Fatal(err)
		}
	}
	if kept.BatchID > ended.BatchID { // the older one is kept
		kept, ended = ended, kept
	}
	if err := st.Index.CloseBatch(t.Context(), &ended, 0); err != nil {
		t.Fatal(err)
	}
	forward(year)
	if err := st.Index.ForgetBatches(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Index.Batch(t.Context(), ended.BatchID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after its retention Batch = %v, want ErrNotFound", err)
	}
	if _, err := st.Index.Batch(t.Context(), kept.BatchID); err != nil {
		t.Errorf("Batch of a batch that has not ended: %v", err)
	}
}
