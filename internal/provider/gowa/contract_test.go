package gowa_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/gowa"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// program is a real GOWA that runs without a phone.
type program struct {
	base string
	cmd  *exec.Cmd
	pair string // user:password, empty for no password
}

// start starts the GOWA whose path is in the environment variable GOWA_BIN, and skips the test without it.
func start(t *testing.T, basePath, pair string) *program {
	t.Helper()
	bin := os.Getenv("GOWA_BIN")
	if bin == "" {
		t.Skip("GOWA_BIN is not set")
	}
	host, port, _ := net.SplitHostPort(testutil.FreeAddr(t))
	cmd := exec.Command(bin, "rest")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "APP_HOST="+host, "APP_PORT="+port, "APP_BASIC_AUTH="+pair, "APP_BASE_PATH="+basePath, "APP_UI_ENABLED=false")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{base: "http://" + host + ":" + port + basePath, cmd: cmd, pair: pair}
	t.Cleanup(p.kill)
	testutil.Until(t, "the program answers", func() bool {
		res, err := http.Get("http://" + host + ":" + port + "/health")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return true
	})
	return p
}

func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func (p *program) client(t *testing.T, base, device, pair string) *gowa.Client {
	t.Helper()
	c, err := gowa.Spec.Connect(spec.Config{BaseURL: base, InstanceID: device, Credentials: spec.Credentials{"token": provider.Token(pair)}})
	if err != nil {
		t.Fatal(err)
	}
	return c.(*gowa.Client)
}

// ask sends a request that the client would not send, for the device school. It returns the status and body of the
// answer.
func (p *program) ask(t *testing.T, method, path, kind, body string) providertest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if user, password, told := strings.Cut(p.pair, ":"); told {
		r.SetBasicAuth(user, password)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("X-Device-Id", "school")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	return providertest.Answer{Status: res.StatusCode, Body: string(text)}
}

// add adds a device that is not paired.
func (p *program) add(t *testing.T, device string) {
	t.Helper()
	if a := p.ask(t, http.MethodPost, "/devices", "application/json", `{"device_id":"`+device+`"}`); a.Status != http.StatusOK {
		t.Fatalf("add device %q: got %d %s, want 200", device, a.Status, a.Body)
	}
}

