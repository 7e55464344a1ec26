package say

// Why a request of ours to an address that a person gave was not answered well.
var (
	OutPrivate  = Define("out.private", "its address is not public; allow_private: true allows it", "o endereço dele não é público; allow_private: true o permite", "su dirección no es pública; allow_private: true la permite")
	OutTimeout  = Define("out.timeout", "the receiver did not answer in time", "o destino não respondeu a tempo", "el destino no respondió a tiempo")
	OutNoName   = Define("out.noName", "its name does not exist", "o nome dele não existe", "su nombre no existe")
	OutNoLookup = Define("out.noLookup", "its name could not be looked up", "o nome dele não pôde ser consultado", "su nombre no se pudo consultar")

	OutAuthority = Define("out.authority", "its certificate is not from an authority that this machine trusts",
		"o certificado dele não é de uma autoridade em que esta máquina confia", "su certificado no es de una autoridad en la que confía esta máquina")
	OutOtherName   = Define("out.otherName", "its certificate is for another name", "o certificado dele é de outro nome", "su certificado es de otro nombre")
	OutExpired     = Define("out.expired", "its certificate has expired", "o certificado dele venceu", "su certificado venció")
	OutCertificate = Define("out.certificate", "its certificate is not valid", "o certificado dele não é válido", "su certificado no es válido")
	OutNoTLS       = Define("out.noTLS", "it does not speak TLS", "ele não fala TLS", "no habla TLS")
	OutHandshake   = Define("out.handshake", "the TLS handshake failed", "a negociação TLS falhou", "la negociación TLS falló")
	OutRefused     = Define("out.refused", "it refused the connection", "ele recusou a conexão", "rechazó la conexión")
	OutNoWay       = Define("out.noWay", "there is no way to its address", "não há caminho até o endereço dele", "no hay camino a su dirección")
	OutBroken      = Define("out.broken", "it broke the connection before it answered", "ele cortou a conexão antes de responder", "cortó la conexión antes de responder")
	OutFailed      = Define("out.failed", "the request failed", "a requisição falhou", "la solicitud falló")
	// OutAnswered has the HTTP status as N.
	OutAnswered = Define("out.answered", "it answered {{.N}}{{if eq .N 410}}: it wants nothing any more{{else if .Redirected}}; redirects are not followed{{end}}",
		"ele respondeu {{.N}}{{if eq .N 410}}: não quer mais nada{{else if .Redirected}}; redirecionamentos não são seguidos{{end}}",
		"respondió {{.N}}{{if eq .N 410}}: ya no quiere nada{{else if .Redirected}}; no se siguen redirecciones{{end}}")

	WebhookUnwanted = Define("webhook.unwanted", "the webhook does not want such events any more", "o webhook não quer mais esses eventos", "el webhook ya no quiere esos eventos")
	WebhookDisabled = Define("webhook.disabled", "the webhook is disabled", "o webhook está desativado", "el webhook está desactivado")
	WebhookRetained = Define("webhook.retained", "the retention of the group is over, so there is nothing to send",
		"o prazo de guarda do grupo acabou, então não há o que enviar", "terminó el plazo de conservación del grupo, así que no hay nada que enviar")
)
