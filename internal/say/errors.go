package say

// The latest error of an instance.
var (
	// CallFailed names the call by Kind, what was answered as Why, and the HTTP status as N.
	CallFailed = Define("call.failed", "{{.Word `op` .Kind}}: {{.Why}}{{if .N}} (HTTP {{.N}}){{end}}",
		"{{.Word `op` .Kind}}: {{.Why}}{{if .N}} (HTTP {{.N}}){{end}}", "{{.Word `op` .Kind}}: {{.Why}}{{if .N}} (HTTP {{.N}}){{end}}")
	QuotaTold = Define("quota.told", "the provider says that the plan's quota is used up: {{.Text}}",
		"o provedor diz que a cota do plano acabou: {{.Text}}", "el proveedor dice que la cuota del plan se agotó: {{.Text}}")

	_ = defineAll(map[Code]Texts{
		"op:add member":       In("add member", "adicionar membro", "agregar miembro"),
		"op:approve joins":    In("approve joins", "aprovar entradas", "aprobar entradas"),
		"op:check number":     In("check number", "consultar número", "consultar número"),
		"op:check numbers":    In("check numbers", "consultar números", "consultar números"),
		"op:create group":     In("create group", "criar grupo", "crear grupo"),
		"op:find groups":      In("find groups", "procurar grupos", "buscar grupos"),
		"op:find invite":      In("find invite", "procurar convite", "buscar invitación"),
		"op:list groups":      In("list groups", "listar grupos", "listar grupos"),
		"op:promote":          In("promote", "promover", "promover"),
		"op:read invite link": In("read invite link", "ler link de convite", "leer enlace de invitación"),
		"op:read members":     In("read members", "ler membros", "leer miembros"),
		"op:read own number":  In("read own number", "ler o próprio número", "leer el propio número"),
		"op:read state":       In("read state", "ler estado", "leer estado"),
		"op:send invite":      In("send invite", "enviar convite", "enviar invitación"),
		"op:set description":  In("set description", "definir descrição", "poner descripción"),
		"op:set photo":        In("set photo", "definir foto", "poner foto"),
		"op:set settings":     In("set settings", "definir permissões", "poner permisos"),
	})
)
