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
	// Word is the word by which forward: knows these webhooks. Defaults to Event.
	Word string
	// URL can hold a secret of its receiver. "" means that no webhook is sent.
	URL Token
	// Token is sent with the webhooks as "Authorization: Bearer", if the provider supports that.
	Token Token
	// Off are the kinds of webhooks rollcall follows that are switched off at the provider.
	Off []string
}

// Secrets returns the texts of h that no error may repeat: the address, its longer parts, the token.
func (h Hook) Secrets() []string {
	all := []string{h.URL.Reveal(), h.Token.Reveal()}
	for _, part := range strings.FieldsFunc(h.URL.Reveal(), func(r rune) bool { return strings.ContainsRune("/?&=#@", r) }) {
		if len(part) >= shortSecret {
			all = append(all, part)
		}
	}
	return all
}

// shortSecret is the length from which a part of an address counts as a secret.
const shortSecret = 12

// HookSetter is a provider whose webhooks can be read and set through its own API.
type HookSetter interface {
	// Hooks reads the addresses of the events that rollcall follows: what concerns groups,
	// messages and the instance's state.
	Hooks(ctx context.Context) ([]Hook, error)
	// SetHook replaces one of the addresses that Hooks returned, or ends its webhooks if URL is "". It switches on what
	// is Off. Setting the same again changes nothing, so the call may be repeated; if it restarts the instance, each
	// repetition does too.
	SetHook(ctx context.Context, h Hook) error
}
