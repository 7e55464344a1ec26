package app_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/control"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestARunningWorkerKeepsToASlowerPaceUntilItIsReset(t *testing.T) {
	t.Parallel()
	world, err := simulator.New(simulator.Config{
		Personality: simulator.Kind, TimeScale: 0.001,
		Instances: []simulator.Instance{{Provider: simulator.ZAPI, ID: "I1", Token: "planted-token"}},
		Adjust:    func(q *simulator.Quirks) { q.RateLimits = false },
	})
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(world.Handler())
	t.Cleanup(provider.Close)
	conn, err := redisconn.Open(t.Context(), testutil.RealRedis(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	cfg := config.Default()
	cfg.RollCall.Looks = []time.Duration{10 * time.Millisecond}
	cfg.Instances = []config.Instance{{
		Name: "alpha", Provider: config.ZAPI, BaseURL: provider.URL, InstanceID: "I1", Token: config.NewSecret("planted-token"),
		Pools: []string{"default"}, InviteVia: config.ViaText, RateLimits: config.LimitsOff,
		Pacing:   config.Pacing{Create: config.Pace{Every: 10 * time.Millisecond}, Invite: config.Pace{Every: 10 * time.Millisecond}},
		Timeouts: config.Timeouts{Create: 30 * time.Second, Read: 30 * time.Second, Invite: 30 * time.Second},
	}}
	worker, err := app.New(t.Context(), app.Options{Config: cfg, Redis: conn, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = worker.Stop(context.Background()) })

	rdb := conn.Client()
	l, err := ledger.Open(t.Context(), rdb, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	door, err := enqueue.New(t.Context(), rdb, enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	q, pacer := queue.New(rdb), pacing.New(rdb)
	t.Cleanup(pacer.Close)
	people := control.New(control.Config{Ledger: l, Queue: q, Rests: pacer})
	if err := people.SetPace(t.Context(), "alpha", ledger.Slowing{Create: pacing.Bound{Every: time.Hour}}); err != nil {
		t.Fatal(err)
	}

	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	wait := func(what string, is func() bool) {
		t.Helper()
		for !is() {
			select {
			case <-poll.C:
			case <-deadline.C:
				t.Fatalf("waited in vain until %s", what)
			}
		}
	}
	var last string
	ask := func() {
		t.Helper()
		out, err := door.Create(t.Context(), tasks.GroupRequest{GroupName: "Turma", Phones: []tasks.Phone{"+5544999999991"}}, enqueue.Rules{})
		if err != nil {
			t.Fatal(err)
		}
		last = out.ID
	}
	created := func() bool {
		t.Helper()
		g, err := l.Load(t.Context(), last)
		if err != nil {
			t.Fatal(err)
		}
		return len(g.Attempts) > 0
	}
	held := func() bool { // some worker asked for a slot at the slower pace
		t.Helper()
		views, err := pacer.Look(t.Context(), "alpha")
		if err != nil {
			t.Fatal(err)
		}
		return views[0].Create.Next.Sub(views[0].At) > 30*time.Minute
	}
	// Until the worker has heard of it a few more may be created.
	for !held() {
		ask()
		wait("the next group is created, or held back", func() bool { return created() || held() })
	}
	ask()
	if created() {
		t.Error("a group was created within the slower pace")
	}
	if err := people.ResetPace(t.Context(), "alpha", ""); err != nil {
		t.Fatal(err)
	}
	wait("the group is created at the configured pace", created)
}
