// Package zapi is the client of Z-API. It sends what Z-API's documentation says, and accepts what its
// answers were seen to hold. docs/providers.md has its quirks with their sources.
package zapi

import (
	"net/url"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Client is one instance at Z-API.
type Client struct{ wire wire.Doer }

var _ provider.Provider = (*Client)(nil)

// connect returns the client of an instance. spec.Provider.Connect has checked the configuration.
func connect(cfg spec.Config) (provider.Provider, error) {
	token, clientToken := cfg.Credentials[spec.TokenKey], cfg.Credentials[clientTokenKey]
	prefix := "/instances/" + url.PathEscape(cfg.InstanceID) + "/token/" + url.PathEscape(token.Reveal()) + "/"
	inner, err := wire.New(wire.Config{
		Base: cfg.BaseURL,
		Path: func(c wire.Call) string {
			if c.Arg != "" {
				return prefix + c.Method + "/" + url.PathEscape(c.Arg)
			}
			return prefix + c.Method
		},
		Header:    map[string]provider.Token{"Client-Token": clientToken},
		Secrets:   []provider.Token{token, clientToken},
		Classify:  classify,
		Transport: cfg.Transport,
	})
	if err != nil {
		return nil, err
	}
	if cfg.Layers == nil {
		return &Client{wire: inner}, nil
	}
	return &Client{wire: cfg.Layers(inner)}, nil
}

// Traits returns what holds for every instance.
func (*Client) Traits() provider.Traits { return traits }
