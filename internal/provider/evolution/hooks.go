package evolution

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

var _ provider.HookSetter = (*Client)(nil)

// everything is the event of an instance's only address, which gets all events.
const everything = "webhook"

// followed lists the events that rollcall needs (E8).
var followed = []string{"CONNECTION_UPDATE", "GROUP_PARTICIPANTS_UPDATE", "MESSAGES_UPDATE"}

// oneAddress stands in Hook.Off if the server appends each event's name to the address.
const oneAddress = "byEvents: false"

// hookSettings is the answer of webhook/find (E8). webhook/set has other names for the last two fields.
type hookSettings struct {
	Enabled         wire.Bool
	URL             wire.Text
	Events          []string
	WebhookByEvents wire.Bool
	WebhookBase64   wire.Bool
}

// settings reads webhook/find. The answer is null for an instance without a webhook. whatsmiau puts the settings under
// "webhook".
func (cl *Client) settings(ctx context.Context) (hookSettings, error) {
	var s hookSettings
	err := cl.wire.Do(ctx, wire.Call{
		Op: "read the webhooks", Method: webhookFind, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
		Decode: func(body []byte) error {
			s = hookSettings{}
			if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
				return nil
			}
			var v map[string]json.RawMessage
			if err := json.Unmarshal(body, &v); err != nil {
				return err
			}
			if inner, wrapped := v["webhook"]; wrapped {
				return json.Unmarshal(inner, &s)
			}
			if _, told := v["url"]; !told {
				return errors.New("it does not say where webhooks go")
			}
			return json.Unmarshal(body, &s)
		},
	})
	return s, err
}

// Hooks reads webhook/find.
func (cl *Client) Hooks(ctx context.Context) ([]provider.Hook, error) {
	s, err := cl.settings(ctx)
	if err != nil {
		return nil, err
	}
	h := provider.Hook{Event: everything}
	if s.Enabled == wire.Yes {
		h.URL = provider.Token(s.URL)
	}
	for _, event := range followed {
		if !slices.Contains(s.Events, event) {
			h.Off = append(h.Off, event)
		}
	}
	if s.WebhookByEvents == wire.Yes {
		h.Off = append(h.Off, oneAddress)
	}
	return []provider.Hook{h}, nil
}

// SetHook posts webhook/set, which replaces all settings, so the present events are sent again.
func (cl *Client) SetHook(ctx context.Context, h provider.Hook) error {
	present, err := cl.settings(ctx)
	if err != nil {
		return err
	}
	events := slices.Clone(present.Events)
	for _, event := range followed {
		if !slices.Contains(events, event) {
			events = append(events, event)
		}
	}
	type webhook struct {
		Enabled  bool     `json:"enabled"`
		URL      string   `json:"url"`
		ByEvents bool     `json:"byEvents"`
		Base64   bool     `json:"base64"`
		Events   []string `json:"events"`
	}
	return cl.wire.Do(ctx, wire.Call{
		Op: "set the webhooks", Method: webhookSet, Scope: provider.ScopeInstance,
		Kind: wire.Read, // setting the same again changes nothing, so it may be repeated like a read
		Body: struct {
			Webhook webhook `json:"webhook"`
		}{webhook{h.URL != "", h.URL.Reveal(), false, present.WebhookBase64 == wire.Yes, events}},
		Private: h.Secrets(),
		Decode: func(body []byte) error {
			if !json.Valid(body) || body[0] != '{' {
				return errors.New("it does not confirm the settings")
			}
			return nil
		},
	})
}
