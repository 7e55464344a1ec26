package steps_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
)

// refusing makes Redis refuse commands on the keys that contain key: the first pass commands succeed, and the next
// left ones fail.
type refusing struct {
	key        string
	pass, left atomic.Int32
}

func (h *refusing) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (h *refusing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if h.hits(cmd) && h.refuses() {
			return h.fail(cmd)
		}
		return next(ctx, cmd)
	}
}

func (h *refusing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if slices.ContainsFunc(cmds, h.hits) && h.refuses() {
			for _, cmd := range cmds {
				_ = h.fail(cmd)
			}
			return cmds[0].Err()
		}
		return next(ctx, cmds)
	}
}

func (h *refusing) refuses() bool { return h.pass.Add(-1) < 0 && h.left.Add(-1) >= 0 }

// hits says that the first key of a command, or of its script, contains the key.
func (h *refusing) hits(cmd redis.Cmder) bool {
	args, at := cmd.Args(), 1
	if strings.HasPrefix(cmd.Name(), "eval") { // EVALSHA, the script, the number of keys, the keys
		at = 3
	}
	return len(args) > at && strings.Contains(fmt.Sprint(args[at]), h.key)
}

func (*refusing) fail(cmd redis.Cmder) error {
	err := errors.New("LOADING Redis is loading the dataset in memory")
	cmd.SetErr(err)
	return err
}

func (r *rig) refuse(key string, times int32) *refusing {
	h := &refusing{key: key}
	h.left.Store(times)
	r.rdb.AddHook(h)
	return h
}

func TestStepsCreate_InsistsOnTheClaimOfItsGroup(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			h := r.refuse("rollcall:wa:", 2)
			g := r.run(r.ask(name, "Turma 12", ana))
			owners, err := r.store.Records.WhatsAppOwners(t.Context(), []string{g.WhatsAppID})
			if err != nil || owners[g.WhatsAppID] != g.ID || g.Status != group.Done {
				t.Errorf("the group is %s, claimed by %q, %v; want done, claimed by %s", g.Status, owners[g.WhatsAppID], err, g.ID)
			}
			if h.left.Load() >= 0 {
				t.Error("Redis refused no claim")
			}
		})
	}
}

func TestStepsTrouble_InsistsOnTheRest(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	r.script(simulator.Script{Method: "create", Fault: "rate-overlimit"})
	h := r.refuse(":rest", 0)
	r.ask("greenapi", "Turma 12", ana)
	h.left.Store(2)
	r.step()
	view, err := r.pacer.Views(t.Context(), "greenapi")
	if err != nil || view[0].Rest.Until.IsZero() {
		t.Errorf("after \"rate overlimit\" Look = %+v, %v; want the instance to rest", view, err)
	}
}

// WhatsApp can hold back the messages of a number that may still create groups.
func TestStepsTrouble_AReachOutTimelockRestsInvitationsOnly(t *testing.T) {
	t.Parallel()
	r := start(t, "gowa")
	id := r.uninvited("gowa", bia)
	r.script(simulator.Script{Method: "send", Fault: "429", Body: json.RawMessage(`{"code":"WA_REACHOUT_TIMELOCK","message":"error 463 (reach-out timelock)"}`)})
	r.step()
	view, err := r.pacer.Views(t.Context(), "gowa")
	if err != nil || view[0].Create.Rest.Until.After(r.clock.Now()) || view[0].Rest.Until.After(r.clock.Now()) || view[0].Invite.Rest.Cause != pacing.CauseLimited {
		t.Errorf("Look = %+v, %v; want only the invitations to rest, as limited", view, err)
	}
	if g := r.run(id); g.Status != group.Done || g.Members[1].Status != group.Invited {
		t.Errorf("the group is %s, the person %s; want done, invited", g.Status, g.Members[1].Status)
	}
}

// reviewed records a copy of a group under a new id, in review: a person must decide what its create made.
func (r *rig) reviewed(like string) (id string) {
	r.t.Helper()
	g, err := r.store.Records.Load(r.t.Context(), like)
	if err != nil {
		r.t.Fatal(err)
	}
	g.ID, g.Claim = group.NewID(), nil
	g.Doubtful(say.Phrase{Code: say.ErrorUnlisted}, g.CreatedAt)
	if err := r.store.Records.Record(r.t.Context(), []*store.Entry{{Group: g}}); err != nil {
		r.t.Fatal(err)
	}
	return g.ID
}

// A person may take weeks to decide. Until then a second group of the same name could be mistaken for the one
// in doubt.
func TestStepsCreate_WaitsWhileAGroupOfItsNameIsInDoubt(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi", func(p *steps.Policy, _ *simulator.Quirks) { p.Review = true })
	r.script(simulator.Script{Method: "create", Fault: "500"})
	doubtful := r.ask("zapi", "Turma 12", ana)
	if g := r.run(doubtful); g.Status != group.Review {
		t.Fatalf("the first group is %s with %+v, want review", g.Status, g.Error)
	}
	id := r.ask("zapi", "Turma 12", bia)
	r.clock.forward(r.clock.Now().Add(400 * 24 * time.Hour))
	for range 5 {
		r.step()
	}
	if g, err := r.store.Records.Load(t.Context(), id); err != nil || g.Status != group.Queued || len(g.Attempts) != 0 {
		t.Fatalf("the second group is %s with %d attempts, %v; want queued with 0 while the first is in review", g.Status, len(g.Attempts), err)
	}
	if _, err := r.store.Records.Update(t.Context(), doubtful, (*group.Group).Abandon); err != nil {
		t.Fatal(err)
	}
	if g := r.run(id); g.Status != group.Done {
		t.Errorf("after the decision the second group is %s with %+v, want done", g.Status, g.Error)
	}
}

func TestStepsVerify_WaitsForAnotherHolderOfItsName(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	r.script(simulator.Script{Method: "create", Fault: "500-but-created"})
	id := r.ask("zapi", "Turma 12", ana)
	r.step()
	if err := r.store.Records.ReleaseName(t.Context(), r.keeper.Number("zapi"), "Turma 12", id); err != nil { // as if a failover had lost it
		t.Fatal(err)
	}
	other := r.reviewed(id)
	if _, err := r.store.Records.ReserveName(t.Context(), r.keeper.Number("zapi"), "Turma 12", other); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		r.step()
	}
	if g, err := r.store.Records.Load(t.Context(), id); err != nil || g.Status != group.Verifying || g.Verify.Looks != 0 {
		t.Errorf("the group is %s after %d looks, %v; want verifying after 0 while another request holds the name", g.Status, g.Verify.Looks, err)
	}
	if _, err := r.store.Records.Update(t.Context(), other, (*group.Group).Abandon); err != nil {
		t.Fatal(err)
	}
	if g := r.run(id); g.Status != group.Done || !g.Adopted {
		t.Errorf("after the decision the group is %s, adopted %v; want done, adopted", g.Status, g.Adopted)
	}
}
