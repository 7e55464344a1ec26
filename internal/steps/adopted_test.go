package steps_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/tasks"
)

// frozen is a worker that is frozen right after a reading of a group, or after the photo or an add of a person. Thaw
// does what happens meanwhile, once.
type frozen struct {
	provider.Provider

	after string
	thaw  func()
}

func (f *frozen) freeze(after string) {
	if f.after == after {
		f.after = ""
		f.thaw()
	}
}

func (f *frozen) Members(ctx context.Context, groupID string) (provider.Roll, error) {
	defer f.freeze("members")
	return f.Provider.Members(ctx, groupID)
}

func (f *frozen) AddMember(ctx context.Context, groupID, address string) error {
	defer f.freeze("add")
	return f.Provider.AddMember(ctx, groupID, address)
}

func (f *frozen) SetPhoto(context.Context, string, []byte) error {
	defer f.freeze("photo")
	return &provider.Error{Class: provider.Refused, Op: "photo", Scope: provider.ScopeRequest}
}

func (f *frozen) Invite(ctx context.Context, i provider.Invitation) (provider.Sent, error) {
	defer f.freeze("invite")
	return f.Provider.Invite(ctx, i)
}

// freezes has the worker freeze; meanwhile a person adopts another group.
func (r *rig) freezes(after, id, other string, meanwhile func(g *group.Group)) (thawed *bool) {
	thawed = new(bool)
	set(r.steps, []*steps.Instance{{
		Name: simulator.ZAPI, Via: provider.ViaText, CreateBudget: time.Second, InviteBudget: time.Second,
		Provider: &frozen{r.provider, after, func() {
			*thawed = true
			var next []tasks.Task
			r.update(id, func(g *group.Group) {
				if err := errors.Join(g.Stray(other, g.Instance, r.clock.Now()), g.AdoptByHand(other, r.clock.Now())); err != nil {
					r.t.Error(err)
				}
				meanwhile(g)
				next = r.steps.Policy.Next(g)
			})
			if err := r.queue.Put(r.t.Context(), next...); err != nil {
				r.t.Error(err)
			}
		}},
	}})
	return thawed
}

// A worker that was frozen holds what it read and did at the group that the record had before. A person has adopted
// another one since.
func TestStepsDelivery_ChangesNothingOfAnotherGroup(t *testing.T) {
	t.Parallel()
	for after, until := range map[string]func(g *group.Group) bool{
		"members": func(g *group.Group) bool { return g.Status == group.Inviting },
		"photo":   func(g *group.Group) bool { return g.Called },
		"add":     done,
	} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.ZAPI)
			var wanted tasks.Setup
			if after == "photo" {
				wanted.Photo = "https://school.example/logo.jpg"
			}
			id := r.askFor(wanted, "", tasks.Target{Instance: simulator.ZAPI}, "Turma 12", ana, bia)
			r.until(id, until)
			if after == "add" {
				r.update(id, func(g *group.Group) {
					if _, err := g.Extend([]group.Member{{Number: "+" + caz, Input: caz, Status: group.Pending}}, "late.csv", r.clock.Now()); err != nil {
						t.Error(err)
					}
				})
				g, err := r.store.Records.Load(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				if err := r.queue.Put(t.Context(), group.Schedule{}.Next(g)...); err != nil {
					t.Fatal(err)
				}
			}
			other, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana}})
			if err != nil {
				t.Fatal(err)
			}
			thawed := r.freezes(after, id, other.GroupID, func(g *group.Group) {
				if after == "members" {
					return
				}
				roll := group.Reading{People: []phone.Identity{{Digits: ana}}, Complete: true}
				if err := g.CallRoll(roll, true, r.clock.Now()); err != nil {
					t.Error(err)
				}
			})
			for !*thawed {
				if !r.step() {
					t.Fatalf("no worker calls %q", after)
				}
			}
			g, err := r.store.Records.Load(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if g.WhatsAppID != other.GroupID || g.Called != (after != "members") || g.Members[1].Status == group.Added {
				t.Errorf("after the thaw the roll of %s is called: %v, its people are %v; want bia not to be added", g.WhatsAppID, g.Called, r.statuses(g))
			}
			if slices.ContainsFunc(g.Members, func(m group.Member) bool { return !m.CalledAt.IsZero() }) {
				t.Error("the person who was added to the one group is not added to the other")
			}
			if step := g.Step(group.StepPhoto); after == "photo" && step.Status != group.StepWanted {
				t.Errorf("the photo of the other group is %s, want wanted", step.Status)
			}
			if g = r.run(id); g.Members[1].Status != group.Invited && g.Members[1].Status != group.Joined {
				t.Errorf("bia, who is not in the other group, is %s; want invited", g.Members[1].Status)
			}
		})
	}
}

// The invitation that a frozen worker sent counts for the group that was adopted meanwhile: no person is invited twice.
func TestStepsDelivery_KeepsAnInvitationToAnotherGroup(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI)
	r.person(outside(bia))
	id := r.ask(simulator.ZAPI, "Turma 12", ana, bia)
	g := r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.InviteQueued })
	first := g.WhatsAppID
	other, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana}})
	if err != nil {
		t.Fatal(err)
	}
	thawed := r.freezes("invite", id, other.GroupID, func(*group.Group) {})
	for !*thawed {
		if !r.step() {
			t.Fatal("no worker invites bia")
		}
	}
	if g, err = r.store.Records.Load(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if m := g.Members[1]; m.Status != group.Invited || m.MessageID == "" {
		t.Errorf("after the thaw bia is %s by the message %q, want invited", m.Status, m.MessageID)
	}
	r.run(id)
	if n := len(r.sim.Ledger().Invites(first, bia)) + len(r.sim.Ledger().Invites(other.GroupID, bia)); n != 1 {
		t.Errorf("bia got %d invitations, want 1", n)
	}
}
