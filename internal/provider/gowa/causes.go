package gowa

import "github.com/rollcallhq/rollcall/internal/provider/spec"

// causes are what the server's own words mean (W8).
var causes = []spec.Cause{
	{Key: "logged-out", Says: []string{"whatsapp cli is invalid", "not logged in", "not connect to services server", "websocket not connected"}},
	{Key: "deleted", Says: []string{"device not found", "device_id is required"}},
	{Key: "no-account", Says: []string{"user is not registered"}},
	{Key: "bad-request", Says: []string{"cannot be blank", "bind from body"}},
	{Key: "timeout", Says: []string{"timed out waiting for whatsapp"}},
	{
		Key: "timelock", Scope: spec.OfInstance, Says: []string{"reach-out timelock"},
		Title:  "WhatsApp lets this number begin no new chats",
		Why:    "The number is new or wrote to many strangers, so WhatsApp holds its messages to new people back. Groups are created all the same.",
		Remedy: "Let invitations rest; then send fewer of them. People who wrote to the number first can be written to.",
	},
}

// portuguese holds the sentences of causes in Brazilian Portuguese.
var portuguese = map[string]string{
	"WhatsApp lets this number begin no new chats": "O WhatsApp não deixa este número iniciar novas conversas",
	"The number is new or wrote to many strangers, so WhatsApp holds its messages to new people back. Groups are created all the same.": "O número é novo ou escreveu a muitos desconhecidos, então o WhatsApp retém suas mensagens a pessoas novas. Os grupos são criados mesmo assim.",
	"Let invitations rest; then send fewer of them. People who wrote to the number first can be written to.":                            "Deixe os convites descansarem; depois envie menos. A quem escreveu primeiro ao número, pode-se escrever.",
}
