package steps_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// failing delivers tasks until one returns an error, because of the refusal, and returns that error. It returns nil
// when the queue is empty.
func (r *rig) failing(h *refusing) error {
	r.t.Helper()
	for range 100 {
		if some, err := r.try(); err != nil || !some {
			return err
		}
	}
	r.t.Fatalf("100 deliveries returned no error; %d refusals are left", h.left.Load())
	return nil
}

// While Redis cannot say which request has a group, the step decides nothing, and no error counts as the provider's.
func TestStepsVerify_WhatRedisCannotSayDecidesNothing(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		key    string
		pass   int32
		called string // the group at WhatsApp
	}{
		"the name's reservation": {"rollcall:name:", 0, "Turma 12"},
		"the holder of its name": {"rollcall:name:", 1, "Turma da Ana"},
		"the owners":             {"rollcall:wa:", 0, "Turma 12"},
		"the claim":              {"rollcall:wa:", 1, "Turma 12"},
		"the groups met before":  {"rollcall:met:", 0, "Turma 12"},
		"the groups met now":     {"rollcall:met:", 1, "Turma 12"},
	} {
		for _, p := range providers {
			t.Run(p+" "+what, func(t *testing.T) {
				t.Parallel()
				r := start(t, p)
				r.script(simulator.Script{Method: "create", Fault: "500-but-created"})
				id := r.ask(p, "Turma 12", ana)
				for r.load(id).Status != group.Verifying {
					r.step()
				}
				r.rename(r.sim.Ledger().Groups[0].ID, tt.called)
				h := r.refuse(tt.key, 0)
				h.pass.Store(tt.pass)
				h.left.Store(1)
				err := r.failing(h)
				if g := r.load(id); err == nil || g.Status != group.Verifying || g.Verify.Failures != 0 || g.Verify.Looks != 0 || g.Adopted {
					t.Fatalf("the delivery returns %v; the group is %s after %d looks, %d failed; want an error, verifying, 0, 0", err, g.Status, g.Verify.Looks, g.Verify.Failures)
				}
				if heard := r.keeper.reported(); len(heard) != 0 {
					t.Errorf("the errors %q are reported as the provider's, want none", heard)
				}
				g := r.run(id)
				owners, err := r.store.Records.WhatsAppOwners(t.Context(), []string{g.WhatsAppID})
				if err != nil || g.Status != group.Done || !g.Adopted || owners[g.WhatsAppID] != id {
					t.Errorf("the group is %s, adopted %v, claimed by %q, %v; want done, adopted, claimed by %s", g.Status, g.Adopted, owners[g.WhatsAppID], err, id)
				}
			})
		}
	}
}

// Redis was restored or restarted, and the request's group exists. While Redis cannot say which request has the
// group, the worker does not create it.
func TestStepsCreate_WhatRedisCannotSayAfterALossHoldsIt(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		key   string // "" for the record of the request that has the group
		pass  int32
		owned bool
	}{
		"the owners":         {"rollcall:wa:", 0, false},
		"the claim":          {"rollcall:wa:", 1, false},
		"the owner's record": {"", 0, true},
	} {
		for _, kind := range []store.DoubtKind{store.Restored, store.Restarted} {
			t.Run(string(kind)+" "+what, func(t *testing.T) {
				t.Parallel()
				r := start(t, "zapi")
				if _, _, _, err := r.store.Attend(t.Context(), true, 0); err != nil {
					t.Fatal(err)
				}
				id := r.ask("zapi", "Turma 12", ana)
				made, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana}})
				if err != nil {
					t.Fatal(err)
				}
				key := tt.key
				if tt.owned { // the group belongs to a request whose record is lost
					key = group.NewID()
					if _, err := r.store.Records.ClaimWhatsApp(t.Context(), made.GroupID, key); err != nil {
						t.Fatal(err)
					}
				}
				if err := errors.Join(r.store.DeclareRestored(t.Context(), 0),
					r.rdb.HSet(t.Context(), "rollcall:installation", "doubt", string(kind)).Err()); err != nil {
					t.Fatal(err)
				}
				h := r.refuse(key, 0)
				h.pass.Store(tt.pass)
				h.left.Store(1)
				err = r.failing(h)
				if g := r.load(id); err == nil || g.Status != group.Queued || len(g.Attempts) != 0 || !g.Wait.For.Zero() || len(r.sim.Ledger().Groups) != 1 {
					t.Fatalf("the delivery returns %v; the group is %s after %d creates, waiting for %q; want an error, queued, 0", err, g.Status, len(g.Attempts), g.Wait.For)
				}
				if g := r.run(id); g.Status != group.Done || g.WhatsAppID != made.GroupID || len(r.sim.Ledger().Groups) != 1 {
					t.Errorf("the group is %s as %s, %d groups at WhatsApp; want done as %s, 1", g.Status, g.WhatsAppID, len(r.sim.Ledger().Groups), made.GroupID)
				}
			})
		}
	}
}

