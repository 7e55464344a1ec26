package say

// Quoted is an error that has no code, in its own words.
var Quoted = Define("quoted", "error: \"{{.Text}}\"", "erro: \"{{.Text}}\"", "error: \"{{.Text}}\"")

// The latest error of an instance.
var (
	// CallFailed names the call by Kind, what was answered as Why, and the HTTP status as N.
	CallFailed = Define("call.failed", "{{.Word `op` .Kind}}: {{.Why}}{{if .N}} (HTTP {{.N}}){{end}}",
		"{{.Word `op` .Kind}}: {{.Why}}{{if .N}} (HTTP {{.N}}){{end}}", "{{.Word `op` .Kind}}: {{.Why}}{{if .N}} (HTTP {{.N}}){{end}}")
	QuotaTold = Define("quota.told", "the provider says that the plan's quota is used up: {{.Text}}",
		"o provedor diz que a cota do plano acabou: {{.Text}}", "el proveedor dice que la cuota del plan se agotó: {{.Text}}")

	// What we say for a call that the provider did not answer in words of its own. Name is the provider.
	CallTimeout      = Define("call.timeout", "no answer within {{.Every}} (timeouts.{{.Kind}})", "sem resposta em {{.Every}} (timeouts.{{.Kind}})", "sin respuesta en {{.Every}} (timeouts.{{.Kind}})")
	CallRate         = Define("call.rate", "waiting for the provider's request rate: {{.Why}}", "à espera do ritmo de chamadas do provedor: {{.Why}}", "a la espera del ritmo de llamadas del proveedor: {{.Why}}")
	CallUnreadable   = Define("call.unreadable", "unreadable answer: \"{{.Text}}\"", "resposta ilegível: \"{{.Text}}\"", "respuesta ilegible: \"{{.Text}}\"")
	CallBroken       = Define("call.broken", "the connection failed: \"{{.Text}}\"", "a conexão falhou: \"{{.Text}}\"", "la conexión falló: \"{{.Text}}\"")
	CallNoReason     = Define("call.noReason", "no reason given", "sem motivo informado", "sin motivo indicado")
	CallUnclassified = Define("call.unclassified", "unclassified failure", "falha sem classificação", "fallo sin clasificar")
	CallNotDone      = Define("call.notDone", "{{.Name}} did not do it, and gives no reason", "{{.Name}} não o fez e não diz por quê", "{{.Name}} no lo hizo y no da un motivo")
	CallNoGroup      = Define("call.noGroup", "this is not a group id", "isto não é um id de grupo", "esto no es un id de grupo")
	CallNoAddress    = Define("call.noAddress", "this is not an address of a person", "isto não é o endereço de uma pessoa", "esto no es la dirección de una persona")
	CallNoNumbers    = Define("call.noNumbers", "{{.Name}} creates groups with telephone numbers only, and none is left",
		"{{.Name}} cria grupos só com números de telefone, e não sobrou nenhum", "{{.Name}} crea grupos solo con números de teléfono, y no queda ninguno")
	CallByNumber    = Define("call.byNumber", "{{.Name}} knows people by their number only", "{{.Name}} conhece pessoas só pelo número", "{{.Name}} conoce a las personas solo por su número")
	CallNoNative    = Define("call.noNative", "{{.Name}} has no native invitations: set invite_via to text", "{{.Name}} não tem convites nativos: defina invite_via como text", "{{.Name}} no tiene invitaciones nativas: ponga invite_via en text")
	CallTwoSettings = Define("call.twoSettings", "{{.Name}} can change who may send messages and who may edit the group, and no other setting",
		"{{.Name}} pode mudar quem envia mensagens e quem edita o grupo, e nenhuma outra permissão", "{{.Name}} puede cambiar quién envía mensajes y quién edita el grupo, y ningún otro permiso")
	CallNoDescription = Define("call.noDescription", "{{.Name}} cannot set the description of a group", "{{.Name}} não pode definir a descrição de um grupo", "{{.Name}} no puede poner la descripción de un grupo")
	CallNoApproval    = Define("call.noApproval", "{{.Name}} cannot approve or reject requests to join", "{{.Name}} não pode aprovar nem recusar pedidos de entrada", "{{.Name}} no puede aprobar ni rechazar solicitudes de ingreso")
	CallEndless       = Define("call.endless", "the list has no end after {{.N}} pages", "a lista não tem fim depois de {{.N}} páginas", "la lista no termina después de {{.N}} páginas")

	_ = defineAll(map[Code]Texts{
		"op:add member":       {"add member", "adicionar membro", "agregar miembro"},
		"op:approve joins":    {"approve joins", "aprovar entradas", "aprobar entradas"},
		"op:check number":     {"check number", "consultar número", "consultar número"},
		"op:check numbers":    {"check numbers", "consultar números", "consultar números"},
		"op:create group":     {"create group", "criar grupo", "crear grupo"},
		"op:find groups":      {"find groups", "procurar grupos", "buscar grupos"},
		"op:find invite":      {"find invite", "procurar convite", "buscar invitación"},
		"op:list groups":      {"list groups", "listar grupos", "listar grupos"},
		"op:promote":          {"promote", "promover", "promover"},
		"op:read invite link": {"read invite link", "ler link de convite", "leer enlace de invitación"},
		"op:read members":     {"read members", "ler membros", "leer miembros"},
		"op:read own number":  {"read own number", "ler o próprio número", "leer el propio número"},
		"op:read state":       {"read state", "ler estado", "leer estado"},
		"op:send invite":      {"send invite", "enviar convite", "enviar invitación"},
		"op:set description":  {"set description", "definir descrição", "poner descripción"},
		"op:set photo":        {"set photo", "definir foto", "poner foto"},
		"op:set settings":     {"set settings", "definir permissões", "poner permisos"},
	})
)
