package say

// What a plan would take its time for.
var (
	PlanStuck   = Define("plan.stuck", "no estimate yet: they wait for {{.Why}}", "ainda sem estimativa: esperam por {{.Why}}", "todavía sin estimación: esperan {{.Why}}")
	PlanInviter = Define("plan.inviter", "an instance that may invite", "uma instância que possa convidar", "una instancia que pueda invitar")
	PlanTime    = Define("plan.time", "the latest notBefore decides: done about {{.At}}", "o último notBefore decide: pronto por volta de {{.At}}", "el último notBefore decide: listo hacia las {{.At}}")
	// PlanPace counts the instances (N), whose rate is Why; M more of them would be done at Until. Place is the
	// pool, if they are of one.
	PlanPace = Define("plan.pace",
		"{{.N}} {{if eq .N 1}}instance{{else}}instances{{end}}, {{.Why}}: done about {{.At}}"+
			"{{if ne .From .To}}, with {{if eq .Kind `invite`}}no invitation sent{{else}}no group created{{end}} from {{.From}} to {{.To}}{{end}}"+
			"{{if .M}}; {{.M}} more {{if eq .M 1}}instance{{else}}instances{{end}}{{if not .Place}} in a pool{{end}} would make it {{.Until}}{{end}}",
		"{{.N}} {{if eq .N 1}}instância{{else}}instâncias{{end}}, {{.Why}}: pronto por volta de {{.At}}"+
			"{{if ne .From .To}}, sem {{if eq .Kind `invite`}}convidar{{else}}criar grupos{{end}} das {{.From}} às {{.To}}{{end}}"+
			"{{if .M}}; com mais {{.M}} {{if eq .M 1}}instância{{else}}instâncias{{end}}{{if not .Place}} em um pool{{end}} seria {{.Until}}{{end}}",
		"{{.N}} {{if eq .N 1}}instancia{{else}}instancias{{end}}, {{.Why}}: listo hacia las {{.At}}"+
			"{{if ne .From .To}}, sin {{if eq .Kind `invite`}}invitar{{else}}crear grupos{{end}} de {{.From}} a {{.To}}{{end}}"+
			"{{if .M}}; con {{.M}} {{if eq .M 1}}instancia{{else}}instancias{{end}} más{{if not .Place}} en un pool{{end}} sería {{.Until}}{{end}}")

	// The rates are those of N instances together, or of each of them.
	RateDay = Define("rate.day", "{{.PerDay}}{{if eq .Kind `invite`}} invitations{{end}} a day{{if ne .N 1}} each{{end}}",
		"{{.PerDay}}{{if eq .Kind `invite`}} convites{{end}} por dia{{if ne .N 1}} cada uma{{end}}", "{{.PerDay}}{{if eq .Kind `invite`}} invitaciones{{end}} por día{{if ne .N 1}} cada una{{end}}")
	RateTogether = Define("rate.together", "{{.PerDay}}{{if eq .Kind `invite`}} invitations{{end}} a day together",
		"{{.PerDay}}{{if eq .Kind `invite`}} convites{{end}} por dia juntas", "{{.PerDay}}{{if eq .Kind `invite`}} invitaciones{{end}} por día juntas")
	RateEvery = Define("rate.every", "{{if .Paced}}one {{if eq .Kind `invite`}}invitation {{end}}every {{.Every}}{{else}}one call after the other{{end}}{{if ne .N 1}} each{{end}}",
		"{{if .Paced}}{{if eq .Kind `invite`}}um convite{{else}}um grupo{{end}} a cada {{.Every}}{{else}}uma chamada após a outra{{end}}{{if ne .N 1}} cada uma{{end}}",
		"{{if .Paced}}{{if eq .Kind `invite`}}una invitación{{else}}un grupo{{end}} cada {{.Every}}{{else}}una llamada tras otra{{end}}{{if ne .N 1}} cada una{{end}}")
	RateOwn     = Define("rate.own", "each at its own pace", "cada uma no seu ritmo", "cada una a su ritmo")
	RateUnknown = Define("rate.unknown", "whose pace is not known", "cujo ritmo não é conhecido", "cuyo ritmo no se conoce")
)
