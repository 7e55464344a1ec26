package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func open(t *testing.T, rdb redis.UniversalClient) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func fresh(name string, people ...string) *group.Group {
	now := time.Now().UTC().Truncate(time.Millisecond)
	g := &group.Group{
		ID: group.NewID(), Name: name, AutoInvite: true, Target: tasks.Target{Pool: "default"}, Priority: tasks.Normal,
		Status: group.Queued, CreatedAt: now, UpdatedAt: now,
	}
	for _, p := range people {
		g.Members = append(g.Members, group.Member{Number: phone.Number(p), Input: p, Status: group.Pending, UpdatedAt: now})
	}
	return g
}

func accept(t *testing.T, st *store.Store, groups ...*group.Group) {
	t.Helper()
	var entries []*store.Entry
	for _, g := range groups {
		entries = append(entries, &store.Entry{Group: g})
	}
	if err := st.Records.Claim(t.Context(), entries, nil); err != nil {
		t.Fatal(err)
	}
	if err := st.Records.Record(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

// everywhere runs a test on the embedded Redis, a real one and a cluster.
func everywhere(t *testing.T, test func(t *testing.T, rdb redis.UniversalClient)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { t.Parallel(); test(t, testutil.Redis(t)) })
	t.Run("real", func(t *testing.T) { t.Parallel(); test(t, testutil.RealRedis(t).Client()) })
	t.Run("cluster", func(t *testing.T) { t.Parallel(); test(t, testutil.Cluster(t).Client()) })
}

func TestARecordComesBackAsItWentIn(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		now := time.Now().UTC().Truncate(time.Millisecond)
		g := fresh("Turma 12 🎓", "+5511999990001", "+5511999990002")
		g.Members[0].Input = "5511999990001"
		g.Members = append(g.Members,
			group.Member{Input: "12", Status: group.Invalid, Reason: say.Words("too short"), UpdatedAt: now.Add(time.Second)},
			group.Member{
				LID: "1@lid", Input: "1@lid", Status: group.InviteQueued, Tries: 2, UpdatedAt: g.CreatedAt,
				Invite: &group.Intent{Owner: "w", At: now, Until: now.Add(time.Minute)},
			})
		g.Metadata = map[string]any{"owner": "ana"}
		g.Members[1].InvitedAt, g.Members[1].Said, g.Members[1].MissedAt = now, group.SaidLeft, now.Add(time.Hour)
		g.Consent = group.Consent{Source: "form 7", At: now}
		g.Members[0].Request = &group.JoinRequest{At: now, Method: group.ByLink}
		g.AskAgain = now
		g.Sight = group.Sight{At: now, Hidden: 2, Own: group.StandingMember}
		g.Watch = group.Watch{At: now, ReadAt: now, AskedAt: now, RetryAt: now, FailingSince: now, Failures: 2}
		g.NotBefore, g.ExpiresAt = now.Add(time.Hour), now.Add(2*time.Hour)
		accept(t, st, g)
		got, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error {
			if b := g.Begin("w", "alpha", time.Minute, nil, now); b != group.Go {
				return fmt.Errorf("begin: %v", b)
			}
			return g.Unknown(1, group.Answer{HTTPStatus: 500, Error: say.Words("oops")}, now.Add(time.Second))
		})
		if err != nil {
			t.Fatal(err)
		}
		stored, err := st.Records.Load(t.Context(), g.ID)
		if err != nil {
			t.Fatal(err)
		}
		round := cmp.Transformer("ms", func(t time.Time) int64 { return t.UnixMilli() })
		if diff := cmp.Diff(got, stored, round); diff != "" {
			t.Errorf("the record that was read differs (-written +read):\n%s", diff)
		}
	})
}

func TestOfManyWritersEachWriteCountsOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		g := fresh("busy")
		for i := range 40 {
			g.Members = append(g.Members, group.Member{Number: phone.Number(fmt.Sprintf("+55119999900%02d", i)), Status: group.Pending, UpdatedAt: g.CreatedAt})
		}
		accept(t, st, g)
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error {
					g.Members[i].End(group.NotOnWhatsApp, say.Words(""), now)
					g.Tries++
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := st.Records.Load(t.Context(), g.ID)
		if err != nil || got.Tries != 40 || got.Rev != 41 || got.Counts()[group.NotOnWhatsApp] != 40 {
			t.Errorf("after 40 writes: %d tries, revision %d, members %v, %v; want 40, 41 and 40 not on WhatsApp", got.Tries, got.Rev, got.Counts(), err)
		}
		_, members, err := st.Index.Totals(t.Context())
		if err != nil || members[group.NotOnWhatsApp] != 40 || members[group.Pending] != 0 {
			t.Errorf("the index counts members %v, %v; want 40 not on WhatsApp", members, err)
		}
	})
}

func TestIndexList_EveryFilterFindsItsGroupsPageByPage(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		a := &store.Adding{}
		if err := st.Index.JoinBatch(t.Context(), "cohort", a); err != nil {
			t.Fatal(err)
		}
		var all []*group.Group
		for i := range 25 {
			g := fresh(fmt.Sprintf("g%02d", i), "+5511999990001", fmt.Sprintf("+55119888800%02d", i))
			if i%2 == 0 {
				g.BatchID = a.BatchID
			}
			if i%5 == 0 {
				g.Target, g.Instance = tasks.Target{Instance: "alpha"}, "alpha"
				g.Priority = []tasks.Priority{tasks.High, tasks.Normal, tasks.Low}[i/5%3]
			}
			g.ExternalRef = fmt.Sprintf("deal-%d", i)
			all = append(all, g)
		}
		accept(t, st, all...)
		for _, id := range []string{all[0].ID, all[1].ID, all[2].ID} {
			if _, err := st.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error { return g.Cancel(now) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			name   string
			filter store.Filter
			want   int
		}{
			{"all", store.Filter{}, 25},
			{"a status", store.Filter{Statuses: []group.Status{group.Cancelled}}, 3},
			{"a batch", store.Filter{BatchID: a.BatchID}, 13},
			{"a batch and a status", store.Filter{BatchID: a.BatchID, Statuses: []group.Status{group.Queued}}, 11},
			{"an instance", store.Filter{Instance: "alpha"}, 5},
			{"a batch and an instance", store.Filter{BatchID: a.BatchID, Instance: "alpha"}, 3},
			{"a person in all groups", store.Filter{Person: phone.IdentityOf("5511999990001")}, 25},
			{"the person without the ninth digit", store.Filter{Person: phone.IdentityOf("551199990001")}, 25},
			{"a person in one group", store.Filter{Person: phone.IdentityOf("+5511988880007")}, 1},
			{"a reference", store.Filter{ExternalRef: "deal-2"}, 1},
			{"a time in the future", store.Filter{After: time.Now().Add(time.Hour)}, 0},
			{"a time around now", store.Filter{After: time.Now().Add(-time.Hour), Before: time.Now().Add(time.Hour)}, 25},
			{"oldest first", store.Filter{OldestFirst: true}, 25},
		} {
			seen := map[string]bool{}
			for cursor := ""; ; {
				page, next, err := st.Index.List(t.Context(), tt.filter, cursor, 4)
				if err != nil {
					t.Fatal(tt.name, err)
				}
				for _, g := range page {
					if seen[g.ID] {
						t.Errorf("%s: %s is on two pages", tt.name, g.Name)
					}
					seen[g.ID] = true
				}
				if next == "" {
					break
				}
				cursor = next
			}
			if len(seen) != tt.want {
				t.Errorf("%s: found %d groups, want %d", tt.name, len(seen), tt.want)
			}
		}
		if _, _, err := st.Index.List(t.Context(), store.Filter{}, "nonsense!", 4); !errors.Is(err, store.ErrCursor) {
			t.Errorf("a foreign cursor: got %v, want ErrCursor", err)
		}
	})
}

