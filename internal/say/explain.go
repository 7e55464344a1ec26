package say

// The answers of explain.
var (
	WaitsFor         = Define("explain.waits", "it waits for {{.Why}}", "espera por {{.Why}}", "espera: {{.Why}}")
	Works            = Define("explain.works", "{{.Name}} works, {{.Pace}}", "{{.Name}} funciona, {{.Pace}}", "{{.Name}} funciona, {{.Pace}}")
	WorksIdle        = Define("explain.idle", "{{.Name}} works, and nothing waits for it", "{{.Name}} funciona, e nada espera por ela", "{{.Name}} funciona, y nada la espera")
	UnreadableAnswer = Define("explain.unreadable", "its record cannot be read, so it does not move",
		"o registro dele não pode ser lido, então ele não anda", "su registro no se puede leer, así que no avanza")
	FailedAnswer = Define("explain.failed", "it failed{{if .Why}}: {{.Why}}{{else}} and waits for nothing{{end}}",
		"falhou{{if .Why}}: {{.Why}}{{else}} e não espera nada{{end}}", "falló{{if .Why}}: {{.Why}}{{else}} y no espera nada{{end}}")
	CancelledAnswer = Define("explain.cancelled", "it was cancelled and waits for nothing", "foi cancelado e não espera nada", "fue cancelado y no espera nada")
	DoneAnswer      = Define("explain.done", "it is done and waits for nothing", "está concluído e não espera nada", "está terminado y no espera nada")
)

