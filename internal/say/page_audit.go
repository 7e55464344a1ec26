package say

// The texts of the audit log, the sessions and the login.
var _ = defineAll(map[Code]Texts{
	"in-all":                        {"{{.N}} in all", "{{.N}} ao todo", "{{.N}} en total"},
	"api-key":                       {"API key", "Chave da API", "Clave de la API"},
	"detail":                        {"Detail", "Detalhe", "Detalle"},
	"nothing-was-written-down-that": {"Nothing was written down that matches.", "Nada do que foi registrado corresponde.", "No hay registros que coincidan."},
	"result":                        {"Result", "Resultado", "Resultado"},
	"the-same-keys-open-the": {
		"The same keys open the API. rollcall-producer key new makes one; the configuration keeps only its hash.",
		"As mesmas chaves abrem a API. rollcall-producer key new cria uma; a configuração guarda só o hash.",
		"Las mismas claves abren la API. rollcall-producer key new crea una; la configuración guarda solo su hash.",
	},
	"this-key-is-not-one": {
		"This key is not one of api.keys. It may have been taken out, or cut when it was copied.",
		"Esta chave não está em api.keys. Pode ter sido retirada, ou cortada ao copiar.",
		"Esta clave no está en api.keys. Puede haberse quitado, o cortado al copiarla.",
	},
	"this-key-is-limited":        {"This key only creates groups. Log in with another key.", "Esta chave só cria grupos. Entre com outra chave.", "Esta clave solo crea grupos. Entre con otra clave."},
	"your-key-is-bound-to-pools": {"Your key is bound to pools", "Sua chave está limitada a pools", "Su clave está limitada a pools"},
	"this-concerns-the-whole-installation": {
		"This concerns the whole installation, or pools that are not your key's. Log in with a key without pools.",
		"Isto diz respeito a toda a instalação, ou a pools que não são da sua chave. Entre com uma chave sem pools.",
		"Esto concierne a toda la instalación, o a pools que no son de su clave. Entre con una clave sin pools.",
	},
	"it-serves-other-pools-too": {
		"It serves other pools than those of your key, or queues of the whole installation are paused. A key without pools may change it.",
		"Ela atende outros pools além dos da sua chave, ou filas de toda a instalação estão pausadas. Uma chave sem pools pode alterá-la.",
		"Atiende otros pools además de los de su clave, o hay colas de toda la instalación pausadas. Una clave sin pools puede cambiarla.",
	},
	"too-many-wrong-keys-came": {
		"Too many wrong keys came from your address. Try again in {{.Name}}.",
		"Muitas chaves erradas vieram do seu endereço. Tente de novo em {{.Name}}.",
		"Llegaron demasiadas claves incorrectas desde su dirección. Intente de nuevo en {{.Name}}.",
	},
	"refused-requests":              {"Refused requests", "Pedidos recusados", "Solicitudes rechazadas"},
	"gathered-by-source-reason-and": {"Gathered by source, reason and minute.", "Agrupados por origem, motivo e minuto.", "Agrupadas por origen, motivo y minuto."},
	"source":                        {"Source", "Origem", "Origen"},
	"times":                         {"Times", "Vezes", "Veces"},
	"table-of-refused-requests":     {"Table of refused requests", "Tabela de pedidos recusados", "Tabla de solicitudes rechazadas"},
	"no-refused-request-matches":    {"No refused request matches.", "Nenhum pedido recusado corresponde.", "Ninguna solicitud rechazada coincide."},
	"table-of-sessions":             {"Table of sessions", "Tabela de sessões", "Tabla de sesiones"},
	"logged-in-at":                  {"Logged in at", "Entrou às", "Entró a las"},
	"browser":                       {"Browser", "Navegador", "Navegador"},
	"end":                           {"End", "Encerrar", "Terminar"},
	"this-session":                  {"this session", "esta sessão", "esta sesión"},
	"there-is-no-session":           {"There is no session.", "Não há sessão.", "No hay sesiones."},
	"logins-to-this-page-that": {
		"Logins to this page that have not ended. Each ends 12 hours after its login, with a logout, and with its key.",
		"Entradas nesta página que não terminaram. Cada uma termina 12 horas após a entrada, com a saída e com a chave.",
		"Entradas a esta página que no terminaron. Cada una termina 12 horas después de entrar, al salir, y con su clave.",
	},
	"who":              {"Who", "Quem", "Quién"},
	"table-of-entries": {"Table of entries", "Tabela de registros", "Tabla de registros"},
})
