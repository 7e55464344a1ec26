package zapi

import "github.com/rollcallhq/rollcall/internal/provider/spec"

// causes are what Z-API's own words mean (A10).
var causes = []spec.Cause{
	{
		Key: "client-token", Scope: spec.OfInstance, Says: []string{"client-token is not configured", "null not allowed"},
		Title:  "Client-Token wrong or missing",
		Why:    "Z-API's account wants its security token with every call, and this one is not it.",
		Remedy: "Copy the account security token from Z-API's panel into client_token of this instance and reload the worker.",
	},
	{
		Key: "address-not-allowed", Scope: spec.OfInstance, Says: []string{" not allowed"}, Vague: true,
		Title:  "This server's address is not allowed",
		Why:    "Z-API's account has an IP allow-list that does not name this server.",
		Remedy: "Add the server's address to the list in Z-API's panel, or switch the list off.",
	},
	{Key: "unpaid", Says: []string{"must subscribe to this instance"}},
	{Key: "restricted", Says: []string{"shadow_ban", "whatsapp rejected", "did not allow sending", "not allow sending"}},
	{Key: "logged-out", Says: []string{"you are not connected", "restore the session"}},
	{Key: "no-account", Says: []string{"phone number does not exist"}},
}

// portuguese holds the sentences of causes in Brazilian Portuguese.
var portuguese = map[string]string{
	"Client-Token wrong or missing": "Client-Token errado ou ausente",
	"Z-API's account wants its security token with every call, and this one is not it.":                            "A conta da Z-API exige o token de segurança em cada chamada, e este não é ele.",
	"Copy the account security token from Z-API's panel into client_token of this instance and reload the worker.": "Copie o token de segurança da conta do painel da Z-API para client_token desta instância e recarregue o worker.",
	"This server's address is not allowed":                                           "O endereço deste servidor não é permitido",
	"Z-API's account has an IP allow-list that does not name this server.":           "A conta da Z-API tem uma lista de IPs permitidos sem este servidor.",
	"Add the server's address to the list in Z-API's panel, or switch the list off.": "Adicione o endereço do servidor à lista no painel da Z-API, ou desligue a lista.",
}