// Facts that explain tells, and what each is about.
var (
	FactIndex = Define("fact.index", "the index has it as {{.Word `status` .Kind}}", "o índice o tem como {{.Word `status` .Kind}}", "el índice lo tiene como {{.Word `status` .Kind}}")
	FactQueue = Define("fact.queue", "{{.N}} groups and {{.M}} invitations wait for it", "{{.N}} grupos e {{.M}} convites esperam por ela", "{{.N}} grupos y {{.M}} invitaciones la esperan")
	FactLooks = Define("fact.looks", "{{.N}} looks into the provider's lists counted, {{.M}} in a row failed",
		"{{.N}} olhadas nas listas do provedor contaram, {{.M}} seguidas falharam", "{{.N}} consultas de las listas del proveedor contaron, {{.M}} seguidas fallaron")
	FactRoll = Define("fact.roll", "{{.N}} readings of the members counted, {{.M}} in a row failed",
		"{{.N}} leituras dos membros contaram, {{.M}} seguidas falharam", "{{.N}} lecturas de los miembros contaron, {{.M}} seguidas fallaron")
	FactLine = Define("fact.line", "{{.N}} of the same priority before it, {{.M}} of a higher one; priority {{.Word `priority` .Kind}}, asked of the {{if .Place}}pool {{.Place}}{{else}}instance {{.Name}}{{end}}",
		"{{.N}} da mesma prioridade antes dele, {{.M}} de uma mais alta; prioridade {{.Word `priority` .Kind}}, pedido {{if .Place}}ao pool {{.Place}}{{else}}à instância {{.Name}}{{end}}",
		"{{.N}} de la misma prioridad antes, {{.M}} de una más alta; prioridad {{.Word `priority` .Kind}}, pedido {{if .Place}}al pool {{.Place}}{{else}}a la instancia {{.Name}}{{end}}")
	FactNotBefore = Define("fact.notBefore", "not before {{.At}}", "não antes de {{.At}}", "no antes de {{.At}}")
	FactExpires   = Define("fact.expires", "it fails with expired at {{.At}}", "falha com expired em {{.At}}", "falla con expired a las {{.At}}")
	FactPause     = Define("fact.pause", "{{.Why}}, until {{.Until}}", "{{.Why}}, até {{.Until}}", "{{.Why}}, hasta {{.Until}}")
	FactInvites   = Define("fact.invites", "{{.N}} of this group wait, {{.M}} at {{.Name}} in all", "{{.N}} deste grupo esperam, {{.M}} em {{.Name}} ao todo", "{{.N}} de este grupo esperan, {{.M}} en {{.Name}} en total")
	FactLater     = Define("fact.later", "{{.N}} people who were asked for later are still to be added; of {{.M}} more, a reading of the group shows whether they are in",
		"{{.N}} pessoas pedidas depois ainda serão adicionadas; de mais {{.M}}, uma leitura do grupo mostra se estão nele",
		"{{.N}} personas pedidas después aún se agregarán; de {{.M}} más, una lectura del grupo muestra si están en él")
	// FactNight has no Place where each person's own zone counts.
	FactNight = Define("fact.night", "no invitations from {{.From}} to {{.To}} by the clock of {{or .Place `each person's zone`}}",
		"nenhum convite das {{.From}} às {{.To}}, no horário de {{or .Place `cada pessoa`}}", "ninguna invitación de {{.From}} a {{.To}}, según la hora de {{or .Place `cada persona`}}")
	// FactStep names the step by Place and its state by Kind.
	FactStep = Define("fact.step", "{{.Word `step` .Place}}: {{.Word `setup` .Kind}}{{if .Why}} ({{.Why}}){{end}}{{if .Dated}}, next try at {{.At}}{{end}}",
		"{{.Word `step` .Place}}: {{.Word `setup` .Kind}}{{if .Why}} ({{.Why}}){{end}}{{if .Dated}}, próxima tentativa em {{.At}}{{end}}",
		"{{.Word `step` .Place}}: {{.Word `setup` .Kind}}{{if .Why}} ({{.Why}}){{end}}{{if .Dated}}, próximo intento a las {{.At}}{{end}}")
	FactStaff     = Define("fact.staff", "{{.N}} members by the configuration of the pool", "{{.N}} membros pela configuração do pool", "{{.N}} miembros por la configuración del pool")
	FactOwnMember = Define("fact.ownMember", "not an admin of the group, as read at {{.At}}: it cannot read the invite link",
		"não é administrador do grupo, como lido em {{.At}}: não pode ler o link de convite", "no es administrador del grupo, según lo leído a las {{.At}}: no puede leer el enlace de invitación")
	FactOwnOut = Define("fact.ownOut", "not in the group, as read at {{.At}}: it cannot read the members or invite",
		"não está no grupo, como lido em {{.At}}: não pode ler os membros nem convidar", "no está en el grupo, según lo leído a las {{.At}}: no puede leer los miembros ni invitar")
	FactReplaces  = Define("fact.replaces", "it was created instead of {{.Place}}, which was corrected", "foi criado no lugar de {{.Place}}, que foi corrigido", "se creó en lugar de {{.Place}}, que fue corregido")
	FactReplaced  = Define("fact.replaced", "{{.Place}} was created instead of it, with a corrected request", "{{.Place}} foi criado no lugar dele, com um pedido corrigido", "{{.Place}} se creó en su lugar, con una solicitud corregida")
	FactLateGroup = Define("fact.lateGroup", "the answer to a create came late: this request has made {{.Place}} at WhatsApp",
		"a resposta a uma criação chegou tarde: este pedido criou {{.Place}} no WhatsApp", "la respuesta a una creación llegó tarde: esta solicitud creó {{.Place}} en WhatsApp")
	FactError     = Define("fact.error", "{{.Kind}}: {{.Whys}}", "{{.Kind}}: {{.Whys}}", "{{.Kind}}: {{.Whys}}")
	FactCandidate = Define("fact.candidate", "{{.Place}} \"{{.Text}}\" with {{.N}} people", "{{.Place}} \"{{.Text}}\" com {{.N}} pessoas", "{{.Place}} \"{{.Text}}\" con {{.N}} personas")
	FactWatch     = Define("fact.watch", "its people are read again at {{.At}}, to find who followed an invitation",
		"as pessoas dele são lidas de novo em {{.At}}, para achar quem aceitou um convite", "sus personas se leen de nuevo a las {{.At}}, para hallar quién siguió una invitación")
	// FactCall names the outcome by Kind. A call under way has an Until, at which it can no longer be.
	FactCall = Define("fact.call", "call {{.N}} by {{.Name}} {{if .Timed}}began at {{.At}} and can no longer be under way after {{.Until}}{{else}}ended at {{.At}} ({{.Word `outcome` .Kind}}){{if .Why}}: {{.Why}}{{end}}{{end}}",
		"chamada {{.N}} de {{.Name}} {{if .Timed}}começou em {{.At}} e não pode mais estar em andamento após {{.Until}}{{else}}terminou em {{.At}} ({{.Word `outcome` .Kind}}){{if .Why}}: {{.Why}}{{end}}{{end}}",
		"llamada {{.N}} de {{.Name}} {{if .Timed}}empezó a las {{.At}} y ya no puede estar en curso después de {{.Until}}{{else}}terminó a las {{.At}} ({{.Word `outcome` .Kind}}){{if .Why}}: {{.Why}}{{end}}{{end}}")
	FactPeople   = Define("fact.people", "{{.Why}}", "{{.Why}}", "{{.Why}}")
	FactPeopleOf = Define("fact.peopleOf", "{{.N}} {{.Word `member` .Kind}}", "{{.N}} {{.Word `member` .Kind}}", "{{.N}} {{.Word `member` .Kind}}")
	FactWorkers  = Define("fact.workers", "{{if eq .N 0}}no worker runs: nothing moves until one does{{else if eq .N 1}}one worker runs{{else}}{{.N}} workers run{{end}}",
		"{{if eq .N 0}}nenhum worker está rodando: nada anda até que um rode{{else if eq .N 1}}um worker está rodando{{else}}{{.N}} workers estão rodando{{end}}",
		"{{if eq .N 0}}no corre ningún worker: nada avanza hasta que corra uno{{else if eq .N 1}}corre un worker{{else}}corren {{.N}} workers{{end}}")
	FactUnserved = Define("fact.unserved", "no worker has announced the {{if .Place}}pool {{.Place}}{{else}}instance {{.Name}}{{end}}",
		"nenhum worker anunciou {{if .Place}}o pool {{.Place}}{{else}}a instância {{.Name}}{{end}}", "ningún worker anunció {{if .Place}}el pool {{.Place}}{{else}}la instancia {{.Name}}{{end}}")
	FactMore = Define("fact.more", "and {{.N}} more", "e mais {{.N}}", "y {{.N}} más")
	// FactCalls has what shuts the instance as Why, or what the next call At waits for as Kind.
	FactCalls = Define("fact.calls", "{{.Name}}: {{.Pace}}, {{.N}} today; {{if .Why}}shut: {{.Why}}{{else if .Dated}}the next at {{.At}}, after {{.Word `after` .Kind}}{{else}}the next may be made now{{end}}",
		"{{.Name}}: {{.Pace}}, {{.N}} hoje; {{if .Why}}fechada: {{.Why}}{{else if .Dated}}a próxima em {{.At}}, após {{.Word `after` .Kind}}{{else}}a próxima pode ser feita agora{{end}}",
		"{{.Name}}: {{.Pace}}, {{.N}} hoy; {{if .Why}}cerrada: {{.Why}}{{else if .Dated}}la próxima a las {{.At}}, después de {{.Word `after` .Kind}}{{else}}la próxima puede hacerse ahora{{end}}")
	FactSlowed = Define("fact.slowed", "{{.Name}} is slowed down by a person since {{.At}}{{if .Timed}}, until {{.Until}}{{end}}{{if .Text}} ({{.Text}}){{end}}",
		"{{.Name}} está mais lenta por decisão de uma pessoa desde {{.At}}{{if .Timed}}, até {{.Until}}{{end}}{{if .Text}} ({{.Text}}){{end}}",
		"{{.Name}} va más despacio por decisión de una persona desde {{.At}}{{if .Timed}}, hasta {{.Until}}{{end}}{{if .Text}} ({{.Text}}){{end}}")
	FactLastError = Define("fact.lastError", "{{.Name}} at {{.At}}: {{.Why}}", "{{.Name}} em {{.At}}: {{.Why}}", "{{.Name}} a las {{.At}}: {{.Why}}")

	_ = defineAll(map[Code]Texts{
		"about:call":        {"call", "chamada", "llamada"},
		"about:candidate":   {"candidate", "candidato", "candidato"},
		"about:creates":     {"creates", "criações", "creaciones"},
		"about:error":       {"error", "erro", "error"},
		"about:evidence":    {"evidence", "indícios", "indicios"},
		"about:index":       {"index", "índice", "índice"},
		"about:instances":   {"instances", "instâncias", "instancias"},
		"about:invitations": {"invitations", "convites", "invitaciones"},
		"about:lastError":   {"last error", "último erro", "último error"},
		"about:line":        {"line", "fila", "cola"},
		"about:lateGroup":   {"late group", "grupo tardio", "grupo tardío"},
		"about:looks":       {"looks", "olhadas", "consultas"},
		"about:ownNumber":   {"own number", "próprio número", "número propio"},
		"about:pace":        {"pace", "ritmo", "ritmo"},
		"about:pause":       {"pause", "pausa", "pausa"},
		"about:people":      {"people", "pessoas", "personas"},
		"about:peopleLater": {"people later", "pessoas depois", "personas después"},
		"about:queues":      {"queues", "filas", "colas"},
		"about:quietHours":  {"quiet hours", "horário de silêncio", "horario de silencio"},
		"about:reading":     {"reading", "leitura", "lectura"},
		"about:record":      {"record", "registro", "registro"},
		"about:replaced":    {"replaced", "substituído", "reemplazado"},
		"about:replaces":    {"replaces", "substitui", "reemplaza"},
		"about:rollCall":    {"roll call", "chamada dos membros", "pase de lista"},
		"about:setUp":       {"set-up", "preparação", "preparación"},
		"about:staff":       {"staff", "equipe", "personal"},
		"about:time":        {"time", "hora", "hora"},
		"about:waiting":     {"waiting", "na fila", "en espera"},
		"about:workers":     {"workers", "workers", "workers"},

		"after:pace":   {"its pace", "o ritmo dela", "su ritmo"},
		"after:busy":   {"its call under way", "a chamada em andamento", "la llamada en curso"},
		"after:rest":   {"its rest", "o descanso dela", "su descanso"},
		"after:dayCap": {"the next day", "o dia seguinte", "el día siguiente"},
		"after:quiet":  {"its quiet hours", "o horário de silêncio dela", "su horario de silencio"},
	})
)

