package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// pages reads a list to its end, with limit groups a page. It returns the ids and the number of pages.
func pages(t *testing.T, st *store.Store, f store.Filter, limit int) (ids []string, pages int) {
	t.Helper()
	for cursor := ""; ; {
		found, next, err := st.Index.List(t.Context(), f, cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range found {
			ids = append(ids, g.ID)
		}
		if pages++; next == "" {
			return ids, pages
		}
		cursor = next
	}
}

// smallBlocks checks that no block has more entries than Redis stores in its compact form.
func smallBlocks(t *testing.T, rdb redis.UniversalClient) {
	t.Helper()
	for _, key := range rdb.Keys(t.Context(), "rollcall:{nm}:*").Val() {
		if n := rdb.ZCard(t.Context(), key).Val(); n > 128 {
			t.Errorf("the block %q has %d entries, want at most 128", key, n)
		}
	}
}

func TestIndexList_ByNameFindsEachGroupOnceWhateverWasWrittenAndForgotten(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		random := rand.New(rand.NewPCG(1, 2))
		words := []string{"Turma", "turma", "Túrma", "12", "12A", "São", "Noite", "tu", "T", "Отряд", "a-b", "Turmas do Colégio Central", "Turmas do Colégio Centrais"}
		var all []*group.Group
		for range 700 {
			name := words[random.IntN(len(words))]
			for range random.IntN(4) {
				name += " " + words[random.IntN(len(words))]
			}
			all = append(all, fresh(name, "+5511999990001"))
		}
		accept(t, st, all...)
		for range 300 {
			i := random.IntN(len(all))
			if err := st.Records.Forget(t.Context(), all[i].ID); err != nil {
				t.Fatal(err)
			}
			all = slices.Delete(all, i, i+1)
		}
		for _, typed := range []string{"t", "tu", "turma", "TÚRMA 12", "12", "sao", "отр", "b", "turmas do colegio central", "turma turma", "x", "-"} {
			var want []string
			for _, g := range all {
				if store.NameHas(g.Name, typed) {
					want = append(want, g.ID)
				}
			}
			slices.Sort(want)
			found, _ := pages(t, st, store.Filter{Name: typed}, 17)
			slices.Sort(found)
			if !slices.Equal(found, want) {
				t.Errorf("%q finds %d groups, want these %d: the ids differ", typed, len(found), len(want))
			}
		}
		smallBlocks(t, rdb)
		for _, g := range all {
			if err := st.Records.Forget(t.Context(), g.ID); err != nil {
				t.Fatal(err)
			}
		}
		if left := rdb.Keys(t.Context(), "rollcall:{nm}*").Val(); len(left) > 0 {
			t.Errorf("after all groups were forgotten the keys %q are left, want none", left)
		}
	})
}

func TestIndexList_ByNameFindsGroupsOfAPoolAmongVeryManyOthers(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.RealRedis(t).Client())
	const others = 14_000
	var all, own []*group.Group
	for i := range others + 3 {
		g := fresh(fmt.Sprintf("Turma %05d", i))
		if g.Target.Pool = "b"; i >= others {
			g.Target.Pool = "a"
			own = append(own, g)
		}
		all = append(all, g)
	}
	accept(t, st, all...)
	f := store.Filter{Name: "Turma", Pools: []string{"a"}}
	found, next, err := st.Index.List(t.Context(), f, "", 2)
	if err != nil || len(found) != 2 || found[0].ID != own[2].ID || found[1].ID != own[1].ID || next == "" {
		t.Fatalf("the first page has %d groups and the next cursor %q, %v; want the two newest of the pool, and a cursor", len(found), next, err)
	}
	if found, next, err = st.Index.List(t.Context(), f, next, 2); err != nil || len(found) != 1 || found[0].ID != own[0].ID || next != "" {
		t.Errorf("the second page has %d groups and the next cursor %q, %v; want the oldest of the pool, and no cursor", len(found), next, err)
	}
	if count, err := st.Index.Count(t.Context(), f); err != nil || count.Total != len(own) {
		t.Errorf("Count = %+v, %v; want %d", count, err, len(own))
	}
}

// A group of which two words match is in two stretches of the index.
func TestIndexCandidates_ByNameFindEachMatchOnce(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.RealRedis(t).Client())
	var all []*group.Group
	for i := range 7000 {
		all = append(all, fresh(fmt.Sprintf("Turma %04d turma", i)))
	}
	accept(t, st, all...)
	f := store.Filter{Name: "turma"}
	seen, stretches := map[string]int{}, 0
	for cursor := ""; ; stretches++ {
		some, next, err := st.Index.Candidates(t.Context(), f, cursor, 900)
		if err != nil {
			t.Fatal(err)
		}
		groups, err := st.Index.Matching(t.Context(), f, some)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			seen[g.ID]++
		}
		if len(some) > 0 && next != "" && next != some[len(some)-1].Cursor() && len(some) == 900 {
			t.Fatalf("the next cursor is %q, want that of the last candidate", next)
		}
		if next == "" {
			break
		}
		cursor = next
	}
	for _, g := range all {
		if seen[g.ID] != 1 {
			t.Fatalf("%s is found %d times, want once", g.Name, seen[g.ID])
		}
	}
	if found, _ := pages(t, st, f, 450); len(found) != len(all) || len(slices.Compact(slices.Sorted(slices.Values(found)))) != len(all) {
		t.Errorf("the list has %d entries, want %d groups, each once", len(found), len(all))
	}
}

func TestIndexList_ByNameRefusesACursorOfAnotherList(t *testing.T) {
	t.Parallel()
	_, rdb := testutil.Mini(t)
	st := open(t, rdb)
	accept(t, st, fresh("Turma 1", "+5511999990001"), fresh("Turma 2", "+5511999990001"), fresh("Outra 1"), fresh("Outra 2"))
	_, next, err := st.Index.List(t.Context(), store.Filter{Name: "outra"}, "", 1)
	if err != nil || next == "" {
		t.Fatalf("the next cursor is %q, %v; want one", next, err)
	}
	for _, cursor := range []string{"!", "Z3JwXw", next} {
		if _, _, err := st.Index.List(t.Context(), store.Filter{Name: "turma"}, cursor, 1); err == nil || !strings.Contains(err.Error(), store.ErrCursor.Error()) {
			t.Errorf("the cursor %q: got %v, want ErrCursor", cursor, err)
		}
	}
}

func TestStoreMend_RebuildsTheIndexByNameWithGroupsAcceptedMeanwhile(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	st := open(t, rdb)
	rdb.RPush(t.Context(), "rollcall:{nm}", "garbage")
	var all []*group.Group
	for i := range 1000 { // more entries than one call of a script can take
		name := "Turma"
		for word := range 20 {
			name += fmt.Sprintf(" %c%03d", 'a'+word, i)
		}
		all = append(all, fresh(name))
	}
	accept(t, st, all...)
	if _, err := st.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found, _ := pages(t, st, store.Filter{Name: "turma"}, 500); len(found) != len(all) {
		t.Errorf("the list has %d groups, want %d", len(found), len(all))
	}
	smallBlocks(t, rdb)
}
