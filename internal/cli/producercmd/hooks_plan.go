package producercmd

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/callback"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// What becomes of one address at the provider.
const (
	hookKept     = "kept"     // it was right already
	hookSet      = "set"      // there was none, or an older one of ours
	hookReplaced = "replaced" // it was another system's
	hookForeign  = "foreign"  // it is another system's, and stays
	hookRestored = "restored" // that of forward: is back
	hookRemoved  = "removed"
	hookNone     = "none" // there was none of ours
	hookFailed   = "failed"
)

// hookChange is what becomes of one address.
type hookChange struct {
	Event   string `json:"event"` // the provider's word
	Outcome string `json:"outcome"`
	// Host is that of another system's address; Was is the address itself, once it is replaced.
	Host       string   `json:"host,omitempty"`
	Was        string   `json:"was,omitempty"`
	WasToken   string   `json:"wasToken,omitempty"`
	SwitchedOn []string `json:"switchedOn,omitempty"`
	Error      string   `json:"error,omitempty"`

	to        *provider.Hook // what to set; nil is nothing
	forwarded bool           // the configuration forwards to the address that was there
}

func (c *hookChange) text() string {
	switch c.Outcome {
	case hookKept:
		return "set already"
	case hookSet, hookRemoved:
		return c.Outcome
	case hookReplaced:
		return "set, in place of " + c.Host
	case hookForeign:
		return "not set: it goes to " + c.Host + "; name that address in forward: of the configuration, or give --replace"
	case hookRestored:
		return "goes to " + c.Host + " again"
	case hookNone:
		if c.Host != "" {
			return "left alone: it goes to " + c.Host
		}
		return "left alone: there is none"
	}
	return "not changed: " + c.Error
}

// planHooks decides what to do with each address that is there now.
func planHooks(in config.Instance, o hooksOptions, present []provider.Hook) []hookChange {
	secret := provider.Token(in.HookSecret.Reveal())
	changes := make([]hookChange, len(present))
	for i, h := range present {
		if o.Unset {
			changes[i] = unsetHook(in, h, ours(h, o.Base, in.Name, secret))
			continue
		}
		want := provider.Hook{Event: h.Event, URL: provider.Token(o.Base + callback.Path(in.Name, secret)), Off: h.Off}
		if in.Spec().Callback.TokenField != "" {
			want.Token = secret
		}
		changes[i] = setHook(in, h, want, ours(h, o.Base, in.Name, secret), o.Replace)
	}
	return changes
}

func setHook(in config.Instance, h, want provider.Hook, ours, replace bool) hookChange {
	c := hookChange{Event: h.Event, Outcome: hookSet, SwitchedOn: h.Off, to: &want}
	switch {
	case h.URL == want.URL && h.Token == want.Token && len(h.Off) == 0:
		c.Outcome, c.to = hookKept, nil
		return c
	case h.URL == "" || ours:
		return c
	}
	c.Host = hostOf(h.URL)
	c.forwarded = slices.ContainsFunc(in.Forward, func(f config.Forward) bool { return f.URL.Reveal() == h.URL.Reveal() })
	if !replace && !c.forwarded {
		return hookChange{Event: h.Event, Outcome: hookForeign, Host: c.Host}
	}
	c.Outcome, c.Was, c.WasToken = hookReplaced, h.URL.Reveal(), h.Token.Reveal()
	return c
}

func unsetHook(in config.Instance, h provider.Hook, ours bool) hookChange {
	c := hookChange{Event: h.Event, Outcome: hookNone}
	switch f := formerly(in, h); {
	case !ours:
		c.Host = hostOf(h.URL)
	case f == nil:
		c.Outcome, c.to = hookRemoved, &provider.Hook{Event: h.Event}
	default:
		c.Outcome, c.Host = hookRestored, f.Host()
		c.to = &provider.Hook{Event: h.Event, URL: provider.Token(f.URL.Reveal()), Token: provider.Token(f.Token.Reveal())}
	}
	return c
}

// formerly returns the receiver whose address the provider had before --set, and gets back by --unset: the first one
// to which the configuration forwards the event.
func formerly(in config.Instance, h provider.Hook) *config.Forward {
	if in.Spec().Callback.OneAddress {
		if len(in.Forward) == 0 {
			return nil
		}
		return &in.Forward[0]
	}
	event := cmp.Or(h.Word, h.Event)
	for i := range in.Forward {
		if slices.ContainsFunc(in.Forward[i].Events, func(pattern string) bool { ok, _ := path.Match(pattern, event); return ok }) {
			return &in.Forward[i]
		}
	}
	return nil
}

// ours reports whether an address is this instance's own: it has the secret, at any host, or an older secret at the
// same base address.
func ours(h provider.Hook, base, instance string, secret provider.Token) bool {
	if base != "" && strings.HasPrefix(h.URL.Reveal(), base+callback.Path(instance, "")) {
		return true
	}
	u, err := url.Parse(h.URL.Reveal())
	return err == nil && strings.HasSuffix(u.Path, callback.Path(instance, secret))
}

// hostOf returns the part of an address that may be shown.
func hostOf(address provider.Token) string {
	if address == "" {
		return ""
	}
	u, err := url.Parse(address.Reveal())
	if err != nil || u.Host == "" {
		return "an address that is not readable"
	}
	return u.Hostname()
}
