package app_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// rig is a Redis for workers of one configuration, with what a producer and an operator use beside them.
type rig struct {
	t       *testing.T
	server  *testutil.RedisServer
	config  *config.Config
	store   *store.Store
	pacer   *pacing.Pacer
	status  *view.Reader
	control *operate.Control
	client  *enqueue.Client
}

// newRig makes a rig without instances and without workers.
func newRig(t *testing.T) *rig {
	t.Helper()
	return newRigOn(t, testutil.RealRedis(t))
}

// newRigOn makes a rig on server, without instances and without workers.
func newRigOn(t *testing.T, server *testutil.RedisServer) *rig {
	t.Helper()
	r := &rig{t: t, server: server, config: config.Default()}
	rdb := r.server.Client()
	var err error
	if r.store, err = store.Open(t.Context(), rdb, store.Options{}); err != nil {
		t.Fatal(err)
	}
	if r.client, err = enqueue.New(t.Context(), rdb, enqueue.Options{}); err != nil {
		t.Fatal(err)
	}
	r.pacer = pacing.New(rdb, pacing.WithNumbers(r.store.Presence.Numbers))
	t.Cleanup(r.pacer.Close)
	q := queue.New(rdb, r.store.Lines)
	r.status = view.New(r.store, r.pacer, q)
	r.control = operate.New(operate.Config{Store: r.store, Queue: q, Pacer: r.pacer})
	return r
}

// configure adds instances i0, i1 and so on of one simulated provider to the configuration and returns the provider. It
// answers everything well unless adjust says otherwise.
func (r *rig) configure(instances int, adjust ...func(*simulator.Quirks)) *simulator.Simulator {
	r.t.Helper()
	r.config.RollCall.Looks = []time.Duration{10 * time.Millisecond}
	var numbers []simulator.Instance
	for n := range instances {
		id, pace := fmt.Sprintf("I%d", n), config.Pace{Every: 10 * time.Millisecond}
		numbers = append(numbers, simulator.Instance{Provider: simulator.ZAPI, ID: id, Token: "planted-token"})
		r.config.Instances = append(r.config.Instances, config.Instance{
			Name: fmt.Sprintf("i%d", n), Provider: "zapi", InstanceID: id, Credentials: map[string]config.Secret{"token": config.NewSecret("planted-token")},
			InviteVia: config.ViaText, RateLimits: config.LimitsOff, Pacing: config.Pacing{Create: pace, Invite: pace},
			Timeouts: config.Timeouts{Create: 30 * time.Second, Read: 30 * time.Second, Invite: 30 * time.Second},
		})
	}
	world, err := simulator.New(simulator.Config{
		Personality: simulator.Kind, TimeScale: 0.001, Instances: numbers,
		Adjust: func(q *simulator.Quirks) {
			q.RateLimits = false
			for _, a := range adjust {
				a(q)
			}
		},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	provider := httptest.NewServer(world.Handler())
	r.t.Cleanup(provider.Close)
	r.callAt(provider.URL)
	return world
}

// callAt makes the server at url the provider of all instances.
func (r *rig) callAt(url string) {
	for n := range r.config.Instances {
		r.config.Instances[n].BaseURL = url
	}
}

// hire starts a worker with the configuration as it is now.
func (r *rig) hire(change ...func(*app.Options)) *app.App {
	r.t.Helper()
	o := app.Options{Config: r.config, Log: zerolog.Nop()}
	for _, c := range change {
		c(&o)
	}
	if o.Redis == nil {
		o.Redis = testutil.Connect(r.t, r.server.URL())
	}
	w, err := app.New(r.t.Context(), o)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := w.Start(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = w.Stop(context.Background()) })
	return w
}

// homes returns how many instances each worker announced as its own; "" counts those without a worker.
func (r *rig) homes() map[string]int {
	r.t.Helper()
	all, err := r.store.Presence.Instances(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	homes := map[string]int{}
	for _, i := range all {
		homes[i.By]++
	}
	return homes
}

// until polls is until it returns true. After testutil.Timeout it fails the test.
func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	deadline := time.NewTimer(testutil.Timeout)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline.C:
			r.t.Fatalf("timed out waiting until %s; instances by worker: %v", what, r.homes())
		}
	}
}

// load returns a group as the store has it.
func (r *rig) load(id string) *group.Group {
	r.t.Helper()
	g, err := r.store.Records.Load(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return g
}
