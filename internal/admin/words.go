package admin

// inEnglish are the words of states and the like, by kind and name; all other texts are their own key.
var inEnglish = map[string]string{
	"status:queued": "waiting", "status:creating": "creating", "status:verifying": "verifying", "status:inviting": "inviting",
	"status:done": "done", "status:failed": "failed", "status:review": "review", "status:cancelled": "cancelled", "status:gone": "gone", "status:unreadable": "unreadable", "status:expired": "expired", "status:partly": "done, people missing",

	"member:pending": "pending", "member:added": "added", "member:inviteQueued": "invite waiting", "member:invited": "invited", "member:joined": "joined",
	"member:notAdded": "not added", "member:notOnWhatsApp": "not on WhatsApp", "member:invalid": "invalid", "member:optedOut": "opted out",
	"member:left": "left", "member:inviteFailed": "invite failed", "member:inviteUnknown": "invite uncertain", "member:unidentified": "unidentified", "member:requested": "asked to join",

	"state:ready": "ready", "state:paused": "paused", "state:disconnected": "disconnected", "state:restricted": "restricted",
	"state:unauthorized": "unauthorized", "state:starting": "starting", "state:unknown": "unknown",
	"state:failing": "provider fails", "state:resting": "resting", "state:partly": "works in part",
	"state:delivered": "delivered", "state:waiting": "waiting", "state:failed": "failed", "state:skipped": "skipped",

	"outcome:": "under way", "outcome:created": "created", "outcome:refused": "refused", "outcome:limited": "must rest", "outcome:notSent": "not sent", "outcome:unknown": "uncertain",
	"batch:running": "running", "batch:done": "done", "batch:unreadable": "unreadable",
	"batch:running:partly": "running, partly", "batch:running:review": "running, needs a decision", "batch:running:failed": "running, with failures",
	"batch:done:partly": "partly done", "batch:done:review": "done, needs a decision", "batch:done:failed": "done, with failures",
	"role:viewer": "viewer", "role:operator": "operator", "role:admin": "admin",
	"priority:high": "high", "priority:normal": "normal", "priority:low": "low", "priority:": "normal",
	"result:done": "done", "result:refused": "refused", "result:notFound": "not found", "result:failed": "failed", "result:unreadable": "unreadable",
	"reason:noKey": "no key", "reason:wrongKey": "wrong key", "reason:role": "role too small", "reason:origin": "page of another site", "reason:hookSecret": "wrong webhook secret", "reason:slowed": "slowed down", "reason:unreadable": "unreadable",
	"receiver:enabled": "enabled", "receiver:disabled": "disabled",
}

// inPortugueseWords are the same in Brazilian Portuguese.
var inPortugueseWords = map[string]string{
	"status:queued": "na fila", "status:creating": "criando", "status:verifying": "verificando", "status:inviting": "convidando",
	"status:done": "concluído", "status:failed": "falhou", "status:review": "em revisão", "status:cancelled": "cancelado", "status:gone": "apagado", "status:unreadable": "ilegível", "status:expired": "vencido", "status:partly": "concluído, faltam pessoas",

	"member:pending": "pendente", "member:added": "adicionado", "member:inviteQueued": "convite na fila", "member:invited": "convidado", "member:joined": "entrou",
	"member:notAdded": "não adicionado", "member:notOnWhatsApp": "sem WhatsApp", "member:invalid": "inválido", "member:optedOut": "não quer contato",
	"member:left": "saiu", "member:inviteFailed": "convite falhou", "member:inviteUnknown": "convite incerto", "member:unidentified": "não identificado", "member:requested": "pediu para entrar",

	"state:ready": "pronta", "state:paused": "pausada", "state:disconnected": "desconectada", "state:restricted": "restrita",
	"state:unauthorized": "recusada", "state:starting": "iniciando", "state:unknown": "desconhecida",
	"state:failing": "o provedor falha", "state:resting": "descansando", "state:partly": "funciona em parte",
	"state:delivered": "entregue", "state:waiting": "na fila", "state:failed": "falhou", "state:skipped": "não enviado",

	"outcome:": "em andamento", "outcome:created": "criado", "outcome:refused": "recusado", "outcome:limited": "precisa descansar", "outcome:notSent": "não enviado", "outcome:unknown": "incerto",
	"batch:running": "em andamento", "batch:done": "concluído", "batch:unreadable": "ilegível",
	"batch:running:partly": "em andamento, em parte", "batch:running:review": "em andamento, pede uma decisão", "batch:running:failed": "em andamento, com falhas",
	"batch:done:partly": "concluído em parte", "batch:done:review": "concluído, pede uma decisão", "batch:done:failed": "concluído, com falhas",
	"role:viewer": "leitura", "role:operator": "operação", "role:admin": "administração",
	"priority:high": "alta", "priority:normal": "normal", "priority:low": "baixa", "priority:": "normal",
	"result:done": "feito", "result:refused": "recusado", "result:notFound": "não encontrado", "result:failed": "falhou", "result:unreadable": "ilegível",
	"reason:noKey": "sem chave", "reason:wrongKey": "chave errada", "reason:role": "permissão insuficiente", "reason:origin": "página de outro site", "reason:hookSecret": "segredo de webhook errado", "reason:slowed": "em espera", "reason:unreadable": "ilegível",
	"receiver:enabled": "ativo", "receiver:disabled": "desativado",
}
