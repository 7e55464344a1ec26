// Package all registers the providers. It is the one place where a name of the configuration becomes
// a client with its layers around it.
package all

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/evolution"
	"github.com/rollcallhq/rollcall/internal/provider/gowa"
	"github.com/rollcallhq/rollcall/internal/provider/greenapi"
	"github.com/rollcallhq/rollcall/internal/provider/layers"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/provider/zapi"
)

// providers lists the providers in the order of the documents.
var providers = []*spec.Provider{
	&zapi.Spec,
	&greenapi.Spec,
	&evolution.Spec,
	&gowa.Spec,
}

// Providers returns the providers in the order of the documents.
func Providers() []*spec.Provider { return slices.Clone(providers) }

// Of returns the provider with a name from the configuration, or nil if there is none.
func Of(name string) *spec.Provider {
	for _, p := range providers {
		if p.Name() == name {
			return p
		}
	}
	return nil
}

// Names returns the providers' names in the configuration.
func Names() []string {
	names := make([]string, len(providers))
	for i, p := range providers {
		names[i] = p.Name()
	}
	return names
}

// Titles returns the titles of the providers for which fits returns true, joined by word: "A, B and C". If fits is nil,
// it returns all titles.
func Titles(word string, fits func(*spec.Provider) bool) string {
	var titles []string
	for _, p := range providers {
		if fits == nil || fits(p) {
			titles = append(titles, p.Title)
		}
	}
	return Join(titles, word)
}

// Join returns the items as a list for a sentence, with word before the last item.
func Join(items []string, word string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " " + word + " " + items[last]
}

// Config describes one instance.
type Config struct {
	// Provider is one of Names. Required.
	Provider string
	// Name is the instance's name in rollcall, for metrics and logs. Required.
	Name string
	// BaseURL defaults to the provider's own host, if it has one.
	BaseURL string
	// InstanceID is the instance's id at the provider. Required.
	InstanceID  string
	Credentials spec.Credentials
	// Transport can be shared by all instances of a process. Defaults to a wire.Transport.
	Transport http.RoundTripper
	// Timeouts default to 90s for a create and 30s for a read and an invite.
	Timeouts layers.Timeouts
	// Limiter enforces rate_limits: documented. Defaults to none, which is rate_limits: off.
	Limiter layers.Limiter
	// Observer sees every request. Defaults to none.
	Observer layers.Observer
}

// New returns a client of the provider that cfg names. It sends nothing.
func New(cfg Config) (provider.Provider, error) {
	p := Of(cfg.Provider)
	if p == nil {
		return nil, fmt.Errorf("provider %q: want one of %q", cfg.Provider, Names())
	}
	return p.Connect(spec.Config{
		BaseURL: cfg.BaseURL, InstanceID: cfg.InstanceID, Credentials: cfg.Credentials, Transport: cfg.Transport,
		Layers: func(inner wire.Doer) wire.Doer {
			return layers.Around(inner, layers.Config{
				Instance: cfg.Name,
				RateKey:  cfg.Provider + "/" + cfg.InstanceID,
				Timeouts: cfg.Timeouts,
				Limiter:  cfg.Limiter,
				Observer: cfg.Observer,
			})
		},
	})
}
