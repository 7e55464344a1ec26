package steps_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
)

// A person may adopt an id with a typo, or of a group that the number is not in. The person must learn that soon:
// only a group in review can be adopted.
func TestStepsRollCall_AnAdoptedGroupThatTheProviderRefusesIsReviewedSoon(t *testing.T) {
	t.Parallel()
	for i, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			id := r.ask(name, "Turma 12", ana)
			g := r.until(id, done)
			wrong, other := "99"+g.WhatsAppID[2:], "98"+g.WhatsAppID[2:]
			adopted := r.clock.Now()
			r.update(id, func(g *group.Group) {
				if err := errors.Join(g.Stray(other, g.Instance, adopted), g.AdoptByHand(wrong, adopted)); err != nil {
					t.Error(err)
				}
				if i == 0 {
					g.Attempts = nil // the review began before any attempt: Redis was restored
				}
			})
			if owner, err := r.store.Records.ClaimWhatsApp(t.Context(), wrong, id); err != nil || owner != id {
				t.Fatalf("the claim has the owner %q, %v", owner, err)
			}
			if g, _ = r.store.Records.Load(t.Context(), id); g == nil {
				t.Fatal("no record")
			}
			if err := r.queue.Put(t.Context(), r.steps.Policy.Next(g)...); err != nil {
				t.Fatal(err)
			}
			g = r.until(id, func(g *group.Group) bool { return g.Status == group.Review })
			if after := r.clock.Now().Sub(adopted); after > 5*time.Minute || g.Error.Code != group.CodeUnverifiable {
				t.Errorf("after %s the group is in review for %s (%s), want within 5m: unverifiable", after, g.Error.Code, g.Error.Message)
			}
			owners, err := r.store.Records.WhatsAppOwners(t.Context(), []string{wrong})
			if err != nil || owners[wrong] != "" {
				t.Errorf("the group of the mistyped id is claimed by %q, %v; want no claim", owners[wrong], err)
			}
		})
	}
}

// The id of a group that a look has found, or that the request made, has no typo. The group stays the request's.
func TestStepsRollCall_AFoundGroupThatTheProviderRefusesForAWhileIsReadLater(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			id := r.ask(name, "Turma 12", ana)
			g := r.until(id, done)
			refused, number := "99"+g.WhatsAppID[2:], g.Latest().Number
			found := r.clock.Now()
			r.update(id, func(g *group.Group) {
				if err := errors.Join(g.Stray(refused, g.Instance, found), g.AdoptByHand(refused, found)); err != nil {
					t.Error(err)
				}
				g.Latest().Number = number
			})
			if owner, err := r.store.Records.ClaimWhatsApp(t.Context(), refused, id); err != nil || owner != id {
				t.Fatalf("the claim has the owner %q, %v", owner, err)
			}
			if err := r.queue.Put(t.Context(), r.steps.Policy.Next(r.load(id))...); err != nil {
				t.Fatal(err)
			}
			g = r.until(id, func(*group.Group) bool { return r.clock.Now().Sub(found) > 10*time.Minute })
			if g.Status != group.Inviting || g.Roll.Failures == 0 {
				t.Errorf("after ten minutes the group is %s with %d failed readings, want inviting with some", g.Status, g.Roll.Failures)
			}
			r.until(id, func(g *group.Group) bool { return g.Status == group.Review })
			owners, err := r.store.Records.WhatsAppOwners(t.Context(), []string{refused})
			if err != nil || owners[refused] != id || r.clock.Now().Sub(found) < 23*time.Hour {
				t.Errorf("in review after %s the group is claimed by %q, %v; want %s, after a day", r.clock.Now().Sub(found), owners[refused], err, id)
			}
		})
	}
}
