package evolution_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/evolution"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// realServer is the server whose address is in the environment variable EVOLUTION_URL (whatsmiau: with /v1) and whose key
// is in EVOLUTION_KEY.
type realServer struct{ base, key string }

// findServer returns the server, and skips the test without one.
func findServer(t *testing.T) realServer {
	t.Helper()
	s := realServer{os.Getenv("EVOLUTION_URL"), os.Getenv("EVOLUTION_KEY")}
	if s.base == "" {
		t.Skip("EVOLUTION_URL is not set")
	}
	return s
}

func (s realServer) client(t *testing.T, base, instance, key string) *evolution.Client {
	t.Helper()
	p, err := evolution.Spec.Connect(spec.Config{BaseURL: base, InstanceID: instance, Credentials: spec.Credentials{"token": provider.Token(key)}})
	if err != nil {
		t.Fatal(err)
	}
	return p.(*evolution.Client)
}

// ask sends a request that the client would not send. It returns the status and body of the answer.
func (s realServer) ask(t *testing.T, method, path, body string) providertest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Apikey", s.key)
	r.Header.Set("Content-Type", "application/json")
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

// instance creates an instance that is not paired, whose name must be escaped in a path. The end of the test deletes it.
func (s realServer) instance(t *testing.T) string {
	t.Helper()
	name := "rollcall é " + strconv.FormatInt(time.Now().UnixNano(), 36)
	if a := s.ask(t, http.MethodPost, "/instance/create", `{"instanceName":"`+name+`","integration":"WHATSAPP-BAILEYS","qrcode":false}`); a.Status != http.StatusCreated {
		t.Fatalf("instance/create: got %d %s, want 201", a.Status, a.Body)
	}
	t.Cleanup(func() {
		r, _ := http.NewRequest(http.MethodDelete, s.base+"/instance/delete/"+url.PathEscape(name), http.NoBody)
		r.Header.Set("Apikey", s.key)
		if res, err := http.DefaultClient.Do(r); err == nil {
			_ = res.Body.Close()
		}
	})
	return name
}

// TestContract_TheServerRefusesStrangers asks the real server for an instance that does not exist, with a wrong key
// and below a wrong path: none of these may end a group.
func TestContract_TheServerRefusesStrangers(t *testing.T) {
	t.Parallel()
	s := findServer(t)
	there := s.instance(t)
	for _, tt := range []struct{ name, base, instance, key, says string }{
		{"an unknown instance", s.base, "rollcall-none", s.key, "instance_id"},
		{"an unknown instance and a wrong key", s.base, "rollcall-none", "wrong-" + s.key, ""},
		{"a wrong key", s.base, there, "wrong-" + s.key, "token"},
		{"a wrong path", s.base + "/nosuch", there, s.key, "address"},
	} {
		c := s.client(t, tt.base, tt.instance, tt.key)
		server, err := c.Server(t.Context())
		t.Logf("%s: the server is %s %s, %v; warnings %q", tt.name, server.Name, server.Version, err, server.Warnings())
		state, err := c.State(t.Context())
		t.Logf("%s, state: %+v, %v", tt.name, state, err)
		if err != nil || state.Health != provider.Unauthorized || !strings.Contains(state.Reason.String(), tt.says) {
			t.Errorf("%s: got %+v, %v; want unauthorized, and words about %s", tt.name, state, err, tt.says)
		}
		for _, op := range providertest.Ops(c) {
			err := op.Do(t.Context(), c)
			providertest.AssertNoLeak(t, err, tt.key, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
			t.Logf("%s, %s: %s", tt.name, op.Name, told(err))
			if err == nil { // a server that keeps no messages has no path for them
				if !strings.HasPrefix(op.Name, "find ") {
					t.Errorf("%s, %s: got no error, want one of the instance", tt.name, op.Name)
				}
				continue
			}
			// whatsmiau says that an unknown instance is disconnected, and fails a check or a message with 500.
			if e := provider.AsError(err); e.Scope != provider.ScopeInstance || e.Health != provider.Unauthorized && e.Health != provider.Disconnected {
				t.Errorf("%s, %s: got %+v, want an instance that is unauthorized or disconnected", tt.name, op.Name, e)
			}
		}
	}
}

// TestContract_AnInstanceWithoutAPhoneEndsNoGroup makes every call for an instance that was never paired, and
// again while it tries to connect.
func TestContract_AnInstanceWithoutAPhoneEndsNoGroup(t *testing.T) {
	t.Parallel()
	s := findServer(t)
	name := s.instance(t)
	for _, after := range []string{"the create", "a try to connect"} {
		if after != "the create" {
			s.ask(t, http.MethodGet, "/instance/connect/"+url.PathEscape(name), "")
		}
		c := s.client(t, s.base, name, s.key)
		state, err := c.State(t.Context())
		t.Logf("after %s, state: %+v, %v", after, state, err)
		if err != nil || state.Health != provider.Disconnected && state.Health != provider.Starting {
			t.Errorf("after %s: got %+v, %v; want disconnected or starting", after, state, err)
		}
		for _, op := range providertest.Ops(c) {
			err := op.Do(t.Context(), c)
			providertest.AssertNoLeak(t, err, s.key, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
			t.Logf("after %s, %s: %s", after, op.Name, told(err))
			switch e := provider.AsError(err); {
			case strings.HasPrefix(op.Name, "find "):
				if err != nil { // the server reads its own store
					t.Errorf("after %s, %s: got %v, want no error", after, op.Name, err)
				}
			case op.Name == "check" && err != nil && e.Health == "", op.Name == "post" && err != nil && e.Health == "":
				if e.Class != provider.Unknown { // the answer says nothing of the connection (E2, E6)
					t.Errorf("after %s, %s: got %+v, want unknown", after, op.Name, e)
				}
			case err == nil || e.Scope != provider.ScopeInstance || e.Health != provider.Disconnected || e.Class == provider.Refused || e.Denied:
				t.Errorf("after %s, %s: got %+v, want a disconnected instance", after, op.Name, e)
			}
		}
		if _, err := c.Hooks(t.Context()); err != nil {
			t.Errorf("after %s, hooks: got %v, want no error", after, err)
		}
	}
}

// TestContract_TheServerRefusesWrongBodies sends the real server bodies that it refuses before it does anything. The
// client must class its answers as refusals.
func TestContract_TheServerRefusesWrongBodies(t *testing.T) {
	t.Parallel()
	s := findServer(t)
	name := s.instance(t)
	for why, body := range map[string]string{
		"no subject":        `{"participants":["5511987654321"]}`,
		"no person":         `{"subject":"x","participants":[]}`,
		"a number of five":  `{"subject":"x","participants":["12345"]}`,
		"the same twice":    `{"subject":"x","participants":["5511987654321","5511987654321"]}`,
		"half a body":       `{`,
		"a list for a name": `{"subject":["x"],"participants":["5511987654321"]}`,
	} {
		a := s.ask(t, http.MethodPost, "/group/create/"+url.PathEscape(name), body)
		_, err := newClient(t, providertest.Serve(t, a)).CreateGroup(t.Context(), provider.CreateRequest{Name: providertest.SomeName, Addresses: []string{providertest.SomePhone}})
		t.Logf("%s: %d %s", why, a.Status, told(err))
		if a.Status == http.StatusNotFound { // whatsmiau checks the connection first
			continue
		}
		providertest.Refusal().Check(t, providertest.Op{Name: "create", Scope: provider.ScopeRequest}, err)
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
