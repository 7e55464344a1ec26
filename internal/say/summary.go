package say

// The whole installation in a sentence.
var (
	NothingWaits = Define("sum.idle", "nothing is waiting", "nada na fila", "nada en espera")
	// Work counts what waits (N) and runs (M); the next group is created At, and Why is the forecast.
	Work = Define("sum.work", "{{.N}} waiting, {{.M}} running{{if .Dated}}, next group {{.At}}{{end}}, {{if .Known}}all done {{end}}{{.Why}}",
		"{{.N}} na fila, {{.M}} em andamento{{if .Dated}}, próximo grupo {{.At}}{{end}}, {{if .Known}}tudo pronto {{end}}{{.Why}}",
		"{{.N}} en espera, {{.M}} en curso{{if .Dated}}, próximo grupo {{.At}}{{end}}, {{if .Known}}todo listo {{end}}{{.Why}}")
	About            = Define("sum.about", "about {{.At}}", "por volta de {{.At}}", "hacia las {{.At}}")
	NoEstimate       = Define("sum.noEstimate", "no estimate yet", "ainda sem estimativa", "todavía sin estimación")
	InstancesNeedYou = Define("sum.instances", "{{if eq .N 1}}1 instance needs you{{else}}{{.N}} instances need you{{end}}",
		"{{if eq .N 1}}1 instância precisa de você{{else}}{{.N}} instâncias precisam de você{{end}}",
		"{{if eq .N 1}}1 instancia le necesita{{else}}{{.N}} instancias le necesitan{{end}}")
	GroupsNeedYou = Define("sum.groups", "{{if eq .N 1}}1 group waits for your decision{{else}}{{.N}} groups wait for your decision{{end}}",
		"{{if eq .N 1}}1 grupo espera a sua decisão{{else}}{{.N}} grupos esperam a sua decisão{{end}}",
		"{{if eq .N 1}}1 grupo espera su decisión{{else}}{{.N}} grupos esperan su decisión{{end}}")
)

// Calls that a pause does not stop.
var (
	CreateUnderWay = Define("underWay.create", "a create that had begun is still under way",
		"uma criação que tinha começado ainda está em andamento", "una creación que había empezado sigue en curso")
	InviteUnderWay = Define("underWay.invite", "an invitation that had begun is still under way",
		"um convite que tinha começado ainda está em andamento", "una invitación que había empezado sigue en curso")
	BothUnderWay = Define("underWay.both", "a create and an invitation that had begun are still under way",
		"uma criação e um convite que tinham começado ainda estão em andamento", "una creación y una invitación que habían empezado siguen en curso")
)

// Rests of an instance: what is the matter, in a few words, and what helps.
var (
	RestLimitedTitle = Define("rest.limited.title", "WhatsApp or the provider limits the number", "O WhatsApp ou o provedor limita o número", "WhatsApp o el proveedor limita el número")
	RestLimitedDo    = Define("rest.limited.do", "Let it rest until the time that is shown; then go on more slowly. Ending the rest early is how numbers get banned.",
		"Deixe descansar até a hora mostrada; depois continue mais devagar. Encerrar o descanso antes da hora é como números são banidos.",
		"Déjelo descansar hasta la hora indicada; después siga más despacio. Terminar el descanso antes es como se bloquean los números.")
	RestRestrictedTitle = Define("rest.restricted.title", "WhatsApp restricts the number", "O WhatsApp restringe o número", "WhatsApp restringe el número")
	RestRestrictedDo    = Define("rest.restricted.do", "Let it rest until the time that is shown; then go on more slowly.",
		"Deixe descansar até a hora mostrada; depois siga mais devagar.", "Déjelo descansar hasta la hora indicada; después siga más despacio.")
	RestBusyTitle = Define("rest.busy.title", "The provider asks for fewer requests", "O provedor pede menos requisições", "El proveedor pide menos solicitudes")
	RestBusyDo    = Define("rest.busy.do", "Nothing: it goes on at the time that is shown. If it happens often, another program uses the same instance.",
		"Nada: ela continua na hora mostrada. Se acontecer muito, outro programa usa a mesma instância.",
		"Nada: sigue a la hora indicada. Si pasa mucho, otro programa usa la misma instancia.")
	RestFailingTitle = Define("rest.failing.title", "The provider fails", "O provedor falha", "El proveedor falla")
	RestFailingDo    = Define("rest.failing.do", "Nothing here: the next try comes at the time that is shown. If it lasts, look at the provider's status page and run rollcall-worker check.",
		"Nada aqui: a próxima tentativa vem na hora mostrada. Se durar, veja a página de status do provedor e rode rollcall-worker check.",
		"Nada aquí: el próximo intento llega a la hora indicada. Si dura, vea la página de estado del proveedor y ejecute rollcall-worker check.")
	RestQuotaTitle = Define("rest.quota.title", "The plan's quota is used up", "A cota do plano acabou", "La cuota del plan se agotó")
	RestQuotaDo    = Define("rest.quota.do", "Raise the plan at the provider, then end the rest; or move the waiting groups to an instance with quota left.",
		"Aumente o plano no provedor e depois encerre o descanso; ou mova os grupos na fila para uma instância com cota.",
		"Amplíe el plan en el proveedor y luego termine el descanso; o mueva los grupos en espera a una instancia con cuota.")
	RestUnreadTitle = Define("rest.unreadable.title", "A rest cannot be read", "Um descanso não pode ser lido", "Un descanso no se puede leer")
	RestUnreadDo    = Define("rest.unreadable.do", "End the rest if the number may work; until then nothing is called.",
		"Encerre o descanso se o número pode trabalhar; até lá nada é chamado.", "Termine el descanso si el número puede trabajar; hasta entonces no se llama nada.")
	RestTitle = Define("rest.title", "The instance rests", "A instância descansa", "La instancia descansa")
	RestDo    = Define("rest.do", "Read the provider's words; the next call comes at the time that is shown.",
		"Leia as palavras do provedor; a próxima chamada vem na hora mostrada.", "Lea las palabras del proveedor; la próxima llamada llega a la hora indicada.")
)
