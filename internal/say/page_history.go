package say

// The texts of the history page.
var _ = defineAll(map[Code]Texts{
	"history":                  {"History", "Histórico", "Historial"},
	"history-of-this-instance": {"History of this instance", "Histórico desta instância", "Historial de esta instancia"},
	"all":                      {"All", "Todas", "Todas"},
	"day":                      {"Day", "Dia", "Día"},
	"days":                     {"Days", "Dias", "Días"},
	"batch-by-batch":           {"By batch", "Por lote", "Por lote"},
	"people-a-batch":           {"People in the latest batches", "Pessoas nos lotes mais recentes", "Personas en los lotes más recientes"},
	"day-by-day":               {"By day", "Por dia", "Por día"},
	"sum":                      {"Total", "Total", "Total"},
	"allowed":                  {"Allowed by the pace", "Permitidas pelo ritmo", "Permitidas por el ritmo"},
	"calls-made":               {"Calls made", "Chamadas feitas", "Llamadas hechas"},
	"groups-a-day":             {"Groups a day", "Grupos por dia", "Grupos por día"},
	"people-a-day":             {"People a day", "Pessoas por dia", "Personas por día"},
	"create-calls-a-day":       {"Create calls a day", "Chamadas de criação por dia", "Llamadas de creación por día"},
	"invite-calls-a-day":       {"Invite calls a day", "Chamadas de convite por dia", "Llamadas de invitación por día"},
	"create-calls-of-allowed":  {"Create calls / allowed", "Chamadas de criação / permitidas", "Llamadas de creación / permitidas"},
	"invite-calls-of-allowed":  {"Invite calls / allowed", "Chamadas de convite / permitidas", "Llamadas de invitación / permitidas"},
	"a-history-has-days":       {"A history covers 1 to {{.N}} days.", "Um histórico abrange de 1 a {{.N}} dias.", "Un historial abarca de 1 a {{.N}} días."},
	"a-day-is-one-of": {
		"A day is a date in the instance's pacing.zone. Calls are those that were sent to the provider, whatever their outcome. If the pace has no limit, or no worker ran, no allowed number is shown.",
		"Um dia é uma data no pacing.zone da instância. Chamadas são as que foram enviadas ao provedor, seja qual for o resultado. Se o ritmo não tem limite, ou nenhum worker rodou, não aparece número permitido.",
		"Un día es una fecha en el pacing.zone de la instancia. Las llamadas son las que se enviaron al proveedor, sea cual sea el resultado. Si el ritmo no tiene límite, o no corrió ningún worker, no aparece un número permitido.",
	},
})
