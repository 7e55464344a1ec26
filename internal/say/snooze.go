package say

// Reasons why a task comes again later that nothing else of the group tells.
var (
	SnoozeDue       = Define("snooze.due", "it is not due yet", "ainda não é a hora", "todavía no es hora")
	SnoozeElsewhere = Define("snooze.elsewhere", "its call is under way on another worker", "a chamada está em andamento em outro worker", "su llamada está en curso en otro worker")
	SnoozeLost      = Define("snooze.lost", "the answer of the call was lost; what it did is looked for", "a resposta da chamada se perdeu; procura-se o que ela fez", "la respuesta de la llamada se perdió; se busca qué hizo")
	SnoozeName      = Define("snooze.name", "a group of the same name on this number is being created or verified",
		"um grupo com o mesmo nome neste número está sendo criado ou verificado", "un grupo del mismo nombre en este número se está creando o verificando")
	SnoozeNameReview = Define("snooze.nameReview", "a person must decide about {{.Name}}, a group of the same name on this number",
		"uma pessoa deve decidir sobre {{.Name}}, um grupo com o mesmo nome neste número", "una persona debe decidir sobre {{.Name}}, un grupo del mismo nombre en este número")
	SnoozeNameUnread = Define("snooze.nameUnread", "the record of {{.Name}}, a group of the same name on this number, cannot be read",
		"o registro de {{.Name}}, um grupo com o mesmo nome neste número, não pode ser lido", "el registro de {{.Name}}, un grupo del mismo nombre en este número, no se puede leer")
	SnoozeTaken    = Define("snooze.taken", "another request has just taken the group that was found", "outro pedido acabou de ficar com o grupo achado", "otra solicitud acaba de tomar el grupo hallado")
	SnoozeAdopted  = Define("snooze.adopted", "a person has adopted another group for the request", "uma pessoa adotou outro grupo para o pedido", "una persona ha adoptado otro grupo para la solicitud")
	SnoozeNumber   = Define("snooze.number", "the instance has another number now", "a instância agora tem outro número", "la instancia ahora tiene otro número")
	SnoozeUnknown  = Define("snooze.unknown", "the instance {{.Name}} is not in this worker's configuration", "a instância {{.Name}} não está na configuração deste worker", "la instancia {{.Name}} no está en la configuración de este worker")
	SnoozeReading  = Define("snooze.reading", "this worker makes as many reads of the instance {{.Name}} at once as it may", "a instância {{.Name}} já é lida tantas vezes quanto um worker faz", "la instancia {{.Name}} ya se lee tantas veces a la vez como un worker lo hace")
	SnoozeJournal  = Define("snooze.journal", "the provider's journal cannot be read: {{.Why}}", "o registro do provedor não pode ser lido: {{.Why}}", "el registro del proveedor no se puede leer: {{.Why}}")
	SnoozeUnopened = Define("snooze.unopened", "this worker does not know yet that the instance may work", "este worker ainda não sabe que a instância pode trabalhar", "este worker aún no sabe que la instancia puede trabajar")

	SnoozeWebhookUnknown = Define("snooze.webhookUnknown", "this worker knows no such webhook", "este worker não conhece esse webhook", "este worker no conoce ese webhook")
	SnoozeWebhookBusy    = Define("snooze.webhookBusy", "this worker sends as much at once to the webhook as it may", "o webhook já recebe tanto quanto um worker envia de uma vez", "el webhook ya recibe tanto como un worker envía a la vez")
)
