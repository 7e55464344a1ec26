package steps_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/steps"
)

// deadly is a provider whose first call of an operation kills the worker: before the request has left or,
// with arrives, before the answer comes.
type deadly struct {
	provider.Provider

	op      string
	arrives bool
	died    bool
}

func (d *deadly) over(op string, call func() error) error {
	if op != d.op || d.died {
		return call()
	}
	d.died = true
	if d.arrives {
		_ = call()
	}
	panic(died{})
}

func (d *deadly) CreateGroup(ctx context.Context, r provider.CreateRequest) (created provider.Created, err error) {
	err = d.over("create", func() (err error) { created, err = d.Provider.CreateGroup(ctx, r); return err })
	return created, err
}

func (d *deadly) AddMember(ctx context.Context, groupID, address string) error {
	return d.over("add", func() error { return d.Provider.AddMember(ctx, groupID, address) })
}

func (d *deadly) Invite(ctx context.Context, i provider.Invitation) (sent provider.Sent, err error) {
	err = d.over("invite", func() (err error) { sent, err = d.Provider.Invite(ctx, i); return err })
	return sent, err
}

// A worker is killed between the intent and the answer of a call. Another worker goes on: it does not repeat the
// call if it may have arrived, and the group or person is not lost.
func TestSteps_AWorkerThatDiesOverACallNeitherRepeatsNorLosesIt(t *testing.T) {
	t.Parallel()
	for _, p := range providers {
		for _, op := range []string{"create", "add", "invite"} {
			for _, arrives := range []bool{true, false} {
				t.Run(p+" "+op+" "+strconv.FormatBool(arrives), func(t *testing.T) {
					t.Parallel()
					r := start(t, p)
					d := &deadly{Provider: r.provider, op: op, arrives: arrives}
					set(r.steps, []*steps.Instance{{
						Name: p, Provider: d, Via: provider.ViaText, CreateBudget: time.Second, InviteBudget: time.Second,
					}})
					id := ""
					switch op {
					case "create":
						id = r.ask(p, "Turma 12", ana, bia)
					case "add":
						id = r.ready(p).ID
						r.extend(id, "x", bia)
					case "invite":
						r.person(outside(bia))
						id = r.ask(p, "Turma 12", ana, bia)
					}
					for !d.died {
						if !r.step() {
							t.Fatalf("the queue is empty, but no %s was called: %+v", op, r.load(id))
						}
					}
					g := r.load(id)
					if begun := op == "create" && g.Status == group.Creating || op != "create" && g.Members[1].Invite != nil; !begun {
						t.Fatalf("the dead worker left no intent: the group is %s with %+v", g.Status, g.Members)
					}
					r.steps.Worker = "w2"
					g = r.run(id)
					got := outcome{len(r.sim.Ledger().Groups), r.addCalls(bia), len(r.sim.Ledger().Invites(g.WhatsAppID, bia)), g.Members[1].Status}
					want := map[string]outcome{
						"create true": {1, 0, 0, group.Added}, "create false": {1, 0, 0, group.Added},
						"add true": {1, 1, 0, group.Added}, "add false": {1, 0, 1, group.Invited},
						"invite true": {1, 0, 1, group.Invited}, "invite false": {1, 0, 0, group.InviteUnknown},
					}[op+" "+strconv.FormatBool(arrives)]
					if got != want || g.Status != group.Done || g.Adopted != (op == "create" && arrives) {
						t.Errorf("the group is %s, adopted %v, with %+v; want done with %+v", g.Status, g.Adopted, got, want)
					}
				})
			}
		}
	}
}

// outcome counts what was made at WhatsApp and holds bia's status in the record.
type outcome struct {
	groups, adds, invites int
	person                group.MemberStatus
}
