package gowa_test

import (
	"context"
	"io"
	"net"
	"net/http"
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

// program starts the GOWA that the variable GOWA_BIN names, without a phone, and returns its address.
func program(t *testing.T) string {
	t.Helper()
	bin := os.Getenv("GOWA_BIN")
	if bin == "" {
		t.Skip("GOWA_BIN names no program")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	cmd := exec.Command(bin, "rest")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "APP_HOST="+host, "APP_PORT="+port, "APP_BASIC_AUTH=admin:"+password, "APP_UI_ENABLED=false")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		stop := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		stop.Stop()
	})
	base := "http://" + host + ":" + port
	testutil.Until(t, "the program answers", func() bool {
		res, err := http.Get(base + "/health")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return true
	})
	return base
}

// TestContract_TheProgramAnswersAsTheTableSays asks the real program on every path that needs no phone.
func TestContract_TheProgramAnswersAsTheTableSays(t *testing.T) {
	base := program(t)
	client := func(device, pair string) *gowa.Client {
		c, err := gowa.Spec.Connect(spec.Config{BaseURL: base, InstanceID: device, Credentials: spec.Credentials{"token": provider.Token(pair)}})
		if err != nil {
			t.Fatal(err)
		}
		return c.(*gowa.Client)
	}
	post := func(path, body string) {
		t.Helper()
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path, strings.NewReader(body))
		r.SetBasicAuth("admin", password)
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v, %v", path, res, err)
		}
		_ = res.Body.Close()
	}
	post("/devices", `{"device_id":"school"}`)
	school := client("school", "admin:"+password)

	server, err := school.Server(t.Context())
	t.Logf("the server is %s %s, %v; warnings %q", server.Name, server.Version, err, server.Warnings())
	if err != nil || server.Version == "" {
		t.Error("it tells no version")
	}
	for _, tt := range []struct {
		name, device, pair string
		change, lookup     providertest.Outcome // of calls of the group, of those of the device
		health             provider.Health
	}{
		{"not paired", "school", "admin:" + password, stopped(provider.Limited, provider.Disconnected), stopped(provider.Limited, provider.Disconnected), provider.Disconnected},
		{"an unknown device", "none", "admin:" + password, stopped(provider.Limited, provider.Unauthorized), stopped(provider.Limited, provider.Unauthorized), provider.Unauthorized},
		{"a wrong password", "school", "admin:wrong", stopped(provider.Limited, provider.Unauthorized), stopped(provider.Limited, provider.Unauthorized), provider.Unauthorized},
	} {
		c := client(tt.device, tt.pair)
		for _, op := range providertest.Ops(c) {
			err := op.Do(t.Context(), c)
			t.Logf("%s, %s: %s", tt.name, op.Name, told(err))
			providertest.AssertNoLeak(t, err, password, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
			if op.Name == "find invite" && tt.device == "school" && tt.name == "not paired" {
				if err != nil { // it is read from the server's own store
					t.Errorf("%s: %v", tt.name, err)
				}
				continue
			}
			want := tt.change
			if op.Name == "self" {
				want = tt.lookup
			}
			want.Check(t, op, err)
		}
		state, err := c.State(t.Context())
		t.Logf("%s, state: %+v, %v", tt.name, state, err)
		if err != nil || state.Health != tt.health {
			t.Errorf("%s: %+v, %v; want %s", tt.name, state, err, tt.health)
		}
	}
	_, err = school.CreateGroup(t.Context(), provider.CreateRequest{Name: "", Addresses: []string{providertest.SomePhone}})
	t.Logf("an empty title: %s", told(err))
	providertest.Refusal().Check(t, providertest.Op{Name: "create", Scope: provider.ScopeRequest}, err)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/group", strings.NewReader("{"))
	r.SetBasicAuth("admin", password)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Device-Id", "school")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	_, err = newClient(t, providertest.Serve(t, providertest.Answer{Status: res.StatusCode, Body: string(body)})).CreateGroup(t.Context(), provider.CreateRequest{Name: "x", Addresses: []string{providertest.SomePhone}})
	t.Logf("a body that is no JSON: %s", told(err))
	providertest.Refusal().Check(t, providertest.Op{Name: "create", Scope: provider.ScopeRequest}, err)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := school.Members(cancelled, groupID); provider.AsError(err).Class != provider.NotSent {
		t.Errorf("cancelled before: %v", err)
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
