package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// A removed group leaves its batch, which ends, and its request makes no second group.
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
		t.Fatalf("shown as %+v, %v", g, err)
	}
	if _, err := p.store.Remove(ctx, store.KindGroup, p.groups[0].ID, false); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a sound record is removed: %v", err)
	}
	if _, err := p.store.Remove(ctx, store.KindGroup, lost.ID, false); err != nil {
		t.Fatal(err)
	}
	p.must(p.store.Index.CloseBatch(ctx, &p.adding, 0))
	b, err := p.store.Index.Batch(ctx, p.adding.BatchID)
	if err != nil || b.Total != 4 || b.FinishedAt.IsZero() {
		t.Errorf("the batch is %+v, %v, want ended with its four groups", b, err)
	}
	if e, err := p.request(p.store, 3); err != nil || e.Outcome != store.Removed || e.Group.ID != lost.ID {
		t.Errorf("the same request is %d for %s, %v", e.Outcome, e.Group.ID, err)
	}
	changed := &store.Entry{Group: fresh("Turma 3", "+5511999990003"), Scope: "key", Key: "key-3", Content: "another content…"}
	if err := p.store.Records.Claim(ctx, []*store.Entry{changed}, nil); err != nil || changed.Outcome != store.Removed {
		t.Errorf("a changed request of the key is %d, %v", changed.Outcome, err)
	}
	if removed, err := p.store.WasRemoved(ctx, lost.ID); err != nil || !removed {
		t.Errorf("it is not known as removed: %v", err)
	}
	if owners, err := p.store.Records.WhatsAppOwners(ctx, []string{"wa-" + lost.ID}); err != nil || owners["wa-"+lost.ID] != lost.ID {
		t.Errorf("its group at WhatsApp is %v's, %v", owners, err)
	}
}

// The key of a request is not given back silently, whatever is removed.
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
		if err != nil && !errors.Is(err, store.ErrAgain) { // the one whose record was removed
			t.Fatal(err)
		}
	}
	for n := range 5 {
		e, err := p.request(p.store, n)
		if err != nil || e.Outcome != store.Conflict || e.Group.ID != p.groups[n].ID {
			t.Errorf("request %d is %d for %s, %v", n, e.Outcome, e.Group.ID, err)
		}
	}
	if e, err := p.request(p.store, 5); err != nil || e.Outcome != store.Unclear {
		t.Errorf("the request whose claim cannot be read is %d, %v", e.Outcome, err)
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
		t.Fatalf("%v, %v", states, err)
	}
	p.must(p.store.Presence.SetPaused(ctx, "alpha", nil), p.store.Presence.Slow(ctx, "beta", nil))
	states, err = p.store.Presence.States(ctx, []string{"alpha", "beta"})
	if err != nil || !states["alpha"].Open() || !states["beta"].Open() {
		t.Errorf("%v, %v", states, err)
	}
}
