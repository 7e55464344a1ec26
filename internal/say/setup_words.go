package say

// The words of a group's set-up, by kind and name.
var _ = defineAll(map[Code]Texts{
	"set-up":            In("Set-up", "Preparação", "Preparación"),
	"set-up-step":       In("Step", "Etapa", "Paso"),
	"table-of-set-up":   In("Table of the set-up", "Tabela da preparação", "Tabla de la preparación"),
	"next-try":          In("next try", "próxima tentativa", "próximo intento"),
	"step:photo":        In("Picture", "Foto", "Foto"),
	"step:description":  In("Description", "Descrição", "Descripción"),
	"step:settings":     In("Settings", "Permissões", "Permisos"),
	"step:admins":       In("Admins", "Administradores", "Administradores"),
	"step:welcome":      In("Welcome message", "Mensagem de boas-vindas", "Mensaje de bienvenida"),
	"setup:wanted":      In("to do", "a fazer", "por hacer"),
	"setup:done":        In("done", "feito", "hecho"),
	"setup:refused":     In("refused", "recusado", "rechazado"),
	"setup:unsupported": In("not supported", "sem suporte", "no disponible"),
	"setup:unknown":     In("uncertain", "incerto", "incierto"),
	"person:staff":      In("staff", "equipe", "personal"),
	"person:admin":      In("admin of the group", "administrador do grupo", "administrador del grupo"),
})
