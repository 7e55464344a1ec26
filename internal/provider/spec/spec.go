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
	// Causes explains the provider's own words and statuses.
	Causes []Cause
	// New returns the client of one instance. It sends nothing. Required.
	New func(Config) (provider.Provider, error)
}

// Name returns the provider's name in the configuration.
func (p *Provider) Name() string { return p.Traits.Name }

// Address is where a provider's API is.
type Address struct {
	// Default is the base_url of an instance that names none. "" means that every instance must name one.
	Default string
	// Doc says where an instance's own address is found, as a sentence of docs/configuration.md.
	Doc string
	// Within are the paths below which an instance has its methods. A base_url that contains one of them is wrong: it
	// already names an instance.
	Within []string
}

// Credential is a secret of an instance.
type Credential struct {
	// Key is its key in the configuration.
	Key string
	// Title is what people call it.
	Title    string
	Required bool
	// Header says that it is sent in a header, so it may contain characters that an address cannot.
	Header bool
	// Doc says what it is. It ends a sentence of docs/configuration.md.
	Doc string
	// Vet returns what is wrong with a text that does not have the form of this credential, and how to correct it. It
	// returns "" for a correct text. A nil Vet accepts every text that can be sent.
	Vet func(text string) (what, remedy string)
}

// TokenKey is the key of the credential that every provider has.
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

// Connect checks the configuration of an instance and returns its client. It sends nothing.
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

// Takes reports whether the provider has a credential of this key.
func (p *Provider) Takes(key string) bool { return p.Credential(key) != nil }

// Credential returns the credential of a key, or nil if the provider does not have it.
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
