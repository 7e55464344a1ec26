package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/metrics"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// wired returns an App with only what rosterOf and working need.
func wired() *App {
	return &App{opts: Options{Log: zerolog.Nop()}, metrics: metrics.New(), steps: &steps.Steps{}}
}

func TestRosterOf_SharesTermsAndConnectsEachWithItsOwn(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var paths []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.URL.Path+" "+r.Header.Get("Client-Token"))
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	cfg := config.Default()
	for _, name := range []string{"zeta", "gamma", "alpha", "beta"} {
		in := config.Instance{
			Name: name, Provider: "zapi", BaseURL: server.URL, InstanceID: "I-" + name, RateLimits: config.LimitsOff, Pools: []string{"p"},
			Credentials: map[string]config.Secret{"token": config.NewSecret("T-" + name)},
			Timeouts:    config.Timeouts{Create: time.Minute, Read: time.Minute, Invite: time.Minute},
		}
		switch name {
		case "zeta":
			in.Pools = nil
		case "beta":
			in.Credentials["client_token"] = config.NewSecret("C")
		}
		cfg.Instances = append(cfg.Instances, in)
	}
	a := wired()
	r, err := a.rosterOf(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"alpha", "beta", "gamma", "zeta"}; !slices.Equal(r.names, want) || r.digest != digestOf(want) {
		t.Errorf("got the names %v with the digest %v, want %v in this order and their digest", r.names, r.digest, want)
	}
	if r.rows[0].terms != r.rows[2].terms || r.rows[0].terms == r.rows[1].terms || r.rows[0].terms == r.rows[3].terms {
		t.Error("want the same terms for alpha and gamma, and other terms for beta and zeta")
	}
	all := a.working(r)
	if all.Connect("delta") != nil || a.client(r, "delta") != nil || all.Serves("delta", "p") {
		t.Error("delta is connected or served, but not configured")
	}
	if !all.Serves("alpha", "p") || all.Serves("zeta", "p") || all.Serves("alpha", "q") {
		t.Error("want alpha to serve p alone, and zeta nothing")
	}
	for _, name := range r.names {
		_, _ = all.Connect(name).Provider.State(t.Context())
	}
	for _, want := range []string{"/instances/I-alpha/token/T-alpha/status ", "/instances/I-beta/token/T-beta/status C", "/instances/I-gamma/token/T-gamma/status "} {
		if !slices.Contains(paths, want) {
			t.Errorf("no request to %q in %q", want, paths)
		}
	}
}

func TestRosterOf_RefusesAnInstanceWithoutItsToken(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	cfg.Instances = []config.Instance{{Name: "alpha", Provider: "zapi", InstanceID: "I"}}
	if r, err := wired().rosterOf(cfg); err == nil {
		t.Errorf("got the roster %+v, want an error: alpha has no token", r)
	}
}

func TestTold_IsDueWhenAWorkerGoesOrKnowsOtherInstances(t *testing.T) {
	t.Parallel()
	one, two := store.Worker{ID: "one", Knows: "a"}, store.Worker{ID: "two", Knows: "a"}
	for name, c := range map[string]struct {
		now []store.Worker
		due bool
	}{
		"nothing changes":                 {[]store.Worker{one, two}, false},
		"one more comes":                  {[]store.Worker{one, two, {ID: "three", Knows: "b"}}, false},
		"one goes":                        {[]store.Worker{one}, true},
		"one has another configuration":   {[]store.Worker{one, {ID: "two", Knows: "b"}}, true},
		"one goes, and another one comes": {[]store.Worker{one, {ID: "three", Knows: "a"}}, true},
		"both are there in another order": {[]store.Worker{two, one}, false},
	} {
		is := told{at: time.Now(), slowed: 1}
		is.met([]store.Worker{one, two})
		is.met(c.now)
		if is.due(1) != c.due || is.missed() != c.due {
			t.Errorf("%s: due is %v and missed %v, want %v", name, is.due(1), is.missed(), c.due)
		}
		if !is.due(2) {
			t.Errorf("%s: a changed pace is not due", name)
		}
	}
	if late := (&told{at: time.Now().Add(-announceEvery)}); !late.due(0) {
		t.Error("what was told long ago is not due")
	}
}

