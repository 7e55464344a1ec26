// Package gowa is the client of GOWA (go-whatsapp-web-multidevice) v9, a server that a user runs. The code in an
// answer, and not its HTTP status, says what happened. The marks W1 to W8 in comments are those of docs/providers.md.
package gowa

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Client is one device of a server.
type Client struct{ wire wire.Doer }

var (
	_ provider.Provider     = (*Client)(nil)
	_ provider.ServerTeller = (*Client)(nil)
	_ provider.JoinReader   = (*Client)(nil)
)

// The methods. Each is the path of its request, except chatMessages. The device's id is in a header, because the server
// does not decode an id in a path (W8).
const (
	createGroup     = "group"
	groupInfo       = "group/info"
	inviteLink      = "group/invite-link"
	addParticipants = "group/participants"
	groupPhoto      = "group/photo"
	groupTopic      = "group/topic"
	groupAnnounce   = "group/announce"
	groupLocked     = "group/locked"
	myGroups        = "user/my/groups"
	userCheck       = "user/check"
	sendMessage     = "send/message"
	chatMessages    = "chat/messages" // of the chat in Arg
	appStatus       = "app/status"
	appInfo         = "app/info"

	promoteParticipants = "group/participants/promote"
	joinRequests        = "group/participant-requests"
	approveRequests     = "group/participant-requests/approve"
	rejectRequests      = "group/participant-requests/reject"
)

// connect returns the client of a device. spec.Provider.Connect has checked the configuration.
func connect(cfg spec.Config) (provider.Provider, error) {
	pair := cfg.Credentials[spec.TokenKey].Reveal()
	inner, err := wire.New(wire.Config{
		Base: cfg.BaseURL,
		Path: func(c wire.Call) string {
			if c.Method == chatMessages {
				return "/chat/" + url.PathEscape(c.Arg) + "/messages"
			}
			return "/" + c.Method
		},
		Header:    map[string]provider.Token{"X-Device-Id": provider.Token(url.QueryEscape(cfg.InstanceID))}, // the server decodes it
		Basic:     provider.Token(pair),
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

// Traits returns what holds for every device.
func (*Client) Traits() provider.Traits { return traits }

// call makes c and passes the results of a success to read.
func (cl *Client) call(ctx context.Context, c wire.Call, read func(results json.RawMessage) error) error {
	c.Decode = func(body []byte) error {
		var a answer
		if err := json.Unmarshal(body, &a); err != nil {
			return err
		}
		if a.Code != success {
			return errors.New("it does not say SUCCESS")
		}
		return read(a.Results)
	}
	return cl.wire.Do(ctx, c)
}

// success is the code of an answer that is not a failure.
const success = "SUCCESS"

// answer is the form of every answer of the server (W8).
type answer struct {
	Code, Message wire.Text
	Results       json.RawMessage
}
