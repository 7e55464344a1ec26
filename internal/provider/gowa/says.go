package gowa

import "github.com/rollcallhq/rollcall/internal/say"

// What a state means, and what helps.
var (
	loggedOut = say.Define("gowa.loggedOut",
		"The device is logged out: scan its QR code in GOWA.",
		"O dispositivo está deslogado: leia o QR code dele no GOWA.",
		"El dispositivo está desvinculado: escanee su código QR en GOWA.")
	notConnected = say.Define("gowa.notConnected",
		"The device has no connection to WhatsApp: reconnect it in GOWA.",
		"O dispositivo está sem conexão com o WhatsApp: reconecte-o no GOWA.",
		"El dispositivo no tiene conexión con WhatsApp: reconéctelo en GOWA.")
	wrongPassword = say.Define("gowa.wrongPassword",
		"The server refuses the user name and password: copy a pair of its APP_BASIC_AUTH into token, as user:password; if it is not GOWA, correct base_url.",
		"O servidor recusa o usuário e a senha: copie um par do APP_BASIC_AUTH dele para token, como usuário:senha; se não é um GOWA, corrija base_url.",
		"El servidor rechaza el usuario y la contraseña: copie un par de su APP_BASIC_AUTH en token, como usuario:contraseña; si no es un GOWA, corrija base_url.")
	noDevice = say.Define("gowa.noDevice",
		"The server has no device of this name: add it in GOWA, or correct instance_id.",
		"O servidor não tem um dispositivo com esse nome: adicione-o no GOWA, ou corrija instance_id.",
		"El servidor no tiene un dispositivo con ese nombre: agréguelo en GOWA, o corrija instance_id.")
	tooOld = say.Define("gowa.tooOld",
		"The server is a GOWA older than rollcall needs: update it to version 9.",
		"O servidor é um GOWA mais antigo do que o rollcall precisa: atualize-o para a versão 9.",
		"El servidor es un GOWA más antiguo de lo que rollcall necesita: actualícelo a la versión 9.")
	noGOWA = say.Define("gowa.otherServer",
		"The server at base_url is not GOWA: correct the address, with the server's APP_BASE_PATH if it has one.",
		"O servidor em base_url não é um GOWA: corrija o endereço, com o APP_BASE_PATH do servidor se ele tiver um.",
		"El servidor en base_url no es un GOWA: corrija la dirección, con el APP_BASE_PATH del servidor si lo tiene.")
)

var tooManyGroups = say.Define("gowa.tooManyGroups", "the number is in {{.N}} groups or more, and WhatsApp lists no more than that",
	"o número está em {{.N}} grupos ou mais, e o WhatsApp não lista mais que isso", "el número está en {{.N}} grupos o más, y WhatsApp no muestra más")