func TestTell_AnnouncesAgainWhatIsMissing(t *testing.T) {
	t.Parallel()
	conn := testutil.Connect(t, testutil.RealRedis(t).URL())
	cfg := config.Default()
	for n := range 3 {
		cfg.Instances = append(cfg.Instances, config.Instance{
			Name: fmt.Sprintf("i%d", n), Provider: "zapi", BaseURL: "http://127.0.0.1:1", InstanceID: "I",
			Credentials: map[string]config.Secret{"token": config.NewSecret("T")},
		})
	}
	a, err := New(t.Context(), Options{Config: cfg, Redis: conn, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.pacer.Close)
	if err := a.announce(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A worker comes and leaves before the others notice.
	brief := a.store.Presence
	if err := errors.Join(brief.Beat(t.Context(), store.Worker{ID: "brief"}), brief.Announce(t.Context(), []store.Announcement{{Name: "i2", By: "brief"}}), brief.Gone(t.Context(), "brief")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := a.tell(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := a.store.Presence.LeftSince(t.Context(), a.told.latest()); err != nil || left {
		t.Errorf("after the announcement: left is %t, %v, want false", left, err)
	}
	if all, err := a.store.Presence.Instances(t.Context()); err != nil || all["i2"].By != a.self.ID {
		t.Errorf("after another worker came and left: %q serves i2, %v, want %q", all["i2"].By, err, a.self.ID)
	}
	if err := a.store.Presence.Withdraw(t.Context(), "i1"); err != nil {
		t.Fatal(err)
	}
	if err := a.tell(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, err := a.store.Presence.Instances(t.Context()); err != nil || len(all) != 3 || all["i1"].By != a.self.ID {
		t.Errorf("got the instances %v, %v; want all three, i1 served by %q", all, err, a.self.ID)
	}
}

// configured is a configuration with one instance.
func configured(name string) *config.Config {
	cfg := config.Default()
	cfg.Instances = []config.Instance{{
		Name: name, Provider: "zapi", BaseURL: "http://127.0.0.1:1", InstanceID: "I-" + name, RateLimits: config.LimitsOff,
		Credentials: map[string]config.Secret{"token": config.NewSecret("T")},
	}}
	return cfg
}

// Changed quiet hours and readings need a restart. Until then forecasts must use those that the steps have.
func TestAppReload_AnnouncesTheQuietHoursThatHold(t *testing.T) {
	t.Parallel()
	a, err := New(t.Context(), Options{Config: configured("i"), Redis: testutil.Connect(t, "memory:"), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.pacer.Close(); a.photos.Close() })
	was := a.instances().rows[0].announced
	cfg := configured("i")
	cfg.Invite.QuietHours = &config.QuietHours{From: config.TimeOfDay(21 * time.Hour), To: config.TimeOfDay(8 * time.Hour)}
	cfg.RollCall.Looks = []time.Duration{time.Hour}
	if err := a.Reload(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if is := a.instances().rows[0].announced; is.Quiet != was.Quiet || is.RollLook != was.RollLook {
		t.Errorf("announced are the quiet hours %+v and the look %s, want those of the start, %+v and %s", is.Quiet, is.RollLook, was.Quiet, was.RollLook)
	}
}

func TestAppReload_KeepsTheOldConfigurationWhenRedisDoesNotAnswer(t *testing.T) {
	t.Parallel()
	a, err := New(t.Context(), Options{Config: configured("old"), Redis: testutil.Connect(t, "memory:"), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.pacer.Close(); a.photos.Close() })
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Reload(over, configured("new")); err == nil {
		t.Error("Reload succeeded, want the error of Redis")
	}
	if got := a.instances().names; !slices.Equal(got, []string{"old"}) {
		t.Errorf("the worker runs %v, want the old instance", got)
	}
}
