package greenapi

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// title is what people call the provider.
const title = "GREEN-API"

// Spec describes GREEN-API.
var Spec = spec.Provider{
	Title:  title,
	Traits: traits,
	Address: spec.Address{
		// This host serves every instance. GREEN-API calls it temporary, and slower than the instance's own host.
		Default: "https://api.green-api.com",
		Doc:     "GREEN-API's console shows a faster address for each instance (`apiUrl`).",
		Within:  []string{"/waInstance"},
	},
	Credentials: []spec.Credential{{Key: spec.TokenKey, Title: "token", Required: true, Doc: "the instance's token."}},
	Callback: spec.Callback{ //nolint:gosec // the name of a field, no token
		Decode: decodeCallback, TokenField: "webhookUrlToken", OneAddress: true, Restarts: true,
		Events:   "`typeWebhook`, such as `incomingMessageReceived`",
		Entering: "the token goes beside it",
	},
	Causes: causes,
	New:    connect,
}

// traits hold for every instance: new groups reach the contacts within five minutes, a number without WhatsApp makes
// the whole create fail (GI#544), and GREEN-API allows one group in five minutes.
var traits = provider.Traits{
	Name: "greenapi", ListLag: 5 * time.Minute, CheckFirst: true, LinkInRoll: true, AddLater: true, Journal: 24 * time.Hour,
	CreateEvery: 5 * time.Minute, ReadsPerSecond: 1,
	Setup: provider.SetupTraits{
		Photo: true, Admins: true, Settings: []string{"onlyAdminsSend", "onlyAdminsEdit"}, SettingsLag: 5 * time.Minute,
	},
}
