package steps_test

import (
	"context"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/tasks"
)

// instance makes a provider the one instance of some steps.
func instance(s *steps.Steps, p provider.Provider) {
	set(s, []*steps.Instance{{Name: simulator.ZAPI, Via: provider.ViaText, CreateBudget: time.Second, InviteBudget: time.Second, Provider: p}})
}

// another returns the steps of another worker, with its own way to the provider.
func (r *rig) another(p provider.Provider) *steps.Steps {
	c := r.steps.Config
	c.Worker = "w2"
	s := steps.New(c)
	instance(s, p)
	return s
}

// listing does something once, right after a reading of the list of groups, which fails with err.
type listing struct {
	provider.Provider

	do  func()
	err error
}

func (l *listing) ListGroups(ctx context.Context) ([]provider.Listed, error) {
	listed, err := l.Provider.ListGroups(ctx)
	if do := l.do; do != nil {
		l.do = nil
		do()
		err = l.err
	}
	return listed, err
}

// A worker is frozen in the deciding look. Another worker makes that look, and creates the group again with an unknown
// outcome. What the frozen worker read says nothing about that create.
func TestStepsVerify_AReadingFromBeforeALaterCreateSaysNothingAboutIt(t *testing.T) {
	t.Parallel()
	for _, failed := range []error{nil, &provider.Error{Class: provider.Unknown, Op: "list"}} {
		r := start(t, simulator.ZAPI)
		id := r.ask(simulator.ZAPI, "Turma 12", ana, bia)
		r.script(simulator.Script{Method: "create", Fault: "500", Times: 1})
		frozen := &listing{Provider: r.provider, err: failed}
		instance(r.steps, frozen)
		r.until(id, func(g *group.Group) bool { return g.Verify.Last(r.steps.Policy.VerifyLooks) })
		frozen.do = func() {
			w1 := r.steps
			r.steps = r.another(r.provider)
			r.script(simulator.Script{Method: "create", Fault: "500-but-created", Times: 1})
			r.until(id, func(g *group.Group) bool { return g.Status == group.Verifying && len(g.Attempts) == 2 })
			r.steps = w1
		}
		r.step()
		if frozen.do != nil {
			t.Fatal("the worker was not frozen")
		}
		g := r.load(id)
		if g.Status != group.Verifying || g.Verify.Looks != 0 || g.Verify.Failures != 0 {
			t.Errorf("after the thaw the group is %s after %d looks, %d failed; want verifying after none", g.Status, g.Verify.Looks, g.Verify.Failures)
		}
		if g = r.run(id); g.Status != group.Done || len(g.Attempts) != 2 || len(r.sim.Ledger().Groups) != 1 {
			t.Errorf("the group is %s after %d creates, %d groups at WhatsApp; want done after 2, with 1", g.Status, len(g.Attempts), len(r.sim.Ledger().Groups))
		}
	}
}

// unread is a provider whose next reading of a group fails, after something else has happened.
type unread struct {
	provider.Provider

	do func()
}

func (u *unread) Members(ctx context.Context, groupID string) (provider.Roll, error) {
	if do := u.do; do != nil {
		u.do = nil
		do()
		return provider.Roll{}, &provider.Error{Class: provider.NotSent, Op: "read"}
	}
	return u.Provider.Members(ctx, groupID)
}

// hanging is a provider whose invitations and adds hang, arrive, and have no answer.
type hanging struct {
	provider.Provider

	begun, end chan struct{}
}

func (h *hanging) hang(call func()) error {
	close(h.begun)
	<-h.end
	call()
	return &provider.Error{Class: provider.Unknown, Op: "call"}
}

func (h *hanging) Invite(ctx context.Context, i provider.Invitation) (sent provider.Sent, err error) {
	return provider.Sent{}, h.hang(func() { _, _ = h.Provider.Invite(ctx, i) })
}

func (h *hanging) AddMember(ctx context.Context, groupID, address string) error {
	return h.hang(func() { _ = h.Provider.AddMember(ctx, groupID, address) })
}

func (h *hanging) FindInvite(context.Context, provider.Invitation, time.Time) (sent provider.Sent, found bool, err error) {
	return sent, false, nil
}

