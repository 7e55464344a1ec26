package all_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/layers"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

func TestEveryProviderKeepsThePromises(t *testing.T) {
	t.Parallel()
	for _, of := range all.Providers() {
		name := of.Name()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			providertest.Run(t, of, func(t *testing.T, base string, in simulator.Instance) provider.Provider {
				t.Helper()
				transport := wire.NewTransport()
				t.Cleanup(transport.CloseIdleConnections)
				credentials := spec.Credentials{}
				for key, secret := range in.Credentials() {
					credentials[key] = provider.Token(secret)
				}
				p, err := all.New(all.Config{
					Provider: name, Name: "alpha", BaseURL: base, Transport: transport,
					InstanceID: in.ID, Credentials: credentials,
					Timeouts: layers.Timeouts{
						Create: providertest.CreateTimeout, Invite: providertest.CreateTimeout, Read: providertest.ReadTimeout,
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				return p
			})
		})
	}
}
