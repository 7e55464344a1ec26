package say

// The texts of actions on many groups.
var _ = defineAll(map[Code]Texts{
	"jobs": {"Jobs", "Tarefas", "Tareas"},
	"jobs-are-kept-a-week": {
		"Actions on many groups, newest first. They are kept for a week.",
		"Ações em muitos grupos, as mais recentes primeiro. Ficam guardadas por uma semana.",
		"Acciones sobre muchos grupos, las más recientes primero. Se guardan una semana.",
	},
	"no-job-yet":    {"No job in the last week.", "Nenhuma tarefa na última semana.", "Ninguna tarea en la última semana."},
	"table-of-jobs": {"Table of jobs", "Tabela de tarefas", "Tabla de tareas"},
	"begun":         {"Begun", "Início", "Inicio"},
	"abort":         {"Abort", "Interromper", "Interrumpir"},
	"aborting":      {"aborting", "interrompendo", "interrumpiendo"},
	"no-process-works-on-it": {
		"No progress for a while: a server or a worker goes on with it once one runs and reaches Redis.",
		"Sem progresso há algum tempo: um servidor ou worker continua assim que estiver em execução e alcançar o Redis.",
		"Sin avance desde hace un rato: un servidor o un worker continúa en cuanto se ejecute y alcance Redis.",
	},
	"its-target-is-gone": {
		"No worker runs its target any more. Start that worker, or move the rest elsewhere.",
		"Nenhum worker executa mais o destino. Inicie esse worker ou mova o resto para outro lugar.",
		"Ningún worker ejecuta ya el destino. Inicie ese worker o mueva el resto a otro lugar.",
	},
	"could-not-be-changed": {
		"could not be changed, because Redis refused it. Begin the action again for them.",
		"não puderam ser alterados, porque o Redis recusou. Comece a ação de novo para eles.",
		"no se pudieron cambiar, porque Redis lo rechazó. Empiece la acción de nuevo para ellos.",
	},
	"are-put-back-into":      {"{{.N}} put back into the queue", "{{.N}} de volta à fila", "{{.N}} de vuelta en la cola"},
	"reviews-are-open-again": {"{{.N}} reviewed again", "{{.N}} de volta à revisão", "{{.N}} de vuelta en revisión"},
	"exist-and-go-on":        {"{{.N}} turned out to exist and go on", "{{.N}} na verdade existem e seguem em frente", "{{.N}} resultaron existir y siguen adelante"},
	"so-many-at-most": {
		"These are the most there can be: with so many groups the numbers come from lists. The job looks at each group.",
		"Estes são os máximos possíveis: com tantos grupos, os números vêm de listas. A tarefa examina cada grupo.",
		"Son los máximos posibles: con tantos grupos, los números salen de listas. La tarea examina cada grupo.",
	},
	"move-to":           {"Move to", "Mover para", "Mover a"},
	"cancel-what-waits": {"Cancel what waits", "Cancelar o que espera", "Cancelar lo que espera"},
})