// The remedies that explain proposes.
var (
	DoExport = Define("do.export", "Keep the record as it is stored.", "Guarde o registro como está.", "Guarde el registro tal como está.")
	DoRemove = Define("do.remove", "If nothing reads it any more: remove it. Its batch can end then, and the same request is refused.",
		"Se nada mais o lê: remova-o. O lote dele pode então terminar, e o mesmo pedido é recusado.",
		"Si ya nada lo lee: elimínelo. Su lote puede entonces terminar, y la misma solicitud se rechaza.")
	DoNothingCall = Define("do.nothing.call", "Nothing: the call has its own deadline. If its worker has died, another takes over within half a minute.",
		"Nada: a chamada tem prazo próprio. Se o worker dela morreu, outro assume em meio minuto.",
		"Nada: la llamada tiene su propio plazo. Si su worker murió, otro la toma en medio minuto.")
	DoNothingLook = Define("do.nothing.look", "Nothing: it is looked for until the last look decides. Creating it by hand meanwhile would make two.",
		"Nada: ele é procurado até que a última olhada decida. Criá-lo à mão enquanto isso faria dois.",
		"Nada: se busca hasta que la última consulta decida. Crearlo a mano mientras tanto haría dos.")
	DoNothingTurn = Define("do.nothing.turn", "Nothing: it is a matter of time. More instances in its pool, or the priority high for a new request, would be quicker.",
		"Nada: é questão de tempo. Mais instâncias no pool, ou a prioridade alta em um pedido novo, seria mais rápido.",
		"Nada: es cuestión de tiempo. Más instancias en su pool, o la prioridad alta en una solicitud nueva, sería más rápido.")
	DoNothingInvites = Define("do.nothing.invites", "Nothing: the group exists, and invitations have a pace of their own.",
		"Nada: o grupo existe, e os convites têm ritmo próprio.", "Nada: el grupo existe, y las invitaciones tienen su propio ritmo.")
	DoNothingReplaced = Define("do.nothing.replaced", "Nothing: look at the group that replaces it.", "Nada: veja o grupo que o substitui.", "Nada: vea el grupo que lo reemplaza.")
	DoEdit            = Define("do.edit", "If its request is wrong (a name, a number): correct it.", "Se o pedido está errado (um nome, um número): corrija-o.", "Si la solicitud está mal (un nombre, un número): corríjala.")
	DoCancel          = Define("do.cancel", "If it is not needed any more: cancel it.", "Se não é mais necessário: cancele-o.", "Si ya no se necesita: cancélelo.")
	DoStep            = Define("do.step", "Look at the group on a phone, and set there what is missing: {{.Word `step` .Place}}.", "Olhe o grupo em um celular e ajuste lá o que falta: {{.Word `step` .Place}}.", "Mire el grupo en un celular y ponga ahí lo que falta: {{.Word `step` .Place}}.")
	DoPromote         = Define("do.promote", "Make the number of the instance an admin of the group again, on a phone.",
		"Torne o número da instância administrador do grupo de novo, em um celular.", "Haga otra vez administrador del grupo al número de la instancia, en un celular.")
	DoReadd = Define("do.readd", "Add the number of the instance to the group again as an admin, on a phone.",
		"Adicione o número da instância ao grupo de novo como administrador, em um celular.", "Agregue otra vez el número de la instancia al grupo como administrador, en un celular.")
	DoAdoptThis = Define("do.adoptThis", "If {{.Place}} is it: adopt it.", "Se for {{.Place}}: adote-o.", "Si es {{.Place}}: adóptelo.")
	DoAdopt     = Define("do.adopt", "If the group is there on the phone: adopt it by its id.", "Se o grupo está no telefone: adote-o pelo id.", "Si el grupo está en el teléfono: adóptelo por su id.")
	DoRecreate  = Define("do.recreate", "If it surely does not exist: create it again.", "Se ele com certeza não existe: crie-o de novo.", "Si seguro que no existe: créelo de nuevo.")
	DoAbandon   = Define("do.abandon", "If it is not needed: leave everything as it is.", "Se não é necessário: deixe tudo como está.", "Si no se necesita: deje todo como está.")
	DoRetry     = Define("do.retry", "If it is needed and the cause is mended: put it back into the queue.", "Se é necessário e a causa foi resolvida: devolva-o à fila.", "Si se necesita y la causa está resuelta: devuélvalo a la cola.")
	DoTakeLate  = Define("do.takeLate", "If the group is needed: retry takes {{.Place}} and creates no other. If not: delete it by hand in WhatsApp.",
		"Se o grupo é necessário: tentar de novo assume {{.Place}} e não cria outro. Se não: apague-o à mão no WhatsApp.",
		"Si el grupo se necesita: reintentar toma {{.Place}} y no crea otro. Si no: bórrelo a mano en WhatsApp.")
	DoDeleteLate = Define("do.deleteLate", "Look at {{.Place}} on a phone, and delete it by hand in WhatsApp.",
		"Olhe {{.Place}} em um celular e apague-o à mão no WhatsApp.", "Mire {{.Place}} en un celular y bórrelo a mano en WhatsApp.")
	DoResend = Define("do.resend", "If it is needed: send it again with a later expiresAt; this one's has passed.",
		"Se é necessário: envie de novo com um expiresAt maior; o deste já passou.", "Si se necesita: envíelo otra vez con un expiresAt posterior; el de este ya pasó.")
	DoServe = Define("do.serve", "Start a worker that serves the {{if .Place}}pool {{.Place}}{{else}}instance {{.Name}}{{end}}, or move the group to another.",
		"Inicie um worker que atenda {{if .Place}}o pool {{.Place}}{{else}}a instância {{.Name}}{{end}}, ou mova o grupo para outro lugar.",
		"Inicie un worker que atienda {{if .Place}}el pool {{.Place}}{{else}}la instancia {{.Name}}{{end}}, o mueva el grupo a otro lugar.")
	DoLift = Define("do.lift", "Lift the pause, if the reason for it is over.", "Encerre a pausa, se o motivo dela acabou.", "Termine la pausa, si ya pasó su motivo.")

	DoStartOver = Define("do.startOver", "Restore a backup of Redis; or start over on this one, which looks for each group before it creates it.",
		"Restaure uma cópia do Redis; ou recomece neste, que procura cada grupo antes de criá-lo.", "Restaure una copia de Redis; o empiece de nuevo en este, que busca cada grupo antes de crearlo.")
	DoCurrent = Define("do.current", "Nothing: it goes on at {{.Until}}. If no data were lost, say so.", "Nada: continua em {{.Until}}. Se nenhum dado se perdeu, diga.", "Nada: sigue a las {{.Until}}. Si no se perdieron datos, dígalo.")
	DoStart   = Define("do.start", "Start a worker that has {{.Name}} in its configuration.", "Inicie um worker que tenha {{.Name}} na configuração.", "Inicie un worker que tenga {{.Name}} en su configuración.")
	DoAlike   = Define("do.alike", "Give the worker {{.Place}} the configuration of the others and send it SIGHUP, or stop it.",
		"Dê ao worker {{.Place}} a configuração dos outros e mande SIGHUP, ou pare-o.", "Dé al worker {{.Place}} la configuración de los demás y envíele SIGHUP, o deténgalo.")
	DoResume      = Define("do.resume", "Let {{.Name}} go on, if what it was paused for is over.", "Deixe {{.Name}} continuar, se o motivo da pausa acabou.", "Deje seguir a {{.Name}}, si ya pasó el motivo de la pausa.")
	DoResumeEarly = Define("do.resumeEarly", "Nothing: {{.Name}} goes on at {{.Until}}. If what it was paused for is over, let it go on now.",
		"Nada: {{.Name}} continua em {{.Until}}. Se o motivo da pausa acabou, deixe-a continuar agora.",
		"Nada: {{.Name}} sigue a las {{.Until}}. Si ya pasó el motivo de la pausa, déjela seguir ahora.")
	DoScan = Define("do.scan", "Scan the code of {{.Name}} in the provider's console; the state is read every 15 s, and the work then goes on.",
		"Leia o código de {{.Name}} no painel do provedor; o estado é lido a cada 15 s, e o trabalho então continua.",
		"Escanee el código de {{.Name}} en la consola del proveedor; el estado se lee cada 15 s, y el trabajo entonces sigue.")
	DoMend = Define("do.mend", "Mend the token, the allow-list or the subscription of {{.Name}} (check says which), then send the worker SIGHUP.",
		"Corrija o token, a lista de acesso ou a assinatura de {{.Name}} (check diz qual) e mande SIGHUP ao worker.",
		"Corrija el token, la lista de acceso o la suscripción de {{.Name}} (check dice cuál) y envíe SIGHUP al worker.")
	DoRest = Define("do.rest", "{{.Name}} rests until {{.Until}}. {{.Why}}", "{{.Name}} descansa até {{.Until}}. {{.Why}}", "{{.Name}} descansa hasta {{.Until}}. {{.Why}}")
	DoWait = Define("do.wait", "Wait: WhatsApp or the provider restricts {{.Name}}. A pool's groups go to its other instances.",
		"Espere: o WhatsApp ou o provedor restringe {{.Name}}. Os grupos de um pool vão para as outras instâncias dele.",
		"Espere: WhatsApp o el proveedor restringe {{.Name}}. Los grupos de un pool van a sus otras instancias.")
	DoDayOver = Define("do.dayOver", "{{.Name}} has used its day; it goes on at midnight, by the clock of {{.Place}}. Another instance in the pool would go on now.",
		"{{.Name}} usou o dia dela; continua à meia-noite, no horário de {{.Place}}. Outra instância no pool continuaria agora.",
		"{{.Name}} usó su día; sigue a medianoche, según la hora de {{.Place}}. Otra instancia en el pool seguiría ahora.")
	DoQuietOver = Define("do.quietOver", "Nothing: {{.Name}} goes on at {{.Until}}, when its quiet hours end. They are in rollcall.yaml, under pacing.create.",
		"Nada: {{.Name}} continua em {{.Until}}, quando termina o horário de silêncio dela. Ele está em rollcall.yaml, em pacing.create.",
		"Nada: {{.Name}} sigue a las {{.Until}}, cuando termina su horario de silencio. Está en rollcall.yaml, en pacing.create.")
)
