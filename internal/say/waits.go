package say

// What a group waits for.
var (
	WaitAnswer = Define("wait.answer", "the answer to the create call of {{.Name}}",
		"a resposta à chamada de criação de {{.Name}}", "la respuesta a la llamada de creación de {{.Name}}")
	WaitLook = Define("wait.look", "the next look into the lists of {{.Name}}, because a create had no clear answer",
		"a próxima olhada nas listas de {{.Name}}, porque uma criação não teve resposta clara",
		"la próxima consulta de las listas de {{.Name}}, porque una creación no tuvo respuesta clara")
	WaitReading = Define("wait.reading", "the next reading of the group's members by {{.Name}}",
		"a próxima leitura dos membros do grupo por {{.Name}}", "la próxima lectura de los miembros del grupo por {{.Name}}")
	WaitReadingOfAdded = Define("wait.readingOfAdded", "the next reading of the group's members by {{.Name}}, which shows who was added",
		"a próxima leitura dos membros do grupo por {{.Name}}, que mostra quem foi adicionado",
		"la próxima lectura de los miembros del grupo por {{.Name}}, que muestra a quién se agregó")
	WaitDecision = Define("wait.decision", "a person{{if .Why}}: {{.Why}}{{end}}", "uma pessoa{{if .Why}}: {{.Why}}{{end}}", "una persona{{if .Why}}: {{.Why}}{{end}}")
	WaitTime     = Define("wait.time", "its time: it must not be created before {{.At}}",
		"a hora dele: não pode ser criado antes de {{.At}}", "su hora: no debe crearse antes de {{.At}}")
	WaitExpires = Define("wait.expires", "{{.Why}}; it expires before that, at {{.At}}",
		"{{.Why}}; expira antes disso, em {{.At}}", "{{.Why}}; vence antes de eso, a las {{.At}}")
	WaitQueue = Define("wait.queue",
		"the queue {{.Place}}, which asynq's own tools have paused; this lifts it: rollcall-producer resume {{or .Name `INSTANCE`}}",
		"a fila {{.Place}}, que as ferramentas do asynq pausaram; isto a libera: rollcall-producer resume {{or .Name `INSTANCE`}}",
		"la cola {{.Place}}, que las herramientas de asynq pausaron; esto la libera: rollcall-producer resume {{or .Name `INSTANCE`}}")
	WaitInstance = Define("wait.instance", "the instance: {{.Why}}", "a instância: {{.Why}}", "la instancia: {{.Why}}")
	WaitPool     = Define("wait.pool", "an instance of the pool {{.Place}}: {{.Why}}{{if .N}}, and {{.N}} more{{end}}",
		"uma instância do pool {{.Place}}: {{.Why}}{{if .N}} e mais {{.N}}{{end}}",
		"una instancia del pool {{.Place}}: {{.Why}}{{if .N}} y {{.N}} más{{end}}")
	WaitWorker = Define("wait.worker", "a worker: no worker serves the {{if .Place}}pool {{.Place}}{{else}}instance {{.Name}}{{end}}",
		"um worker: nenhum worker atende {{if .Place}}o pool {{.Place}}{{else}}a instância {{.Name}}{{end}}",
		"un worker: ningún worker atiende {{if .Place}}el pool {{.Place}}{{else}}la instancia {{.Name}}{{end}}")
	// WaitTurn names the one instance, or the pool and how many instances it has (Of) and are shut (M).
	WaitTurn = Define("wait.turn",
		"its turn at {{if .Of}}the {{.Of}} instances of the pool {{.Place}}{{if .M}} ({{.M}} of them shut){{end}}{{else}}{{.Name}}{{end}}: "+
			"{{if eq .N 0}}it is the next{{else if eq .N 1}}one group is before it{{else}}{{.N}} groups are before it{{end}}{{if not .Of}}, {{.Pace}}{{end}}",
		"a vez dele {{if .Of}}nas {{.Of}} instâncias do pool {{.Place}}{{if .M}} ({{.M}} delas fechadas){{end}}{{else}}em {{.Name}}{{end}}: "+
			"{{if eq .N 0}}é o próximo{{else if eq .N 1}}um grupo está antes dele{{else}}{{.N}} grupos estão antes dele{{end}}{{if not .Of}}, {{.Pace}}{{end}}",
		"su turno en {{if .Of}}las {{.Of}} instancias del pool {{.Place}}{{if .M}} ({{.M}} de ellas cerradas){{end}}{{else}}{{.Name}}{{end}}: "+
			"{{if eq .N 0}}es el próximo{{else if eq .N 1}}un grupo está antes{{else}}{{.N}} grupos están antes{{end}}{{if not .Of}}, {{.Pace}}{{end}}")
	// WaitInvites counts the group's invitations (N) and people to add (M), and what waits at the instance (Of).
	WaitInvites = Define("wait.invites", "{{.Calls}}: {{.Of}} {{if eq .Of 1}}is{{else}}are{{end}} queued at {{.Name}}, {{.Pace}}",
		"{{.Calls}}: {{.Of}} na fila em {{.Name}}, {{.Pace}}", "{{.Calls}}: {{.Of}} en la cola de {{.Name}}, {{.Pace}}")
	WaitInvitesShut   = Define("wait.invitesShut", "{{.Calls}}: {{.Why}}", "{{.Calls}}: {{.Why}}", "{{.Calls}}: {{.Why}}")
	WaitInvitesPaused = Define("wait.invitesPaused", "{{.Calls}}: waiting for {{.Why}}", "{{.Calls}}: à espera: {{.Why}}", "{{.Calls}}: a la espera de {{.Why}}")

	callsWaiting = Define("calls.waiting",
		"{{if or .N (not .M)}}{{if eq .N 1}}an invitation{{else}}{{.N}} invitations{{end}}{{end}}{{if and .N .M}} and {{end}}"+
			"{{if eq .M 1}}a person to add{{else if .M}}{{.M}} people to add{{end}}",
		"{{if or .N (not .M)}}{{if eq .N 1}}um convite{{else}}{{.N}} convites{{end}}{{end}}{{if and .N .M}} e {{end}}"+
			"{{if eq .M 1}}uma pessoa a adicionar{{else if .M}}{{.M}} pessoas a adicionar{{end}}",
		"{{if or .N (not .M)}}{{if eq .N 1}}una invitación{{else}}{{.N}} invitaciones{{end}}{{end}}{{if and .N .M}} y {{end}}"+
			"{{if eq .M 1}}una persona por agregar{{else if .M}}{{.M}} personas por agregar{{end}}")

	// Rhythm is a pace: how often, and how many a day.
	Rhythm = Define("rhythm", "{{if .Paced}}one every {{.Every}}{{else}}one after the other{{end}}{{if .PerDay}}, {{.PerDay}} a day{{end}}",
		"{{if .Paced}}um a cada {{.Every}}{{else}}um após o outro{{end}}{{if .PerDay}}, {{.PerDay}} por dia{{end}}",
		"{{if .Paced}}uno cada {{.Every}}{{else}}uno tras otro{{end}}{{if .PerDay}}, {{.PerDay}} por día{{end}}")

	WaitListsUnread = Define("wait.listsUnread", "the provider's lists, which cannot be read: {{.Why}}",
		"as listas do provedor, que não podem ser lidas: {{.Why}}", "las listas del proveedor, que no se pueden leer: {{.Why}}")
	WaitMembersUnread = Define("wait.membersUnread", "the group's member list, which cannot be read: {{.Why}}",
		"a lista de membros do grupo, que não pode ser lida: {{.Why}}", "la lista de miembros del grupo, que no se puede leer: {{.Why}}")
	WaitSearch = Define("wait.search",
		"the lists of {{.Name}}, which cannot be read ({{.Why}}): Redis may not know of an earlier create; if its data are current, say so: rollcall-producer recover --current",
		"as listas de {{.Name}}, que não podem ser lidas ({{.Why}}): o Redis pode não saber de uma criação anterior; se os dados dele são atuais, diga: rollcall-producer recover --current",
		"las listas de {{.Name}}, que no se pueden leer ({{.Why}}): Redis puede no saber de una creación anterior; si sus datos están al día, dígalo: rollcall-producer recover --current")
	WaitMoreGroups = Define("wait.moreGroups", "{{.N}} more groups of this number to be read, of which one may be it",
		"mais {{.N}} grupos deste número a ler, dos quais um pode ser ele", "{{.N}} grupos más de este número por leer, uno de los cuales puede ser este")
	WaitNextTry = Define("wait.nextTry", "the next try: the last call did nothing: {{.Why}}",
		"a próxima tentativa: a última chamada não fez nada: {{.Why}}", "el próximo intento: la última llamada no hizo nada: {{.Why}}")
	WaitNextAdd = Define("wait.nextAdd", "the next try to add a person: {{.Why}}",
		"a próxima tentativa de adicionar uma pessoa: {{.Why}}", "el próximo intento de agregar a una persona: {{.Why}}")
	WaitNextInvite = Define("wait.nextInvite", "an invitation that could not be sent yet: {{.Why}}",
		"um convite que ainda não pôde ser enviado: {{.Why}}", "una invitación que todavía no se pudo enviar: {{.Why}}")
	WaitSetup = Define("wait.setup", "the set-up of the group, until {{.Until}} at the latest; invitations follow",
		"a preparação do grupo, no máximo até {{.Until}}; os convites vêm depois",
		"la preparación del grupo, a más tardar hasta {{.Until}}; las invitaciones vienen después")
	WaitNight = Define("wait.night", "the end of the quiet hours where the invited people live",
		"o fim do horário de silêncio onde moram as pessoas convidadas", "el fin del horario de silencio donde viven las personas invitadas")
	WaitLink = Define("wait.link", "the invite link: this number is an admin, and the provider does not tell it; it may have been asked too often",
		"o link de convite: este número é administrador, e o provedor não o informa; talvez tenha sido pedido demais",
		"el enlace de invitación: este número es administrador y el proveedor no lo informa; quizá se pidió demasiadas veces")
)

