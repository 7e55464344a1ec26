package gowa

import (
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/say"
)

// causes lists what the server's own words mean (W8).
var causes = []spec.Cause{
	{Key: "address", Codes: []say.Code{tooOld, noGOWA}},
	{Key: "token", Codes: []say.Code{wrongPassword}},
	{Key: "logged-out", Says: []string{"whatsapp cli is invalid", "not logged in", "not connect to services server", "websocket not connected"}, Codes: []say.Code{loggedOut, notConnected}},
	{Key: "deleted", Says: []string{noSuchDevice, "device_id is required"}, Codes: []say.Code{noDevice}},
	{Key: "no-account", Says: []string{"user is not registered"}},
	{Key: "bad-request", Says: []string{"cannot be blank", "bind from body"}},
	{Key: "timeout", Says: []string{"timed out waiting for whatsapp"}},
	{
		Key: "timelock", Scope: spec.OfInstance, Says: []string{"reach-out timelock"},
		Title: say.In("WhatsApp lets this number begin no new chats",
			"O WhatsApp não deixa este número iniciar novas conversas",
			"WhatsApp no permite que este número inicie chats nuevos"),
		Why: say.In("The number is new or wrote to many strangers, so WhatsApp holds its messages to new people back. Groups are created all the same.",
			"O número é novo ou escreveu a muitos desconhecidos, então o WhatsApp retém suas mensagens a pessoas novas. Os grupos são criados mesmo assim.",
			"El número es nuevo o escribió a muchos desconocidos, así que WhatsApp retiene sus mensajes a personas nuevas. Los grupos se crean de todos modos."),
		Remedy: say.In("Let invitations rest; then send fewer of them. People who wrote to the number first can be written to.",
			"Deixe os convites descansarem; depois envie menos. A quem escreveu primeiro ao número, pode-se escrever.",
			"Deje descansar las invitaciones; después envíe menos. A quien escribió primero al número se le puede escribir."),
	},
}
