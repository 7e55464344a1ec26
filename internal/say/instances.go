package say

// Why an instance does nothing, or nothing of a kind (create, invite).
var (
	ShutUnknown = Define("shut.unknown", "{{.Name}} waits: the worker {{.Place}} does not know it; give all workers one configuration",
		"{{.Name}} espera: o worker {{.Place}} não a conhece; dê a todos os workers a mesma configuração",
		"{{.Name}} espera: el worker {{.Place}} no la conoce; dé a todos los workers la misma configuración")
	ShutRest = Define("shut.rest", "{{.Name}} makes no calls until {{.Until}} ({{.Why}})",
		"{{.Name}} não faz chamadas até {{.Until}} ({{.Why}})", "{{.Name}} no hace llamadas hasta {{.Until}} ({{.Why}})")
	ShutRestOf = Define("shut.restOf", "{{.Name}} makes no {{.Kind}}s until {{.Until}} ({{.Why}})",
		"{{.Name}} não {{if eq .Kind `invite`}}envia convites{{else}}cria grupos{{end}} até {{.Until}} ({{.Why}})",
		"{{.Name}} no {{if eq .Kind `invite`}}envía invitaciones{{else}}crea grupos{{end}} hasta {{.Until}} ({{.Why}})")
	ShutDay = Define("shut.day", "{{.Name}} has made its {{.N}} {{.Kind}}s of this day ({{.Place}})",
		"{{.Name}} já fez {{if eq .Kind `invite`}}os {{.N}} convites{{else}}as {{.N}} criações{{end}} deste dia ({{.Place}})",
		"{{.Name}} ya hizo {{if eq .Kind `invite`}}las {{.N}} invitaciones{{else}}las {{.N}} creaciones{{end}} de este día ({{.Place}})")
	ShutQuiet = Define("shut.quiet", "{{.Name}} makes no {{.Kind}}s from {{.From}} to {{.To}} ({{.Place}})",
		"{{.Name}} não {{if eq .Kind `invite`}}envia convites{{else}}cria grupos{{end}} das {{.From}} às {{.To}} ({{.Place}})",
		"{{.Name}} no {{if eq .Kind `invite`}}envía invitaciones{{else}}crea grupos{{end}} de {{.From}} a {{.To}} ({{.Place}})")
	ShutWorker = Define("shut.worker", "no worker serves {{.Name}}", "nenhum worker atende {{.Name}}", "ningún worker atiende {{.Name}}")
	// ShutState names the state by Kind.
	ShutState = Define("shut.state", "{{.Name}} is {{.Kind}}{{if .Why}} ({{.Why}}){{end}}{{if .Timed}} until {{.Until}}{{end}}",
		"{{.Name}} {{if eq .Kind `paused`}}está pausada{{else if eq .Kind `disconnected`}}está desconectada{{else if eq .Kind `restricted`}}está restrita"+
			"{{else if eq .Kind `unauthorized`}}foi recusada{{else if eq .Kind `starting`}}está iniciando{{else}}está em estado desconhecido{{end}}"+
			"{{if .Why}} ({{.Why}}){{end}}{{if .Timed}} até {{.Until}}{{end}}",
		"{{.Name}} {{if eq .Kind `paused`}}está pausada{{else if eq .Kind `disconnected`}}está desconectada{{else if eq .Kind `restricted`}}está restringida"+
			"{{else if eq .Kind `unauthorized`}}fue rechazada{{else if eq .Kind `starting`}}está iniciando{{else}}está en estado desconocido{{end}}"+
			"{{if .Why}} ({{.Why}}){{end}}{{if .Timed}} hasta {{.Until}}{{end}}")

	NoWorker      = Define("instance.noWorker", "no worker serves it", "nenhum worker a atende", "ningún worker la atiende")
	UnknownWorker = Define("instance.unknownWorker", "the worker {{.Place}} does not know it; give all workers one configuration",
		"o worker {{.Place}} não a conhece; dê a todos os workers a mesma configuração",
		"el worker {{.Place}} no la conoce; dé a todos los workers la misma configuración")
	QueuesPaused = Define("instance.queuesPaused", "paused by asynq's own tools: {{.Place}}",
		"pausada pelas ferramentas do asynq: {{.Place}}", "pausada por las herramientas de asynq: {{.Place}}")
	StateUnread = Define("instance.stateUnread", "its state could not be read: {{.Why}}",
		"o estado dela não pôde ser lido: {{.Why}}", "su estado no se pudo leer: {{.Why}}")
	NumberUnread = Define("instance.numberUnread", "its own number could not be read: {{.Why}}",
		"o próprio número dela não pôde ser lido: {{.Why}}", "su propio número no se pudo leer: {{.Why}}")
	NoNumber = Define("instance.noNumber", "the instance has no number: it is not connected",
		"a instância não tem número: não está conectada", "la instancia no tiene número: no está conectada")
	NotReadYet = Define("instance.notReadYet", "not read yet", "ainda não lido", "aún no leído")
	PaceUnread = Define("instance.paceUnread", "its slower pace cannot be read: give it again, or `rollcall-producer pace {{.Name}} --reset` ends it",
		"o ritmo mais lento dela não pode ser lido: informe-o de novo, ou `rollcall-producer pace {{.Name}} --reset` o encerra",
		"su ritmo más lento no se puede leer: indíquelo otra vez, o `rollcall-producer pace {{.Name}} --reset` lo termina")
	PausesUnread = Define("instance.pausesUnread", "the pauses of all instances cannot be read, so each may be paused: see `rollcall-producer unreadable`",
		"as pausas de todas as instâncias não podem ser lidas, então cada uma pode estar pausada: veja `rollcall-producer unreadable`",
		"las pausas de todas las instancias no se pueden leer, así que cada una puede estar pausada: vea `rollcall-producer unreadable`")
	PacesUnread = Define("instance.pacesUnread", "the slower paces of all instances cannot be read, so each may be slowed down: see `rollcall-producer unreadable`",
		"os ritmos mais lentos de todas as instâncias não podem ser lidos, então cada uma pode estar mais lenta: veja `rollcall-producer unreadable`",
		"los ritmos más lentos de todas las instancias no se pueden leer, así que cada una puede estar más lenta: vea `rollcall-producer unreadable`")
	PauseUnread = Define("instance.pauseUnread", "its pause cannot be read: `rollcall-producer resume {{.Name}}` ends it",
		"a pausa dela não pode ser lida: `rollcall-producer resume {{.Name}}` a encerra",
		"su pausa no se puede leer: `rollcall-producer resume {{.Name}}` la termina")
	// ProviderSays names the state that the words mean by Kind.
	ProviderSays = Define("instance.providerSays",
		"The provider says \"{{.Why}}\"{{if eq .Kind `unauthorized`}}: check base_url, the instance id, the tokens and the subscription"+
			"{{else if eq .Kind `disconnected`}}: connect the number again at the provider{{else if eq .Kind `restricted`}}: let it rest, or look at the plan"+
			"{{else if eq .Kind `starting`}}: wait some minutes{{end}}.",
		"O provedor diz \"{{.Why}}\"{{if eq .Kind `unauthorized`}}: confira base_url, o id da instância, os tokens e a assinatura"+
			"{{else if eq .Kind `disconnected`}}: conecte o número de novo no provedor{{else if eq .Kind `restricted`}}: deixe descansar, ou veja o plano"+
			"{{else if eq .Kind `starting`}}: espere alguns minutos{{end}}.",
		"El proveedor dice \"{{.Why}}\"{{if eq .Kind `unauthorized`}}: revise base_url, el id de la instancia, los tokens y la suscripción"+
			"{{else if eq .Kind `disconnected`}}: conecte el número de nuevo en el proveedor{{else if eq .Kind `restricted`}}: déjelo descansar, o revise el plan"+
			"{{else if eq .Kind `starting`}}: espere unos minutos{{end}}.")

	// Sentence ends a reason as a sentence of its own.
	Sentence = Define("sentence", "{{.Why}}.", "{{.Why}}.", "{{.Why}}.")
	// Each joins several reasons.
	Each      = Define("instance.each", "{{.Whys}}", "{{.Whys}}", "{{.Whys}}")
	KindRests = Define("instance.kindRests", "no {{.Kind}}s until {{.Until}}: {{.Why}}",
		"{{if eq .Kind `invite`}}nenhum convite{{else}}nenhuma criação{{end}} até {{.Until}}: {{.Why}}",
		"{{if eq .Kind `invite`}}ninguna invitación{{else}}ninguna creación{{end}} hasta {{.Until}}: {{.Why}}")
	KindQuiet = Define("instance.kindQuiet", "no {{.Kind}}s from {{.From}} to {{.To}} ({{.Place}})",
		"{{if eq .Kind `invite`}}nenhum convite{{else}}nenhuma criação{{end}} das {{.From}} às {{.To}} ({{.Place}})",
		"{{if eq .Kind `invite`}}ninguna invitación{{else}}ninguna creación{{end}} de {{.From}} a {{.To}} ({{.Place}})")
)

