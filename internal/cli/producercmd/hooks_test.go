package producercmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

const (
	alphaSecret = "0123456789abcdef0123"
	betaSecret  = "fedcba9876543210fedc"
	rollcallAt  = "https://rollcall.example.com"
)

// hookWorld is a simulator with one instance of each provider, and the hooks command that uses it.
type hookWorld struct {
	t       *testing.T
	url     string
	forward map[string]string // YAML of forward: by instance
	said    string            // by the latest command, on stderr
}

func newHookWorld(t *testing.T) *hookWorld {
	t.Helper()
	sim, err := simulator.New(simulator.Config{
		Personality: simulator.Kind, Adjust: func(q *simulator.Quirks) { q.RateLimits = false },
		Instances: []simulator.Instance{
			{Provider: simulator.ZAPI, ID: "I1", Token: "planted-token-1"}, {Provider: simulator.GreenAPI, ID: "7105000001", Token: "planted-token-2"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() { sim.Close(); server.Close() })
	return &hookWorld{t: t, url: server.URL, forward: map[string]string{}}
}

// at returns a client that reads and sets an instance's addresses, as the customer's own tools would.
func (w *hookWorld) at(name string) provider.HookSetter {
	w.t.Helper()
	c := all.Config{Provider: "zapi", Name: name, BaseURL: w.url, InstanceID: "I1", Credentials: spec.Credentials{"token": "planted-token-1"}}
	if name == "beta" {
		c.Provider, c.InstanceID, c.Credentials = "greenapi", "7105000001", spec.Credentials{"token": "planted-token-2"}
	}
	p, err := all.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return p.(provider.HookSetter)
}

func (w *hookWorld) set(name string, h provider.Hook) {
	w.t.Helper()
	if err := w.at(name).SetHook(w.t.Context(), h); err != nil {
		w.t.Fatal(err)
	}
}

func (w *hookWorld) urls(name string) map[string]string {
	w.t.Helper()
	hooks, err := w.at(name).Hooks(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	urls := map[string]string{}
	for _, h := range hooks {
		urls[h.Event] = strings.TrimSpace(h.URL.Reveal() + " " + h.Token.Reveal())
	}
	return urls
}

// everywhere returns a map with the same value for each of Z-API's events.
func everywhere(value string) map[string]string {
	return map[string]string{"delivery": value, "message-status": value, "connected": value, "disconnected": value, "received": value}
}

type hookAnswer struct {
	Items []struct {
		Instance, URL, Error string
		Set                  bool
		Events               []struct{ Event, Outcome, Host, Was, WasToken string }
	}
}

// run runs `hooks` with these arguments and fails the test unless it exits with want.
func (w *hookWorld) run(want int, args ...string) hookAnswer {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "rollcall.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, `instances:
  - {name: alpha, provider: zapi, base_url: %q, instance_id: I1, token: planted-token-1, hook_secret: %s, forward: [%s]}
  - {name: beta, provider: greenapi, base_url: %q, instance_id: "7105000001", token: planted-token-2, hook_secret: %s, forward: [%s]}
`, w.url, alphaSecret, w.forward["alpha"], w.url, betaSecret, w.forward["beta"]), 0o600); err != nil {
		w.t.Fatal(err)
	}
	var out, said bytes.Buffer
	o := &cli.IO{
		Args: append([]string{"hooks", "--config", path, "--output", "json", "--no-input"}, args...), In: strings.NewReader(""), Out: &out, Err: &said,
		LookupEnv: func(string) (string, bool) { return "", false }, Width: func() int { return 0 },
		Signals: func() (<-chan os.Signal, func()) { return make(chan os.Signal), func() {} },
		Now:     time.Now, CacheDir: func() (string, error) { return w.t.TempDir(), nil }, LimitHeap: func(int64) {},
	}
	code := producercmd.Main(o)
	w.said = said.String()
	if code != want {
		w.t.Fatalf("hooks %q: exit %d, want %d\n%s%s", args, code, want, w.said, out.String())
	}
	if strings.Contains(w.said+out.String(), "planted-token") || strings.Contains(w.said, "planted") {
		w.t.Errorf("hooks %q shows a secret: %s%s", args, w.said, out.String())
	}
	var a hookAnswer
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		w.t.Fatal(err, out.String())
	}
	return a
}

func (a hookAnswer) outcomes(t *testing.T, instance string) map[string]string {
	t.Helper()
	for _, i := range a.Items {
		if i.Instance == instance {
			all := map[string]string{}
			for _, e := range i.Events {
				all[e.Event] = e.Outcome
			}
			return all
		}
	}
	t.Fatalf("the answer has no instance %s: %+v", instance, a)
	return nil
}

func wantMap(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestHooksSet_KeepsAnotherSystemsReceiverUnlessToldToReplaceIt(t *testing.T) {
	t.Parallel()
	w := newHookWorld(t)
	w.set("alpha", provider.Hook{Event: "received", URL: "https://bot.example:8443/zapi/planted-path"})
	w.set("beta", provider.Hook{URL: "https://crm.example/planted-path", Token: "planted-bearer"})
	mine, green := rollcallAt+"/hooks/alpha/"+alphaSecret, rollcallAt+"/hooks/beta/"+betaSecret+" "+betaSecret

	a := w.run(cli.Partly, "--url", rollcallAt, "--set")
	outcomes := everywhere("set")
	outcomes["received"] = "foreign"
	wantMap(t, "alpha", a.outcomes(t, "alpha"), outcomes)
	wantMap(t, "beta", a.outcomes(t, "beta"), map[string]string{"webhook": "foreign"})
	urls := everywhere(mine)
	urls["received"] = "https://bot.example:8443/zapi/planted-path"
	wantMap(t, "alpha's addresses", w.urls("alpha"), urls)
	wantMap(t, "beta's addresses", w.urls("beta"), map[string]string{"webhook": "https://crm.example/planted-path planted-bearer"})
	for _, i := range a.Items {
		for _, e := range i.Events {
			if e.Outcome == "foreign" && (e.Host != "bot.example" && e.Host != "crm.example" || e.Was != "" || e.WasToken != "") || i.Set {
				t.Errorf("%s: got %+v, set %v; want the foreign host alone, and not set", i.Instance, e, i.Set)
			}
		}
	}

	a = w.run(0, "--url", rollcallAt, "--set", "--replace")
	outcomes = everywhere("kept")
	outcomes["received"] = "replaced"
	wantMap(t, "alpha", a.outcomes(t, "alpha"), outcomes)
	wantMap(t, "alpha's addresses", w.urls("alpha"), everywhere(mine))
	wantMap(t, "beta's addresses", w.urls("beta"), map[string]string{"webhook": green})
	if e := a.Items[1].Events[0]; e.Was != "https://crm.example/planted-path" || e.WasToken != "planted-bearer" || !a.Items[1].Set {
		t.Errorf("beta: got %+v, want the address and the token that were replaced", e)
	}
	if !strings.Contains(w.said, "bot.example gets no received webhooks of alpha") {
		t.Errorf("want a warning that bot.example gets no more webhooks: %s", w.said)
	}

	// A correct address is not set again: at GREEN-API each change of a setting restarts the instance.
	a = w.run(0, "--url", rollcallAt, "--set")
	wantMap(t, "alpha", a.outcomes(t, "alpha"), everywhere("kept"))
	wantMap(t, "beta", a.outcomes(t, "beta"), map[string]string{"webhook": "kept"})
	if strings.Contains(w.said, "restart") {
		t.Errorf("want no warning of a restart: %s", w.said)
	}
	// rollcall has moved: its own old address is not foreign.
	a = w.run(0, "--url", "https://elsewhere.example", "--set")
	wantMap(t, "beta", a.outcomes(t, "beta"), map[string]string{"webhook": "set"})
	if !strings.Contains(w.said, "restart beta") {
		t.Errorf("want a warning that beta restarts: %s", w.said)
	}
}

func TestHooksSet_ReplacesTheAddressOfForwardAndUnsetRestoresIt(t *testing.T) {
	t.Parallel()
	w := newHookWorld(t)
	const bot, crm = "https://bot.example/zapi", "https://crm.example/hook"
	w.set("alpha", provider.Hook{Event: "received", URL: bot})
	w.set("alpha", provider.Hook{Event: "delivery", URL: crm})
	w.set("beta", provider.Hook{URL: crm, Token: "theirs-bearer-token"})
	w.forward["alpha"] = "{url: " + bot + ", events: [received]}, {url: " + crm + ", events: [delivery, message-status]}"
	w.forward["beta"] = "{url: " + crm + ", token: theirs-bearer-token}"

	w.run(0, "--url", rollcallAt, "--set")
	wantMap(t, "alpha's addresses", w.urls("alpha"), everywhere(rollcallAt+"/hooks/alpha/"+alphaSecret))
	if strings.Contains(w.said, "from now on") {
		t.Errorf("want no warning about receivers that forward serves: %s", w.said)
	}

	a := w.run(0, "--unset")
	wantMap(t, "alpha", a.outcomes(t, "alpha"), map[string]string{
		"received": "restored", "delivery": "restored", "message-status": "restored", "connected": "removed", "disconnected": "removed",
	})
	wantMap(t, "alpha's addresses", w.urls("alpha"), map[string]string{"received": bot, "delivery": crm, "message-status": crm, "connected": "", "disconnected": ""})
	wantMap(t, "beta's addresses", w.urls("beta"), map[string]string{"webhook": crm + " theirs-bearer-token"})

	// Our address is gone now; the address of another system stays.
	a = w.run(0, "--unset")
	wantMap(t, "alpha", a.outcomes(t, "alpha"), everywhere("none"))
	wantMap(t, "beta's addresses", w.urls("beta"), map[string]string{"webhook": crm + " theirs-bearer-token"})
}

func TestHooksSet_ChangesNothingWhereTheAddressesCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newHookWorld(t)
	at := w.url
	w.url = "http://127.0.0.1:1"
	a := w.run(cli.Failed, "--url", rollcallAt, "--set", "--replace")
	for _, i := range a.Items {
		if i.Error == "" || i.Set || len(i.Events) > 0 {
			t.Errorf("got %+v, want an error and no events", i)
		}
	}
	w.url = at
	wantMap(t, "alpha's addresses", w.urls("alpha"), everywhere(""))
}
