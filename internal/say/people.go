package say

// Why a person of a group is in the state that they are in.
var (
	Suppressed = Define("person.suppressed", "is on the suppression list", "está na lista de supressão", "está en la lista de supresión")
	NoWhatsApp = Define("person.noWhatsApp", "has no WhatsApp, says the network", "não tem WhatsApp, diz a rede", "no tiene WhatsApp, dice la red")

	NoWhatsAppProvider = Define("person.noWhatsAppProvider", "has no WhatsApp, says the provider", "não tem WhatsApp, diz o provedor", "no tiene WhatsApp, dice el proveedor")
	NoWhatsAppLater    = Define("person.noWhatsAppLater", "has no WhatsApp, the provider told after taking the invitation",
		"não tem WhatsApp, informou o provedor depois de aceitar o convite", "no tiene WhatsApp, informó el proveedor después de aceptar la invitación")
	HadNoWhatsApp = Define("person.hadNoWhatsApp", "had no WhatsApp when the network was asked at {{.At}}; a retry asks again",
		"não tinha WhatsApp quando a rede foi consultada em {{.At}}; uma nova tentativa consulta de novo",
		"no tenía WhatsApp cuando se consultó a la red a las {{.At}}; un nuevo intento consulta otra vez")
	// LeftOut has WhatsApp's own reason as Why. The provider names none where there is none; the privacy
	// setting is then the only documented one.
	LeftOut = Define("person.leftOut", "WhatsApp did not add this person: {{if .Why}}{{.Why}}{{else}}the privacy settings leave it to contacts{{end}}",
		"O WhatsApp não adicionou esta pessoa: {{if .Why}}{{.Why}}{{else}}a privacidade dela só permite contatos{{end}}",
		"WhatsApp no agregó a esta persona: {{if .Why}}{{.Why}}{{else}}su privacidad solo permite contactos{{end}}")
	NamedTwice = Define("person.namedTwice", "another entry of the group is the same person", "outra entrada do grupo é a mesma pessoa",
		"otra entrada del grupo es la misma persona")
	AskedToJoin = Define("person.askedToJoin", "asked to join; an admin of the group must approve it",
		"pediu para entrar; um administrador do grupo deve aprovar",
		"pidió entrar; un administrador del grupo debe aprobarlo")
	AskedUnsure = Define("person.askedUnsure", "asked to join; an admin of the group must approve it; an invitation may have been sent",
		"pediu para entrar; um administrador do grupo deve aprovar; um convite pode ter sido enviado",
		"pidió entrar; un administrador del grupo debe aprobarlo; puede que se haya enviado una invitación")
	JoinNotShown = Define("person.joinNotShown", "the provider accepted it, and a reading of the group does not show the person",
		"o provedor aceitou, e uma leitura do grupo não mostra a pessoa",
		"el proveedor lo aceptó, y una lectura del grupo no muestra a la persona")
	JoinUnread = Define("person.joinUnread", "the group cannot be read, so the request was not answered",
		"o grupo não pode ser lido, por isso o pedido não foi respondido",
		"el grupo no se puede leer, por eso la solicitud no fue respondida")
	JoinUnsupported = Define("person.joinUnsupported", "the provider cannot answer requests to join; answer it on a phone",
		"o provedor não sabe responder a pedidos de entrada; responda em um celular",
		"el proveedor no puede responder solicitudes de entrada; respóndala en un celular")
	JoinSuppressed = Define("person.joinSuppressed", "is on the suppression list and was not let in; take the person off the list first",
		"está na lista de supressão e não foi admitida; retire a pessoa da lista antes",
		"está en la lista de supresión y no fue admitida; quite antes a la persona de la lista")
	RequestEnded = Define("person.requestEnded", "asked to join, and the request ended without an approval",
		"pediu para entrar, e o pedido terminou sem aprovação", "pidió entrar, y la solicitud terminó sin aprobación")
	CameBack     = Define("person.cameBack", "left the group and came back", "saiu do grupo e voltou", "salió del grupo y volvió")
	HiddenPeople = Define("person.hiddenPeople", "the group holds {{.N}} people whose number WhatsApp hides; this may be one of them",
		"o grupo tem {{.N}} pessoas cujo número o WhatsApp esconde; esta pode ser uma delas",
		"el grupo tiene {{.N}} personas cuyo número WhatsApp oculta; esta puede ser una de ellas")
	HiddenCame = Define("person.hiddenCame", "a person with a hidden number joined the group since the roll call; this may be that person",
		"alguém com número escondido entrou no grupo depois da chamada; pode ser esta pessoa",
		"alguien con número oculto entró en el grupo después de pasar lista; puede ser esta persona")
	AddExpired = Define("person.addExpired", "expiresAt passed before the person could be added",
		"expiresAt passou antes de a pessoa poder ser adicionada", "expiresAt pasó antes de que se pudiera agregar a la persona")
	AddUnshown = Define("person.addUnshown", "the provider's list of the group stays incomplete, so it does not show whether the person was added",
		"a lista do grupo no provedor continua incompleta e não mostra se a pessoa foi adicionada",
		"la lista del grupo en el proveedor sigue incompleta y no muestra si se agregó a la persona")
	AddUnread = Define("person.addUnread", "the group could not be read after the provider was asked to add the person",
		"o grupo não pôde ser lido depois de se pedir ao provedor que adicionasse a pessoa",
		"el grupo no se pudo leer después de pedir al proveedor que agregara a la persona")
	AddFailed = Define("person.addFailed", "the person could not be added: {{.Why}}",
		"a pessoa não pôde ser adicionada: {{.Why}}", "no se pudo agregar a la persona: {{.Why}}")
	Removed      = Define("person.removed", "was removed from the group by an admin", "foi removida do grupo por um administrador", "fue quitada del grupo por un administrador")
	LeftGroup    = Define("person.left", "left the group", "saiu do grupo", "salió del grupo")
	LeftProvider = Define("person.leftProvider", "left the group, says the provider", "saiu do grupo, diz o provedor", "salió del grupo, dice el proveedor")
	InviteFailed = Define("person.inviteFailed", "the invitation could not be sent: {{.Why}}",
		"o convite não pôde ser enviado: {{.Why}}", "no se pudo enviar la invitación: {{.Why}}")
	InviteRefused = Define("person.inviteRefused", "the provider refused the invitation: {{.Why}}",
		"o provedor recusou o convite: {{.Why}}", "el proveedor rechazó la invitación: {{.Why}}")
	// InviteUnknown has as reasons what the provider said, and why its journal could not be read, if it could not.
	InviteUnknown = Define("person.inviteUnknown",
		"the provider did not say whether it sent the invitation{{if .First}} ({{.First}}){{end}}, and "+
			"{{if .Second}}its queue and journal cannot be read: {{.Second}}{{else}}its queue and journal do not show it{{end}}",
		"o provedor não disse se enviou o convite{{if .First}} ({{.First}}){{end}}, e "+
			"{{if .Second}}a fila e o registro dele não podem ser lidos: {{.Second}}{{else}}a fila e o registro dele não o mostram{{end}}",
		"el proveedor no dijo si envió la invitación{{if .First}} ({{.First}}){{end}}, y "+
			"{{if .Second}}su cola y su registro no se pueden leer: {{.Second}}{{else}}su cola y su registro no la muestran{{end}}")
	InviteUnanswered = Define("person.inviteUnanswered", "the provider told that sending ended without an answer: {{.Text}}",
		"o provedor informou que o envio terminou sem resposta: {{.Text}}", "el proveedor informó que el envío terminó sin respuesta: {{.Text}}")
	InviteBounced = Define("person.inviteBounced", "the provider told that the invitation did not arrive: {{.Text}}",
		"o provedor informou que o convite não chegou: {{.Text}}", "el proveedor informó que la invitación no llegó: {{.Text}}")
	InviteUntold = Define("person.inviteUntold", "Redis was restored or restarted, and the provider cannot tell whether the invitation was sent before",
		"o Redis foi restaurado ou reiniciado, e o provedor não sabe dizer se o convite já foi enviado",
		"Redis fue restaurado o reiniciado, y el proveedor no puede decir si la invitación ya se envió")
)