// Why an instance rests, with the provider's words.
var (
	Rests        = Define("rest.plain", "it rests{{if .Why}}: {{.Why}}{{end}}", "ela descansa{{if .Why}}: {{.Why}}{{end}}", "descansa{{if .Why}}: {{.Why}}{{end}}")
	RestsLimited = Define("rest.limited", "WhatsApp or the provider limits this number{{if .Why}}: {{.Why}}{{end}}",
		"o WhatsApp ou o provedor limita este número{{if .Why}}: {{.Why}}{{end}}", "WhatsApp o el proveedor limita este número{{if .Why}}: {{.Why}}{{end}}")
	RestsRestricted = Define("rest.restricted", "WhatsApp restricts this number{{if .Why}}: {{.Why}}{{end}}",
		"o WhatsApp restringe este número{{if .Why}}: {{.Why}}{{end}}", "WhatsApp restringe este número{{if .Why}}: {{.Why}}{{end}}")
	RestsBusy = Define("rest.busy", "the provider gets more requests than it takes{{if .Why}}: {{.Why}}{{end}}",
		"o provedor recebe mais requisições do que aceita{{if .Why}}: {{.Why}}{{end}}", "el proveedor recibe más solicitudes de las que acepta{{if .Why}}: {{.Why}}{{end}}")
	RestsFailing = Define("rest.failing", "the provider fails{{if .Why}}: {{.Why}}{{end}}",
		"o provedor falha{{if .Why}}: {{.Why}}{{end}}", "el proveedor falla{{if .Why}}: {{.Why}}{{end}}")
	RestsUnread = Define("rest.unreadable", "its rest cannot be read", "o descanso dela não pode ser lido", "su descanso no se puede leer")
)

