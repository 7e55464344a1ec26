package store_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// waitingOf counts from records what the index must count, for one pool, or with "" for all groups.
func waitingOf(groups []*group.Group, pool string) (w store.Waiting, counts map[string]int) {
	w = store.Waiting{Statuses: map[group.Status]int{}, Targets: map[tasks.Target]store.Behind{}, Faults: map[string]int{}}
	counts = map[string]int{}
	for _, g := range groups {
		if pool != "" && g.Target.Pool != pool {
			continue
		}
		fault := faults.Of(g)
		if fault != "" {
			counts[fault]++
		}
		target := g.Target
		if g.Instance != "" {
			target = tasks.Target{Instance: g.Instance}
		}
		n := 0
		for _, m := range g.Members {
			if !m.Staff && (g.Status == group.Failed || !g.Status.Ended() && !m.Status.Ended()) {
				n++
			}
		}
		if !g.Status.Ended() && g.Status != group.Review {
			w.Targets[target] = w.Targets[target].Plus(store.Behind{Groups: 1, People: n})
		}
		if n == 0 {
			continue
		}
		w.Statuses[g.Status] += n
		if fault != "" {
			w.Faults[fault] += n
		}
	}
	return w, counts
}

// exactCounts checks the counters of waiting people and of faults against the records.
func exactCounts(t *testing.T, st *store.Store, when string) {
	t.Helper()
	groups, _, err := st.Index.List(t.Context(), store.Filter{}, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, pool := range []string{"", "a", "b"} {
		var pools []string
		if pool != "" {
			pools = []string{pool}
		}
		want, faulty := waitingOf(groups, pool)
		got, err := st.Index.Waiting(t.Context(), pools...)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: who waits in pool %q (-want +got): %v %s", when, pool, err, diff)
		}
		counts, err := st.Index.Faults(t.Context(), pools...)
		if diff := cmp.Diff(faulty, counts); err != nil || diff != "" {
			t.Errorf("%s: the faults of pool %q (-want +got): %v %s", when, pool, err, diff)
		}
	}
}

func TestIndex_ACounterThatIsNotANumberIsCountedFromTheLists(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		all := []*group.Group{fresh("Turma 1", "+5511999990001"), fresh("Turma 2", "+5511999990002"), fresh("Turma 3", "+5511999990003")}
		accept(t, st, all...)
		if err := rdb.HSet(t.Context(), "rollcall:{ix}:n", "g:queued", "many").Err(); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Records.Update(t.Context(), all[0].ID, func(g *group.Group, _ time.Time) error {
			g.Status, g.Instance = group.Creating, "alpha"
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		groups, _, err := st.Index.Totals(t.Context())
		if err != nil || groups[group.Queued] != 2 || groups[group.Creating] != 1 {
			t.Errorf("Totals = %v, %v; want 2 queued and 1 creating", groups, err)
		}
	})
}

func TestIndexWaiting_CountsThePeopleOfEveryStateAfterEveryWrite(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		random := rand.New(rand.NewPCG(1, 2))
		targets := []tasks.Target{{Pool: "a"}, {Pool: "b"}, {Instance: "alpha"}, {Instance: "beta"}}
		var all []*group.Group
		for i := range 12 {
			g := fresh(fmt.Sprintf("Turma %d", i), "+5511999990001", "+5511999990002", "+5511999990003")
			g.Target, g.Members[2].Staff = targets[i%len(targets)], i%3 == 0
			all = append(all, g)
		}
		accept(t, st, all...)
		exactCounts(t, st, "accepted")
		for step := range 150 {
			g := all[random.IntN(len(all))]
			if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error {
				g.Status, g.Error, g.Instance = group.Statuses[random.IntN(len(group.Statuses))], nil, []string{"", "alpha", "beta"}[random.IntN(3)]
				g.Target = targets[random.IntN(len(targets))]
				if g.Status == group.Failed || g.Status == group.Review {
					g.Error = &group.Error{Code: []group.Code{group.CodeExpired, group.CodePoison}[random.IntN(2)], At: now}
				}
				for i := range g.Members {
					g.Members[i].Status = group.MemberStatuses[random.IntN(len(group.MemberStatuses))]
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if step%10 == 0 {
				exactCounts(t, st, fmt.Sprint("step ", step))
			}
		}
		for _, g := range all[:6] {
			if err := st.Records.Forget(t.Context(), g.ID); err != nil {
				t.Fatal(err)
			}
		}
		exactCounts(t, st, "forgotten")
		for _, g := range all[6:] {
			if err := st.Records.Forget(t.Context(), g.ID); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := rdb.Keys(t.Context(), "rollcall:{ix}:waiting*").Result(); err != nil || len(left) > 0 {
			t.Errorf("after all groups were forgotten the keys %v are left, %v; want none", left, err)
		}
	})
}

func TestStoreMend_RecountsWhoWaits(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, rdb redis.UniversalClient, st *store.Store, g *group.Group){
		"a counter": func(t *testing.T, rdb redis.UniversalClient, st *store.Store, _ *group.Group) {
			rdb.HSet(t.Context(), "rollcall:{ix}:waiting", "st:queued", "many")
			rdb.HSet(t.Context(), "rollcall:{ix}:waiting:a", "at:pool:a", "many")
			_, all := st.Index.Waiting(t.Context())
			_, some := st.Index.Waiting(t.Context(), "a")
			if all != nil || some != nil {
				t.Errorf("Waiting of all: %v; of pool a: %v; want no errors", all, some)
			}
		},
		"the counters": func(t *testing.T, rdb redis.UniversalClient, st *store.Store, _ *group.Group) {
			rdb.Del(t.Context(), "rollcall:{ix}:waiting")
			rdb.Set(t.Context(), "rollcall:{ix}:waiting", "1", 0)
			if _, err := st.Index.Waiting(t.Context()); err != nil {
				t.Error(err)
			}
		},
		"index entries": func(t *testing.T, rdb redis.UniversalClient, st *store.Store, g *group.Group) {
			held, err := rdb.HGetAll(t.Context(), "rollcall:{ix}:held").Result()
			if err != nil {
				t.Fatal(err)
			}
			for id := range maps.Keys(held) {
				rdb.HSet(t.Context(), "rollcall:{ix}:held", id, "garbage")
			}
			if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, _ time.Time) error {
				g.Status, g.Instance, g.Members[0].Status = group.Inviting, "alpha", group.Added
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
				st := open(t, rdb)
				one, two := fresh("one", "+5511999990001", "+5511999990002"), fresh("two", "+5511999990003")
				one.Target, two.Target = tasks.Target{Pool: "a"}, tasks.Target{Pool: "b"}
				accept(t, st, one, two)
				damage(t, rdb, st, one)
				for range 2 { // the first Mend finds the damage, the second repairs it
					if _, err := st.Mend(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				exactCounts(t, st, "mended")
			})
		})
	}
}

