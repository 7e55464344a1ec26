package greenapi

import "github.com/rollcallhq/rollcall/internal/say"

// What a state means, and what helps.
var (
	loggedOut = say.Define("greenapi.loggedOut",
		"The number is logged out: scan the QR code in GREEN-API's console.",
		"O número está deslogado: leia o QR code no console da GREEN-API.",
		"El número está desvinculado: escanee el código QR en la consola de GREEN-API.")
	phoneOff = say.Define("greenapi.phoneOff",
		"The phone is off: switch it on.",
		"O telefone está desligado: ligue-o.",
		"El teléfono está apagado: enciéndalo.")
	starting = say.Define("greenapi.starting",
		"The instance is starting, which takes up to five minutes; after that, reboot it in GREEN-API's console.",
		"A instância está iniciando, o que leva até cinco minutos; depois disso, reinicie-a no console da GREEN-API.",
		"La instancia está iniciando, lo que toma hasta cinco minutos; después de eso, reiníciela en la consola de GREEN-API.")
	banned = say.Define("greenapi.banned",
		"WhatsApp has banned the number: look at it on the phone.",
		"O WhatsApp baniu o número: veja no telefone.",
		"WhatsApp bloqueó el número: véalo en el teléfono.")
	restricted = say.Define("greenapi.restricted",
		"WhatsApp restricts the number for sending too much: let it rest, then reboot it in GREEN-API's console.",
		"O WhatsApp restringe o número por enviar demais: deixe descansar e depois reinicie no console da GREEN-API.",
		"WhatsApp restringe el número por enviar demasiado: déjelo descansar y luego reinícielo en la consola de GREEN-API.")
	suspended = say.Define("greenapi.suspended",
		"WhatsApp has suspended the number for a time: let it rest.",
		"O WhatsApp suspendeu o número por um tempo: deixe descansar.",
		"WhatsApp suspendió el número por un tiempo: déjelo descansar.")
	stateUnknown = say.Define("greenapi.stateUnknown",
		"GREEN-API reports a state that is not documented.",
		"A GREEN-API informa um estado que não está documentado.",
		"GREEN-API informa un estado que no está documentado.")
)

// Why something is not known, or not done.
var (
	notAdded = say.Define("greenapi.notAdded", "GREEN-API did not add this person: privacy, no admin rights, or a member already",
		"a GREEN-API não adicionou esta pessoa: privacidade, sem direitos de administrador ou já é membro", "GREEN-API no agregó a esta persona: privacidad, sin derechos de administrador o ya es miembro")
	notLoaded = say.Define("greenapi.notLoaded", "the contacts are empty although there are groups among the chats: they are not loaded yet",
		"os contatos estão vazios embora haja grupos entre as conversas: ainda não foram carregados", "los contactos están vacíos aunque hay grupos entre los chats: aún no se cargaron")
	queueCut = say.Define("greenapi.queueCut", "GREEN-API shows only the first {{.N}} messages of its queue, and the message may be behind them",
		"a GREEN-API mostra só as primeiras {{.N}} mensagens da fila, e a mensagem pode estar atrás delas", "GREEN-API muestra solo los primeros {{.N}} mensajes de su cola, y el mensaje puede estar detrás de ellos")
	journalHides = say.Define("greenapi.journalHides", "GREEN-API's journal has a message with this text to a person whose number is hidden",
		"o histórico da GREEN-API tem uma mensagem com este texto para uma pessoa cujo número está oculto", "el historial de GREEN-API tiene un mensaje con este texto a una persona cuyo número está oculto")
)
