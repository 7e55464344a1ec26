package steps_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// Two groups that lost data may stand for are a person's to choose from, also for a request of a pool.
func TestStepsRecall_AGroupOfAPoolCanBeAdopted(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI)
	if _, _, _, err := r.store.Attend(t.Context(), true, 0); err != nil {
		t.Fatal(err)
	}
	id := r.askFor(tasks.Setup{}, "", tasks.Target{Pool: "school"}, "Turma 12", ana)
	for range 2 {
		if _, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(r.store.DeclareRestored(t.Context(), 0),
		r.rdb.HSet(t.Context(), "rollcall:installation", "doubt", string(store.Restored)).Err()); err != nil {
		t.Fatal(err)
	}
	g := r.runIn("school", id)
	if g.Status != group.Review || len(g.Error.Candidates) != 2 || g.Instance != simulator.ZAPI {
		t.Fatalf("the group is %s on %q with %+v; want review on %s with two candidates", g.Status, g.Instance, g.Error, simulator.ZAPI)
	}
	if err := g.AdoptByHand(g.Error.Candidates[0].GroupID, time.Now()); err != nil {
		t.Errorf("a candidate cannot be adopted: %v", err)
	}
}

// An admin of the group may have reset the link between the earlier invitation and this one.
func TestStepsInvite_AfterARestoreAnEarlierInvitationIsKnownByItsGroupsNameWhateverItsLink(t *testing.T) {
	t.Parallel()
	for _, p := range []string{simulator.Evolution, simulator.GOWA} {
		// A text that the name does not change may be another group's invitation, even if it happens to contain the name.
		for message, sent := range map[string]int{"": 1, "Join us: {{.Link}}": 2, "Turma 12 and 13: {{.Link}}": 2, "{{if .GroupName}}Join us: {{.Link}}{{end}}": 2} {
			t.Run(p+" "+message, func(t *testing.T) {
				t.Parallel()
				r := start(t, p)
				if _, _, _, err := r.store.Attend(t.Context(), true, 0); err != nil {
					t.Fatal(err)
				}
				id := r.uninvited(p, bia)
				r.update(id, func(g *group.Group) { g.Message = message })
				backup := r.load(id)
				if g := r.run(id); g.Members[1].Status != group.Invited {
					t.Fatalf("the person is %s, want invited", g.Members[1].Status)
				}
				r.update(id, func(g *group.Group) {
					g.Members, g.Status, g.FinishedAt = backup.Members, backup.Status, backup.FinishedAt
					g.InviteLink, g.LinkAt = "https://chat.whatsapp.com/reset", r.clock.Now()
				})
				if err := errors.Join(r.store.DeclareRestored(t.Context(), 0),
					r.rdb.HSet(t.Context(), "rollcall:installation", "doubt", string(store.Restarted)).Err(),
					r.queue.Put(t.Context(), r.steps.Policy.Next(r.load(id))...)); err != nil {
					t.Fatal(err)
				}
				g := r.run(id)
				if got := len(r.sim.Ledger().Messages); got != sent || g.Members[1].Status != group.Invited {
					t.Errorf("the person is %s (%s) after %d messages, want invited after %d", g.Members[1].Status, g.Members[1].Reason, got, sent)
				}
			})
		}
	}
}

func TestStepsRecall_APersonSuppressedDuringTheSearchIsNotCalled(t *testing.T) {
	t.Parallel()
	for _, search := range []string{"findMessages", "findGroupInfos"} {
		t.Run(search, func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.Evolution)
			if _, _, _, err := r.store.Attend(t.Context(), true, 0); err != nil {
				t.Fatal(err)
			}
			id := r.uninvited(simulator.Evolution, bia)
			if search == "findGroupInfos" {
				r.update(id, func(g *group.Group) { g.Members[1].Status, g.Members[1].Late = group.Pending, true })
			}
			if err := errors.Join(r.store.DeclareRestored(t.Context(), 0),
				r.rdb.HSet(t.Context(), "rollcall:installation", "doubt", string(store.Restarted)).Err(),
				r.queue.Put(t.Context(), r.steps.Policy.Next(r.load(id))...)); err != nil {
				t.Fatal(err)
			}
			r.asked.during = func(path string) {
				if !strings.Contains(path, search) {
					return
				}
				if err := r.store.People.Suppress(context.Background(), []phone.Number{"+" + bia}, "asked"); err != nil {
					t.Error(err)
				}
			}
			g := r.run(id)
			asked := strings.Contains(r.asked.text(), "/group/updateParticipant/")
			if m := g.Members[1]; m.Status != group.OptedOut || len(r.sim.Ledger().Messages) != 0 || asked {
				t.Errorf("the person is %s after %d messages and a call to add: %v; want optedOut, 0, false", m.Status, len(r.sim.Ledger().Messages), asked)
			}
		})
	}
}
