package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// Provider is the name of an instance's provider: one of all.Names.
type Provider string

// Spec returns the description of the instance's provider, or nil if there is no such provider.
func (in *Instance) Spec() *spec.Provider { return all.Of(string(in.Provider)) }

// HasCredentials reports whether the instance has all secrets that its provider requires, so that this program can call
// it.
func (in *Instance) HasCredentials() bool {
	p := in.Spec()
	return p != nil && !slices.ContainsFunc(p.Credentials, func(c spec.Credential) bool { return c.Required && !in.Credentials[c.Key].Given() })
}

// providerNames returns the values that the key provider can have.
func providerNames() []Provider {
	var names []Provider
	for _, name := range all.Names() {
		names = append(names, Provider(name))
	}
	return names
}

// baseURLField returns the field of the address.
func (in *Instance) baseURLField() field {
	var shown, docs []string
	for _, p := range all.Providers() {
		if p.Address.Default != "" {
			shown = append(shown, code(p.Address.Default))
		}
		if p.Address.Default == "" {
			docs = append(docs, "Required at "+p.Title+".")
		}
		docs = append(docs, p.Address.Doc)
	}
	return field{
		name: "base_url", shown: all.Join(shown, "or"), read: str(&in.BaseURL, in.vetBaseURL),
		needs: func() bool { p := in.Spec(); return p != nil && p.Address.Default == "" },
		doc:   sentences("Where the provider's API is.", docs...),
	}
}

// credentialFields returns the fields of the secrets of all providers. Reading by them fills to.
func (in *Instance) credentialFields(to map[string]*Secret) []field {
	var fields []field
	for _, p := range all.Providers() {
		for _, c := range p.Credentials {
			if to[c.Key] == nil {
				to[c.Key] = new(Secret)
				fields = append(fields, in.credentialField(c.Key, to[c.Key]))
			}
		}
	}
	return fields
}

// credentialField returns the field of a secret. Its key can mean different things at different providers.
func (in *Instance) credentialField(key string, to *Secret) field {
	of := func(p *spec.Provider) *spec.Credential { return p.Credential(key) }
	takes := func(p *spec.Provider) bool { return of(p) != nil }
	required := func(p *spec.Provider) bool { c := of(p); return c != nil && c.Required }
	f := field{name: key, secret: to, part: calls, vet: func(v value, text string) {
		p := in.Spec()
		fits := vetToken
		if p != nil && takes(p) && of(p).Header {
			fits = vetHeaderToken
		}
		if !fits(v, text) || p == nil || !takes(p) {
			return
		}
		if what, remedy := of(p).Wrong(text); what != "" {
			v.fault(what, remedy)
		}
	}}
	f.required = !slices.ContainsFunc(all.Providers(), func(p *spec.Provider) bool { return !required(p) })
	f.needs = func() bool { p := in.Spec(); return p != nil && required(p) }
	f.doc = meanings(of)
	if slices.ContainsFunc(all.Providers(), required) && !f.required {
		f.doc += " Required at " + all.Titles("and", required) + "."
	}
	return f
}

// meanings returns what each provider means by a credential, in one sentence for those that mean the same.
func meanings(of func(*spec.Provider) *spec.Credential) string {
	var said []string
	for _, p := range all.Providers() {
		c := of(p)
		if c == nil || slices.ContainsFunc(said, func(s string) bool { return strings.HasSuffix(s, c.Doc) }) {
			continue
		}
		same := func(o *spec.Provider) bool { return of(o) != nil && of(o).Doc == c.Doc }
		said = append(said, all.Titles("and", same)+": "+c.Doc)
	}
	return strings.Join(said, " ")
}

// checkProvider checks the keys that depend on the provider, and fills in its default address and the credentials.
func (in *Instance) checkProvider(m mapping, secrets map[string]*Secret) {
	p := in.Spec()
	if p == nil {
		return // a fault already
	}
	if !m.has("base_url") {
		in.BaseURL = p.Address.Default
	}
	if in.InviteVia == ViaNative && !p.Traits.NativeInvite {
		m.at("invite_via").fault(p.Title+" has no native invitation", "write invite_via: text")
	}
	for key, secret := range secrets {
		if secret.Given() {
			if in.Credentials == nil {
				in.Credentials = map[string]Secret{}
			}
			in.Credentials[key] = *secret
		}
	}
	for _, other := range all.Providers() {
		for _, c := range other.Credentials {
			for _, key := range []string{c.Key, c.Key + fileTwin} {
				if m.has(key) && !p.Takes(c.Key) {
					m.at(key).fault(fmt.Sprintf("only %s has a %s", all.Titles("and", func(o *spec.Provider) bool { return o.Takes(c.Key) }), c.Title), "remove the line")
				}
			}
		}
	}
}

// slowestCreate returns the provider that documents the longest time between two groups. Its pace counts as what a real
// number tolerates, whichever provider connects the number.
func slowestCreate() *spec.Provider {
	return slices.MaxFunc(all.Providers(), func(a, b *spec.Provider) int { return int(a.Traits.CreateEvery - b.Traits.CreateEvery) })
}

// slowestLists returns the instances' provider whose lists may lack a new group for the longest time, or nil if there
// are no instances.
func (c *Config) slowestLists() *spec.Provider {
	var slowest *spec.Provider
	for i := range c.Instances {
		if p := c.Instances[i].Spec(); p != nil && (slowest == nil || p.Traits.ListLag > slowest.Traits.ListLag) {
			slowest = p
		}
	}
	return slowest
}

// eachProvider returns what say returns for each provider, without the providers for which it returns "": "A: x, B: y".
func eachProvider(between string, say func(p *spec.Provider) string) string {
	var said []string
	for _, p := range all.Providers() {
		if s := say(p); s != "" {
			said = append(said, p.Title+": "+s)
		}
	}
	return strings.Join(said, between)
}

// listLags returns how long new groups may be missing from the lists, for the reference.
func listLags() string {
	return eachProvider(", ", func(p *spec.Provider) string {
		if p.Traits.ListLag == 0 {
			return ""
		}
		return "up to " + minutes(p.Traits.ListLag)
	})
}

// readRates returns the documented rates of readings, for the reference.
func readRates() string {
	return eachProvider(", ", func(p *spec.Provider) string {
		switch rate := p.Traits.ReadsPerSecond; rate {
		case 0:
			return ""
		case 1:
			return "1 read a second"
		default:
			return fmt.Sprintf("%g reads a second", rate)
		}
	})
}

func minutes(d time.Duration) string { return fmt.Sprintf("%g minutes", d.Minutes()) }

func code(s string) string { return "`" + s + "`" }

// codes returns words of the file as a list for a sentence.
func codes[T ~string](words []T, word string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = code(string(w))
	}
	return all.Join(quoted, word)
}

// sentences joins sentences, without the empty ones.
func sentences(first string, more ...string) string {
	return strings.Join(append([]string{first}, slices.DeleteFunc(more, func(s string) bool { return s == "" })...), " ")
}