// Why the whole installation makes no calls, or looks before each create.
var (
	LossEmptied = Define("installation.emptied",
		"Redis no longer holds this installation: it was emptied or replaced. Restore a backup, or run: rollcall-producer recover --start-over",
		"O Redis não contém mais esta instalação: foi esvaziado ou trocado. Restaure uma cópia, ou execute: rollcall-producer recover --start-over",
		"Redis ya no contiene esta instalación: fue vaciado o reemplazado. Restaure una copia, o ejecute: rollcall-producer recover --start-over")
	LossForeign = Define("installation.foreign",
		"Redis holds another installation than the workers remember. Correct redis.url, restore the right backup, or run: rollcall-producer recover --start-over",
		"O Redis contém outra instalação, não a que os workers lembram. Corrija redis.url, restaure a cópia certa, ou execute: rollcall-producer recover --start-over",
		"Redis contiene otra instalación, no la que los workers recuerdan. Corrija redis.url, restaure la copia correcta, o ejecute: rollcall-producer recover --start-over")
	// KeyBlocked has the key as Place, or a pattern that fits it.
	KeyBlocked = Define("installation.blocked",
		"a Redis key ({{.Place}}) holds another type of value, so nothing is created or invited. Find out which program wrote it, stop the workers, delete the key and start them again",
		"uma chave do Redis ({{.Place}}) contém outro tipo de valor, por isso nada é criado nem convidado. Descubra qual programa a escreveu, pare os workers, apague a chave e inicie-os de novo",
		"una clave de Redis ({{.Place}}) contiene otro tipo de valor, así que no se crea ni se invita nada. Averigüe qué programa la escribió, pare los workers, borre la clave e inícielos otra vez")
	DoubtRestored = Define("installation.restored",
		"Redis went back to an older state. Each group is looked for in the provider's lists before it is created",
		"O Redis voltou a um estado anterior. Cada grupo é procurado nas listas do provedor antes de ser criado",
		"Redis volvió a un estado anterior. Cada grupo se busca en las listas del proveedor antes de crearlo")
	DoubtCrashed = Define("installation.crashed",
		"Redis and the workers stopped unexpectedly, or a backup was restored. Each group is looked for in the provider's lists before it is created",
		"O Redis e os workers pararam de repente, ou uma cópia foi restaurada. Cada grupo é procurado nas listas do provedor antes de ser criado",
		"Redis y los workers se detuvieron de repente, o se restauró una copia. Cada grupo se busca en las listas del proveedor antes de crearlo")
	DoubtStartedOver = Define("installation.startedOver",
		"The work began again on an empty Redis. Each group is looked for in the provider's lists before it is created",
		"O trabalho recomeçou em um Redis vazio. Cada grupo é procurado nas listas do provedor antes de ser criado",
		"El trabajo empezó de nuevo en un Redis vacío. Cada grupo se busca en las listas del proveedor antes de crearlo")
	DoubtRestarted = Define("installation.restarted",
		"Redis was restarted while no worker ran. Each group is looked for in the provider's lists before it is created",
		"O Redis foi reiniciado enquanto nenhum worker rodava. Cada grupo é procurado nas listas do provedor antes de ser criado",
		"Redis se reinició mientras no corría ningún worker. Cada grupo se busca en las listas del proveedor antes de crearlo")
	DoubtUndecided = Define("installation.undecided", "Redis was restarted; waiting for a worker that remembers what it held",
		"O Redis foi reiniciado; esperando um worker que se lembre do que ele continha",
		"Redis se reinició; se espera a un worker que recuerde lo que contenía")
)

