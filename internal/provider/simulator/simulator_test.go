package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	zPhone = "5511900000000"
	gPhone = "79000000000"
)

// bench is a simulator on a port. Its clock moves only when a test calls pass.
type bench struct {
	t       *testing.T
	sim     *simulator.Simulator
	url     string
	control string
	client  *http.Client

	mu  sync.Mutex
	now time.Time
}

// setup starts a simulator with one instance of Z-API and one of GREEN-API. change may alter its configuration.
func setup(t *testing.T, change func(*simulator.Config)) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	cfg := simulator.Config{
		Seed: 1, Personality: simulator.Kind, Now: b.clock,
		Instances: []simulator.Instance{
			{Provider: simulator.ZAPI, ID: "I1", Token: "z-token", ClientToken: "z-client", Phone: zPhone},
			{Provider: simulator.GreenAPI, ID: "7105000001", Token: "g-token", Phone: gPhone},
		},
	}
	if change != nil {
		change(&cfg)
	}
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	wire, control := httptest.NewServer(sim.Handler()), httptest.NewServer(sim.Control())
	transport := &http.Transport{}
	t.Cleanup(func() {
		sim.Close()
		transport.CloseIdleConnections()
		wire.Close()
		control.Close()
	})
	b.sim, b.url, b.control = sim, wire.URL, control.URL
	b.client = &http.Client{Transport: transport, Timeout: timeout}
	return b
}

// timeout is how long tests wait for what must happen. It is long, for a busy machine.
const timeout = 2 * time.Minute

// impatient makes the client leave each call that has arrived.
func (b *bench) impatient() { b.client.Transport = leaver{b.sim, b.client.Transport} }

// leaver ends each call as soon as the simulator has it.
type leaver struct {
	sim *simulator.Simulator

	http.RoundTripper
}

func (l leaver) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, leave := context.WithCancel(req.Context())
	defer leave()
	before := len(l.sim.Ledger().Calls)
	go func() {
		poll := time.NewTicker(5 * time.Millisecond)
		defer poll.Stop()
		for ctx.Err() == nil && len(l.sim.Ledger().Calls) == before {
			<-poll.C
		}
		leave()
	}()
	return l.RoundTripper.RoundTrip(req.WithContext(ctx))
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// answer is what the client got. body is decoded from raw, and nil unless raw is JSON.
type answer struct {
	status int
	header http.Header
	raw    string
	body   any
	err    error
}

// at walks into the body: strings are keys, ints are indexes.
func (a answer) at(path ...any) any {
	v := a.body
	for _, p := range path {
		switch key := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			l, _ := v.([]any)
			if key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

func (a answer) text(path ...any) string {
	s, _ := a.at(path...).(string)
	return s
}

func (a answer) list(path ...any) []any {
	l, _ := a.at(path...).([]any)
	return l
}

func (b *bench) do(verb, url string, header map[string]string, body any) answer {
	b.t.Helper()
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), verb, url, reader)
	if err != nil {
		b.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw), err: err}
	_ = json.Unmarshal(raw, &a.body)
	return a
}

// z calls Z-API two seconds after the call before, as a client within the rates does.
func (b *bench) z(verb, endpoint string, body any) answer {
	b.t.Helper()
	b.pass(2 * time.Second)
	header := map[string]string{"Client-Token": "z-client", "Content-Type": "application/json"}
	return b.do(verb, b.url+"/instances/I1/token/z-token/"+endpoint, header, body)
}

// g calls GREEN-API two seconds after the call before, as a client within the rates does.
func (b *bench) g(verb, method string, body any) answer {
	b.t.Helper()
	b.pass(2 * time.Second)
	return b.burst(verb, method, body)
}

// burst calls GREEN-API at the same time as the call before.
func (b *bench) burst(verb, method string, body any) answer {
	b.t.Helper()
	header := map[string]string{"Content-Type": "application/json"}
	return b.do(verb, b.url+"/waInstance7105000001/"+method+"/g-token", header, body)
}

func (b *bench) zCreate(name string, phones ...string) answer {
	b.t.Helper()
	return b.z(http.MethodPost, "create-group", map[string]any{"autoInvite": false, "groupName": name, "phones": phones})
}

func (b *bench) gCreate(name string, phones ...string) answer {
	b.t.Helper()
	ids := []string{}
	for _, p := range phones {
		ids = append(ids, p+"@c.us")
	}
	return b.g(http.MethodPost, "createGroup", map[string]any{"groupName": name, "chatIds": ids})
}

func (b *bench) gData(id string) answer {
	b.t.Helper()
	return b.g(http.MethodPost, "getGroupData", map[string]any{"groupId": id})
}

func (b *bench) person(p simulator.Person) {
	b.t.Helper()
	if err := b.sim.SetPerson(p); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) script(s ...simulator.Script) {
	b.t.Helper()
	if err := b.sim.Script(s...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) state(id string, s simulator.State) {
	b.t.Helper()
	if err := b.sim.SetState(id, s); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) want(what string, got, want any) {
	b.t.Helper()
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if !bytes.Equal(g, w) {
		b.t.Errorf("%s: got %s, want %s", what, g, w)
	}
}

// eventually polls until the claim holds.
func (b *bench) eventually(what string, claim func() bool) {
	b.t.Helper()
	deadline := time.After(timeout)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !claim() {
		select {
		case <-deadline:
			b.t.Fatalf("timed out after %s, waiting until %s", timeout, what)
		case <-tick.C:
		}
	}
}