func TestABatchEndsOnceAfterItsLastGroup(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		a := &store.Adding{}
		if err := st.Index.JoinBatch(t.Context(), "cohort", a); err != nil {
			t.Fatal(err)
		}
		first, second := fresh("one"), fresh("two")
		first.BatchID, second.BatchID = a.BatchID, a.BatchID
		cancel := func(g *group.Group) {
			if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error { return g.Cancel(now) }); err != nil {
				t.Fatal(err)
			}
		}
		running := func(want bool, when string) {
			t.Helper()
			b, err := st.Index.Batch(t.Context(), "cohort")
			if err != nil || b.FinishedAt.IsZero() != want {
				t.Errorf("%s: the batch finished at %s, %v; want it running: %v", when, b.FinishedAt, err, want)
			}
		}
		accept(t, st, first)
		cancel(first)
		running(true, "while rows may still come")
		accept(t, st, second)
		if err := st.Index.CloseBatch(t.Context(), a, 3); err != nil {
			t.Fatal(err)
		}
		running(true, "before the last group")
		cancel(second)
		running(false, "after the last group")
		events, err := st.Outbox.Events(t.Context(), "0", time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		ended := 0
		for _, e := range events {
			if e.Type == "batch" {
				ended++
			}
		}
		if b, _ := st.Index.Batch(t.Context(), a.BatchID); ended != 1 || b.InvalidRows() != 3 || b.Total != 2 {
			t.Errorf("the batch ended %d times and is %+v; want once, with 2 groups and 3 invalid rows", ended, b)
		}
	})
}

func TestRecordsForget_LeavesNothingBehind(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		g := fresh("old", "+5511999990001")
		g.ExternalRef = "deal"
		accept(t, st, g)
		if err := st.Records.Forget(t.Context(), g.ID); err != nil {
			t.Fatal(err)
		}
		for _, f := range []store.Filter{{}, {Pools: []string{"default"}}, {ExternalRef: "deal"}, {Person: phone.IdentityOf("5511999990001")}} {
			if found, _, err := st.Index.List(t.Context(), f, "", 10); err != nil || len(found) != 0 {
				t.Errorf("%+v still finds %v, %v; want none", f, found, err)
			}
		}
		for _, pools := range [][]string{nil, {"default"}} {
			groups, members, err := st.Index.Totals(t.Context(), pools...)
			if err != nil || groups[group.Queued] != 0 || members[group.Pending] != 0 {
				t.Errorf("Totals of %v = %v, %v, %v; want no queued group and no pending person", pools, groups, members, err)
			}
		}
	})
}

func TestTwoRequestsCannotAdoptOneGroup(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		a, b := group.NewID(), group.NewID()
		for _, who := range []string{a, b, a} {
			if owner, err := st.Records.ClaimWhatsApp(t.Context(), "120363-group", who); err != nil || owner != a {
				t.Errorf("the claim of %s: the owner is %s, %v; want %s", who, owner, err, a)
			}
		}
		owners, err := st.Records.WhatsAppOwners(t.Context(), []string{"120363-group", "other"})
		if diff := cmp.Diff(map[string]string{"120363-group": a}, owners); err != nil || diff != "" {
			t.Errorf("WhatsAppOwners (-want +got): %s %v", diff, err)
		}
	})
}

func TestPeopleSuppress_KnowsAPersonByEverySpellingAndShowsNoNumber(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		if err := st.People.Suppress(t.Context(), []phone.Number{"+5511999990001"}, "asked"); err != nil {
			t.Fatal(err)
		}
		out, err := st.People.Suppressed(t.Context(), []phone.Identity{{Digits: "5511999990001"}, {Digits: "551199990001"}, {Digits: "5511999990002"}, {}})
		if diff := cmp.Diff([]bool{true, true, false, false}, out); err != nil || diff != "" {
			t.Errorf("Suppressed (-want +got): %s %v", diff, err)
		}
		var listed []store.Suppression
		if err := st.People.Suppressions(t.Context(), func(s store.Suppression) error { listed = append(listed, s); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(listed) != 1 || listed[0].Masked == "+5511999990001" || listed[0].Reason != "asked" {
			t.Errorf("Suppressions lists %+v, want one entry with a masked number and the reason", listed)
		}
		if n, err := st.People.Unsuppress(t.Context(), []phone.Number{"+5511999990001"}); n != 1 || err != nil {
			t.Errorf("Unsuppress = %d, %v; want 1", n, err)
		}
	})
}

