package say

// The words of the form that corrects a group.
var _ = defineAll(map[Code]Texts{
	"edit-it":             {"Correct it", "Corrigir", "Corregirlo"},
	"edit-title":          {"Correct the group", "Corrigir o grupo", "Corregir el grupo"},
	"edit-invite-message": {"Text of the invitations", "Texto dos convites", "Texto de las invitaciones"},
	"edit-photo":          {"Address of the picture (https)", "Endereço da foto (https)", "Dirección de la foto (https)"},
	"edit-auto-invite": {
		"Invite privately the people who cannot be added",
		"Convidar em particular as pessoas que não puderem ser adicionadas",
		"Invitar en privado a las personas que no se puedan agregar",
	},
	"edit-remove": {"Take out of the group", "Tirar do grupo", "Quitar del grupo"},
	"edit-add":    {"Phones to add, one a line", "Telefones a adicionar, um por linha", "Teléfonos por agregar, uno por línea"},
	"edit-region": {"Country of phones without a country code, as BR (--region)", "País dos telefones sem código do país, como BR (--region)", "País de los teléfonos sin código de país, como MX (--region)"},
	"edit-look":   {"Show what would change", "Mostrar o que mudaria", "Mostrar lo que cambiaría"},
	"edit-plan":   {"What would change", "O que mudaria", "Lo que cambiaría"},
	"edit-nothing": {
		"Nothing differs from what the group asks for already.",
		"Nada difere do que o grupo já pede.",
		"Nada difiere de lo que el grupo ya pide.",
	},
	"edit-in-place": {
		"The waiting group is edited in place: nothing was called for it yet.",
		"O grupo na fila é corrigido no lugar: ainda não houve chamada para ele.",
		"El grupo en espera se corrige en su lugar: aún no hubo ninguna llamada para él.",
	},
	"edit-instead": {
		"Another group is created instead of this one, and each of the two records names the other.",
		"Outro grupo é criado no lugar deste, e cada um dos dois registros indica o outro.",
		"Se crea otro grupo en lugar de este, y cada uno de los dos registros indica el otro.",
	},
	"edit-differs": {
		"The group has changed since. Look at the changes again.",
		"O grupo mudou desde então. Veja as mudanças de novo.",
		"El grupo cambió desde entonces. Revise los cambios otra vez.",
	},
	"edit-new":  {"{{.Name}} is added", "{{.Name}} é adicionado", "{{.Name}} se agrega"},
	"edit-gone": {"{{.Name}} is taken out", "{{.Name}} é tirado", "{{.Name}} se quita"},
	"edit-clear-hidden": {
		"{{.Name}}: take away the text that is not shown because it holds a number",
		"{{.Name}}: remover o texto que não é mostrado porque contém um número",
		"{{.Name}}: quitar el texto que no se muestra porque contiene un número",
	},
	"edit-field":  {"{{.Name}} changes", "{{.Name}} muda", "{{.Name}} cambia"},
	"edit-do":     {"Make these changes", "Fazer estas mudanças", "Hacer estos cambios"},
	"edit-done":   {"Corrected. It waits for its create.", "Corrigido. Está na fila para ser criado.", "Corregido. Espera su creación."},
	"replaced-by": {"Replaced by", "Substituído por", "Reemplazado por"},
	"late-groups": {"Made late at WhatsApp", "Criado tarde no WhatsApp", "Creado tarde en WhatsApp"},
	"late-groups-do": {
		"The answer to a create came late. If the group is needed, retry takes it; if not, delete it by hand in WhatsApp.",
		"A resposta a uma criação chegou tarde. Se o grupo é necessário, tentar de novo o assume; se não, apague-o à mão no WhatsApp.",
		"La respuesta a una creación llegó tarde. Si el grupo se necesita, reintentar lo toma; si no, bórrelo a mano en WhatsApp.",
	},
	"late-groups-delete": {
		"The answer to a create came late. Look at the group on a phone, and delete it by hand in WhatsApp.",
		"A resposta a uma criação chegou tarde. Olhe o grupo em um celular e apague-o à mão no WhatsApp.",
		"La respuesta a una creación llegó tarde. Mire el grupo en un celular y bórrelo a mano en WhatsApp.",
	},
	"replaces": {"Replaces", "Substitui", "Reemplaza a"},
})
