package evolution

import "github.com/rollcallhq/rollcall/internal/say"

// What a state means, and what helps.
var (
	connecting = say.Define("evolution.connecting",
		"The server is connecting to WhatsApp: wait a minute; if it stays, scan the QR code in the server's manager.",
		"O servidor está se conectando ao WhatsApp: espere um minuto; se continuar, leia o QR code no gerenciador do servidor.",
		"El servidor se está conectando a WhatsApp: espere un minuto; si sigue, escanee el código QR en el administrador del servidor.")
	notConnected = say.Define("evolution.notConnected",
		"The number is not connected: scan the QR code in the server's manager.",
		"O número não está conectado: leia o QR code no gerenciador do servidor.",
		"El número no está conectado: escanee el código QR en el administrador del servidor.")
	notLoaded = say.Define("evolution.notLoaded",
		"The server has not loaded the instance: connect it in the server's manager, or restart the server.",
		"O servidor não carregou a instância: conecte-a no gerenciador do servidor, ou reinicie o servidor.",
		"El servidor no cargó la instancia: conéctela en el administrador del servidor, o reinicie el servidor.")
	stateUnknown = say.Define("evolution.stateUnknown",
		"Evolution API reports a state that is not documented.",
		"A Evolution API informa um estado que não está documentado.",
		"Evolution API informa un estado que no está documentado.")
	wrongKeyOrServer = say.Define("evolution.wrongKeyOrServer",
		"The server refuses the API key: copy that of the server into token; if it is neither Evolution API nor whatsmiau, correct base_url.",
		"O servidor recusa a chave da API: copie a do servidor para token; se não é Evolution API nem whatsmiau, corrija base_url.",
		"El servidor rechaza la clave de la API: copie la del servidor en token; si no es Evolution API ni whatsmiau, corrija base_url.")
	wrongKey = say.Define("evolution.wrongKey",
		"The server refuses the API key: copy the instance's token, or the server's AUTHENTICATION_API_KEY, into token.",
		"O servidor recusa a chave da API: copie o token da instância, ou a AUTHENTICATION_API_KEY do servidor, para token.",
		"El servidor rechaza la clave de la API: copie el token de la instancia, o la AUTHENTICATION_API_KEY del servidor, en token.")
	noInstance = say.Define("evolution.noInstance",
		"The server has no instance of this name: create it in the server's manager, or correct instance_id.",
		"O servidor não tem uma instância com esse nome: crie-a no gerenciador do servidor, ou corrija instance_id.",
		"El servidor no tiene una instancia con ese nombre: créela en el administrador del servidor, o corrija instance_id.")
	notActivated = say.Define("evolution.notActivated",
		"The server has no active licence and answers nothing: open its manager and activate it.",
		"O servidor não tem licença ativa e não responde nada: abra o gerenciador dele e ative-a.",
		"El servidor no tiene una licencia activa y no responde nada: abra su administrador y actívela.")
	otherServer = say.Define("evolution.otherServer",
		"The server at base_url is not an Evolution API: correct the address (that of whatsmiau ends with /v1).",
		"O servidor em base_url não é uma Evolution API: corrija o endereço (o do whatsmiau termina com /v1).",
		"El servidor en base_url no es una Evolution API: corrija la dirección (la de whatsmiau termina en /v1).")
)

var listCut = say.Define("evolution.listCut", "the list has exactly {{.N}} groups, where WhatsApp may have cut it",
	"a lista tem exatamente {{.N}} grupos, onde o WhatsApp pode tê-la cortado", "la lista tiene exactamente {{.N}} grupos, donde WhatsApp puede haberla cortado")

var takenForAnother = say.Define("evolution.takenForAnother",
	"the server takes this number for another person's: delete it from the server's table IsOnWhatsapp, or set DATABASE_SAVE_IS_ON_WHATSAPP=false there",
	"o servidor toma este número pelo de outra pessoa: apague-o da tabela IsOnWhatsapp do servidor, ou defina lá DATABASE_SAVE_IS_ON_WHATSAPP=false",
	"el servidor toma este número por el de otra persona: bórrelo de la tabla IsOnWhatsapp del servidor, o defina allí DATABASE_SAVE_IS_ON_WHATSAPP=false")

var slowCheck = say.Define("evolution.slowCheck",
	"the server did not say in time which numbers it takes for another person's",
	"o servidor não disse a tempo quais números toma pelos de outra pessoa",
	"el servidor no dijo a tiempo qué números toma por los de otra persona")
