package say

// Why something that a person asks for is not done now. The English has no full stop: errors carry it.
var (
	GroupIs = Define("group.is", "the group is {{.Word `status` .Kind}}", "o grupo está: {{.Word `status` .Kind}}", "el grupo está: {{.Word `status` .Kind}}")

	RefusedFull     = Define("refused.full", "WhatsApp allows {{.N}} people besides the owner", "o WhatsApp permite {{.N}} pessoas além do dono", "WhatsApp permite {{.N}} personas además del dueño")
	RefusedReplaced = Define("refused.replaced", "a corrected row was accepted in its place", "uma linha corrigida foi aceita no lugar dele", "se aceptó una fila corregida en su lugar")
	RefusedExpired  = Define("refused.expired", "its expiresAt has passed; send it again with a later one",
		"o expiresAt dele já passou; envie-o de novo com um posterior", "su expiresAt ya pasó; envíelo de nuevo con uno posterior")
	RefusedExists = Define("refused.exists", "the group exists at WhatsApp: another create would make it twice",
		"o grupo existe no WhatsApp: criá-lo de novo faria um segundo", "el grupo existe en WhatsApp: crearlo de nuevo haría un segundo")
	RefusedNoRequest = Define("refused.noRequest", "the person does not ask to join the group, or not any more",
		"a pessoa não pede para entrar no grupo, ou não mais", "la persona no pide entrar en el grupo, o ya no")
	RefusedEdit = Define("refused.edit", "the group is {{.Kind}}: {{.Why}}", "o grupo está: {{.Word `status` .Kind}}. {{.Why}}", "el grupo está: {{.Word `status` .Kind}}. {{.Why}}")
	// RefusedEditOf has the group that replaces the edited one as Name.
	RefusedEditOf = Define("refused.editOf", "{{.Name}} replaces the group: edit that one", "{{.Name}} substitui o grupo: edite esse", "{{.Name}} reemplaza al grupo: edite ese")
	EditReview    = Define("refused.editReview", "end its review first (resolve)", "encerre antes a revisão dele (resolve)", "termine antes su revisión (resolve)")
	EditAbandoned = Define("refused.editAbandoned", "its review was abandoned, and the group may exist. Open the review again (retry) and end it (resolve)",
		"a revisão dele foi abandonada, e o grupo pode existir. Abra a revisão de novo (retry) e encerre-a (resolve)",
		"su revisión se abandonó, y el grupo puede existir. Abra la revisión de nuevo (retry) y termínela (resolve)")
	EditOpen = Define("refused.editOpen", "wait until it is known whether the group exists. If it does, add people to it (add); if it failed, edit it then",
		"espere até se saber se o grupo existe. Se existir, adicione pessoas a ele (add); se falhou, edite-o então",
		"espere hasta saber si el grupo existe. Si existe, agréguele personas (add); si falló, edítelo entonces")
	EditExists = Define("refused.editExists", "the group exists at WhatsApp. Add people to it (add); change the rest at WhatsApp",
		"o grupo existe no WhatsApp. Adicione pessoas a ele (add); mude o resto no WhatsApp", "el grupo existe en WhatsApp. Agréguele personas (add); cambie lo demás en WhatsApp")
	RefusedChanged = Define("refused.changed", "the group was changed at the same moment", "o grupo foi alterado no mesmo momento", "el grupo se cambió en el mismo momento")
	RefusedTaken   = Define("refused.taken", "it belongs to another request already", "já pertence a outro pedido", "ya pertenece a otra solicitud")
	RefusedJobOver = Define("refused.jobOver", "the job has ended", "a tarefa terminou", "la tarea terminó")
	RefusedSound   = Define("refused.sound", "no lost data is known", "não se sabe de dados perdidos", "no se sabe de datos perdidos")
	RefusedUnsure  = Define("refused.unsure", "Redis does not hold the installation: restore a backup, or start over",
		"o Redis não tem a instalação: restaure uma cópia ou recomece", "Redis no tiene la instalación: restaure una copia o empiece de nuevo")

	RefusedNoAction = Define("refused.noAction", "the action must be one of: retry, cancel, move",
		"a ação deve ser uma destas: retry, cancel, move", "la acción debe ser una de estas: retry, cancel, move")
	RefusedEverything = Define("refused.everything", "the filter matches every group that the action can change",
		"o filtro abrange todos os grupos que a ação pode mudar", "el filtro abarca todos los grupos que la acción puede cambiar")
	RefusedNothing = Define("refused.nothing", "no group matches the filter", "nenhum grupo corresponde ao filtro", "ningún grupo coincide con el filtro")
	RefusedTarget  = Define("refused.target", "name an instance or a pool that a worker has announced",
		"indique uma instância ou um pool que um worker anunciou", "indica una instancia o un pool que un worker haya anunciado")
	JoinSuppressedNow = Define("refused.joinSuppressed", "the person is on the suppression list; take the person off it first",
		"a pessoa está na lista de supressão; retire-a primeiro", "la persona está en la lista de supresión; retírala primero")
)
