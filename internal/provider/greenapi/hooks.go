package greenapi

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

var _ provider.HookSetter = (*Client)(nil)

// SetHooks posts setSettings (B7) with the address, the token that GREEN-API sends beside, and the
// kinds that we follow; settings that are not named stay.
func (cl *Client) SetHooks(ctx context.Context, url string, secret provider.Token) error {
	return cl.call(ctx, wire.Call{
		Op: "set the webhooks", Method: setSettings, Scope: provider.ScopeInstance,
		Kind: wire.Read, // setting the same again changes nothing, so it may be repeated like a read
		Body: struct {
			URL      string `json:"webhookUrl"`
			Token    string `json:"webhookUrlToken"`
			Outgoing string `json:"outgoingWebhook"`
			State    string `json:"stateWebhook"`
		}{url, secret.Reveal(), "yes", "yes"},
		Private: []string{url, secret.Reveal()},
		Decode: func(body []byte) error {
			var answer struct{ SaveSettings wire.Bool }
			if err := json.Unmarshal(body, &answer); err != nil {
				return err
			}
			switch answer.SaveSettings {
			case wire.Yes:
				return nil
			case wire.No:
				return wire.Refuse("set the webhooks", provider.ScopeInstance, "GREEN-API did not take the settings")
			}
			return errors.New("it says neither true nor false")
		},
	})
}

// Restarts is true: new settings restart the instance, for up to five minutes (B5).
func (*Client) Restarts() bool { return true }