// A worker is frozen while it reads the group before a person's call, and another worker makes that call. The reading
// has failed. The frozen worker must not withdraw the call of the other one, whose outcome is unknown.
func TestSteps_AFailedReadingWithdrawsNoCallOfAnotherWorker(t *testing.T) {
	t.Parallel()
	for _, call := range []tasks.Type{tasks.TypeInvite, tasks.TypeAdd} {
		t.Run(string(call), func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.ZAPI)
			r.person(outside(bia))
			id := r.ask(simulator.ZAPI, "Turma 12", ana, bia)
			who, person := 1, bia
			if call == tasks.TypeAdd {
				r.run(id)
				who, person = 2, caz
				r.extend(id, "late.csv", caz)
			}
			due := func() tasks.Task {
				next, _ := r.queue.next()
				return next
			}
			for due().Type != call {
				if !r.step() {
					t.Fatalf("no %s is due", call)
				}
			}
			frozen, h, done := &unread{Provider: r.provider}, &hanging{r.provider, make(chan struct{}), make(chan struct{})}, make(chan error, 1)
			frozen.do = func() {
				r.clock.forward(r.clock.Now().Add(11 * time.Second)) // the slot of the frozen worker has lapsed
				slot, denied := r.take(simulator.ZAPI, pacing.Invite)
				if denied != nil {
					t.Fatalf("no slot: %+v", denied)
				}
				w2, again := r.another(h), due().Again()
				go func() { done <- w2.Do(t.Context(), again, slot) }()
				select {
				case <-h.begun:
				case err := <-done:
					t.Fatalf("the other worker makes no call: %v", err)
				}
			}
			instance(r.steps, frozen)
			r.clock.forward(r.clock.Now().Add(11 * time.Second)) // the roll call's reading no longer serves
			r.step()
			if frozen.do != nil {
				t.Fatal("the worker was not frozen")
			}
			if m := r.load(id).Members[who]; m.Invite == nil || m.Invite.Owner != "w2" || m.Tries != 0 {
				t.Errorf("after the thaw the intent is %+v after %d tries; want the other worker's, after 0", m.Invite, m.Tries)
			}
			close(h.end)
			if err := <-done; call == tasks.TypeAdd && err != nil {
				t.Errorf("the other worker's add ends with %v", err)
			}
			g := r.run(id)
			if n := len(r.sim.Ledger().Invites(g.WhatsAppID, person)) + r.addCalls(person); n != 1 {
				t.Errorf("%d calls were made for the person, who is %s; want 1", n, g.Members[who].Status)
			}
		})
	}
}

// While a worker prepares the create, a person moves the group to another pool.
func TestStepsCreate_AMovedGroupGetsNoStaffOfItsFormerPool(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI, func(p *steps.Policy, _ *simulator.Quirks) {
		p.Pools = map[string]group.Pool{"school": {Always: []phone.Number{"+5511977770001"}}}
	})
	r.pool = "school"
	id := r.askFor(tasks.Setup{}, "", tasks.Target{Pool: "school"}, "Turma 12", ana)
	r.keeper.asked = func() {
		r.keeper.asked = nil
		r.update(id, func(g *group.Group) {
			if err := g.Move(tasks.Target{Pool: "club"}, r.clock.Now()); err != nil {
				t.Error(err)
			}
		})
	}
	r.step()
	if r.keeper.asked != nil {
		t.Fatal("the group was not moved")
	}
	if g := r.load(id); g.Target.Pool != "club" || len(g.Members) != 1 || g.Setup != nil {
		t.Errorf("the group of the pool %s has the people %+v, set-up %+v; want ana alone, none", g.Target.Pool, g.Members, g.Setup)
	}
}

// Redis was restored. A person corrects the name of a request, as in the time that Redis has lost, while a worker reads
// the lists for the old name, or after it. The group of the new name exists.
func TestStepsRecall_TheListsAreReadForTheRequestAsItIs(t *testing.T) {
	t.Parallel()
	for _, during := range []bool{true, false} {
		r := start(t, simulator.ZAPI)
		if _, _, _, err := r.store.Attend(t.Context(), true, 0); err != nil {
			t.Fatal(err)
		}
		id := r.ask(simulator.ZAPI, "Truma 12", ana)
		if _, err := r.provider.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana}}); err != nil {
			t.Fatal(err)
		}
		if err := r.store.DeclareRestored(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		r.clock.forward(r.clock.Now().Add(time.Minute))
		correct := func() {
			want := r.load(id).Copied()
			want.Name = "Turma 12"
			r.update(id, func(g *group.Group) {
				if err := g.Edit(want, r.clock.Now()); err != nil {
					t.Error(err)
				}
			})
		}
		reads := &listing{Provider: r.provider, do: correct}
		if !during {
			reads.do = func() { r.keeper.shuts(true) } // the call must wait
		}
		instance(r.steps, reads)
		r.step()
		if reads.do != nil {
			t.Fatal("the lists were not read")
		}
		if !during {
			correct()
			r.keeper.shuts(false)
		}
		if g := r.run(id); g.Status != group.Done || !g.Adopted || len(r.sim.Ledger().Groups) != 1 {
			t.Errorf("during %v: the group is %s, adopted %v, %d groups at WhatsApp; want done, adopted, 1", during, g.Status, g.Adopted, len(r.sim.Ledger().Groups))
		}
	}
}

