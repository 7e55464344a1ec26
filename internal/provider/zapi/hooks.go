package zapi

import (
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

var _ provider.HookSetter = (*Client)(nil)

// hookKinds are the webhooks of A8 that we follow. update-every-webhooks would redirect those of
// others too: chat presence, and messages that somebody's bot lives on.
func hookKinds() []string {
	return []string{"delivery", "message-status", "connected", "disconnected", "received"}
}

// SetHooks puts update-webhook-… for each kind. Z-API takes https addresses only.
func (cl *Client) SetHooks(ctx context.Context, url string, secret provider.Token) error {
	for _, kind := range hookKinds() {
		op := "set the " + kind + " webhook"
		err := cl.wire.Do(ctx, wire.Call{
			Op: op, Method: "update-webhook-" + kind, Verb: http.MethodPut, Scope: provider.ScopeInstance,
			Kind: wire.Read, // setting the same again changes nothing, so it may be repeated like a read
			Body: struct {
				Value string `json:"value"`
			}{url},
			Private: []string{url, secret.Reveal()},
			Decode:  func(body []byte) error { return readSet(op, body) },
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Restarts is false: Z-API applies webhooks as it goes.
func (*Client) Restarts() bool { return false }
