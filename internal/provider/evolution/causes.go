package evolution

import "github.com/rollcallhq/rollcall/internal/provider/spec"

// causes are what the servers' own words mean (E9).
var causes = []spec.Cause{
	{Key: "logged-out", Says: []string{"client is nil", "connection closed", "connection was lost", "websocket not connected"}},
	{Key: "deleted", Says: []string{"instance does not exist"}},
	{Key: "overlimit", Says: []string{"rate limit exceeded"}},
	{Key: "wrong-path", Says: []string{"cannot post /", "cannot get /"}},
	{Key: "bad-request", Says: []string{"array of numeric strings", "requires property", "failed to bind request"}},
	{
		Key: "name-too-long", Scope: spec.OfRequest, Says: []string{"creategrouprequest.subject"},
		Title:  "The name is too long for this server",
		Why:    "whatsmiau takes group names of at most 25 characters.",
		Remedy: "Send the group again with a shorter name, or to an instance on Evolution API.",
	},
	{
		Key: "after-birth", Scope: spec.OfNetwork, Says: []string{"error creating group"}, Vague: true,
		Title:  "The server failed while it made the group",
		Why:    "Evolution API gives this answer to every failure, also when the group exists.",
		Remedy: "Nothing: rollcall looks for the group in the server's list and takes it if it is there.",
	},
}

// portuguese holds the sentences of causes in Brazilian Portuguese.
var portuguese = map[string]string{
	"The name is too long for this server":                                                    "O nome é longo demais para este servidor",
	"whatsmiau takes group names of at most 25 characters.":                                   "O whatsmiau aceita nomes de grupo de no máximo 25 caracteres.",
	"Send the group again with a shorter name, or to an instance on Evolution API.":           "Envie o grupo de novo com um nome mais curto, ou para uma instância na Evolution API.",
	"The server failed while it made the group":                                               "O servidor falhou enquanto criava o grupo",
	"Evolution API gives this answer to every failure, also when the group exists.":           "A Evolution API dá esta resposta a toda falha, também quando o grupo existe.",
	"Nothing: rollcall looks for the group in the server's list and takes it if it is there.": "Nada: o rollcall procura o grupo na lista do servidor e o adota se estiver lá.",
}
