package zapi

import (
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/say"
)

// causes lists what Z-API's own words mean.
var causes = []spec.Cause{
	{Key: "phone-off", Codes: []say.Code{phoneOffline}},
	{
		Key: "client-token", Scope: spec.OfInstance, Says: []string{"client-token is not configured", "null not allowed"},
		Title: say.In("Client-Token wrong or missing",
			"Client-Token errado ou ausente",
			"Client-Token incorrecto o ausente"),
		Why: say.In("Z-API's account wants its security token with every call, and this one is not it.",
			"A conta da Z-API exige o token de segurança em cada chamada, e este não é ele.",
			"La cuenta de Z-API exige su token de seguridad en cada llamada, y este no lo es."),
		Remedy: say.In("Copy the account security token from Z-API's panel into client_token of this instance and reload the worker.",
			"Copie o token de segurança da conta do painel da Z-API para client_token desta instância e recarregue o worker.",
			"Copie el token de seguridad de la cuenta del panel de Z-API en client_token de esta instancia y recargue el worker."),
	},
	{
		Key: "address-not-allowed", Scope: spec.OfInstance, Says: []string{" not allowed"}, Vague: true,
		Title: say.In("This server's address is not allowed",
			"O endereço deste servidor não é permitido",
			"La dirección de este servidor no está permitida"),
		Why: say.In("Z-API's account has an IP allow-list that does not name this server.",
			"A conta da Z-API tem uma lista de IPs permitidos sem este servidor.",
			"La cuenta de Z-API tiene una lista de IP permitidas que no incluye este servidor."),
		Remedy: say.In("Add the server's address to the list in Z-API's panel, or switch the list off.",
			"Adicione o endereço do servidor à lista no painel da Z-API, ou desligue a lista.",
			"Agregue la dirección del servidor a la lista en el panel de Z-API, o desactive la lista."),
	},
	{Key: "unpaid", Says: []string{"must subscribe to this instance"}, Codes: []say.Code{unpaid}},
	{Key: "restricted", Says: []string{"shadow_ban", "whatsapp rejected", "did not allow sending", "not allow sending"}},
	{Key: "logged-out", Says: []string{"you are not connected", "restore the session"}, Codes: []say.Code{sessionLost, notConnected}},
	{Key: "no-account", Says: []string{"phone number does not exist"}},
}
