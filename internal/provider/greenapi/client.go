// Package greenapi speaks to GREEN-API for WhatsApp. What is sent is what its documentation says;
// what is accepted is what was seen. The sections named in comments are those of
// docs/providers.md and of the fact sheet behind it (B1 to B11).
//
// GREEN-API's products for Telegram and MAX have methods of the same names with other answers.
package greenapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Config is one instance at GREEN-API.
type Config struct {
	// BaseURL is the instance's apiUrl from the console, such as https://7105.api.greenapi.com.
	// Defaults to https://api.green-api.com, which serves every instance, slower (B1).
	BaseURL string
	// InstanceID is idInstance and Token is apiTokenInstance. Required.
	InstanceID string
	Token      provider.Token
	// Transport carries the requests. Defaults to wire.NewTransport().
	Transport http.RoundTripper
	// Layers is put around the wire. Defaults to nothing.
	Layers func(wire.Doer) wire.Doer
}

// Client is one instance at GREEN-API.
type Client struct{ wire wire.Doer }

var _ provider.Provider = (*Client)(nil)

// New checks the configuration; nothing is sent.
func New(cfg Config) (*Client, error) {
	if cfg.BaseURL == "" {
		cfg.BaseURL = "https://api.green-api.com"
	}
	switch {
	case cfg.InstanceID == "":
		return nil, errors.New("greenapi: instance_id is missing")
	case cfg.Token == "":
		return nil, errors.New("greenapi: token is missing")
	}
	instance, token := url.PathEscape(cfg.InstanceID), cfg.Token
	inner, err := wire.New(wire.Config{
		Base: cfg.BaseURL,
		Path: func(c wire.Call) string {
			return "/waInstance" + instance + "/" + c.Method + "/" + url.PathEscape(token.Reveal())
		},
		Secrets:   []provider.Token{cfg.Token},
		Classify:  classify,
		Transport: cfg.Transport,
	})
	if err != nil {
		return nil, fmt.Errorf("greenapi: %w", err)
	}
	if cfg.Layers == nil {
		return &Client{wire: inner}, nil
	}
	return &Client{wire: cfg.Layers(inner)}, nil
}

// Traits tells what does not change: new groups reach the contacts within five minutes (B4), and
// a number without WhatsApp breaks the whole create (GI#544).
func (*Client) Traits() provider.Traits {
	return provider.Traits{Name: "greenapi", ListLag: 5 * time.Minute, CheckFirst: true, LinkInRoll: true, AddLater: true, Journal: 24 * time.Hour}
}

// call does c at the rate GREEN-API documents for its method.
func (cl *Client) call(ctx context.Context, c wire.Call) error {
	c.PerSecond = perSecond(c.Method)
	return cl.wire.Do(ctx, c)
}

// The wire's methods used here. Old pages begin them with a capital; both work (B1).
const (
	createGroup          = "createGroup"
	addGroupParticipant  = "addGroupParticipant"
	getGroupData         = "getGroupData"
	getContacts          = "getContacts"
	getChats             = "getChats"
	sendMessage          = "sendMessage"
	showMessagesQueue    = "showMessagesQueue"
	lastOutgoingMessages = "lastOutgoingMessages"
	checkWhatsapp        = "checkWhatsapp"
	getStateInstance     = "getStateInstance"
	getWaSettings        = "getWaSettings"
	getSettings          = "getSettings"
	setSettings          = "setSettings"
)

// perSecond is the documented number of requests a second for one instance (B9). For getChats
// and showMessagesQueue none is documented; they are taken for the slowest.
func perSecond(method string) float64 {
	switch method {
	case sendMessage:
		return 50
	case checkWhatsapp, addGroupParticipant:
		return 10
	}
	return 1
}