// damaged damages the only key of a family: it gets an invalid value, or the type list.
func (r *rig) damaged(family string, list bool) (key string) {
	r.t.Helper()
	keys, err := r.rdb.Keys(r.t.Context(), family+"*").Result()
	if err != nil || len(keys) != 1 {
		r.t.Fatalf("%d keys of the family %s, %v; want 1", len(keys), family, err)
	}
	err = r.rdb.Set(r.t.Context(), keys[0], "scribble", 0).Err()
	if list {
		err = errors.Join(r.rdb.Del(r.t.Context(), keys[0]).Err(), r.rdb.RPush(r.t.Context(), keys[0], "scribble").Err())
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return keys[0]
}

func TestStepsCreate_AReservationThatCannotBeReadHoldsIt(t *testing.T) {
	t.Parallel()
	for _, list := range []bool{false, true} {
		t.Run(strconv.FormatBool(list), func(t *testing.T) {
			t.Parallel()
			r := start(t, "zapi")
			id := r.ask("zapi", "Turma 12", ana)
			if _, err := r.store.Records.ReserveName(t.Context(), r.keeper.Number("zapi"), "Turma 12", group.NewID()); err != nil {
				t.Fatal(err)
			}
			key := r.damaged("rollcall:name:", list)
			for range 5 {
				r.step()
			}
			if g := r.load(id); g.Status != group.Queued || len(g.Attempts) != 0 {
				t.Errorf("the group is %s after %d creates, want queued after 0", g.Status, len(g.Attempts))
			}
			if err := r.rdb.Del(t.Context(), key).Err(); err != nil {
				t.Fatal(err)
			}
			if g := r.run(id); g.Status != group.Done {
				t.Errorf("without the damage the group is %s, want done", g.Status)
			}
		})
	}
}

// claiming is a provider that calls happens with the created group, before it answers.
type claiming struct {
	provider.Provider

	happens func(groupID string)
}

func (c *claiming) CreateGroup(ctx context.Context, r provider.CreateRequest) (provider.Created, error) {
	created, err := c.Provider.CreateGroup(ctx, r)
	if err == nil {
		c.happens(created.GroupID)
	}
	return created, err
}

func TestStepsCreate_AClaimThatCannotBeReadRecordsNothing(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	id, key := r.ask("zapi", "Turma 12", ana), ""
	set(r.steps, []*steps.Instance{{
		Name: "zapi", CreateBudget: time.Second, InviteBudget: time.Second,
		Provider: &claiming{r.provider, func(groupID string) {
			if _, err := r.store.Records.ClaimWhatsApp(t.Context(), groupID, group.NewID()); err != nil {
				t.Error(err)
			}
			key = r.damaged("rollcall:wa:", true)
		}},
	}})
	for range 5 {
		r.step()
	}
	if g := r.load(id); g.Exists() || g.Status != group.Verifying || g.Verify.Looks != 0 {
		t.Errorf("the group is %s as %q after %d looks, want verifying without an id, after 0", g.Status, g.WhatsAppID, g.Verify.Looks)
	}
	if err := r.rdb.Del(t.Context(), key).Err(); err != nil {
		t.Fatal(err)
	}
	if g := r.run(id); g.Status != group.Done || !g.Adopted || len(r.sim.Ledger().Groups) != 1 {
		t.Errorf("without the damage the group is %s, adopted %v, %d groups at WhatsApp; want done, adopted, 1", g.Status, g.Adopted, len(r.sim.Ledger().Groups))
	}
}

// The answer names a group that another request has. What this create made is in doubt, so no other request may
// create a group of this name until a person decides.
func TestStepsCreate_AnAnswerWithAnothersGroupKeepsTheNameReserved(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	id, other := r.ask("zapi", "Turma 12", ana), group.NewID()
	set(r.steps, []*steps.Instance{{
		Name: "zapi", CreateBudget: time.Second, InviteBudget: time.Second,
		Provider: &claiming{r.provider, func(groupID string) {
			if _, err := r.store.Records.ClaimWhatsApp(t.Context(), groupID, other); err != nil {
				t.Error(err)
			}
		}},
	}})
	g := r.run(id)
	holder, err := r.store.Records.NameHolder(t.Context(), r.keeper.Number("zapi"), "Turma 12")
	if err != nil || g.Status != group.Review || g.WhatsAppID != "" || holder != id {
		t.Errorf("the group is %s as %q, its name is reserved for %q, %v; want review without an id, reserved for %s", g.Status, g.WhatsAppID, holder, err, id)
	}
}

// A key bound to a pool reads the attempts of its groups, and must not learn of a request of another pool.
func TestStepsCreate_AnAnswerWithAnothersGroupNamesItsRequestOnlyWithinThePool(t *testing.T) {
	t.Parallel()
	inPool, ofNone := tasks.Target{Pool: "school"}, tasks.Target{Instance: "zapi"}
	for name, c := range map[string]struct {
		asked, owner tasks.Target
		named        bool
	}{
		"of the same pool":             {asked: inPool, owner: inPool, named: true},
		"of another pool":              {asked: inPool, owner: tasks.Target{Pool: "other"}},
		"of no pool":                   {asked: inPool, owner: ofNone},
		"for a group that has no pool": {asked: ofNone, owner: inPool, named: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, "zapi")
			r.pool = inPool.Pool // the one instance takes every task
			owner := r.askFor(tasks.Setup{}, "", c.owner, "Turma 11", bia)
			if _, err := r.store.Records.Update(t.Context(), owner, (*group.Group).Cancel); err != nil {
				t.Fatal(err)
			}
			id := r.askFor(tasks.Setup{}, "", c.asked, "Turma 12", ana)
			set(r.steps, []*steps.Instance{{
				Name: "zapi", CreateBudget: time.Second, InviteBudget: time.Second,
				Provider: &claiming{r.provider, func(groupID string) {
					if _, err := r.store.Records.ClaimWhatsApp(t.Context(), groupID, owner); err != nil {
						t.Error(err)
					}
				}},
			}})
			g := r.run(id)
			if len(g.Attempts) != 1 || !g.Attempts[0].Error.Is(say.AdoptedElse) {
				t.Fatalf("the group is %s after %+v; want one attempt that met the group of another request", g.Status, g.Attempts)
			}
			if told := g.Attempts[0].Error; strings.Contains(told.String(), owner) != c.named || told.Name != "" && told.Name != owner {
				t.Errorf("the attempt says %q; want the other request named: %v", told, c.named)
			}
		})
	}
}
