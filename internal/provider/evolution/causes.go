package evolution

import (
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/say"
)

// causes lists what the servers' own words mean (E9).
var causes = []spec.Cause{
	{Key: "address", Codes: []say.Code{otherServer}},
	{Key: "token", Codes: []say.Code{wrongKeyOrServer, wrongKey}},
	{Key: "starting", Codes: []say.Code{connecting}},
	{Key: "logged-out", Says: []string{"client is nil", "connection closed", "connection was lost", "websocket not connected", "properties of undefined", "undefined or null to object"}, Codes: []say.Code{notConnected, notLoaded}},
	{Key: "deleted", Says: []string{"instance does not exist"}, Codes: []say.Code{noInstance}},
	{
		Key: "not-activated", Scope: spec.OfInstance, Says: []string{"is not activated"}, Codes: []say.Code{notActivated},
		Title: say.In("The server has no active licence",
			"O servidor não tem licença ativa",
			"El servidor no tiene una licencia activa"),
		Why: say.In("Evolution API 2.4 answers nothing before it is activated.",
			"A Evolution API 2.4 não responde nada antes de ser ativada.",
			"Evolution API 2.4 no responde nada antes de ser activada."),
		Remedy: say.In("Open the server's manager and activate it; what waits goes on without a restart.",
			"Abra o gerenciador do servidor e ative-o; o que espera continua sozinho.",
			"Abra el administrador del servidor y actívelo; lo que espera sigue solo."),
	},
	{Key: "overlimit", Says: []string{"rate limit exceeded"}},
	{Key: "wrong-path", Says: []string{"cannot post /", "cannot get /"}},
	{Key: "bad-request", Says: []string{"array of numeric strings", "requires property", "failed to bind request"}},
	{
		Key: "name-too-long", Scope: spec.OfRequest, Says: []string{"creategrouprequest.subject"},
		Title: say.In("The name is too long for this server",
			"O nome é longo demais para este servidor",
			"El nombre es demasiado largo para este servidor"),
		Why: say.In("whatsmiau takes group names of at most 25 characters.",
			"O whatsmiau aceita nomes de grupo de no máximo 25 caracteres.",
			"whatsmiau acepta nombres de grupo de hasta 25 caracteres."),
		Remedy: say.In("Send the group again with a shorter name, or to an instance on Evolution API.",
			"Envie o grupo de novo com um nome mais curto, ou para uma instância na Evolution API.",
			"Envíe el grupo otra vez con un nombre más corto, o a una instancia en Evolution API."),
	},
	{
		Key: "after-birth", Scope: spec.OfNetwork, Says: []string{"error creating group"}, Vague: true,
		Title: say.In("The server failed while it made the group",
			"O servidor falhou enquanto criava o grupo",
			"El servidor falló mientras creaba el grupo"),
		Why: say.In("Evolution API gives this answer to every failure, also when the group exists.",
			"A Evolution API dá esta resposta a toda falha, também quando o grupo existe.",
			"Evolution API da esta respuesta a toda falla, también cuando el grupo existe."),
		Remedy: say.In("Nothing: rollcall looks for the group in the server's list and takes it if it is there.",
			"Nada: o rollcall procura o grupo na lista do servidor e o adota se estiver lá.",
			"Nada: rollcall busca el grupo en la lista del servidor y lo adopta si está ahí."),
	},
}
