// Package greenapi is the client of GREEN-API for WhatsApp. It sends what GREEN-API's documentation says,
// and accepts what its answers were seen to hold. docs/providers.md has its quirks with
// their sources; GI#n is an issue of GREEN-API's public tracker (github.com/green-api/issues).
//
// GREEN-API's products for Telegram and MAX have methods of the same names with other answers.
package greenapi

import (
	"context"
	"net/url"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Client is one instance at GREEN-API.
type Client struct{ wire wire.Doer }

var _ provider.Provider = (*Client)(nil)

// connect returns the client of an instance. spec.Provider.Connect has checked the configuration.
func connect(cfg spec.Config) (provider.Provider, error) {
	instance, token := url.PathEscape(cfg.InstanceID), cfg.Credentials[spec.TokenKey]
	inner, err := wire.New(wire.Config{
		Base: cfg.BaseURL,
		Path: func(c wire.Call) string {
			return "/waInstance" + instance + "/" + c.Method + "/" + url.PathEscape(token.Reveal())
		},
		Secrets:   []provider.Token{token},
		Classify:  classify,
		Transport: cfg.Transport,
	})
	if err != nil {
		return nil, err
	}
	if cfg.Layers == nil {
		return &Client{wire: inner}, nil
	}
	return &Client{wire: cfg.Layers(inner)}, nil
}

// Traits returns what holds for every instance.
func (*Client) Traits() provider.Traits { return traits }

// call makes c at the rate that GREEN-API documents for its method.
func (cl *Client) call(ctx context.Context, c wire.Call) error {
	c.PerSecond = perSecond(c.Method)
	return cl.wire.Do(ctx, c)
}

// The wire's methods used here. Old pages begin them with a capital; both work.
const (
	createGroup          = "createGroup"
	addGroupParticipant  = "addGroupParticipant"
	getGroupData         = "getGroupData"
	getContacts          = "getContacts"
	getChats             = "getChats"
	setGroupPicture      = "setGroupPicture"
	updateGroupSettings  = "updateGroupSettings"
	setGroupAdmin        = "setGroupAdmin"
	sendMessage          = "sendMessage"
	showMessagesQueue    = "showMessagesQueue"
	lastOutgoingMessages = "lastOutgoingMessages"
	checkWhatsapp        = "checkWhatsapp"
	getStateInstance     = "getStateInstance"
	getWaSettings        = "getWaSettings"
	getSettings          = "getSettings"
	setSettings          = "setSettings"
)

// perSecond returns the documented number of requests a second for one instance. For getChats and showMessagesQueue,
// which have none, it returns the lowest of the others.
func perSecond(method string) float64 {
	switch method {
	case sendMessage:
		return 50
	case checkWhatsapp, addGroupParticipant, setGroupAdmin:
		return 10
	}
	return traits.ReadsPerSecond
}
