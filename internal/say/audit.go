package say

// What the audit log tells of a deed.
var (
	AuditRestEnded = Define("audit.restEnded", "the rest was ended too", "o descanso também foi encerrado", "también se terminó el descanso")
	AuditLifted    = Define("audit.lifted", "queues were paused by asynq's own tools: {{.Place}}",
		"filas estavam pausadas pelas ferramentas do asynq: {{.Place}}", "había colas pausadas por las herramientas de asynq: {{.Place}}")
	AuditConfigured = Define("audit.configured", "as configured", "como configurado", "como está configurado")
	AuditPace       = Define("audit.pace",
		"{{if .Paced}}one {{.Kind}} every {{.Every}}{{end}}{{if and .Paced .PerDay}}, {{end}}{{if .PerDay}}{{.PerDay}} {{.Kind}}{{if ne .PerDay 1}}s{{end}} a day{{end}}",
		"{{if .Paced}}{{if eq .Kind `invite`}}um convite{{else}}uma criação{{end}} a cada {{.Every}}{{end}}{{if and .Paced .PerDay}}, {{end}}"+
			"{{if .PerDay}}{{.PerDay}} {{if eq .Kind `invite`}}convite{{if ne .PerDay 1}}s{{end}}{{else}}{{if ne .PerDay 1}}criações{{else}}criação{{end}}{{end}} por dia{{end}}",
		"{{if .Paced}}{{if eq .Kind `invite`}}una invitación{{else}}una creación{{end}} cada {{.Every}}{{end}}{{if and .Paced .PerDay}}, {{end}}"+
			"{{if .PerDay}}{{.PerDay}} {{if eq .Kind `invite`}}{{if ne .PerDay 1}}invitaciones{{else}}invitación{{end}}{{else}}{{if ne .PerDay 1}}creaciones{{else}}creación{{end}}{{end}} por día{{end}}")
	AuditRecovery = Define("audit.recovery", "{{.Word `recovery` .Kind}}{{if .Dated}} since {{.At}}{{end}}",
		"{{.Word `recovery` .Kind}}{{if .Dated}} desde {{.At}}{{end}}", "{{.Word `recovery` .Kind}}{{if .Dated}} desde {{.At}}{{end}}")
	AuditAgain = Define("audit.again", "the same request may make a group again",
		"o mesmo pedido pode criar um grupo de novo", "la misma solicitud puede crear un grupo otra vez")
	AuditUntil = Define("audit.until", "until {{.Until}}", "até {{.Until}}", "hasta {{.Until}}")
	AuditMoved = Define("audit.moved", "to the {{if .Place}}pool {{.Place}}{{else}}instance {{.Name}}{{end}}",
		"para {{if .Place}}o pool {{.Place}}{{else}}a instância {{.Name}}{{end}}", "{{if .Place}}al pool {{.Place}}{{else}}a la instancia {{.Name}}{{end}}")
	AuditBatch = Define("audit.batch", "{{.Name}}: {{.Why}}", "{{.Name}}: {{.Why}}", "{{.Name}}: {{.Why}}")
	AuditRows  = Define("audit.rows", "{{.N}} {{.Word `rows` .Kind}}", "{{.N}} {{.Word `rows` .Kind}}", "{{.N}} {{.Word `rows` .Kind}}")
	AuditGroup = Define("audit.group", "{{.Word `rows` .Kind}}", "{{.Word `rows` .Kind}}", "{{.Word `rows` .Kind}}")
	// AuditEdit counts the people added (N) and removed (M) and has the changed fields as Text; Place is the group that replaces the edited one.
	AuditEdit = Define("audit.edit", "{{if .Place}}replaced by {{.Place}}{{else}}in place{{end}}{{if .N}}, {{.N}} added{{end}}{{if .M}}, {{.M}} removed{{end}}{{if .Text}}, {{.Text}}{{end}}",
		"{{if .Place}}substituído por {{.Place}}{{else}}no lugar{{end}}{{if .N}}, {{.N}} adicionadas{{end}}{{if .M}}, {{.M}} retiradas{{end}}{{if .Text}}, {{.Text}}{{end}}",
		"{{if .Place}}reemplazado por {{.Place}}{{else}}en su lugar{{end}}{{if .N}}, {{.N}} agregadas{{end}}{{if .M}}, {{.M}} quitadas{{end}}{{if .Text}}, {{.Text}}{{end}}")
	// AuditSeen is where telephone numbers were seen.
	AuditSeen       = Define("audit.seen", "{{.Word `seen` .Kind}}", "{{.Word `seen` .Kind}}", "{{.Word `seen` .Kind}}")
	AuditDeliveries = Define("audit.deliveries", "{{.N}} deliveries", "{{.N}} entregas", "{{.N}} entregas")
	// AuditRotated counts the records (M) and suppressions (Of); N is the data key, Name the master key.
	AuditRotated = Define("audit.rotated", "data key {{.N}}, sealed with {{.Name}}: {{.M}} records and {{.Of}} suppressions encrypted again",
		"chave de dados {{.N}}, selada com {{.Name}}: {{.M}} registros e {{.Of}} supressões criptografados de novo",
		"clave de datos {{.N}}, sellada con {{.Name}}: {{.M}} registros y {{.Of}} supresiones cifrados de nuevo")
	AuditSession = Define("audit.session", "session of the key {{.Name}}, from {{.Place}}", "sessão da chave {{.Name}}, de {{.Place}}", "sesión de la clave {{.Name}}, desde {{.Place}}")

	_ = defineAll(map[Code]Texts{
		"seen:evidence":      {"evidence", "provas", "pruebas"},
		"seen:export":        {"export", "exportação", "exportación"},
		"seen:list":          {"list", "lista", "lista"},
		"seen:status":        {"status", "estado", "estado"},
		"rows:created":       {"created", "criados", "creados"},
		"rows:existed":       {"existed", "já existiam", "ya existían"},
		"rows:updated":       {"updated", "atualizados", "actualizados"},
		"rows:invalid":       {"invalid", "inválidos", "inválidos"},
		"recovery:current":   {"current", "dados atuais", "datos al día"},
		"recovery:restored":  {"restored", "cópia restaurada", "copia restaurada"},
		"recovery:startOver": {"startOver", "recomeço", "nuevo comienzo"},
	})
)