// TestContract_TheProgramAnswersAsTheTableSays makes every call of the client to the real program, without a phone.
func TestContract_TheProgramAnswersAsTheTableSays(t *testing.T) {
	t.Parallel()
	p := start(t, "", "admin:"+password)
	p.add(t, "school")
	p.add(t, "são 1/a")
	server, err := p.client(t, p.base, "none", p.pair).Server(t.Context())
	t.Logf("the server is %s %s, %v; warnings %q", server.Name, server.Version, err, server.Warnings())
	if err != nil || server.Version == "" {
		t.Errorf("got %+v, %v; want a version", server, err)
	}
	for _, tt := range []struct {
		name, base, device, pair string
		want                     provider.Health
		says                     string
	}{
		{"not paired", p.base, "school", p.pair, provider.Disconnected, "QR code"},
		{"not paired, with a name that needs an encoding", p.base, "são 1/a", p.pair, provider.Disconnected, "QR code"},
		{"an unknown device", p.base, "none", p.pair, provider.Unauthorized, "instance_id"},
		{"a wrong password", p.base, "school", "admin:wrong", provider.Unauthorized, "token"},
		{"no password", p.base, "school", "", provider.Unauthorized, "token"},
		{"a wrong path", p.base + "/nosuch", "school", p.pair, provider.Unauthorized, "address"},
	} {
		c := p.client(t, tt.base, tt.device, tt.pair)
		state, err := c.State(t.Context())
		t.Logf("%s, state: %+v, %v", tt.name, state, err)
		if err != nil || state.Health != tt.want || !strings.Contains(state.Reason.String(), tt.says) {
			t.Errorf("%s: got %+v, %v; want %s, and words about %s", tt.name, state, err, tt.want, tt.says)
		}
		for _, op := range providertest.Ops(c) {
			err := op.Do(t.Context(), c)
			t.Logf("%s, %s: %s", tt.name, op.Name, told(err))
			providertest.AssertNoLeak(t, err, password, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
			switch {
			case strings.HasPrefix(op.Name, "find ") && tt.want == provider.Disconnected:
				if err != nil { // the server reads its own store
					t.Errorf("%s, %s: got %v, want no error", tt.name, op.Name, err)
				}
			default:
				stopped(provider.Limited, tt.want).Check(t, op, err)
			}
		}
	}
}

// TestContract_TheProgramRefusesWrongBodies sends the real program bodies that it refuses before it does anything. The
// client must class its answers as refusals.
func TestContract_TheProgramRefusesWrongBodies(t *testing.T) {
	t.Parallel()
	const asJSON = "application/json"
	p := start(t, "", "admin:"+password)
	p.add(t, "school")
	for why, tt := range map[string]struct{ op, path, kind, body string }{
		"no title":                {"create", "/group", asJSON, `{"title":"","participants":["5511987654321"]}`},
		"no participants":         {"create", "/group", asJSON, `{"title":"x","participants":[]}`},
		"half a body":             {"create", "/group", asJSON, `{`},
		"a list for a title":      {"create", "/group", asJSON, `{"title":["x"],"participants":["5511987654321"]}`},
		"added to no group":       {"add", "/group/participants", asJSON, `{"group_id":"","participants":["5511987654321"]}`},
		"promoted in no group":    {"admins", "/group/participants/promote", asJSON, `{"group_id":"","participants":["5511987654321"]}`},
		"no text":                 {"invite", "/send/message", asJSON, `{"phone":"5511987654321","message":""}`},
		"a photo of no group":     {"photo", "/group/photo", asJSON, `{}`},
		"a text file for a photo": {"photo", "/group/photo", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"},
	} {
		a := p.ask(t, http.MethodPost, tt.path, tt.kind, tt.body)
		c := newClient(t, providertest.Serve(t, a))
		for _, op := range providertest.Ops(c) {
			if op.Name == tt.op {
				err := op.Do(t.Context(), c)
				t.Logf("%s: %d %s", why, a.Status, told(err))
				providertest.Refusal().Check(t, op, err)
			}
		}
	}
}

// TestContract_TheProgramBelowAPathWithoutAPassword runs the program below a path and without a password,
// as behind a proxy.
func TestContract_TheProgramBelowAPathWithoutAPassword(t *testing.T) {
	t.Parallel()
	p := start(t, "/wa", "")
	p.add(t, "school")
	for base, want := range map[string]provider.Health{p.base: provider.Disconnected, strings.TrimSuffix(p.base, "/wa"): provider.Unauthorized} {
		if state, err := p.client(t, base, "school", "").State(t.Context()); err != nil || state.Health != want {
			t.Errorf("%s: got %+v, %v; want %s", base, state, err, want)
		}
	}
	if state, err := p.client(t, p.base, "school", "admin:x").State(t.Context()); err != nil || state.Health != provider.Disconnected {
		t.Errorf("with a password that is not needed: got %+v, %v; want %s", state, err, provider.Disconnected)
	}
}

// TestContract_AProgramKilledDuringACallLeavesItUnknown stops the program and makes two calls. The first times out;
// during the second the program is killed.
func TestContract_AProgramKilledDuringACallLeavesItUnknown(t *testing.T) {
	t.Parallel()
	p := start(t, "", "admin:"+password)
	p.add(t, "school")
	c := p.client(t, p.base, "school", p.pair)
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	create := func(ctx context.Context) error {
		_, err := c.CreateGroup(ctx, provider.CreateRequest{Name: providertest.SomeName, Addresses: []string{providertest.SomePhone}})
		return err
	}
	short, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	held := create(short)
	killed := create(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { p.kill() }}))
	for _, err := range []error{held, killed} {
		t.Logf("create: %s", told(err))
		providertest.Doubt().Check(t, providertest.Op{Name: "create", Scope: provider.ScopeRequest}, err)
	}
	for _, op := range providertest.Ops(c) {
		err := op.Do(t.Context(), c)
		t.Logf("gone, %s: %s", op.Name, told(err))
		if e := provider.AsError(err); err == nil || e.Class != provider.NotSent {
			t.Errorf("gone, %s: got %v, want notSent", op.Name, err)
		}
	}
}

// told describes the class of an error for the test's log.
func told(err error) string {
	if err == nil {
		return "ok"
	}
	e := provider.AsError(err)
	return string(e.Class) + ", " + string(e.Scope) + ", health " + string(e.Health) + ": " + e.Error()
}