// Why a call could not be made yet, or did nothing.
var (
	LinkNoAdmin = Define("link.noAdmin", "this number is not an admin of the group, so the provider does not tell it the invite link; make it an admin on a phone",
		"este número não é administrador do grupo, então o provedor não lhe informa o link de convite; torne-o administrador em um celular",
		"este número no es administrador del grupo, así que el proveedor no le informa el enlace de invitación; hágalo administrador en un celular")
	LinkOutside = Define("link.outside", "this number is not in the group, so the provider does not tell it the invite link; add it as an admin on a phone",
		"este número não está no grupo, então o provedor não lhe informa o link de convite; adicione-o como administrador em um celular",
		"este número no está en el grupo, así que el proveedor no le informa el enlace de invitación; agréguelo como administrador en un celular")
	LinkNotTold = Define("link.notTold", "the provider does not tell the invite link: this number is not an admin of the group, or asked too often",
		"o provedor não informa o link de convite: este número não é administrador do grupo, ou perguntou vezes demais",
		"el proveedor no informa el enlace de invitación: este número no es administrador del grupo, o preguntó demasiadas veces")
	LinkUnread = Define("link.unread", "the invite link cannot be read: {{.Why}}",
		"o link de convite não pode ser lido: {{.Why}}", "el enlace de invitación no se puede leer: {{.Why}}")
	MembersUnread = Define("members.unread", "the members cannot be read: {{.Why}}",
		"os membros não podem ser lidos: {{.Why}}", "los miembros no se pueden leer: {{.Why}}")
	ListIncomplete = Define("members.incomplete", "the provider's list stays incomplete",
		"a lista do provedor continua incompleta", "la lista del proveedor sigue incompleta")
	NumberGoneCreate = Define("number.goneCreate",
		"{{.Name}} has another number now: the one that the create was sent from is not connected any more, and its lists are not there; connect that number again",
		"{{.Name}} agora tem outro número: o que enviou a criação não está mais conectado, e as listas dele não estão lá; conecte aquele número de novo",
		"{{.Name}} ahora tiene otro número: el que envió la creación ya no está conectado y sus listas no están ahí; conecte ese número de nuevo")
	NumberGoneGroup = Define("number.goneGroup",
		"{{.Name}} has another number now: the one that made the group is not connected any more, and this one is not in the group; connect that number again",
		"{{.Name}} agora tem outro número: o que criou o grupo não está mais conectado, e este não está no grupo; conecte aquele número de novo",
		"{{.Name}} ahora tiene otro número: el que creó el grupo ya no está conectado y este no está en el grupo; conecte ese número de nuevo")
	IntentNotKept = Define("call.intentNotKept", "its intent is not on as many replicas as redis.wait_replicas asks for: \"{{.Text}}\"",
		"a intenção dela não está em tantas réplicas quantas redis.wait_replicas pede: \"{{.Text}}\"",
		"su intención no está en tantas réplicas como pide redis.wait_replicas: \"{{.Text}}\"")
	SlotLost = Define("call.slotLost", "the slot was lost before the call", "a vez se perdeu antes da chamada", "el turno se perdió antes de la llamada")
	// QuotaUsed names by Kind what the quota is for: numberCheck, create, send, add, read.
	QuotaUsed = Define("quota.used",
		"the provider's quota for {{if eq .Kind `numberCheck`}}number checks{{else if eq .Kind `create`}}creating groups{{else if eq .Kind `send`}}sending messages{{else if eq .Kind `add`}}adding people{{else}}reading groups{{end}}, "+
			"which is used up for this month: raise the plan, or wait for the next month",
		"a cota do provedor para {{if eq .Kind `numberCheck`}}consultas de números{{else if eq .Kind `create`}}criar grupos{{else if eq .Kind `send`}}enviar mensagens{{else if eq .Kind `add`}}adicionar pessoas{{else}}ler grupos{{end}}, "+
			"que acabou neste mês: aumente o plano ou espere o próximo mês",
		"la cuota del proveedor para {{if eq .Kind `numberCheck`}}consultas de números{{else if eq .Kind `create`}}crear grupos{{else if eq .Kind `send`}}enviar mensajes{{else if eq .Kind `add`}}agregar personas{{else}}leer grupos{{end}}, "+
			"que se agotó este mes: amplíe el plan o espere al próximo mes")
	WorkerEnded = Define("call.workerEnded", "the worker ended during the call", "o worker terminou durante a chamada", "el worker terminó durante la llamada")
	AdoptedElse = Define("call.adoptedElsewhere", "the provider answered with a group that {{if .Name}}request {{.Name}}{{else}}another request{{end}} has adopted",
		"o provedor respondeu com um grupo que {{if .Name}}o pedido {{.Name}}{{else}}outro pedido{{end}} adotou",
		"el proveedor respondió con un grupo que {{if .Name}}la solicitud {{.Name}}{{else}}otra solicitud{{end}} adoptó")
)