// Redis was restored to a moment at which a create of a pool's group was looked up. In the time that it has lost, the
// look found nothing, and another instance of the pool made the group.
func TestStepsRecall_ALookAfterACreateIsNoSearchAmongThePoolsOtherInstances(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI)
	if _, _, _, err := r.store.Attend(t.Context(), true, 0); err != nil {
		t.Fatal(err)
	}
	other := instanceOf(simulator.GreenAPI)
	reached := all.Config{
		Provider: simulator.GreenAPI, Name: simulator.GreenAPI, BaseURL: r.reached.BaseURL, InstanceID: other.ID, Timeouts: patient,
		Credentials: spec.Credentials{},
	}
	for key, secret := range other.Credentials() {
		reached.Credentials[key] = provider.Token(secret)
	}
	second, err := all.New(reached)
	if err != nil {
		t.Fatal(err)
	}
	r.has(simulator.GreenAPI, other.Phone)
	byName := map[string]provider.Provider{simulator.ZAPI: r.provider, simulator.GreenAPI: second}
	r.steps.SetInstances(steps.Instances{
		Names:  []string{simulator.ZAPI, simulator.GreenAPI},
		Serves: func(string, string) bool { return true },
		Connect: func(name string) *steps.Instance {
			return &steps.Instance{Name: name, Provider: byName[name], Via: provider.ViaText, CreateBudget: time.Second, InviteBudget: time.Second}
		},
	})
	r.pool = "school"
	r.script(simulator.Script{Method: "create", Fault: "500", Times: 1})
	id := r.askFor(tasks.Setup{}, "", tasks.Target{Pool: "school"}, "Turma 12", ana)
	r.until(id, func(g *group.Group) bool { return g.Status == group.Verifying })
	if _, err := second.CreateGroup(t.Context(), provider.CreateRequest{Name: "Turma 12", Addresses: []string{ana}}); err != nil {
		t.Fatal(err)
	}
	if err := r.store.DeclareRestored(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if g := r.run(id); g.Status != group.Done || g.Instance != simulator.GreenAPI || len(r.sim.Ledger().Groups) != 1 {
		t.Errorf("the group is %s on %s, %d groups at WhatsApp; want done on %s, 1", g.Status, g.Instance, len(r.sim.Ledger().Groups), simulator.GreenAPI)
	}
}

// holder returns the request that holds the name Turma 12 on the number of the rig's instance.
func (r *rig) holder() string {
	r.t.Helper()
	holder, err := r.store.Records.NameHolder(r.t.Context(), r.keeper.Number(r.reached.Name), "Turma 12")
	if err != nil {
		r.t.Fatal(err)
	}
	return holder
}

// A worker is frozen in the deciding look. Another worker makes that look and prepares the next create.
func TestStepsVerify_ALookOfAnEarlierAttemptKeepsTheNameOfTheNextCreate(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI)
	id := r.ask(simulator.ZAPI, "Turma 12", ana, bia)
	r.script(simulator.Script{Method: "create", Fault: "500", Times: 1})
	frozen := &listing{Provider: r.provider}
	instance(r.steps, frozen)
	r.until(id, func(g *group.Group) bool { return g.Verify.Last(r.steps.Policy.VerifyLooks) })
	frozen.do = func() {
		w1 := r.steps
		r.steps = r.another(r.provider)
		prepared := false
		var asked func()
		asked = func() {
			r.keeper.asked = nil // holder asks too
			if prepared = r.load(id).Status == group.Queued && r.holder() == id; prepared {
				panic(died{}) // it goes on once the frozen worker has thawed
			}
			r.keeper.asked = asked
		}
		for r.keeper.asked = asked; !prepared; {
			if !r.step() {
				t.Fatal("no create is prepared")
			}
		}
		r.steps = w1
	}
	r.step()
	if frozen.do != nil {
		t.Fatal("the worker was not frozen")
	}
	if g := r.load(id); g.Status != group.Queued || r.holder() != id {
		t.Errorf("after the thaw the group is %s, and %q holds its name; want queued, the group", g.Status, r.holder())
	}
	if g := r.run(id); g.Status != group.Done || len(r.sim.Ledger().Groups) != 1 || r.holder() != "" {
		t.Errorf("the group is %s, %d groups at WhatsApp, %q holds its name; want done, 1, none", g.Status, len(r.sim.Ledger().Groups), r.holder())
	}
}

// slow is a provider that does something before its next create.
type slow struct {
	provider.Provider

	do func()
}

func (s *slow) CreateGroup(ctx context.Context, r provider.CreateRequest) (provider.Created, error) {
	if do := s.do; do != nil {
		s.do = nil
		do()
	}
	return s.Provider.CreateGroup(ctx, r)
}

// A worker is frozen in its create. Another worker finds no group and creates it again.
func TestStepsCreate_ALateAnswerKeepsTheNameOfTheNextCreate(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI)
	id := r.ask(simulator.ZAPI, "Turma 12", ana, bia)
	frozen := &slow{Provider: r.provider}
	frozen.do = func() {
		w1 := r.steps
		r.steps = r.another(&deadly{Provider: r.provider, op: "create"})
		r.clock.forward(r.clock.Now().Add(time.Minute)) // the slot of the frozen worker has lapsed
		r.until(id, func(g *group.Group) bool { return len(g.Attempts) == 2 })
		r.steps = w1
	}
	instance(r.steps, frozen)
	r.step()
	if g := r.load(id); g.Status != group.Creating || len(g.Strays) != 1 || r.holder() != id {
		t.Errorf("after the late answer the group is %s with the other groups %v, and %q holds its name; want creating with one, the group", g.Status, g.Strays, r.holder())
	}
}
