package greenapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

var _ provider.HookSetter = (*Client)(nil)

// everything is the event of GREEN-API's only address.
const everything = "webhook"

// hookSettings is the part of getSettings that concerns webhooks.
type hookSettings struct {
	WID, WebhookURL, WebhookURLToken wire.Text
	OutgoingWebhook, StateWebhook    wire.Bool
}

// Hooks reads getSettings.
func (cl *Client) Hooks(ctx context.Context) ([]provider.Hook, error) {
	var s hookSettings
	err := cl.call(ctx, wire.Call{
		Op: "read the webhooks", Method: getSettings, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
		Decode: func(body []byte) error {
			var present map[string]json.RawMessage
			if err := json.Unmarshal(body, &present); err != nil {
				return err
			}
			if _, told := present["webhookUrl"]; !told {
				return errors.New("it does not say where webhooks go")
			}
			s = hookSettings{}
			return json.Unmarshal(body, &s)
		},
	})
	if err != nil {
		return nil, err
	}
	h := provider.Hook{Event: everything, URL: provider.Token(s.WebhookURL), Token: provider.Token(s.WebhookURLToken)}
	if s.OutgoingWebhook != wire.Yes {
		h.Off = append(h.Off, "outgoingWebhook")
	}
	if s.StateWebhook != wire.Yes {
		h.Off = append(h.Off, "stateWebhook")
	}
	return []provider.Hook{h}, nil
}

// SetHook posts setSettings. It changes only the settings that it names.
func (cl *Client) SetHook(ctx context.Context, h provider.Hook) error {
	settings := map[string]string{"webhookUrl": h.URL.Reveal(), "webhookUrlToken": h.Token.Reveal()}
	for _, kind := range h.Off {
		settings[kind] = "yes"
	}
	return cl.call(ctx, wire.Call{
		Op: "set the webhooks", Method: setSettings, Scope: provider.ScopeInstance,
		Kind:    wire.Read, // setting the same again changes nothing, so it may be repeated like a read
		Body:    settings,
		Private: h.Secrets(),
		Decode: func(body []byte) error {
			var answer struct{ SaveSettings wire.Bool }
			if err := json.Unmarshal(body, &answer); err != nil {
				return err
			}
			switch answer.SaveSettings {
			case wire.Yes:
				return nil
			case wire.No:
				return wire.Refuse("set the webhooks", provider.ScopeInstance, say.Phrase{Code: say.CallNotDone, Name: title})
			}
			return errors.New("it says neither true nor false")
		},
	})
}
