package provider

import (
	"context"
	"strings"
)

// Hook is one address that a provider keeps for webhooks. It keeps one for each event, or one for
// all of them.
type Hook struct {
	// Event is the provider's name for the webhooks that go to the address.
	Event string
	// Word is the event's name in the configuration, under forward:. Defaults to Event.
	Word string
	// URL can hold a secret of its receiver. "" means that no webhook is sent.
	URL Token
	// Token is sent with the webhooks as "Authorization: Bearer", if the provider supports that.
	Token Token
	// Off names the settings that SetHook must correct, such as a kind of webhook that rollcall needs and that is
	// switched off at the provider.
	Off []string
}

// Secrets returns the texts of h that no error may repeat: the address, its longer parts, the token.
func (h Hook) Secrets() []string {
	all := []string{h.URL.Reveal(), h.Token.Reveal()}
	for _, part := range strings.FieldsFunc(h.URL.Reveal(), func(r rune) bool { return strings.ContainsRune("/?&=#@", r) }) {
		if len(part) >= minSecret {
			all = append(all, part)
		}
	}
	return all
}

// minSecret is the minimum length of a part of an address that counts as a secret.
const minSecret = 12

// HookSetter is a provider whose webhooks can be read and set through its own API.
type HookSetter interface {
	// Hooks reads the addresses of the events that rollcall follows: what concerns groups,
	// messages and the instance's state.
	Hooks(ctx context.Context) ([]Hook, error)
	// SetHook replaces one of the addresses that Hooks returned, or ends its webhooks if URL is "". It also corrects
	// the settings in Off. The call may be repeated, because setting the same values again changes nothing. At a
	// provider that restarts the instance, each repetition restarts it again.
	SetHook(ctx context.Context, h Hook) error
}
