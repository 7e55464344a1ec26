package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// A removed group leaves its batch, so the batch can end, and its request makes no second group.
func TestStoreRemove_AGroupLeavesItsBatchAndItsRequestIsRefused(t *testing.T) {
	t.Parallel()
	p := populate(t)
	ctx := t.Context()
	lost := p.groups[3] // done, with a group at WhatsApp
	for _, n := range []int{0, 1} {
		p.move(n, func(g *group.Group, now time.Time) error { return g.Cancel(now) })
	}
	p.move(4, func(g *group.Group, _ time.Time) error { g.Status, g.FinishedAt = group.Done, time.Now(); return nil })
	p.rdb.Set(ctx, "rollcall:{"+lost.ID+"}", "garbage", 0)
	if g, err := p.store.Records.Show(ctx, lost.ID); err != nil || g.Status != group.Unreadable || g.Was != group.Done || g.Error.Code != group.CodeUnreadable {
		t.Fatalf("Show = %+v, %v; want an unreadable group that was done", g, err)
	}
	if _, err := p.store.Remove(ctx, store.KindGroup, p.groups[0].ID, false); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Remove of a readable record = %v, want ErrNotFound", err)
	}
	if _, err := p.store.Remove(ctx, store.KindGroup, lost.ID, false); err != nil {
		t.Fatal(err)
	}
	p.must(p.store.Index.CloseBatch(ctx, &p.adding, 0))
	b, err := p.store.Index.Batch(ctx, p.adding.BatchID)
	if err != nil || b.Total != 4 || b.FinishedAt.IsZero() {
		t.Errorf("the batch is %+v, %v; want it finished, with its four other groups", b, err)
	}
	if e, err := p.request(p.store, 3); err != nil || e.Outcome != store.Removed || e.Group.ID != lost.ID {
		t.Errorf("the same request has outcome %d and group %s, %v; want Removed and %s", e.Outcome, e.Group.ID, err, lost.ID)
	}
	changed := &store.Entry{Group: fresh("Turma 3", "+5511999990003"), Scope: "key", Key: "key-3", Content: "another content…"}
	if err := p.store.Records.Claim(ctx, []*store.Entry{changed}, nil); err != nil || changed.Outcome != store.Removed {
		t.Errorf("another request with the key has outcome %d, %v; want Removed", changed.Outcome, err)
	}
	if removed, err := p.store.WasRemoved(ctx, lost.ID); err != nil || !removed {
		t.Errorf("WasRemoved = %v, %v; want true", removed, err)
	}
	if owners, err := p.store.Records.WhatsAppOwners(ctx, []string{"wa-" + lost.ID}); err != nil || owners["wa-"+lost.ID] != lost.ID {
		t.Errorf("the owners of its WhatsApp group are %v, %v; want %s", owners, err, lost.ID)
	}
}

// Removing an unreadable claim does not free the key of a request whose group exists.
func TestStoreRemove_WritesTheClaimAgainForItsGroup(t *testing.T) {
	t.Parallel()
	p := populate(t)
	ctx := t.Context()
	for _, key := range keysOf(t, p.rdb) {
		f, id, _ := store.FamilyOf(key, "")
		if f.Kind != store.KindRequest {
			continue
		}
		p.rdb.Set(ctx, key, "gar", 0)
		_, err := p.store.Remove(ctx, f.Kind, id, false)
		if err != nil && !errors.Is(err, store.ErrAgain) { // for the request whose record was removed
			t.Fatal(err)
		}
	}
	for n := range 5 {
		e, err := p.request(p.store, n)
		if err != nil || e.Outcome != store.Conflict || e.Group.ID != p.groups[n].ID {
			t.Errorf("request %d has outcome %d and group %s, %v; want Conflict and %s", n, e.Outcome, e.Group.ID, err, p.groups[n].ID)
		}
	}
	if e, err := p.request(p.store, 5); err != nil || e.Outcome != store.Unclear {
		t.Errorf("the request without a record has outcome %d, %v; want Unclear", e.Outcome, err)
	}
}

