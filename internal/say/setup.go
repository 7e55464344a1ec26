package say

// Why a step of a group's set-up is in the state that it is in.
var (
	SetupUnsupported = Define("setup.unsupported", "the provider cannot do this", "o provedor não faz isso", "el proveedor no puede hacerlo")
	// SetupPartly has the settings that the provider lacks as Text.
	SetupPartly = Define("setup.partly", "the provider cannot change {{.Text}}; the rest is done",
		"o provedor não altera {{.Text}}; o resto está feito", "el proveedor no puede cambiar {{.Text}}; lo demás está hecho")
	SetupNotShown = Define("setup.notShown", "the provider accepted it, and a reading of the group does not show it",
		"o provedor aceitou, e a leitura do grupo não o mostra", "el proveedor lo aceptó, y la lectura del grupo no lo muestra")
	SetupTakesEffect = Define("setup.takesEffect", "the provider accepted it; the group is read again at {{.Until}}",
		"o provedor aceitou; o grupo é lido de novo em {{.Until}}", "el proveedor lo aceptó; el grupo se lee otra vez a las {{.Until}}")
	SetupAdminsLater = Define("setup.adminsLater", "{{.N}} more become admins when they join",
		"mais {{.N}} viram administradores quando entrarem", "{{.N}} más serán administradores cuando entren")
	SetupUnknown = Define("setup.unknown", "it may be done, and no reading shows it: {{.Why}}",
		"pode estar feito, e nenhuma leitura o mostra: {{.Why}}", "puede estar hecho, y ninguna lectura lo muestra: {{.Why}}")
	SetupGaveUp = Define("setup.gaveUp", "not done in the time that retry.give_up_after allows: {{.Why}}",
		"não foi feito no prazo de retry.give_up_after: {{.Why}}", "no se hizo en el plazo de retry.give_up_after: {{.Why}}")
	SetupRefused = Define("setup.refused", "the provider refused it: {{.Why}}", "o provedor recusou: {{.Why}}", "el proveedor lo rechazó: {{.Why}}")
	SetupUnread  = Define("setup.unread", "the group could not be read: {{.Why}}", "o grupo não pôde ser lido: {{.Why}}", "el grupo no se pudo leer: {{.Why}}")
	SetupPaused  = Define("setup.paused", "{{.Name}} is paused", "{{.Name}} está em pausa", "{{.Name}} está en pausa")
	SetupUnable  = Define("setup.unable", "{{.Name}} cannot work now", "{{.Name}} não pode trabalhar agora", "{{.Name}} no puede trabajar ahora")
	SetupResting = Define("setup.resting", "{{.Name}} rests until {{.Until}}", "{{.Name}} descansa até {{.Until}}", "{{.Name}} descansa hasta {{.Until}}")
	// WelcomeUnknown has what the provider said as Why.
	WelcomeUnknown = Define("setup.welcomeUnknown",
		"the provider did not say whether it sent the welcome{{if .Why}} ({{.Why}}){{end}}; it is never sent again",
		"o provedor não disse se enviou as boas-vindas{{if .Why}} ({{.Why}}){{end}}; não são enviadas de novo",
		"el proveedor no dijo si envió la bienvenida{{if .Why}} ({{.Why}}){{end}}; no se envía de nuevo")
	PhotoAddress = Define("setup.photoAddress", "the photo needs an https:// address", "a foto precisa de um endereço https://", "la foto necesita una dirección https://")
	// PhotoUnread has what happened as Why.
	PhotoUnread   = Define("setup.photoUnread", "the photo cannot be fetched: {{.Why}}", "não foi possível obter a foto: {{.Why}}", "no se pudo obtener la foto: {{.Why}}")
	PhotoTooLarge = Define("setup.photoTooLarge", "the photo is larger than {{.N}} MB", "a foto tem mais de {{.N}} MB", "la foto tiene más de {{.N}} MB")
	PhotoNoImage  = Define("setup.photoNoImage", "the address holds no JPEG or PNG", "o endereço não traz um JPEG nem um PNG", "la dirección no contiene un JPEG ni un PNG")

	PhotoTooManyPixels = Define("setup.photoTooManyPixels", "the photo of {{.N}} by {{.M}} pixels is too large", "a foto de {{.N}} por {{.M}} pixels é grande demais", "la foto de {{.N}} por {{.M}} píxeles es demasiado grande")

	StaffNoRoom = Define("person.staffNoRoom", "staff of the pool; the group has {{.N}} people already, as many as WhatsApp allows",
		"equipe do pool; o grupo já tem {{.N}} pessoas, o máximo do WhatsApp", "personal del pool; el grupo ya tiene {{.N}} personas, el máximo de WhatsApp")
)
