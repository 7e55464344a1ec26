// Package spec describes a provider in one value: how it is configured, what it can do, how its
// webhooks read and what its errors mean. Each provider's folder has such a value, Spec, and
// internal/provider/all lists them. No other file of the program names a provider.
package spec

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Provider is one provider. Its name in the configuration is Traits.Name.
type Provider struct {
	// Title is how people write its name. Required.
	Title   string
	Traits  provider.Traits
	Address Address
	// NamedByUsers says that users choose the ids of instances, so an id may hold characters that a path must encode.
	NamedByUsers bool
	// Credentials are the secrets of an instance. The instance's id is not a secret, and every provider
	// has one.
	Credentials []Credential
	Callback    Callback
	// Causes explain its own words and statuses.
	Causes []Cause
	// New makes the client of one instance. Nothing is sent. Required.
	New func(Config) (provider.Provider, error)
}

// Name is the word of the configuration.
func (p *Provider) Name() string { return p.Traits.Name }

// Address is where a provider's API is.
type Address struct {
	// Default is the base_url of an instance that names none. "" means that each must.
	Default string
	// Doc says where an instance's own address is found, as a sentence of docs/configuration.md.
	Doc string
	// Within are the paths below which an instance has its methods. A base_url with one of them holds
	// the instance already.
	Within []string
}

// Credential is a secret of an instance.
type Credential struct {
	// Key is its key in the configuration.
	Key string
	// Title is what people call it.
	Title    string
	Required bool
	// Header says that it travels in a header, and may hold what an address cannot.
	Header bool
	// Doc says what it is, as the end of a sentence of docs/configuration.md.
	Doc string
	// Vet says what is wrong with a text that does not have the form of this credential, and how to mend it. For a
	// good text what is "". A nil Vet accepts every text that can be sent.
	Vet func(text string) (what, remedy string)
}

// TokenKey is the key of the credential that stands for the instance.
const TokenKey = "token"

// Credentials are an instance's secrets by their keys.
type Credentials map[string]provider.Token

// Config is one instance of a provider.
type Config struct {
	// BaseURL defaults to Address.Default.
	BaseURL string
	// InstanceID is required.
	InstanceID  string
	Credentials Credentials
	// Transport carries the requests. Defaults to wire.NewTransport().
	Transport http.RoundTripper
	// Layers is put around the wire. Defaults to nothing.
	Layers func(wire.Doer) wire.Doer
}

// Connect checks the configuration of an instance and makes its client. Nothing is sent.
func (p *Provider) Connect(c Config) (provider.Provider, error) {
	var faults []error
	if c.BaseURL == "" {
		c.BaseURL = p.Address.Default
	}
	if c.BaseURL == "" {
		faults = append(faults, errors.New("base_url is missing"))
	}
	if c.InstanceID == "" {
		faults = append(faults, errors.New("instance_id is missing"))
	}
	for _, one := range p.Credentials {
		if one.Required && c.Credentials[one.Key] == "" {
			faults = append(faults, fmt.Errorf("%s is missing", one.Key))
		}
	}
	for key, secret := range c.Credentials {
		if secret == "" {
			continue
		}
		c := p.Credential(key)
		if c == nil {
			faults = append(faults, fmt.Errorf("it has no %s", key))
		} else if what, remedy := c.Wrong(secret.Reveal()); what != "" {
			faults = append(faults, fmt.Errorf("%s: %s; %s", key, what, remedy))
		}
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("%s: %w", p.Name(), errors.Join(faults...))
	}
	client, err := p.New(c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name(), err)
	}
	return client, nil
}

// Takes says whether the key is one of the provider's credentials.
func (p *Provider) Takes(key string) bool { return p.Credential(key) != nil }

// Credential finds the credential of a key; nil if the provider has none.
func (p *Provider) Credential(key string) *Credential {
	i := slices.IndexFunc(p.Credentials, func(c Credential) bool { return c.Key == key })
	if i < 0 {
		return nil
	}
	return &p.Credentials[i]
}

// Wrong returns what Vet says, or "" if there is no Vet.
func (c *Credential) Wrong(text string) (what, remedy string) {
	if c.Vet == nil {
		return "", ""
	}
	return c.Vet(text)
}
