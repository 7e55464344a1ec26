// Package evolution is the client of Evolution API v2 and of whatsmiau, which has the same paths with answers
// of its own. Both are servers that a user runs. The client sends only what both accept, and accepts what either
// answers. The marks E1 to E9 in comments are those of docs/providers.md.
package evolution

import (
	"net/url"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Client is one instance of a server.
type Client struct {
	wire     wire.Doer
	instance string
}

var (
	_ provider.Provider     = (*Client)(nil)
	_ provider.ServerTeller = (*Client)(nil)
)

// The methods that the client calls: the part of the path before the instance.
const (
	createGroup       = "group/create"
	findGroupInfos    = "group/findGroupInfos"
	fetchAllGroups    = "group/fetchAllGroups"
	inviteCode        = "group/inviteCode"
	updateParticipant = "group/updateParticipant"
	updatePicture     = "group/updateGroupPicture"
	updateDescription = "group/updateGroupDescription"
	updateSetting     = "group/updateSetting"
	sendText          = "message/sendText"
	findMessages      = "chat/findMessages"
	whatsappNumbers   = "chat/whatsappNumbers"
	connectionState   = "instance/connectionState"
	fetchInstances    = "instance/fetchInstances" // has no instance in its path
	webhookFind       = "webhook/find"
	webhookSet        = "webhook/set"
	welcome           = "welcome" // the server's root
)

// connect returns the client of an instance. spec.Provider.Connect has checked the configuration.
func connect(cfg spec.Config) (provider.Provider, error) {
	key := cfg.Credentials[spec.TokenKey]
	instance := url.PathEscape(cfg.InstanceID)
	inner, err := wire.New(wire.Config{
		Base: cfg.BaseURL,
		Path: func(c wire.Call) string {
			switch c.Method {
			case welcome:
				return ""
			case fetchInstances:
				return "/" + c.Method
			}
			return "/" + c.Method + "/" + instance
		},
		Header:    map[string]provider.Token{"apikey": key},
		Secrets:   []provider.Token{key},
		Classify:  classify,
		Transport: cfg.Transport,
	})
	if err != nil {
		return nil, err
	}
	cl := &Client{wire: inner, instance: cfg.InstanceID}
	if cfg.Layers != nil {
		cl.wire = cfg.Layers(inner)
	}
	return cl, nil
}

// Traits returns what holds for every instance.
func (*Client) Traits() provider.Traits { return traits }
