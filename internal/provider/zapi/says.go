package zapi

import "github.com/rollcallhq/rollcall/internal/say"

// What a state means, and what helps.
var (
	phoneOffline = say.Define("zapi.phoneOffline",
		"The phone is offline: put it back on the network.",
		"O telefone está sem rede: conecte-o de novo.",
		"El teléfono está sin red: conéctelo de nuevo.")
	unpaid = say.Define("zapi.unpaid",
		"The instance is unpaid: subscribe to it again in Z-API's panel.",
		"A instância não está paga: assine-a de novo no painel da Z-API.",
		"La instancia no está pagada: suscríbala de nuevo en el panel de Z-API.")
	sessionLost = say.Define("zapi.sessionLost",
		"The session is lost: restore it in Z-API's panel.",
		"A sessão se perdeu: restaure-a no painel da Z-API.",
		"La sesión se perdió: restáurela en el panel de Z-API.")
	notConnected = say.Define("zapi.notConnected",
		"The number is not connected: scan the QR code in Z-API's panel.",
		"O número não está conectado: leia o QR code no painel da Z-API.",
		"El número no está conectado: escanee el código QR en el panel de Z-API.")
)

// The meaning of a refusal without a reason.
var (
	notAdded               = say.Define("zapi.notAdded", "Z-API did not add this person", "a Z-API não adicionou esta pessoa", "Z-API no agregó a esta persona")
	neitherAddedNorInvited = say.Define("zapi.notInvited", "Z-API could neither add nor invite this person", "a Z-API não pôde adicionar nem convidar esta pessoa", "Z-API no pudo agregar ni invitar a esta persona")
	notTaken               = say.Define("zapi.notTaken", "Z-API did not accept the setting", "a Z-API não aceitou a configuração", "Z-API no aceptó la configuración")
	noLID                  = say.Define("zapi.noLID", "Z-API cannot add a person by a LID", "a Z-API não pode adicionar uma pessoa por um LID", "Z-API no puede agregar a una persona por un LID")
)
