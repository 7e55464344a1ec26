// Package all knows every provider. It is the one place where a name of the configuration becomes
// a client with its layers around it.
package all

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/greenapi"
	"github.com/rollcallhq/rollcall/internal/provider/layers"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/provider/zapi"
)

// Config is one instance.
type Config struct {
	// Provider is "zapi" or "greenapi". Required.
	Provider string
	// Name is the instance's name in rollcall, for metrics and logs. Required.
	Name string
	// BaseURL defaults to the provider's own host.
	BaseURL string
	// InstanceID and Token are the provider's credentials. Required.
	InstanceID string
	Token      provider.Token
	// ClientToken is Z-API's account token. Defaults to none.
	ClientToken provider.Token
	// Transport can be shared by all instances of a process. Defaults to a wire.Transport.
	Transport http.RoundTripper
	// Timeouts default to 90s for a create and 30s for a read and an invite.
	Timeouts layers.Timeouts
	// Limiter enforces rate_limits: documented. Defaults to none, which is rate_limits: off.
	Limiter layers.Limiter
	// Observer sees every request. Defaults to none.
	Observer layers.Observer
}

// Names are the providers there are, the words of the configuration.
func Names() []string { return []string{"greenapi", "zapi"} }

// New makes the provider that the configuration names. Nothing is sent.
func New(cfg Config) (provider.Provider, error) {
	around := func(inner wire.Doer) wire.Doer {
		return layers.Around(inner, layers.Config{
			Instance: cfg.Name,
			RateKey:  cfg.Provider + "/" + cfg.InstanceID,
			Timeouts: cfg.Timeouts,
			Limiter:  cfg.Limiter,
			Observer: cfg.Observer,
		})
	}
	switch cfg.Provider {
	case "zapi":
		return made(zapi.New(zapi.Config{
			BaseURL: cfg.BaseURL, InstanceID: cfg.InstanceID, Token: cfg.Token, ClientToken: cfg.ClientToken,
			Transport: cfg.Transport, Layers: around,
		}))
	case "greenapi":
		if cfg.ClientToken != "" {
			return nil, errors.New("greenapi: client_token belongs to zapi only")
		}
		return made(greenapi.New(greenapi.Config{
			BaseURL: cfg.BaseURL, InstanceID: cfg.InstanceID, Token: cfg.Token,
			Transport: cfg.Transport, Layers: around,
		}))
	}
	return nil, fmt.Errorf("provider %q: want one of %q", cfg.Provider, Names())
}

// made keeps a nil pointer from becoming an interface that is not nil.
func made[P provider.Provider](p P, err error) (provider.Provider, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}