func TestStorePlanRemove_FailsWhereRemoveDoes(t *testing.T) {
	t.Parallel()
	p := populate(t)
	ctx := t.Context()
	type thing struct {
		kind store.Kind
		id   string
	}
	var all []thing
	for _, key := range keysOf(t, p.rdb) {
		f, id, _ := store.FamilyOf(key, "")
		var err error
		switch {
		case f.Kind == store.KindRequest:
			err = p.rdb.Set(ctx, key, "gar", 0).Err()
		case key == "rollcall:suppressed":
			err = errors.Join(p.rdb.Del(ctx, key).Err(), p.rdb.RPush(ctx, key, "garbage").Err())
		default:
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, thing{f.Kind, id})
	}
	met := map[string]int{}
	for _, again := range []bool{false, true} {
		for _, one := range all {
			keys := func() []string { // the list of what cannot be read may come with a plan
				return slices.DeleteFunc(keysOf(t, p.rdb), func(key string) bool { return key == "rollcall:unreadable" })
			}
			before := keys()
			_, planned := p.store.PlanRemove(ctx, one.kind, one.id, again)
			if after := keys(); !slices.Equal(before, after) {
				t.Errorf("the plan to remove %s %s changed the keys from %q to %q", one.kind, one.id, before, after)
			}
			_, done := p.store.Remove(ctx, one.kind, one.id, again)
			if fmt.Sprint(planned) != fmt.Sprint(done) {
				t.Errorf("%s %s, again %v: the plan says %v, the run %v", one.kind, one.id, again, planned, done)
			}
			switch {
			case done == nil:
				met["removed"]++
			case errors.Is(done, store.ErrNeeded):
				met["needed"]++
			case errors.Is(done, store.ErrAgain):
				met["again"]++
			}
		}
	}
	if len(met) != 3 {
		t.Errorf("met %v; want things that are removed, needed, and removed with again only", met)
	}
}

// A pause or a pace that cannot be read holds its instance, and no other.
func TestStoreStates_AnUnreadablePauseOrPaceHoldsTheInstance(t *testing.T) {
	t.Parallel()
	p := populate(t)
	ctx := t.Context()
	p.rdb.HSet(ctx, "rollcall:paused", "alpha", "garbage")
	p.rdb.HSet(ctx, "rollcall:pace", "beta", `{"create":{"every":`)
	p.rdb.HSet(ctx, "rollcall:health", "epsilon", "garbage")
	states, err := p.store.Presence.States(ctx, []string{"alpha", "beta", "epsilon"})
	if err != nil || states["alpha"].Open() || states["beta"].Open() || !states["epsilon"].Open() {
		t.Fatalf("States = %v, %v; want epsilon alone open", states, err)
	}
	p.must(p.store.Presence.SetPaused(ctx, "alpha", nil), p.store.Presence.Slow(ctx, "beta", nil))
	states, err = p.store.Presence.States(ctx, []string{"alpha", "beta"})
	if err != nil || !states["alpha"].Open() || !states["beta"].Open() {
		t.Errorf("after the pause and the pace were reset States = %v, %v; want both open", states, err)
	}
}

func TestStoreRemove_GivesAnUnreadableNameBackToTheGroupInDoubt(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	number := st.Presence.NumberOf("alpha", phone.Identity{Digits: "5511900000000"})
	g := fresh("Turma", "+5511999990001")
	accept(t, st, g)
	_, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, now time.Time) error {
		g.Begin("w1", "alpha", time.Minute, nil, now)
		g.Latest().Number = number
		return nil
	})
	if _, named := st.Records.ReserveName(t.Context(), number, g.Name, g.ID); err != nil || named != nil {
		t.Fatalf("Update: %v; ReserveName: %v", err, named)
	}
	key := rdb.Keys(t.Context(), "rollcall:name:*").Val()[0]
	if err := rdb.Set(t.Context(), key, "garbage", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Remove(t.Context(), store.KindName, strings.TrimPrefix(key, "rollcall:name:"), false); err != nil {
		t.Fatal(err)
	}
	if holder, err := st.Records.NameHolder(t.Context(), number, g.Name); err != nil || holder != g.ID {
		t.Errorf("the name is held by %q (%v), want %q, whose create is in doubt", holder, err, g.ID)
	}
}