// Why a pace is not possible.
var (
	PaceMissing = Define("pace.missing", "no pace was given: give at least one of create.every, create.perDay, invite.every and invite.perDay, or reset the pace",
		"nenhum ritmo foi informado: preencha ao menos um de create.every, create.perDay, invite.every e invite.perDay, ou volte ao ritmo configurado",
		"no se indicó ningún ritmo: indique al menos uno de create.every, create.perDay, invite.every e invite.perDay, o vuelva al ritmo configurado")
	PaceEveryRange = Define("pace.everyRange", "{{.Kind}} must be longer than 0 and at most {{.Every}}; to stop {{.Name}}, pause it",
		"{{.Kind}} deve ser maior que zero e no máximo {{.Every}}; para parar {{.Name}}, pause-a",
		"{{.Kind}} debe ser mayor que cero y como máximo {{.Every}}; para detener {{.Name}}, páusela")
	PacePerDayRange = Define("pace.perDayRange", "{{.Kind}} must be at least 1; to stop {{.Name}}, pause it",
		"{{.Kind}} deve ser no mínimo 1; para parar {{.Name}}, pause-a", "{{.Kind}} debe ser al menos 1; para detener {{.Name}}, páusela")
	PaceQuicker = Define("pace.quicker", "{{.Name}} is configured with one {{.Kind}} per {{.Every}}; slower is possible here, quicker only in rollcall.yaml",
		"{{.Name}} está configurada com {{if eq .Kind `invite`}}um convite{{else}}uma criação{{end}} a cada {{.Every}}; mais devagar é possível aqui, mais rápido só no rollcall.yaml",
		"{{.Name}} está configurada con {{if eq .Kind `invite`}}una invitación{{else}}una creación{{end}} cada {{.Every}}; aquí se puede más despacio, más rápido solo en rollcall.yaml")
	PaceMore = Define("pace.more", "{{.Name}} is configured with at most {{.PerDay}} {{.Kind}}{{if ne .PerDay 1}}s{{end}} a day; fewer are possible here, more only in rollcall.yaml",
		"{{.Name}} está configurada com no máximo {{.PerDay}} {{if eq .Kind `invite`}}convite{{if ne .PerDay 1}}s{{end}}{{else}}{{if ne .PerDay 1}}criações{{else}}criação{{end}}{{end}} por dia; menos é possível aqui, mais só no rollcall.yaml",
		"{{.Name}} está configurada con un máximo de {{.PerDay}} {{if eq .Kind `invite`}}{{if ne .PerDay 1}}invitaciones{{else}}invitación{{end}}{{else}}{{if ne .PerDay 1}}creaciones{{else}}creación{{end}}{{end}} por día; aquí se puede menos, más solo en rollcall.yaml")
)