// Why WhatsApp does not add a person, by its code for the person.
var (
	PersonNotByUs = Define("person.notByUs", "WhatsApp does not let this number add the person",
		"o WhatsApp não deixa este número adicionar a pessoa", "WhatsApp no permite que este número agregue a la persona")
	PersonBarred = Define("person.barred", "WhatsApp does not allow an invitation of this person, for legal reasons",
		"o WhatsApp não permite um convite a esta pessoa, por motivos legais", "WhatsApp no permite una invitación a esta persona, por motivos legales")
	PersonPrivate = Define("person.private", "the person's privacy settings leave adding to contacts",
		"a privacidade da pessoa só permite que contatos a adicionem", "la privacidad de la persona solo permite que la agreguen sus contactos")
	PersonNoAccount = Define("person.noAccount", "the number has no WhatsApp", "o número não tem WhatsApp", "el número no tiene WhatsApp")
	PersonLeft      = Define("person.leftRecently", "the person left the group recently", "a pessoa saiu do grupo há pouco", "la persona salió del grupo hace poco")
	PersonIn        = Define("person.in", "the person is in the group already", "a pessoa já está no grupo", "la persona ya está en el grupo")
	GroupFull       = Define("person.groupFull", "the group is full", "o grupo está cheio", "el grupo está lleno")
	PersonApproval  = Define("person.approval", "an admin must approve the person", "um administrador deve aprovar a pessoa", "un administrador debe aprobar a la persona")
)

