package all_test

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestMain(m *testing.M) {
	testutil.Waiting(20)
	m.Run()
}

func TestNew_ConnectsEveryProvider(t *testing.T) {
	t.Parallel()
	for _, name := range all.Names() {
		p, err := all.New(all.Config{Provider: name, Name: "alpha", BaseURL: "https://api.example.com", InstanceID: "I1", Credentials: spec.Credentials{"token": "user:T"}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := p.Traits().Name; got != name {
			t.Errorf("New(%q) returns a client of %s", name, got)
		}
	}
}

func TestNew_RefusesAConfigurationThatCannotWork(t *testing.T) {
	t.Parallel()
	tests := map[string]all.Config{
		`provider "other"`:       {Provider: "other", InstanceID: "I1", Credentials: spec.Credentials{"token": "T"}},
		"instance_id is missing": {Provider: "zapi", Credentials: spec.Credentials{"token": "T"}},
		"token is missing":       {Provider: "greenapi", InstanceID: "I1"},
		"it has no client_token": {Provider: "greenapi", InstanceID: "I1", Credentials: spec.Credentials{"token": "T", "client_token": "C"}},
		"base_url needs":         {Provider: "zapi", InstanceID: "I1", Credentials: spec.Credentials{"token": "T"}, BaseURL: "api.z-api.io"},
		"Client-Token holds":     {Provider: "zapi", InstanceID: "I1", Credentials: spec.Credentials{"token": "T", "client_token": "a b"}},
	}
	for want, cfg := range tests {
		p, err := all.New(cfg)
		if err == nil || p != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, %v; want an error with %q", p, err, want)
		}
	}
}
