package say

// The texts of the history.
var _ = defineAll(map[Code]Texts{
	"history":                  {"History", "Histórico", "Historial"},
	"history-of-this-instance": {"History of this instance", "Histórico desta instância", "Historial de esta instancia"},
	"all":                      {"All", "Todas", "Todas"},
	"day":                      {"Day", "Dia", "Día"},
	"days":                     {"Days", "Dias", "Días"},
	"batch-by-batch":           {"Batch by batch", "Lote a lote", "Lote a lote"},
	"people-a-batch":           {"People of the latest batches", "Pessoas dos lotes mais recentes", "Personas de los lotes más recientes"},
	"day-by-day":               {"Day by day", "Dia a dia", "Día a día"},
	"sum":                      {"Sum", "Soma", "Suma"},
	"allowed":                  {"Allowed by the pace", "Permitidas pelo ritmo", "Permitidas por el ritmo"},
	"calls-made":               {"Calls made", "Chamadas feitas", "Llamadas hechas"},
	"groups-a-day":             {"Groups a day", "Grupos por dia", "Grupos por día"},
	"people-a-day":             {"People a day", "Pessoas por dia", "Personas por día"},
	"create-calls-a-day":       {"Create calls a day", "Chamadas de criação por dia", "Llamadas de creación por día"},
	"invite-calls-a-day":       {"Invite calls a day", "Chamadas de convite por dia", "Llamadas de invitación por día"},
	"create-calls-of-allowed":  {"Create calls / allowed", "Criações chamadas / permitidas", "Creaciones llamadas / permitidas"},
	"invite-calls-of-allowed":  {"Invite calls / allowed", "Convites chamados / permitidos", "Invitaciones llamadas / permitidas"},
	"a-history-has-days":       {"A history has 1 to {{.N}} days.", "Um histórico tem de 1 a {{.N}} dias.", "Un historial tiene de 1 a {{.N}} días."},
	"a-day-is-one-of": {
		"Days follow the clock of the instance's pacing.zone. Calls are those that left for the provider, whatever their outcome. Where the pace has no limit, or no worker ran, no allowed number is shown.",
		"Um dia é o do relógio do pacing.zone da instância. Chamadas são as que saíram para o provedor, seja qual for o resultado. Onde o ritmo não tem limite, ou nenhum worker rodou, não aparece número permitido.",
		"Un día es el del reloj del pacing.zone de la instancia. Las llamadas son las que salieron hacia el proveedor, sea cual sea el resultado. Donde el ritmo no tiene límite, o no corrió ningún worker, no aparece un número permitido.",
	},
})
