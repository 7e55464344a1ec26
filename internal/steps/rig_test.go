package steps_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/layers"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/redisconn/memory"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestMain(m *testing.M) {
	testutil.Waiting(4)
	testutil.Main(m)
}

// rig runs the steps against a simulated provider without asynq, on a clock that jumps from task
// to task: minutes of looks take milliseconds.
type rig struct {
	t      *testing.T
	clock  *clock
	sim    *simulator.Simulator
	rdb    redis.UniversalClient
	store  *store.Store
	pacer  *pacing.Pacer
	steps  *steps.Steps
	keeper *keeper
	queue  *agenda
	photos album
	// elapsed is how much later than its load a step finds it. The clock stands still otherwise.
	elapsed atomic.Int64
	within  atomic.Bool // a step is under way
	pool    string      // the pool that the instance serves; "" when each group names its instance

	provider provider.Provider
	reached  all.Config // how the provider is reached
	asked    *recorder
}

// recorder keeps the text of every request to the provider.
type recorder struct {
	next http.Handler
	mu   sync.Mutex
	all  bytes.Buffer

	during func(path string) // runs in each request, before its answer; nil for nothing
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	_, _ = fmt.Fprintf(&r.all, "%s %s %v %s\n", req.Method, req.URL, req.Header, body)
	during := r.during
	r.mu.Unlock()
	if during != nil {
		during(req.URL.Path)
	}
	r.next.ServeHTTP(w, req)
}

func (r *recorder) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all.String()
}

// clock is the time of Redis and of the provider.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	mini *memory.Server
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.After(c.now) {
		c.now = to
		c.mini.SetTime(to)
	}
}

// agenda is the queue: it holds each task id once, and gives out the earliest task first.
type agenda struct {
	mu    sync.Mutex
	tasks map[string]tasks.Task
}

func (a *agenda) Put(_ context.Context, ts ...tasks.Task) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range ts {
		if _, taken := a.tasks[t.ID]; !taken {
			a.tasks[t.ID] = t
		}
	}
	return nil
}

func (a *agenda) next() (tasks.Task, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []tasks.Task
	for _, t := range a.tasks {
		all = append(all, t)
	}
	if len(all) == 0 {
		return tasks.Task{}, false
	}
	slices.SortFunc(all, func(a, b tasks.Task) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return all[0], true
}

// done removes a task, or puts it off to the time again if that is set.
func (a *agenda) done(t tasks.Task, again time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tasks, t.ID)
	if !again.IsZero() {
		t.At = again
		a.tasks[t.ID] = t
	}
}

// keeper records what the steps report about instances.
type keeper struct {
	mu      sync.Mutex
	states  []provider.State
	errors  []string
	store   *store.Store
	numbers map[string]string
	asked   func() // runs in the next question for a number
	shut    bool   // no instance may make calls
}

func (k *keeper) Open(string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.shut
}

// shuts sets whether the instances may make no calls, as after a report of a restriction.
func (k *keeper) shuts(shut bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.shut = shut
}

func (k *keeper) Report(_ context.Context, _ string, s provider.State) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.states = append(k.states, s)
}

func (k *keeper) Error(_ context.Context, _ string, what say.Phrase) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.errors = append(k.errors, what.String())
}

// reported are the reported errors of instances, except those of creates.
func (k *keeper) reported() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(k.errors), func(text string) bool { return strings.HasPrefix(text, "create group: ") })
}

