package gowa

import (
	"strings"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// title is what people call the provider.
const title = "GOWA"

// Spec describes GOWA.
var Spec = spec.Provider{
	Title:        title,
	Traits:       traits,
	NamedByUsers: true,
	Address: spec.Address{
		Doc:    "GOWA is self-hosted: the server's own address, with its `APP_BASE_PATH` if it has one, such as `http://gowa:3000`.",
		Within: []string{"/devices"},
	},
	Credentials: []spec.Credential{{
		Key: spec.TokenKey, Title: "user name and password", Header: true,
		Doc: "a pair of the server's `APP_BASIC_AUTH`, as `user:password`; none if the server asks for none.",
		Vet: vetPair,
	}},
	Callback: spec.Callback{
		Decode: decodeCallback, Signed: signed, OneAddress: true, Headers: []string{signatureHeader},
		Events:   "`event`, such as `message` or `group.participants`",
		Entering: "the address is the device's `webhook_url`, and the secret its `webhook_secret`",
	},
	Causes: causes,
	New:    connect,
}

// vetPair returns what is wrong with a text that is not a user name, a colon and a password. The password may contain
// colons.
func vetPair(text string) (what, remedy string) {
	if user, password, _ := strings.Cut(text, ":"); user == "" || password == "" {
		return "it is not a pair of a user name and a password", "write it as user:password"
	}
	return "", ""
}

// traits hold for every device. GOWA refuses a whole create for one number without WhatsApp (W1), and checks one number
// per request (W2).
var traits = provider.Traits{
	Name: "gowa", AddLater: true, CheckFirst: true, LinkApart: true,
	Setup: provider.SetupTraits{
		Photo: true, Description: true, Admins: true, Settings: []string{"onlyAdminsSend", "onlyAdminsEdit"}, Approve: true,
	},
}
