package say

// Why a view is not saved.
var (
	ViewNoName = Define("view.noName", "a saved view needs a name", "uma visão salva precisa de um nome", "una vista guardada necesita un nombre")

	ViewLongName = Define("view.longName", "the name of a saved view has at most {{.N}} characters", "o nome de uma visão salva tem no máximo {{.N}} caracteres",
		"el nombre de una vista guardada tiene como máximo {{.N}} caracteres")
	ViewNumber = Define("view.number", "a saved view holds no phone number: all who use the page see it. Search for the number, and save the view of that person's groups",
		"uma visão salva não contém número de telefone: todos que usam a página a veem. Busque o número e salve a visão dos grupos dessa pessoa",
		"una vista guardada no contiene números de teléfono: la ven todos los que usan la página. Busque el número y guarde la vista de los grupos de esa persona")
	ViewNoFilter = Define("view.noFilter", "nothing is filtered: filter the list first, then save the view", "nada está filtrado: filtre a lista primeiro e depois salve a visão",
		"no hay ningún filtro: filtre primero la lista y luego guarde la vista")
	ViewLongFilter = Define("view.longFilter", "the filters are too long to be saved", "os filtros são longos demais para salvar", "los filtros son demasiado largos para guardarlos")
	ViewFull       = Define("view.full", "{{.N}} views are saved, which is the most: delete one first", "{{.N}} visões estão salvas, o máximo: exclua uma primeiro",
		"hay {{.N}} vistas guardadas, el máximo: borre una primero")
	ViewNameTaken = Define("view.nameTaken", "another saved view of this list is called {{.Name}}: choose another name", "outra visão salva desta lista se chama {{.Name}}: escolha outro nome",
		"otra vista guardada de esta lista se llama {{.Name}}: elija otro nombre")
)

// The texts of saved views.
var _ = defineAll(map[Code]Texts{
	"saved-views":               {"Saved views", "Visões salvas", "Vistas guardadas"},
	"saved-by":                  {"by {{.Name}}", "de {{.Name}}", "de {{.Name}}"},
	"save-this-view":            {"Save this view", "Salvar esta visão", "Guardar esta vista"},
	"save-or-change-views":      {"Save or change views", "Salvar ou mudar visões", "Guardar o cambiar vistas"},
	"name-of-the-view":          {"Name of the view", "Nome da visão", "Nombre de la vista"},
	"filter-first":              {"Filter the list to save it as a view.", "Filtre a lista para salvá-la como visão.", "Filtre la lista para guardarla como vista."},
	"rename":                    {"Rename", "Renomear", "Renombrar"},
	"delete":                    {"Delete", "Excluir", "Borrar"},
	"that-view-is-not-possible": {"That view cannot be saved.", "Essa visão não pode ser salva.", "Esa vista no se puede guardar."},
	"the-view-is-saved":         {"Saved. All who use the page find it here.", "Salva. Todos que usam a página a encontram aqui.", "Guardada. Todos los que usan la página la encuentran aquí."},
	"the-view-is-renamed":       {"Renamed.", "Renomeada.", "Renombrada."},
	"the-view-is-deleted":       {"Deleted. The list still shows its filters.", "Excluída. A lista ainda mostra os filtros dela.", "Borrada. La lista todavía muestra sus filtros."},
})
