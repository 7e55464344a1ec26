package steps_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/callback"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

const hookSecret = "0123456789abcdef0123456789abcdef"

// listen serves the webhooks of the rig's instance and sets their address at the provider, as rollcall-producer
// hooks --set does.
func (r *rig) listen(name, instanceID string) {
	r.t.Helper()
	server := httptest.NewServer(callback.New(callback.Config{
		Doors: []callback.Door{{Instance: name, Callback: all.Of(name).Callback, InstanceID: instanceID, Secret: hookSecret}},
		Store: r.store, Queue: r.queue, Rests: r.pacer, Rest: pacing.Rest{Initial: time.Hour}, Log: zerolog.Nop(),
	}))
	r.t.Cleanup(server.Close)
	setter, ok := r.provider.(provider.HookSetter)
	if !ok {
		r.t.Fatalf("%s has no webhooks to set", name)
	}
	present, err := setter.Hooks(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, h := range present {
		h.URL = provider.Token(server.URL + callback.Path(name, hookSecret))
		if name == "greenapi" {
			h.Token = hookSecret
		}
		if err := setter.SetHook(r.t.Context(), h); err != nil {
			r.t.Fatal(err)
		}
	}
}

// afterWebhook waits until a webhook of the simulator has changed the group as wanted.
func (r *rig) afterWebhook(id string, as func(g *group.Group) bool) *group.Group {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), testutil.Timeout)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		g, err := r.store.Records.Load(r.t.Context(), id)
		if err != nil {
			r.t.Fatal(err)
		}
		if as(g) {
			return g
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.t.Fatalf("no webhook changed the group as wanted; its people are %v", r.statuses(g))
		}
	}
}

func TestAWebhookBringsTheReadingForward(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi", joinLooks)
	r.listen("zapi", "I1")
	r.person(outside(bia))
	id := r.ask("zapi", "Turma 12", ana, bia)
	g := r.until(id, done)
	r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
	g = r.afterWebhook(id, func(g *group.Group) bool {
		next, planned := r.queue.next() // the callback writes the record, then puts the task
		return !g.Watch.AskedAt.IsZero() && planned && next.At.Before(r.clock.Now().Add(time.Minute))
	})
	if g.Members[1].Status != group.Invited {
		t.Errorf("after the webhook, before the reading, bia is %s, want invited", g.Members[1].Status)
	}
	g = r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.Joined })
	if after := g.Members[1].UpdatedAt.Sub(g.Members[1].InvitedAt); after > time.Minute {
		t.Errorf("bia was found %s after the invitation, want within a minute", after)
	}
	if g = r.run(id); !g.Watch.At.IsZero() {
		t.Errorf("all people are in, but the group is read again at %s", g.Watch.At)
	}
}

func TestAMessageThatDoesNotArriveEndsTheInvitation(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]group.MemberStatus{"zapi": group.InviteFailed, "greenapi": group.InviteFailed} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name, joinLooks)
			r.listen(name, map[string]string{"zapi": "I1", "greenapi": "7105000001"}[name])
			r.person(outside(bia))
			r.script(simulator.Script{Phone: bia, Fault: "delivery-failed"})
			id := r.ask(name, "Turma 12", ana, bia)
			r.until(id, done)
			r.clock.forward(r.clock.Now().Add(time.Minute)) // by then the provider's queue has sent the message
			r.person(outside(caz))                          // any call makes the simulator look at its clock
			g := r.afterWebhook(id, func(g *group.Group) bool { return g.Members[1].Status != group.Invited })
			if g.Members[1].Status != want {
				t.Errorf("the person is %s (%s), want %s", g.Members[1].Status, g.Members[1].Reason, want)
			}
			r.run(id)
			if n := len(r.sim.Ledger().Invites(g.WhatsAppID, bia)); n > 1 {
				t.Errorf("%d invitations, want one at most", n)
			}
		})
	}
}
