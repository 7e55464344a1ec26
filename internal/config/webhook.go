package config

import (
	"encoding/base64"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// Webhook is a receiver of events.
type Webhook struct {
	// URL is the receiver's address. It can hold a secret, so it prints masked.
	URL    Secret
	Secret Secret
	// Events are the names and patterns of the events that it gets; see Wants.
	Events []string
	// AllowPrivate lets the address be http:// and not public.
	AllowPrivate bool
}

// Secrets returns the secrets, which all sign each delivery. To change a secret without a gap, list both the new and
// the old one for a while.
func (w Webhook) Secrets() []string {
	text := w.Secret.Reveal()
	if words := strings.Fields(text); len(words) > 1 && strings.HasPrefix(words[0], whsec) {
		return words
	}
	return []string{text}
}

// Host returns the receiver's host, for logs: the part of its address that is never secret.
func (w Webhook) Host() string { return hostOf(w.URL) }

func hostOf(address Secret) string {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return ""
	}
	return u.Host
}

// Wants reports whether an event goes to this webhook.
func (w Webhook) Wants(event string) bool {
	for _, pattern := range w.Events {
		if ok, err := path.Match(pattern, event); err == nil && ok {
			return true
		}
	}
	return false
}

// Events returns the names of all events (docs/webhooks.md).
func Events() []string {
	return []string{
		"group.created", "group.extended", "group.ready", "group.completed", "group.failed", "group.review",
		"member.invited", "member.joined", "member.requested", "batch.completed", "instance.state",
	}
}

func webhooks(c *Config) func() ([]field, func(mapping)) {
	return func() ([]field, func(mapping)) {
		w := &Webhook{}
		return w.fields(), func(m mapping) {
			w.check(m)
			for i := range c.Webhooks {
				if w.URL.Given() && c.Webhooks[i].URL.Equal(w.URL) {
					m.at("url").fault("another webhook has this address", "write the events of both into one, and both secrets if they differ")
				}
			}
			c.Webhooks = append(c.Webhooks, *w)
		}
	}
}

func (w *Webhook) fields() []field {
	return []field{
		{name: "url", required: true, part: deliveries, secret: &w.URL, vet: vetWebhookURL, doc: "Where to: `https://` and a public address, unless `allow_private`."},
		{
			name: "secret", required: true, part: deliveries, secret: &w.Secret, vet: vetWebhookSecret,
			doc: "Signs what is sent: `whsec_` and base64 of 24 to 64 bytes (`echo whsec_$(openssl rand -base64 32)`), or any other text, taken as it is. Several `whsec_…`, separated by spaces or line breaks, all sign: list the old and the new one to change a secret.",
		},
		{
			name: "events", dflt: "[group.*, batch.completed]", read: events(&w.Events),
			doc: "Which events: `" + strings.Join(Events(), "` `") + "`, or patterns with `*`.",
		},
		{name: "allow_private", dflt: "false", read: boolean(&w.AllowPrivate), doc: "Allow `http://` and addresses that are not public: for a receiver in your own network."},
	}
}

func (w *Webhook) check(m mapping) { checkReceiver(m, w.URL, w.AllowPrivate) }

// checkReceiver requires https:// and a public address of a receiver.
func checkReceiver(m mapping, address Secret, allowPrivate bool) {
	u, err := url.Parse(address.Reveal())
	if err != nil || u.Hostname() == "" || allowPrivate {
		return
	}
	if u.Scheme != "https" {
		m.at("url").fault("it does not begin with https://", "write https://, or allow_private: true for a receiver in your own network")
	}
	if !publicHost(u.Hostname()) {
		m.at("url").fault("its address is not public", "name a public host, or write allow_private: true for a receiver in your own network")
	}
}

func vetWebhookURL(v value, text string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		v.fault("it is not an https:// address", "write it as https://host/path")
	case u.Fragment != "":
		v.fault("it has a fragment (#), which is never sent", "remove it")
	}
}

const (
	whsec       = "whsec_"
	minKeyBytes = 24
	maxKeyBytes = 64
)

func vetWebhookSecret(v value, text string) {
	if !strings.HasPrefix(text, whsec) {
		if len(text) < minKeyBytes {
			v.warn("a secret of less than 24 characters can be guessed", "make one with: echo whsec_$(openssl rand -base64 32)")
		}
		return
	}
	for word := range strings.FieldsSeq(text) {
		encoded, standard := strings.CutPrefix(word, whsec)
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !standard || err != nil || len(key) < minKeyBytes || len(key) > maxKeyBytes {
			v.fault("after whsec_ must come the base64 of 24 to 64 bytes", "make one with: echo whsec_$(openssl rand -base64 32)")
			return
		}
	}
}

func events(to *[]string) func(value) {
	return func(v value) {
		items, ok := v.items()
		if !ok {
			return
		}
		if len(items) == 0 {
			v.fault("the list is empty, so no event would ever be sent", "name some events, or remove the webhook")
		}
		var all []string
		for _, item := range items {
			text, ok := item.text()
			switch {
			case !ok:
			case !matchesAny(text):
				remedy := "the events are " + strings.Join(Events(), ", ") + ", and patterns such as group.*"
				if w := nearest(text, Events()); w != "" {
					remedy = "did you mean " + w + "?"
				}
				item.fault("there is no event "+item.raw(), remedy)
			default:
				all = append(all, text)
			}
		}
		*to = all
	}
}

func matchesAny(pattern string) bool {
	for _, e := range Events() {
		if ok, err := path.Match(pattern, e); err == nil && ok {
			return true
		}
	}
	return false
}

// notPublic are the ranges that are not public, besides those that netip's IsGlobalUnicast and IsPrivate exclude.
var notPublic = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		all[i] = netip.MustParsePrefix(t)
	}
	return all
}

// publicHost returns false for addresses and names that are known not to be public. Other names are resolved and
// checked when they are dialled.
func publicHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	addr, err := netip.ParseAddr(host)
	if err != nil {
		last := host[strings.LastIndexByte(host, '.')+1:]
		// Resolvers read "2130706433", "127.1" and "0x7f.1" as addresses.
		_, number := strconv.ParseUint(last, 0, 64)
		return number != nil && last != "localhost"
	}
	addr = addr.Unmap()
	if !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.Zone() != "" {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}