func (k *keeper) Number(instance string) string {
	if asked := k.asked; asked != nil {
		asked()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.numbers[instance]
}

func (k *keeper) Learn(ctx context.Context, instance string, ask func(ctx context.Context) (phone.Identity, error)) (phone.Identity, error) {
	held, err := k.store.Presence.HeldNumber(ctx, instance)
	if err != nil {
		return phone.Identity{}, err
	}
	self, err := ask(ctx)
	if err != nil {
		return phone.Identity{}, err
	}
	number := k.store.Presence.NumberOf(instance, self)
	_, err = k.store.Presence.SetNumber(ctx, instance, held, number)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.numbers[instance] = number
	return self, err
}

// has makes the keeper know the number of an instance, as the next reading of its state does.
func (r *rig) has(instance, number string) {
	r.t.Helper()
	if _, err := r.keeper.Learn(r.t.Context(), instance, func(context.Context) (phone.Identity, error) { return phone.IdentityOf(number), nil }); err != nil {
		r.t.Fatal(err)
	}
}

type option func(*steps.Policy, *simulator.Quirks)

// instances are those of the simulator, one of each provider.
var instances = []simulator.Instance{
	{Provider: simulator.ZAPI, ID: "I1", Token: "zapi-token", ClientToken: "client-token", Phone: "5511988880000"},
	{Provider: simulator.GreenAPI, ID: "7105000001", Token: "green-token", Phone: "79008880000"},
	{Provider: simulator.Evolution, ID: "school", Token: "evolution-key", Phone: "5511988880002"},
	{Provider: simulator.GOWA, ID: "class", Token: "user:password", Phone: "5511988880003"},
}

func instanceOf(providerName string) simulator.Instance {
	i := slices.IndexFunc(instances, func(in simulator.Instance) bool { return in.Provider == providerName })
	if i < 0 {
		panic("no instance of the provider " + providerName)
	}
	return instances[i]
}

// start makes a rig with one instance, which is named after its provider.
func start(t *testing.T, providerName string, options ...option) *rig {
	t.Helper()
	mini, rdb := testutil.Mini(t)
	r := &rig{
		t: t, rdb: rdb, clock: &clock{mini: mini, now: time.Now().UTC().Truncate(time.Second)},
		keeper: &keeper{numbers: map[string]string{}}, queue: &agenda{tasks: map[string]tasks.Task{}},
	}
	mini.SetTime(r.clock.now)
	policy := steps.Policy{
		Schedule: group.Schedule{
			VerifyLooks: []time.Duration{10 * time.Second, time.Minute, 2 * time.Minute, 6 * time.Minute},
			RollLooks:   []time.Duration{10 * time.Second, time.Minute},
		},
		Retry:   steps.Retry{Initial: 2 * time.Second, Multiplier: 2, Max: 10 * time.Minute, GiveUpAfter: 24 * time.Hour},
		Rest:    pacing.Rest{Initial: time.Hour, Multiplier: 2, Max: 24 * time.Hour},
		Message: "Join {{.GroupName}}: {{.Link}}",
		Zone:    time.UTC,
	}
	var err error
	r.sim, err = simulator.New(simulator.Config{
		Seed: 1, Personality: simulator.Kind, TimeScale: 1, Now: r.clock.Now,
		Instances: instances,
		Adjust: func(q *simulator.Quirks) {
			q.RateLimits, q.LatencyMin, q.LatencyMax = false, 0, 0 // the clock stands still during a call
			for _, o := range options {
				o(&policy, q)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.asked = &recorder{next: r.sim.Handler()}
	server := httptest.NewServer(r.asked)
	t.Cleanup(func() { r.sim.Close(); server.Close() })
	c := all.Config{
		Provider: providerName, Name: providerName, BaseURL: server.URL, Credentials: spec.Credentials{},
		Timeouts: patient,
	}
	in := instanceOf(providerName)
	c.InstanceID = in.ID
	for key, secret := range in.Credentials() {
		c.Credentials[key] = provider.Token(secret)
	}
	r.reached = c
	r.store = r.open(store.Options{})
	r.keeper.store = r.store
	r.has(providerName, in.Phone)
	r.pacer = pacing.New(rdb, pacing.WithNumbers(r.store.Presence.Numbers))
	t.Cleanup(r.pacer.Close)
	r.steps = steps.New(steps.Config{
		Worker: "w1", Store: r.store, Pacer: r.pacer, Queue: r.queue, Keeper: r.keeper, Policy: policy, Log: zerolog.Nop(),
		Photos: &r.photos,
	})
	r.connect()
	return r
}

// set sets the instances of the steps. They serve no pool.
func set(s *steps.Steps, all []*steps.Instance) {
	names, byName := make([]string, len(all)), map[string]*steps.Instance{}
	for i, one := range all {
		names[i], byName[one.Name] = one.Name, one
	}
	s.SetInstances(steps.Instances{
		Names:   names,
		Serves:  func(string, string) bool { return false },
		Connect: func(name string) *steps.Instance { return byName[name] },
	})
}

// connect makes the instance from the rig's configuration.
func (r *rig) connect() {
	r.t.Helper()
	p, err := all.New(r.reached)
	if err != nil {
		r.t.Fatal(err)
	}
	r.provider = p
	set(r.steps, []*steps.Instance{{
		Name: r.reached.Name, Provider: p, Via: provider.ViaText, CreateBudget: time.Second, InviteBudget: time.Second,
	}})
}

// patient are timeouts that also a busy machine keeps.
var patient = layers.Timeouts{Create: testutil.Timeout, Read: testutil.Timeout, Invite: testutil.Timeout}

// hasty lets the first call of this kind time out as soon as the provider holds it. A short timeout could end before a
// busy machine has sent the request, or lets the provider read it.
func (r *rig) hasty(kind string) {
	r.t.Helper()
	r.reached.Transport = &impatient{rig: r, kind: kind, next: wire.NewTransport()}
	r.connect()
}

// impatient is the transport of hasty.
type impatient struct {
	*rig

	kind string
	next http.RoundTripper
	over atomic.Bool // that call has timed out
}

func (i *impatient) RoundTrip(req *http.Request) (*http.Response, error) {
	if i.over.Load() {
		return i.next.RoundTrip(req)
	}
	ctx, giveUp := context.WithCancel(req.Context())
	i.t.Cleanup(giveUp) // not before the answer is read
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		poll := time.NewTicker(time.Millisecond)
		defer poll.Stop()
		for !i.held() {
			select {
			case <-done:
				return
			case <-poll.C:
			}
		}
		i.over.Store(true)
		giveUp()
	})
	answer, err := i.next.RoundTrip(req.WithContext(ctx))
	close(done)
	watch.Wait()
	if i.over.Load() && err != nil {
		err = &layers.TimeoutError{After: testutil.Timeout}
	}
	return answer, err
}

// held reports whether the provider has the call and has not answered it.
func (i *impatient) held() bool {
	return slices.ContainsFunc(i.sim.Ledger().Calls, func(c simulator.Call) bool { return c.Kind == i.kind && c.EndedAt.IsZero() })
}

// open opens a store on the rig's Redis.
func (r *rig) open(o store.Options) *store.Store {
	r.t.Helper()
	o.Elapsed = func(time.Time) time.Duration { return time.Duration(r.elapsed.Load()) }
	st, err := store.Open(r.t.Context(), r.rdb, o)
	if err != nil {
		r.t.Fatal(err)
	}
	return st
}

// ask accepts a request for one group.
func (r *rig) ask(instance, name string, people ...string) string {
	r.t.Helper()
	return r.askIn("", instance, name, people...)
}

// askIn accepts a request as a row of a batch.
func (r *rig) askIn(batch, instance, name string, people ...string) string {
	r.t.Helper()
	return r.askFor(tasks.Setup{}, batch, tasks.Target{Instance: instance}, name, people...)
}

// askFor accepts a request for a group with a set-up.
func (r *rig) askFor(setup tasks.Setup, batch string, target tasks.Target, name string, people ...string) string {
	r.t.Helper()
	now := r.clock.Now()
	g := &group.Group{
		ID: group.NewID(), BatchID: batch, Name: name, AutoInvite: true, Target: target, Instance: target.Instance,
		Setup:    group.NewSetup(setup, now),
		Priority: tasks.Normal, Status: group.Queued, CreatedAt: now, UpdatedAt: now,
	}
	for _, p := range people {
		g.Members = append(g.Members, group.Member{Number: phone.Number("+" + p), Input: p, Status: group.Pending, UpdatedAt: now})
	}
	entries := []*store.Entry{{Group: g}}
	if err := errors.Join(r.store.Records.Claim(r.t.Context(), entries, nil), r.store.Records.Record(r.t.Context(), entries)); err != nil {
		r.t.Fatal(err)
	}
	if err := r.queue.Put(r.t.Context(), group.Schedule{}.Next(g)...); err != nil {
		r.t.Fatal(err)
	}
	return g.ID
}

// step delivers the next task, at its time. It reports false when the queue is empty.
func (r *rig) step() bool {
	r.t.Helper()
	some, err := r.try()
	if err != nil {
		r.t.Fatal(err)
	}
	return some
}

// try is step, but returns an error of the infrastructure. After such an error the task comes again.
func (r *rig) try() (some bool, failed error) {
	r.t.Helper()
	t, ok := r.queue.next()
	if !ok {
		return false, nil
	}
	r.clock.forward(t.At)
	var slot *pacing.Slot
	if kind := map[tasks.Type]pacing.Kind{tasks.TypeCreate: pacing.Create, tasks.TypeInvite: pacing.Invite, tasks.TypeAdd: pacing.Invite, tasks.TypeWelcome: pacing.Invite}[t.Type]; kind != "" {
		instance := r.reached.Name // for the line of a pool
		if i := slices.IndexFunc(providers, func(name string) bool { return strings.HasSuffix(t.Line, name) }); i >= 0 {
			instance = providers[i]
		}
		var denied *pacing.Denied
		if slot, denied = r.take(instance, kind); denied != nil { // a rest: the task comes back at its end, as from the dispatcher
			again := denied.Until
			if soon := r.clock.Now().Add(denied.Wait); soon.After(again) {
				again = soon
			}
			r.queue.done(t, again)
			return true, nil
		}
	}
	err := r.do(t, slot)
	later, waits := errors.AsType[*steps.Later](err)
	if slot != nil { // the dispatcher's server does the same
		end := func() error { return slot.GiveBack(r.t.Context()) }
		if _, turn := errors.AsType[*steps.Turn](err); err != nil && !waits && !turn {
			end = func() error { return slot.Used(r.t.Context(), time.Time{}) }
		}
		ended := end()
		for i := 0; i < 20 && errors.Is(ended, context.DeadlineExceeded); i++ { // a try ends after seconds, which a busy machine may need
			ended = end()
		}
		if ended != nil && !errors.Is(ended, pacing.ErrLost) { // the worker was frozen until the slot had lapsed
			r.t.Fatal(ended)
		}
	}
	r.settled()
	var again time.Time
	if turn, ok := errors.AsType[*steps.Turn](err); ok {
		t.Line, again = turn.Line, r.clock.Now()
	} else if waits {
		again = r.clock.Now().Add(max(later.After, time.Millisecond))
	} else if err != nil {
		again = r.clock.Now().Add(time.Second)
		failed = fmt.Errorf("%s: %w", t.ID, err)
	}
	r.queue.done(t, again)
	return true, failed
}

// take asks for a slot and claims it.
func (r *rig) take(instance string, kind pacing.Kind) (*pacing.Slot, *pacing.Denied) {
	r.t.Helper()
	grant, err := r.pacer.NewGrant(r.t.Context(), instance)
	if err != nil {
		r.t.Fatal(err)
	}
	denied, err := r.pacer.Take(r.t.Context(), grant, instance, kind, pacing.Pace{}, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	if denied != nil {
		return nil, denied
	}
	slot, err := r.pacer.Claim(r.t.Context(), grant, instance, kind, pacing.Pace{})
	if err != nil {
		r.t.Fatal(err)
	}
	return slot, nil
}

// died is the panic that ends a worker of these tests in the middle of a call, as kill -9 does: it does
// nothing more. Its task is delivered again.
type died struct{}

func (r *rig) do(t tasks.Task, slot *pacing.Slot) (err error) {
	r.within.Store(true)
	defer func() {
		r.within.Store(false)
		switch p := recover(); p {
		case nil:
		case died{}:
			err = &steps.Later{After: time.Second, Why: say.Words("its worker died")}
		default:
			panic(p)
		}
	}()
	return r.steps.Do(r.t.Context(), t, slot)
}

// settled waits until the provider has finished every call, also those that the client gave up. The
// provider's clock jumps, but a hanging call ends in real time.
func (r *rig) settled() {
	r.t.Helper()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	late := time.After(testutil.Timeout)
	for slices.ContainsFunc(r.sim.Ledger().Calls, func(c simulator.Call) bool { return c.EndedAt.IsZero() }) {
		select {
		case <-poll.C:
		case <-late:
			r.t.Fatal("the provider does not finish its calls")
		}
	}
}

// run delivers tasks until the queue is empty, and returns the group.
func (r *rig) run(id string) *group.Group {
	r.t.Helper()
	for range 2000 {
		if !r.step() {
			g, err := r.store.Records.Load(r.t.Context(), id)
			if err != nil {
				r.t.Fatal(err)
			}
			return g
		}
	}
	r.t.Fatal("after 2000 tasks the queue is still not empty")
	return nil
}

// script makes the next calls of a method misbehave.
func (r *rig) script(s ...simulator.Script) {
	r.t.Helper()
	if err := r.sim.Script(s...); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) statuses(g *group.Group) (all []group.MemberStatus) {
	for i := range g.Members {
		all = append(all, g.Members[i].Status)
	}
	return all
}