func TestPeopleSuppress_OneAddressOfAPersonSuppressesTheOther(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		for i, c := range []struct {
			name     string
			byNumber bool // the number is put on the list
			byLID    bool
			met      string // when Meet learns the pair
		}{
			{"the number, then the pair", true, false, "after"},
			{"the number of a known pair", true, false, "before"},
			{"the LID, then the pair", false, true, "after"},
			{"the LID of a known pair", false, true, "before"},
			{"both at once", true, true, "never"},
		} {
			number, lid := phone.Identity{Digits: fmt.Sprint(5511999990001 + 10*i)}, phone.Identity{LID: fmt.Sprintf("7700112233445%d@lid", i)}
			both := phone.Identity{Digits: number.Digits, LID: lid.LID}
			first := both
			if !c.byLID {
				first = number
			} else if !c.byNumber {
				first = lid
			}
			meet := func(when string) {
				if c.met != when {
					return
				}
				listed, err := st.People.Meet(t.Context(), []phone.Identity{both})
				if err != nil || listed[0] != (when == "after") {
					t.Errorf("%s: Meet = %v, %v; want suppressed: %v", c.name, listed, err, when == "after")
				}
			}
			meet("before")
			for range 2 { // the second time changes nothing
				if err := st.People.SuppressPeople(t.Context(), []phone.Identity{first}, "left"); err != nil {
					t.Fatal(err)
				}
			}
			meet("after")
			on, err := st.People.Suppressed(t.Context(), []phone.Identity{number, lid, both, {Digits: "5511999990002"}})
			if diff := cmp.Diff([]bool{true, true, true, false}, on); err != nil || diff != "" {
				t.Errorf("%s: Suppressed (-want +got): %s %v", c.name, diff, err)
			}
			entries := 0
			if err := st.People.Suppressions(t.Context(), func(store.Suppression) error { entries++; return nil }); err != nil || entries != 1 {
				t.Errorf("%s: the list shows %d entries, %v; want 1", c.name, entries, err)
			}
			if s, err := st.People.Suppression(t.Context(), lid); err != nil || s == nil || s.Reason != "left" {
				t.Errorf("%s: the entry under the LID is %+v, %v; want the reason \"left\"", c.name, s, err)
			}
			if n, err := st.People.Unsuppress(t.Context(), []phone.Number{phone.Number("+" + number.Digits)}); n != 1 || err != nil {
				t.Errorf("%s: Unsuppress = %d, %v; want 1", c.name, n, err)
			}
			if on, err := st.People.Suppressed(t.Context(), []phone.Identity{number, lid}); err != nil || on[0] || on[1] {
				t.Errorf("%s: after Unsuppress Suppressed = %v, %v; want false for both addresses", c.name, on, err)
			}
		}
	})
}

