// Package zapi speaks to Z-API. What is sent is what its documentation says; what is accepted is
// what was seen. The sections named in comments are those of docs/providers.md and of the fact
// sheet behind it (A1 to A11).
package zapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Config is one instance at Z-API.
type Config struct {
	// BaseURL defaults to https://api.z-api.io, the only host there is.
	BaseURL string
	// InstanceID and Token are the path's credentials. Required.
	InstanceID string
	Token      provider.Token
	// ClientToken is the account's security token. Defaults to none: it is optional until
	// somebody activates it, and then required by every instance of the account (A1).
	ClientToken provider.Token
	// Transport carries the requests. Defaults to wire.NewTransport().
	Transport http.RoundTripper
	// Layers is put around the wire. Defaults to nothing.
	Layers func(wire.Doer) wire.Doer
}

// Client is one instance at Z-API.
type Client struct{ wire wire.Doer }

var _ provider.Provider = (*Client)(nil)

// New checks the configuration; nothing is sent.
func New(cfg Config) (*Client, error) {
	if cfg.BaseURL == "" {
		cfg.BaseURL = "https://api.z-api.io"
	}
	switch {
	case cfg.InstanceID == "":
		return nil, errors.New("zapi: instance_id is missing")
	case cfg.Token == "":
		return nil, errors.New("zapi: token is missing")
	}
	prefix := "/instances/" + url.PathEscape(cfg.InstanceID) + "/token/" + url.PathEscape(cfg.Token.Reveal()) + "/"
	inner, err := wire.New(wire.Config{
		Base: cfg.BaseURL,
		Path: func(c wire.Call) string {
			if c.Arg != "" {
				return prefix + c.Method + "/" + url.PathEscape(c.Arg)
			}
			return prefix + c.Method
		},
		Header:    map[string]provider.Token{"Client-Token": cfg.ClientToken},
		Secrets:   []provider.Token{cfg.Token, cfg.ClientToken},
		Classify:  classify,
		Transport: cfg.Transport,
	})
	if err != nil {
		return nil, fmt.Errorf("zapi: %w", err)
	}
	if cfg.Layers == nil {
		return &Client{wire: inner}, nil
	}
	return &Client{wire: cfg.Layers(inner)}, nil
}

// Traits tells what does not change. How long a new group may be missing from /groups is
// undocumented (A4); the looks of the configuration decide.
func (*Client) Traits() provider.Traits {
	return provider.Traits{Name: "zapi", AddLater: true, NativeInvite: true}
}
