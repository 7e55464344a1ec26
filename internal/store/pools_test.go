package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
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
				t.Errorf("Totals of %v = %v groups and %v people, %v; want %d of each", c.pools, groups, members, err, len(c.want))
			}
		}
	})
}

func TestFilterPools_APageReadsALimitedPartOfAListAndTheNextGoesOn(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		batch := group.NewBatchID()
		var all []*group.Group
		for i := range 1000 {
			g := fresh(fmt.Sprintf("Turma %d", i))
			g.BatchID = batch
			if g.Target.Pool = "b"; i == 0 {
				g.Target.Pool = "a"
			}
			all = append(all, g)
		}
		accept(t, st, all...)
		f, cursor, pages := store.Filter{Pools: []string{"a"}, BatchID: batch}, "", 0
		var found []string
		for {
			some, next, err := st.Index.List(t.Context(), f, cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range some {
				found = append(found, g.ID)
			}
			if pages++; next == "" {
				break
			}
			cursor = next
		}
		if want := []string{all[0].ID}; !slices.Equal(found, want) || pages != 2 {
			t.Errorf("%d pages hold %v, want 2 pages with %v", pages, found, want)
		}
	})
}

func TestFilterPools_AListUnderAPersonReadsNoRecordOfOtherPools(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	st := open(t, rdb)
	const ana = "+5511999990001"
	var all []*group.Group
	for i := range 1000 {
		g := fresh(fmt.Sprintf("Turma %d", i), ana)
		g.ID = idOf(g.CreatedAt.Add(time.Duration(i) * time.Millisecond))
		if g.Target.Pool = "b"; i < 3 {
			g.Target.Pool = "a"
		}
		all = append(all, g)
	}
	accept(t, st, all...)
	asked := &reads{}
	rdb.AddHook(asked)
	who := phone.Number(ana).Identity()
	for _, c := range []struct {
		name  string
		f     store.Filter
		trips int64
	}{{"person", store.Filter{Person: who}, 3}, {"token", store.Filter{PersonToken: st.Index.PersonToken(who)}, 3}, {"name", store.Filter{Name: "Turma"}, 4}} {
		c.f.Pools = []string{"a"}
		cursor, want := "", 2
		for page := range 3 {
			asked.trips.Store(0)
			asked.records.Store(0)
			found, next, err := st.Index.List(t.Context(), c.f, cursor, 1)
			if err != nil || len(found) != 1 || found[0].ID != all[want-page].ID || (next == "") != (page == 2) {
				t.Fatalf("by %s, page %d: %d groups and the next cursor %q, %v; want one group, and a cursor except on page 2", c.name, page, len(found), next, err)
			}
			if trips, records := asked.trips.Load(), asked.records.Load(); trips > c.trips || records > 2 {
				t.Errorf("by %s, page %d: %d round trips and %d records, want at most %d and 2", c.name, page, trips, records, c.trips)
			}
			cursor = next
		}
		c.f.Pools = []string{"none"}
		asked.records.Store(0)
		if found, next, err := st.Index.List(t.Context(), c.f, "", 1); err != nil || len(found) > 0 || next != "" || asked.records.Load() > 0 {
			t.Errorf("by %s, of a pool without groups: %d groups, %d records read, next cursor %q, %v; want no group, no record and no cursor", c.name, len(found), asked.records.Load(), next, err)
		}
	}
}

// idOf returns an id of a group made at a time.
func idOf(t time.Time) string {
	id := uuid.Must(uuid.NewV7())
	for i := range 6 {
		id[i] = byte(t.UnixMilli() >> (8 * (5 - i))) //nolint:gosec // byte by byte
	}
	return group.IDPrefix + id.String()
}

// reads counts round trips, and the records that are read in them.
type reads struct {
	redis.Hook

	trips, records atomic.Int64
}

func (c *reads) note(cmds ...redis.Cmder) {
	c.trips.Add(1)
	for _, cmd := range cmds {
		if cmd.Name() == "get" {
			c.records.Add(1)
		}
	}
}

func (c *reads) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *reads) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { c.note(cmd); return next(ctx, cmd) }
}

func (c *reads) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { c.note(cmds...); return next(ctx, cmds) }
}