func TestPresenceAnnounce_KeepsTheCallDurationsThatAnotherWorkerMeasured(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	alpha := store.Announcement{Name: "alpha", Provider: "zapi"}
	measured := alpha
	measured.Takes = map[pacing.Kind]time.Duration{pacing.Create: 40 * time.Millisecond, pacing.Invite: 0}
	takes := func() map[pacing.Kind]time.Duration {
		t.Helper()
		all, err := st.Presence.Instances(t.Context())
		if err != nil || all["alpha"] == nil {
			t.Fatalf("Instances = %v, %v; want alpha", all, err)
		}
		return all["alpha"].Takes
	}
	for _, a := range []store.Announcement{alpha, measured, alpha} { // the last is of a worker that has made no calls yet
		if err := st.Presence.Announce(t.Context(), []store.Announcement{a}); err != nil {
			t.Fatal(err)
		}
	}
	if got := takes(); got[pacing.Create] != 40*time.Millisecond || got[pacing.Invite] != 0 {
		t.Errorf("alpha's calls take %v, want 40ms for a create", got)
	}
	if err := st.Presence.Withdraw(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	if err := st.Presence.Announce(t.Context(), []store.Announcement{alpha}); err != nil {
		t.Fatal(err)
	}
	if got := takes(); len(got) != 0 {
		t.Errorf("after alpha was withdrawn its calls take %v, want no durations", got)
	}
}

func TestPresenceInstances_ShareTheHealthAndAPauseComesFirst(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	if err := st.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha", Provider: "zapi", Pools: []string{"default"}}}); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	for i, want := range []bool{true, false} {
		if changed, err := st.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: provider.Disconnected, Reason: say.Words("scan the code")}, now); err != nil || changed != want {
			t.Errorf("report %d: changed %v, %v; want %v", i+1, changed, err, want)
		}
	}
	if err := st.Presence.SetPaused(t.Context(), "alpha", &store.Pause{Reason: "holiday", At: now}); err != nil {
		t.Fatal(err)
	}
	all, err := st.Presence.Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if state, reason, _ := all["alpha"].State(); state != provider.Paused || reason.String() != "holiday" || all["alpha"].Open() {
		t.Errorf("a disconnected and paused instance is %s (%s), open %v; want paused (holiday), false", state, reason, all["alpha"].Open())
	}
	for _, until := range []time.Time{now.Add(time.Hour), now.Add(-time.Second)} { // the second has ended, although no worker has removed it
		if err := st.Presence.SetPaused(t.Context(), "alpha", &store.Pause{At: now.Add(-time.Hour), Until: until}); err != nil {
			t.Fatal(err)
		}
		if err := st.Presence.Slow(t.Context(), "alpha", &store.Slowing{Create: pacing.Bound{PerDay: 1}, Until: until}); err != nil {
			t.Fatal(err)
		}
		if all, err = st.Presence.Instances(t.Context()); err != nil {
			t.Fatal(err)
		}
		holds := until.After(now)
		if state, _, end := all["alpha"].State(); (state == provider.Paused) != holds || holds && !end.Equal(until) || (all["alpha"].Pace(pacing.Create).PerDay == 1) != holds {
			t.Errorf("with a pause and a pace until %s alpha is %s until %s, with %+v; want paused and slowed: %v", until, state, end, all["alpha"].Slowing, holds)
		}
	}
}

func TestRecordsExtend_ARefusedChangeLeavesTheIndexAsItWas(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	g := fresh("Turma 12", "+5511999990001")
	accept(t, st, g)
	who := func() map[string][]string {
		all := map[string][]string{}
		for _, key := range rdb.Keys(t.Context(), "rollcall:who:*").Val() {
			all[key] = rdb.LRange(t.Context(), key, 0, -1).Val()
		}
		return all
	}
	before, refused := who(), errors.New("refused")
	people := []group.Member{{Number: "+5511999990001", Status: group.Pending}, {Number: "+5511999990002", Status: group.Pending}}
	if _, err := st.Records.Extend(t.Context(), g.ID, people, func(*group.Group, time.Time) error { return refused }); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, who()); diff != "" || len(before) == 0 {
		t.Errorf("the index of people (-before +after):\n%s", diff)
	}
	gone := group.NewID()
	if _, err := st.Records.Extend(t.Context(), gone, people, func(*group.Group, time.Time) error { return nil }); !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, who()); diff != "" {
		t.Errorf("the index of people after a group that is gone (-before +after):\n%s", diff)
	}
}

func TestRecordsExtend_ARefusedOneTakesNoPersonOfAnotherOutOfTheIndex(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	g := fresh("Turma 12", "+5511999990001")
	accept(t, st, g)
	refused := errors.New("refused")
	people := []group.Member{{Number: "+5511999990002", Status: group.Pending}}
	if _, err := st.Records.Extend(t.Context(), g.ID, people, func(g *group.Group, _ time.Time) error {
		if _, err := st.Records.Extend(t.Context(), g.ID, people, func(*group.Group, time.Time) error { return refused }); !errors.Is(err, refused) {
			t.Errorf("the other Extend: %v, want it refused", err)
		}
		g.Members = append(g.Members, people...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	found, _, err := st.Index.List(t.Context(), store.Filter{Person: phone.IdentityOf("5511999990002")}, "", 10)
	if err != nil || len(found) != 1 {
		t.Errorf("the groups of the person who was added are %v, %v; want one", found, err)
	}
}
