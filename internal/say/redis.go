package say

// RedisFault is what keeps Redis from taking part, and what to do. Kind is the fault, as redisconn classifies it, and
// Text what Redis itself said.
var RedisFault = Define("redis.fault", "{{.Word `redis` .Kind}}{{if .Text}} ({{.Text}}){{end}}; {{.Word `redisRemedy` .Kind}}",
	"{{.Word `redis` .Kind}}{{if .Text}} ({{.Text}}){{end}}; {{.Word `redisRemedy` .Kind}}", "{{.Word `redis` .Kind}}{{if .Text}} ({{.Text}}){{end}}; {{.Word `redisRemedy` .Kind}}")

// RedisWords are what is wrong and what to do, by the fault.
func RedisWords(fault string) (what, remedy Code, known bool) {
	what, remedy = Code("redis:"+fault), Code("redisRemedy:"+fault)
	return what, remedy, Has(what)
}

var _ = defineAll(map[Code]Texts{
	"redis:refused": {
		"connection refused: nothing is listening on that address",
		"conexão recusada: nada escuta nesse endereço", "conexión rechazada: nada escucha en esa dirección",
	},
	"redisRemedy:refused": {"start Redis, or correct redis.url", "inicie o Redis, ou corrija redis.url", "inicia Redis, o corrige redis.url"},
	"redis:notFound": {
		"the host name or the socket does not exist",
		"o nome do host ou o socket não existe", "el nombre del host o el socket no existe",
	},
	"redisRemedy:notFound": {"correct redis.url", "corrija redis.url", "corrige redis.url"},
	"redis:timeout":        {"no answer in time", "sem resposta a tempo", "sin respuesta a tiempo"},
	"redisRemedy:timeout": {
		"check host, port and firewall, and whether Redis is overloaded",
		"verifique host, porta e firewall, e se o Redis está sobrecarregado", "revisa host, puerto y firewall, y si Redis está sobrecargado",
	},
	"redis:closed": {"the connection was closed at once", "a conexão foi fechada logo em seguida", "la conexión se cerró de inmediato"},
	"redisRemedy:closed": {
		"if this Redis speaks TLS, write rediss:// instead of redis://; if it restarts, wait",
		"se este Redis usa TLS, escreva rediss:// em vez de redis://; se ele reinicia, espere", "si este Redis usa TLS, escribe rediss:// en vez de redis://; si se reinicia, espera",
	},
	"redis:auth": {"the password is missing or wrong", "a senha falta ou está errada", "la contraseña falta o es incorrecta"},
	"redisRemedy:auth": {
		"give user and password: redis://user@host in redis.url, and the password in redis.password (ROLLCALL_REDIS_PASSWORD)",
		"informe usuário e senha: redis://user@host em redis.url, e a senha em redis.password (ROLLCALL_REDIS_PASSWORD)",
		"indica usuario y contraseña: redis://user@host en redis.url, y la contraseña en redis.password (ROLLCALL_REDIS_PASSWORD)",
	},
	"redis:forbidden": {
		"its access list forbids a command, a key or a channel",
		"a lista de acesso dele proíbe um comando, uma chave ou um canal", "su lista de acceso prohíbe un comando, una clave o un canal",
	},
	"redisRemedy:forbidden": {
		"give the user the rights in docs/configuration.md (Redis' access list); ACL LOG on the server names what was refused",
		"dê ao usuário os direitos de docs/configuration.md (Redis' access list); ACL LOG no servidor diz o que foi recusado",
		"da al usuario los derechos de docs/configuration.md (Redis' access list); ACL LOG en el servidor dice qué se rechazó",
	},
	"redis:noCommand": {
		"it does not know a command that rollcall needs",
		"ele não conhece um comando de que o rollcall precisa", "no conoce un comando que rollcall necesita",
	},
	"redisRemedy:noCommand": {
		"take the command out of rename-command in redis.conf; with a proxy or a hosted Redis, use one that has it; if it is a sentinel, write redis-sentinel://",
		"tire o comando de rename-command em redis.conf; com um proxy ou um Redis hospedado, use um que o tenha; se for um sentinel, escreva redis-sentinel://",
		"quita el comando de rename-command en redis.conf; con un proxy o un Redis alojado, usa uno que lo tenga; si es un sentinel, escribe redis-sentinel://",
	},
	"redis:tls": {"the TLS handshake failed", "o handshake TLS falhou", "el handshake TLS falló"},
	"redisRemedy:tls": {
		"use redis:// for a Redis without TLS; otherwise compare tls-protocols and tls-ciphers in redis.conf",
		"use redis:// para um Redis sem TLS; senão, compare tls-protocols e tls-ciphers em redis.conf", "usa redis:// para un Redis sin TLS; si no, compara tls-protocols y tls-ciphers en redis.conf",
	},
	"redis:certUnknown": {
		"an unknown authority signed its certificate",
		"uma autoridade desconhecida assinou o certificado dele", "una autoridad desconocida firmó su certificado",
	},
	"redisRemedy:certUnknown": {
		"name the authority's certificate in redis.tls.ca_file",
		"indique o certificado da autoridade em redis.tls.ca_file", "indica el certificado de la autoridad en redis.tls.ca_file",
	},
	"redis:certName": {"its certificate is for another name", "o certificado dele é de outro nome", "su certificado es de otro nombre"},
	"redisRemedy:certName": {
		"use that name in redis.url, or set redis.tls.server_name",
		"use esse nome em redis.url, ou defina redis.tls.server_name", "usa ese nombre en redis.url, o define redis.tls.server_name",
	},
	"redis:certExpired": {"its certificate is not valid at this time", "o certificado dele não vale neste momento", "su certificado no es válido en este momento"},
	"redisRemedy:certExpired": {
		"renew the certificate of Redis, and check the clock of this machine",
		"renove o certificado do Redis, e confira o relógio desta máquina", "renueva el certificado de Redis, y revisa el reloj de esta máquina",
	},
	"redis:certClient": {
		"it asks for a client certificate, and does not accept what it got",
		"ele pede um certificado de cliente, e não aceita o que recebeu", "pide un certificado de cliente, y no acepta el que recibió",
	},
	"redisRemedy:certClient": {
		"set redis.tls.cert_file and redis.tls.key_file to a certificate that its authority signed (tls-ca-cert-file in redis.conf)",
		"defina redis.tls.cert_file e redis.tls.key_file com um certificado que a autoridade dele assinou (tls-ca-cert-file em redis.conf)",
		"define redis.tls.cert_file y redis.tls.key_file con un certificado que su autoridad firmó (tls-ca-cert-file en redis.conf)",
	},
	"redis:readOnly": {"it is a read-only replica", "ele é uma réplica somente de leitura", "es una réplica de solo lectura"},
	"redisRemedy:readOnly": {
		"point redis.url at the master, or use redis-sentinel:// or redis-cluster://",
		"aponte redis.url para o mestre, ou use redis-sentinel:// ou redis-cluster://", "apunta redis.url al maestro, o usa redis-sentinel:// o redis-cluster://",
	},
	"redis:outOfMemory": {"it is out of memory and refuses writes", "ele está sem memória e recusa gravações", "no tiene memoria y rechaza escrituras"},
	"redisRemedy:outOfMemory": {
		"raise maxmemory, or lower retention so that finished groups leave sooner",
		"aumente maxmemory, ou diminua retention para que grupos terminados saiam antes", "sube maxmemory, o baja retention para que los grupos terminados salgan antes",
	},
	"redis:loading":       {"it is still loading its data after a start", "ele ainda carrega seus dados depois de iniciar", "todavía carga sus datos después de iniciarse"},
	"redisRemedy:loading": {"wait until it has finished", "espere até que termine", "espera a que termine"},
	"redis:diskFault":     {"it cannot write its files and refuses writes", "ele não consegue gravar seus arquivos e recusa gravações", "no puede escribir sus archivos y rechaza escrituras"},
	"redisRemedy:diskFault": {
		"look at the Redis log and at the disk: usually it is full or not writable",
		"veja o log do Redis e o disco: em geral está cheio ou sem permissão de gravação", "mira el log de Redis y el disco: suele estar lleno o sin permiso de escritura",
	},
	"redis:tooMany": {"it has reached its limit of connections", "ele chegou ao limite de conexões", "llegó a su límite de conexiones"},
	"redisRemedy:tooMany": {
		"raise maxclients in redis.conf (and the limit of open files of redis-server), or run fewer workers",
		"aumente maxclients em redis.conf (e o limite de arquivos abertos do redis-server), ou rode menos workers",
		"sube maxclients en redis.conf (y el límite de archivos abiertos de redis-server), o corre menos workers",
	},
	"redis:wrongKind": {"the address names another kind of Redis than it is", "o endereço indica outro tipo de Redis", "la dirección indica otro tipo de Redis"},
	"redisRemedy:wrongKind": {
		"use redis:// for a single server, redis-cluster:// for a cluster, and redis-sentinel:// for the addresses of sentinels",
		"use redis:// para um servidor só, redis-cluster:// para um cluster, e redis-sentinel:// para os endereços de sentinels",
		"usa redis:// para un solo servidor, redis-cluster:// para un clúster, y redis-sentinel:// para las direcciones de sentinels",
	},
	"redis:noMaster": {"there is no master to write to at the moment", "não há mestre para gravar neste momento", "no hay un maestro donde escribir en este momento"},
	"redisRemedy:noMaster": {
		"check the sentinels or the cluster (redis-cli cluster info), and the master's name in redis.url",
		"verifique os sentinels ou o cluster (redis-cli cluster info), e o nome do mestre em redis.url", "revisa los sentinels o el clúster (redis-cli cluster info), y el nombre del maestro en redis.url",
	},
	"redis:noReplicas": {
		"it has fewer replicas than it is told to have and refuses writes",
		"ele tem menos réplicas do que o configurado e recusa gravações", "tiene menos réplicas que las configuradas y rechaza escrituras",
	},
	"redisRemedy:noReplicas": {
		"bring its replicas back (redis-cli info replication), or lower min-replicas-to-write",
		"traga as réplicas de volta (redis-cli info replication), ou diminua min-replicas-to-write", "recupera sus réplicas (redis-cli info replication), o baja min-replicas-to-write",
	},
	"redis:wrongDB": {"the database number does not exist there", "o número do banco não existe ali", "ese número de base de datos no existe allí"},
	"redisRemedy:wrongDB": {
		"use a number below `databases` in redis.conf; most hosted ones have only 0",
		"use um número menor que `databases` em redis.conf; a maioria dos hospedados só tem o 0", "usa un número menor que `databases` en redis.conf; la mayoría de los alojados solo tiene el 0",
	},
})
