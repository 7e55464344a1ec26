package all_test

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestMain(m *testing.M) {
	testutil.Waiting()
	m.Run()
}

func TestEveryProviderIsWired(t *testing.T) {
	t.Parallel()
	for _, name := range all.Names() {
		p, err := all.New(all.Config{Provider: name, Name: "alpha", InstanceID: "I1", Token: "T"})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := p.Traits().Name; got != name {
			t.Errorf("%s is wired to %s", name, got)
		}
	}
}

func TestWhatCannotWorkIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]all.Config{
		`provider "other"`:       {Provider: "other", InstanceID: "I1", Token: "T"},
		"instance_id is missing": {Provider: "zapi", Token: "T"},
		"token is missing":       {Provider: "greenapi", InstanceID: "I1"},
		"client_token belongs":   {Provider: "greenapi", InstanceID: "I1", Token: "T", ClientToken: "C"},
		"base_url needs":         {Provider: "zapi", InstanceID: "I1", Token: "T", BaseURL: "api.z-api.io"},
		"Client-Token holds":     {Provider: "zapi", InstanceID: "I1", Token: "T", ClientToken: "a b"},
	}
	for want, cfg := range tests {
		p, err := all.New(cfg)
		if err == nil || p != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, %v; want an error with %q", p, err, want)
		}
	}
}