// Why a group failed or is with a person, and what helps.
var (
	ErrorRefused = Define("error.refused", "the provider refused the request: {{.Why}}",
		"o provedor recusou o pedido: {{.Why}}", "el proveedor rechazó la solicitud: {{.Why}}")
	ErrorRefusedUnseen = Define("error.refusedUnseen", "the provider refused the request, and its lists show no group: {{.Why}}",
		"o provedor recusou o pedido, e as listas dele não mostram nenhum grupo: {{.Why}}",
		"el proveedor rechazó la solicitud, y sus listas no muestran ningún grupo: {{.Why}}")
	RemedyRefused = Define("remedy.refused", "correct what the provider names, then send it again as a new row",
		"corrija o que o provedor aponta e envie de novo como uma linha nova",
		"corrija lo que el proveedor señala y envíelo otra vez como una fila nueva")
	ErrorGaveUp = Define("error.gaveUp", "no group after trying since {{.At}}; last: {{.Why}}",
		"nenhum grupo após tentativas desde {{.At}}; a última: {{.Why}}", "ningún grupo tras intentarlo desde {{.At}}; lo último: {{.Why}}")
	RemedyGaveUp = Define("remedy.gaveUp", "see that the provider can be reached and the instance works (rollcall-worker check), then retry",
		"veja se o provedor responde e a instância funciona (rollcall-worker check), depois tente de novo",
		"verifique que el proveedor responde y la instancia funciona (rollcall-worker check), y reinténtelo")
	ErrorExpired = Define("error.expired", "expiresAt passed before the group could be created",
		"expiresAt passou antes de o grupo poder ser criado", "expiresAt pasó antes de que se pudiera crear el grupo")
	RemedyExpired = Define("remedy.expired", "send it again with a later expiresAt, or with more instances in the pool",
		"envie de novo com um expiresAt maior, ou com mais instâncias no pool",
		"envíelo otra vez con un expiresAt posterior, o con más instancias en el pool")
	ErrorNoMembers = Define("error.noMembers", "no members are left to create the group with: all are invalid, not on WhatsApp, or suppressed",
		"não sobrou ninguém para criar o grupo: todos são inválidos, não têm WhatsApp ou estão suprimidos",
		"no queda nadie con quien crear el grupo: todos son inválidos, no tienen WhatsApp o están suprimidos")
	RemedyNoMembers = Define("remedy.noMembers", "see the members' reasons; WhatsApp needs at least one person besides the owner",
		"veja os motivos dos membros; o WhatsApp precisa de ao menos uma pessoa além do dono",
		"vea los motivos de los miembros; WhatsApp necesita al menos una persona además del dueño")
	ErrorDuplicate = Define("error.duplicate", "this request made {{.N}} groups at WhatsApp",
		"este pedido criou {{.N}} grupos no WhatsApp", "esta solicitud creó {{.N}} grupos en WhatsApp")
	RemedyDuplicate = Define("remedy.duplicate", "look at both, delete one by hand in WhatsApp, then resolve --adopt the one you keep",
		"olhe os dois, apague um à mão no WhatsApp e depois use resolve --adopt no que fica",
		"mire ambos, borre uno a mano en WhatsApp y luego use resolve --adopt con el que queda")
	ErrorPoison = Define("error.poison", "{{.N}} workers died while working on it",
		"{{.N}} workers morreram enquanto trabalhavam nele", "{{.N}} workers murieron mientras trabajaban en él")
	RemedyPoison = Define("remedy.poison",
		"read the workers' logs of these times; when the cause is mended, resolve --recreate or --abandon, or --adopt if it exists",
		"leia os logs dos workers desses horários; resolvida a causa, resolve --recreate ou --abandon, ou --adopt se ele existe",
		"lea los logs de los workers de esas horas; resuelta la causa, resolve --recreate o --abandon, o --adopt si existe")
	ErrorUnlisted = Define("error.unlisted", "the create of {{.At}} had no clear answer, and no list of the provider shows it",
		"a criação de {{.At}} não teve resposta clara, e nenhuma lista do provedor o mostra",
		"la creación de {{.At}} no tuvo respuesta clara, y ninguna lista del proveedor lo muestra")
	ErrorListsUnread = Define("error.listsUnread", "the create of {{.At}} had no clear answer, and the provider's lists could not be read: {{.Why}}",
		"a criação de {{.At}} não teve resposta clara, e as listas do provedor não puderam ser lidas: {{.Why}}",
		"la creación de {{.At}} no tuvo respuesta clara, y las listas del proveedor no se pudieron leer: {{.Why}}")
	RemedyUnverifiable = Define("remedy.unverifiable", "look on the phone whether the group is there: resolve --adopt its id, --recreate, or --abandon",
		"olhe no telefone se o grupo está lá: resolve --adopt com o id dele, --recreate, ou --abandon",
		"mire en el teléfono si el grupo está: resolve --adopt con su id, --recreate, o --abandon")
	ErrorAmbiguous = Define("error.ambiguous", "{{if eq .N 1}}one group{{else}}{{.N}} groups{{end}} could be the one this request made",
		"{{if eq .N 1}}um grupo pode{{else}}{{.N}} grupos podem{{end}} ser o que este pedido criou",
		"{{if eq .N 1}}un grupo puede{{else}}{{.N}} grupos pueden{{end}} ser el que creó esta solicitud")
	RemedyAmbiguous = Define("remedy.ambiguous", "compare them on the phone: resolve --adopt one of the ids, --recreate, or --abandon",
		"compare-os no telefone: resolve --adopt com um dos ids, --recreate, ou --abandon",
		"compárelos en el teléfono: resolve --adopt con uno de los ids, --recreate, o --abandon")
	ErrorRollUnread = Define("error.rollUnread", "the group exists, but who is in it could not be read: {{.Why}}",
		"o grupo existe, mas não se pôde ler quem está nele: {{.Why}}", "el grupo existe, pero no se pudo leer quién está en él: {{.Why}}")
	RemedyRollUnread = Define("remedy.rollUnread", "mend the instance (rollcall-worker check), then resolve --adopt {{.Name}} to call the roll again",
		"conserte a instância (rollcall-worker check) e depois use resolve --adopt {{.Name}} para fazer a chamada de novo",
		"arregle la instancia (rollcall-worker check) y luego use resolve --adopt {{.Name}} para pasar lista otra vez")
	ErrorRollRefused = Define("error.rollRefused", "the provider does not show this group to the instance's number: {{.Why}}",
		"o provedor não mostra este grupo ao número da instância: {{.Why}}", "el proveedor no muestra este grupo al número de la instancia: {{.Why}}")
	RemedyRollRefused = Define("remedy.rollRefused", "compare {{.Name}} with the group on the phone, then resolve --adopt the right id, or --abandon",
		"compare {{.Name}} com o grupo no celular e depois use resolve --adopt com o id certo, ou --abandon",
		"compare {{.Name}} con el grupo en el teléfono y luego use resolve --adopt con el id correcto, o --abandon")
	// Unreadable and ErrorUnreadable name the reason by Kind: wrongType, sealed, damaged.
	Unreadable = Define("unreadable",
		"{{if eq .Kind `wrongType`}}The key holds another type of value. Find out which program wrote it."+
			"{{else if eq .Kind `sealed`}}It is encrypted with a key that is not known here. Add that key to redis.encryption_key."+
			"{{else}}It is damaged, or a newer version wrote it. Finish a deploy that is under way.{{end}}",
		"{{if eq .Kind `wrongType`}}A chave guarda outro tipo de valor. Descubra qual programa o escreveu."+
			"{{else if eq .Kind `sealed`}}Está criptografado com uma chave que não é conhecida aqui. Adicione essa chave a redis.encryption_key."+
			"{{else}}Está danificado, ou uma versão mais nova o escreveu. Termine o deploy que está em andamento.{{end}}",
		"{{if eq .Kind `wrongType`}}La clave guarda otro tipo de valor. Averigüe qué programa lo escribió."+
			"{{else if eq .Kind `sealed`}}Está cifrado con una clave que aquí no se conoce. Agregue esa clave a redis.encryption_key."+
			"{{else}}Está dañado, o lo escribió una versión más nueva. Termine el despliegue en curso.{{end}}")
	ErrorUnreadable = Define("error.unreadable", "the record of this group cannot be read: {{.Kind}}",
		"o registro deste grupo não pode ser lido: {{.Kind}}", "el registro de este grupo no se puede leer: {{.Kind}}")
	RemedyUnreadable = Define("remedy.unreadable", "{{.Why}} If nothing helps, export the record and remove it: rollcall-producer unreadable",
		"{{.Why}} Se nada ajudar, exporte o registro e remova-o: rollcall-producer unreadable",
		"{{.Why}} Si nada ayuda, exporte el registro y elimínelo: rollcall-producer unreadable")
)
