package evolution_test

import (
	"os"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/evolution"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// TestContract_TheServerAnswersAsTheTableSays asks the real server that the variable EVOLUTION_URL names
// (whatsmiau: with /v1), with the key in EVOLUTION_KEY, on every path that needs no phone: an instance that
// does not exist, and a wrong key.
func TestContract_TheServerAnswersAsTheTableSays(t *testing.T) {
	base, key := os.Getenv("EVOLUTION_URL"), os.Getenv("EVOLUTION_KEY")
	if base == "" {
		t.Skip("EVOLUTION_URL names no server")
	}
	for name, with := range map[string]string{"an unknown instance": key, "a wrong key": "wrong-" + key} {
		p, err := evolution.Spec.Connect(spec.Config{BaseURL: base, InstanceID: "rollcall-contract", Credentials: spec.Credentials{"token": provider.Token(with)}})
		if err != nil {
			t.Fatal(err)
		}
		c := p.(*evolution.Client)
		server, err := c.Server(t.Context())
		t.Logf("%s: the server is %s %s, %v; warnings %q", name, server.Name, server.Version, err, server.Warnings())
		state, err := c.State(t.Context())
		t.Logf("%s, state: %+v, %v", name, state, err)
		if err != nil || state.Health != provider.Unauthorized {
			t.Errorf("%s: %+v, %v; want unauthorized", name, state, err)
		}
		for _, op := range providertest.Ops(c) {
			err := op.Do(t.Context(), c)
			providertest.AssertNoLeak(t, err, with, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
			e := provider.AsError(err)
			t.Logf("%s, %s: %s, health %s: %v", name, op.Name, e.Class, e.Health, err)
			if err == nil { // whatsmiau keeps no messages
				if op.Name != "find invite" {
					t.Errorf("%s, %s: no error", name, op.Name)
				}
				continue
			}
			// whatsmiau calls an unknown instance a disconnected one, and a check or a message fails with 500.
			if e.Scope != provider.ScopeInstance || e.Health != provider.Unauthorized && e.Health != provider.Disconnected {
				t.Errorf("%s, %s: %+v", name, op.Name, e)
			}
		}
	}
}
