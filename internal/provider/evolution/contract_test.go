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

// realServer is the server that the variable EVOLUTION_URL names (whatsmiau: with /v1), with the key of
// EVOLUTION_KEY.
type realServer struct{ base, key string }

func findServer(t *testing.T) realServer {
	t.Helper()
	s := realServer{os.Getenv("EVOLUTION_URL"), os.Getenv("EVOLUTION_KEY")}
	if s.base == "" {
		t.Skip("EVOLUTION_URL names no server")
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

// ask sends what no client sends, and returns the status and the body of the answer.
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

// instance makes an instance without a phone on the server, whose name needs an encoding, and deletes it at the end.
func (s realServer) instance(t *testing.T) string {
	t.Helper()
	name := "rollcall é " + strconv.FormatInt(time.Now().UnixNano(), 36)
	if a := s.ask(t, http.MethodPost, "/instance/create", `{"instanceName":"`+name+`","integration":"WHATSAPP-BAILEYS","qrcode":false}`); a.Status != http.StatusCreated {
		t.Fatalf("instance/create: %d %s", a.Status, a.Body)
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
			t.Errorf("%s: %+v, %v; want unauthorized, and words about %s", tt.name, state, err, tt.says)
		}
		for _, op := range providertest.Ops(c) {
			err := op.Do(t.Context(), c)
			providertest.AssertNoLeak(t, err, tt.key, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
			t.Logf("%s, %s: %s", tt.name, op.Name, told(err))
			if err == nil { // what keeps no messages has no path for them
				if !strings.HasPrefix(op.Name, "find ") {
					t.Errorf("%s, %s: no error", tt.name, op.Name)
				}
				continue
			}
			// whatsmiau calls an unknown instance a disconnected one, and a check or a message fails with 500.
			if e := provider.AsError(err); e.Scope != provider.ScopeInstance || e.Health != provider.Unauthorized && e.Health != provider.Disconnected {
				t.Errorf("%s, %s: %+v", tt.name, op.Name, e)
			}
		}
	}
}

// TestContract_AnInstanceWithoutAPhoneEndsNoGroup asks the real server for everything of an instance that was never
// paired, then of one that is trying to connect.
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
			t.Errorf("after %s: %+v, %v; want disconnected or starting", after, state, err)
		}
		for _, op := range providertest.Ops(c) {
			err := op.Do(t.Context(), c)
			providertest.AssertNoLeak(t, err, s.key, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
			t.Logf("after %s, %s: %s", after, op.Name, told(err))
			switch e := provider.AsError(err); {
			case strings.HasPrefix(op.Name, "find "):
				if err != nil { // read from the server's own store
					t.Errorf("after %s, %s: %v", after, op.Name, err)
				}
			case op.Name == "approve":
				providertest.Refusal().Check(t, op, err) // by the client: there is no such call
			case op.Name == "check" && err != nil && e.Health == "", op.Name == "post" && err != nil && e.Health == "":
				if e.Class != provider.Unknown { // they say nothing of the connection (E2, E6)
					t.Errorf("after %s, %s: %+v", after, op.Name, e)
				}
			case err == nil || e.Scope != provider.ScopeInstance || e.Health != provider.Disconnected || e.Class == provider.Refused || e.Denied:
				t.Errorf("after %s, %s: %+v", after, op.Name, e)
			}
		}
		if _, err := c.Hooks(t.Context()); err != nil {
			t.Errorf("after %s, hooks: %v", after, err)
		}
	}
}

// TestContract_TheServerRefusesWrongBodies gives the real server bodies that it checks before anything is done, and
// the client its answers.
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
		if a.Status == http.StatusNotFound { // whatsmiau asks for the connection first
			continue
		}
		providertest.Refusal().Check(t, providertest.Op{Name: "create", Scope: provider.ScopeRequest}, err)
	}
}

// told is how an answer was classified.
func told(err error) string {
	if err == nil {
		return "ok"
	}
	e := provider.AsError(err)
	return string(e.Class) + ", " + string(e.Scope) + ", health " + string(e.Health) + ": " + e.Error()
}
