package zapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

var _ provider.HookSetter = (*Client)(nil)

// receivedAndSent is the variant of the event "received" that also reports what the number itself sends. In Z-API's
// documentation the two share one address of the panel, but each has a field and a call of its own. The
// documentation does not say which of them wins.
const receivedAndSent = "received-delivery"

// me is the part of /me that says where webhooks go. The answer holds the instance's token.
type me struct {
	ID, DeliveryCallbackURL, MessageStatusCallbackURL, ConnectedCallbackURL, DisconnectedCallbackURL,
	ReceivedCallbackURL, ReceivedAndDeliveryCallbackURL wire.Text
	Connected wire.Bool
}

// Hooks reads /me. update-every-webhooks is not used: it would redirect chat presence too.
func (cl *Client) Hooks(ctx context.Context) ([]provider.Hook, error) {
	var m me
	err := cl.wire.Do(ctx, wire.Call{
		Op: "read the webhooks", Method: "me", Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
		Decode: func(body []byte) error {
			m = me{}
			if err := json.Unmarshal(body, &m); err != nil {
				return err
			}
			if m.ID == "" && m.Connected == wire.Unsaid {
				return errors.New("it describes no instance")
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	received := provider.Hook{Event: "received", URL: provider.Token(m.ReceivedCallbackURL)}
	if m.ReceivedCallbackURL == "" && m.ReceivedAndDeliveryCallbackURL != "" {
		received = provider.Hook{Event: receivedAndSent, Word: "received", URL: provider.Token(m.ReceivedAndDeliveryCallbackURL)}
	}
	return []provider.Hook{
		{Event: "delivery", URL: provider.Token(m.DeliveryCallbackURL)},
		{Event: "message-status", URL: provider.Token(m.MessageStatusCallbackURL)},
		{Event: "connected", URL: provider.Token(m.ConnectedCallbackURL)},
		{Event: "disconnected", URL: provider.Token(m.DisconnectedCallbackURL)},
		received,
	}, nil
}

// SetHook puts update-webhook-…. Z-API takes https addresses only.
func (cl *Client) SetHook(ctx context.Context, h provider.Hook) error {
	op := "set the " + h.Event + " webhook"
	return cl.wire.Do(ctx, wire.Call{
		Op: op, Method: "update-webhook-" + h.Event, Verb: http.MethodPut, Scope: provider.ScopeInstance,
		Kind: wire.Read, // setting the same again changes nothing, so it may be repeated like a read
		Body: struct {
			Value string `json:"value"`
		}{h.URL.Reveal()},
		Private: h.Secrets(),
		Decode:  func(body []byte) error { return readSet(op, body) },
	})
}
