package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestFilterPools_AGroupKeepsItsPoolAfterAnInstanceTakesIt(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		var all []*group.Group
		for _, to := range []tasks.Target{{Pool: "a"}, {Pool: "a"}, {Pool: "b"}, {Instance: "alpha"}} {
			g := fresh("g", "+5511999990001")
			g.Target = to
			all = append(all, g)
		}
		accept(t, st, all...)
		for _, g := range all[1:] {
			if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, _ time.Time) error {
				g.Instance, g.Status = "alpha", group.Creating
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			pools []string
			want  []*group.Group
		}{{[]string{"a"}, all[:2]}, {[]string{"b"}, all[2:3]}, {[]string{"a", "b"}, all[:3]}, {[]string{"none"}, nil}, {nil, all}} {
			for _, f := range []store.Filter{{Pools: c.pools, OldestFirst: true}, {Pools: c.pools, Instance: "alpha", OldestFirst: true}} {
				found, _, err := st.Index.List(t.Context(), f, "", 10)
				if err != nil {
					t.Fatal(err)
				}
				want := 0
				for _, g := range c.want {
					if f.Instance == "" || g != all[0] {
						want++
					}
				}
				if len(found) != want {
					t.Errorf("%+v finds %d groups, want %d", f, len(found), want)
				}
			}
			groups, members, err := st.Index.Totals(t.Context(), c.pools...)
			if n := groups[group.Queued] + groups[group.Creating]; err != nil || n != len(c.want) || members[group.Pending] != n {
				t.Errorf("of %v there are %d groups and %v people, %v", c.pools, n, members, err)
			}
		}
	})
}

func TestFilterPools_APageLooksThroughSoMuchOfAListAndGoesOn(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		var all []*group.Group
		for i := range 60 {
			g := fresh(fmt.Sprintf("Turma %d", i), "+5511999990001")
			if g.Target.Pool = "b"; i == 0 {
				g.Target.Pool = "a"
			}
			all = append(all, g)
		}
		accept(t, st, all...)
		f, cursor, pages := store.Filter{Pools: []string{"a"}, Name: "Turma"}, "", 0
		var found []*group.Group
		for {
			some, next, err := st.Index.List(t.Context(), f, cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			pages++
			if found = append(found, some...); next == "" {
				break
			}
			cursor = next
		}
		if len(found) != 1 || found[0].ID != all[0].ID || pages < 2 {
			t.Errorf("%d pages hold %d groups", pages, len(found))
		}
	})
}