// When a pause or a slower pace ends.
var (
	ReasonLong = Define("reason.long", "the reason has {{.N}} characters, {{.M}} are allowed: shorten it",
		"o motivo tem {{.N}} caracteres, o máximo é {{.M}}: encurte-o", "el motivo tiene {{.N}} caracteres, el máximo es {{.M}}: acórtelo")
	EndTwice = Define("end.twice", "the end was given twice: give either for or until",
		"o fim foi informado duas vezes: informe for ou until", "el fin se indicó dos veces: indique for o until")
	EndForRange = Define("end.forRange", "{{.Text}} is not a duration between 0 and {{.Every}}: write 90m or 2h",
		"{{.Text}} não é uma duração entre zero e {{.Every}}: escreva 90m ou 2h", "{{.Text}} no es una duración entre cero y {{.Every}}: escriba 90m o 2h")
	EndPast = Define("end.past", "until must be later than now: {{.Until}} is past, it is {{.At}}",
		"until deve ser depois de agora: {{.Until}} já passou, são {{.At}}", "until debe ser después de ahora: {{.Until}} ya pasó, son {{.At}}")
	EndFar = Define("end.far", "until must be within {{.Every}}: {{.Until}} is later",
		"until deve ser dentro de {{.Every}}: {{.Until}} é depois", "until debe ser dentro de {{.Every}}: {{.Until}} es después")
	EndUnread = Define("end.unread", "{{.Text}} is not a date and time: write 2030-12-02T08:00, by the clock of the instance's pacing.zone, or 2030-12-02T08:00:00-03:00",
		"{{.Text}} não é data e hora: escreva 2030-12-02T08:00, pelo relógio do pacing.zone da instância, ou 2030-12-02T08:00:00-03:00",
		"{{.Text}} no es una fecha y hora: escriba 2030-12-02T08:00, según el reloj del pacing.zone de la instancia, o 2030-12-02T08:00:00-03:00")
	EndNoZone = Define("end.noZone", "{{.Text}} has no zone, and no worker has announced {{.Name}} with its pacing.zone: write the zone too, as in 2030-12-02T08:00:00-03:00",
		"{{.Text}} não tem fuso, e nenhum worker anunciou {{.Name}} com o pacing.zone dela: escreva também o fuso, como em 2030-12-02T08:00:00-03:00",
		"{{.Text}} no tiene zona horaria, y ningún worker anunció {{.Name}} con su pacing.zone: escriba también la zona, como en 2030-12-02T08:00:00-03:00")
	PauseForgotten = Define("pause.forgotten", "paused since {{.At}} without an end",
		"pausada desde {{.At}} sem fim marcado", "pausada desde {{.At}} sin fin previsto")
)
