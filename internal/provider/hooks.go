package provider

import "context"

// HookSetter is a provider whose webhooks can be set through its own API. Both are.
type HookSetter interface {
	// SetHooks makes the provider send the webhooks that concern groups, messages and the
	// instance's state to an address that holds the secret. Setting them again changes nothing,
	// so the call may be repeated; where it Restarts, each time restarts the instance.
	SetHooks(ctx context.Context, url string, secret Token) error
	// Restarts says that setting webhooks restarts the instance, which takes minutes.
	Restarts() bool
}
