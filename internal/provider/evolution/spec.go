package evolution

import (
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// title is what people call the provider.
const title = "Evolution API"

// Spec describes Evolution API.
var Spec = spec.Provider{
	Title:        title,
	Traits:       traits,
	NamedByUsers: true,
	Address: spec.Address{
		Doc:    "Evolution API is self-hosted: the server's own address, such as `http://evolution:8080`. The address of whatsmiau, which speaks the same API, ends with `/v1`.",
		Within: []string{"/manager", "/instance/", "/group/"},
	},
	Credentials: []spec.Credential{{
		Key: spec.TokenKey, Title: "API key", Required: true, Header: true,
		Doc: "the instance's own token, or the server's `AUTHENTICATION_API_KEY`.",
	}},
	Callback: spec.Callback{
		Decode: decodeCallback, OneAddress: true,
		Events:   "`event`, such as `messages.upsert` or `group-participants.update`",
		Entering: "the address is the instance's webhook, without *Webhook by Events*",
	},
	Causes: causes,
	New:    connect,
}

// traits hold for every instance. A create leaves a number without WhatsApp out and reports no error (E1), so
// no check is needed before. No rate of requests is documented. The list of groups does not lag, because the
// server asks WhatsApp for it (E3).
var traits = provider.Traits{
	Name: "evolution", AddLater: true, LinkApart: true,
	Setup: provider.SetupTraits{Photo: true, Description: true, Admins: true, Settings: []string{"onlyAdminsSend", "onlyAdminsEdit"}},
}
