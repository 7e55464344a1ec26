package zapi

import (
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/tasks"
)

// title is what people call the provider.
const title = "Z-API"

// Spec describes Z-API.
var Spec = spec.Provider{
	Title:  title,
	Traits: traits,
	Address: spec.Address{
		Default: "https://api.z-api.io", // the only host there is
		Within:  []string{"/instances/"},
	},
	Credentials: []spec.Credential{
		{Key: spec.TokenKey, Title: "token", Required: true, Doc: "the instance's token."},
		// Optional until a person activates it in the account. Then every instance of the account requires it.
		{Key: clientTokenKey, Title: "client token", Header: true, Doc: "the account's security token, if it is switched on there."},
	},
	Callback: spec.Callback{
		Decode: decodeCallback, Headers: []string{"z-api-token"}, HTTPSOnly: true,
		Events:   "`received` `delivery` `message-status` `connected` `disconnected`, as in `update-webhook-…`",
		Entering: "the same address goes into each of the fields",
	},
	Causes: causes,
	New:    connect,
}

// clientTokenKey is the key of the account's security token, which travels as the header Client-Token.
const clientTokenKey = "client_token"

// traits hold for every instance. How long a new group may be missing from /groups is undocumented, so
// ListLag stays zero and the looks of the configuration decide.
var traits = provider.Traits{
	Name: "zapi", AddLater: true, NativeInvite: true, CheckShowsUnpaid: true,
	Setup: provider.SetupTraits{Photo: true, Description: true, Admins: true, Settings: tasks.SettingNames[:], Approve: true},
}