func TestStoreMend_CountsAPoolAgainWhosePeopleNoLongerWait(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	g := fresh("One", "+5511987654321", "+5511987654322")
	g.Target = tasks.Target{Pool: "p"}
	accept(t, st, g)
	for field := range rdb.HGetAll(t.Context(), "rollcall:{ix}:held").Val() {
		if err := rdb.HSet(t.Context(), "rollcall:{ix}:held", field, "damaged").Err(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error {
		g.Members[0].End(group.OptedOut, say.Phrase{Code: say.Suppressed}, now)
		return g.Cancel(now)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w, err := st.Index.Waiting(t.Context(), "p"); err != nil || len(w.Statuses) > 0 {
		t.Errorf("people wait in the pool: %v, %v; want none", w.Statuses, err)
	}
}

// A group changes after its counters were counted and before they are written.
func TestStoreMend_CountsAChangeDuringTheRecount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage func(rdb redis.UniversalClient)
		mends  int // how often Mend runs before it counts the last time
		before []string
	}{
		"of all, after damage to the index": {
			func(rdb redis.UniversalClient) {
				for id := range rdb.HGetAll(t.Context(), "rollcall:{ix}:held").Val() {
					rdb.HSet(t.Context(), "rollcall:{ix}:held", id, "garbage")
				}
			},
			1,
			[]string{"del", "rollcall:{ix}:waiting"},
		},
		"of a damaged counter": {
			func(rdb redis.UniversalClient) {
				rdb.HSet(t.Context(), "rollcall:{ix}:waiting", "st:queued", "many")
			},
			0,
			[]string{"hset", "rollcall:{ix}:waiting", "st:queued"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rdb := testutil.Redis(t)
			meddler := testutil.Meddle(rdb)
			st := open(t, rdb)
			one, two := fresh("one", "+5511999990001", "+5511999990002"), fresh("two", "+5511999990003")
			one.Target, two.Target = tasks.Target{Pool: "a"}, tasks.Target{Pool: "b"}
			accept(t, st, one, two)
			c.damage(rdb)
			if _, err := st.Index.Waiting(t.Context()); err != nil { // it finds a damaged counter
				t.Fatal(err)
			}
			if _, err := st.Records.Update(t.Context(), two.ID, func(*group.Group, time.Time) error { return nil }); err != nil { // it finds damaged entries
				t.Fatal(err)
			}
			for range c.mends {
				if _, err := st.Mend(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			changed := false
			meddler.Before(c.before, func() {
				_, err := st.Records.Update(t.Context(), one.ID, func(g *group.Group, now time.Time) error { return g.Cancel(now) })
				if changed = err == nil; !changed {
					t.Error(err)
				}
			})
			if _, err := st.Mend(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !changed {
				t.Fatal("the recount did not reach the moment of the change: this proves nothing")
			}
			exactCounts(t, st, "mended")
		})
	}
}
