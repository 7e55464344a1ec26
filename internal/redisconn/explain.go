package redisconn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// Fault is a class of Redis trouble: a closed set, fit for a metric's label.
type Fault string

// The faults.
const (
	NoFault     Fault = ""
	BadURL      Fault = "badURL"
	NoServer    Fault = "noServer"
	Refused     Fault = "refused"     // nothing is listening there
	NotFound    Fault = "notFound"    // the name does not resolve, or the socket does not exist
	Timeout     Fault = "timeout"     // no answer in time
	Closed      Fault = "closed"      // hung up in the middle
	Auth        Fault = "auth"        // password missing or wrong
	Forbidden   Fault = "forbidden"   // the ACL refuses the command or the key
	TLS         Fault = "tls"         // one side speaks TLS and the other does not, or they cannot agree
	CertUnknown Fault = "certUnknown" // an authority that we do not know signed its certificate
	CertName    Fault = "certName"    // its certificate is for other names
	CertExpired Fault = "certExpired" // its certificate is not valid now
	CertClient  Fault = "certClient"  // it wants a certificate of ours, or refuses the one it got
	ReadOnly    Fault = "readOnly"    // a replica
	OutOfMemory Fault = "outOfMemory" // maxmemory reached
	Loading     Fault = "loading"     // reading its data set after a start
	DiskFault   Fault = "diskFault"   // it cannot write its files, so it refuses writes
	TooMany     Fault = "tooMany"     // maxclients reached
	WrongKind   Fault = "wrongKind"   // cluster addressed as single server, or the reverse
	NoMaster    Fault = "noMaster"    // sentinel or cluster has no master to offer
	NoReplicas  Fault = "noReplicas"  // fewer replicas than it is told to have before it writes
	WrongDB     Fault = "wrongDB"
	NoCommand   Fault = "noCommand" // a command is renamed, or does not exist there
	Other       Fault = "other"
)

// words are the sentence and the remedy of a fault.
type words struct{ what, remedy string }

var phrases = map[Fault]words{
	Refused:     {"connection refused: nothing is listening on that address", "start Redis, or correct redis.url"},
	NotFound:    {"the host name or the socket does not exist", "correct redis.url"},
	Timeout:     {"no answer in time", "check host, port and firewall, and whether Redis is overloaded"},
	Closed:      {"the connection was closed at once", "if this Redis speaks TLS, write rediss:// instead of redis://; if it restarts, wait"},
	Auth:        {"the password is missing or wrong", "give user and password: redis://user@host in redis.url, and the password in redis.password (ROLLCALL_REDIS_PASSWORD)"},
	Forbidden:   {"its access list forbids a command, a key or a channel", "give the user the rights in docs/configuration.md (Redis' access list); ACL LOG on the server names what was refused"},
	NoCommand:   {"it does not know a command that rollcall needs", "take the command out of rename-command in redis.conf; with a proxy or a hosted Redis, use one that has it"},
	TLS:         {"the TLS handshake failed", "use redis:// for a Redis without TLS; otherwise compare tls-protocols and tls-ciphers in redis.conf"},
	CertUnknown: {"an unknown authority signed its certificate", "name the authority's certificate in redis.tls.ca_file"},
	CertName:    {"its certificate is for another name", "use that name in redis.url, or set redis.tls.server_name"},
	CertExpired: {"its certificate is not valid at this time", "renew the certificate of Redis, and check the clock of this machine"},
	CertClient:  {"it asks for a client certificate, and does not accept what it got", "set redis.tls.cert_file and redis.tls.key_file to a certificate that its authority signed (tls-ca-cert-file in redis.conf)"},
	ReadOnly:    {"it is a read-only replica", "point redis.url at the master, or use redis-sentinel:// or redis-cluster://"},
	OutOfMemory: {"it is out of memory and refuses writes", "raise maxmemory, or lower retention so that finished groups leave sooner"},
	Loading:     {"it is still loading its data after a start", "wait until it has finished"},
	DiskFault:   {"it cannot write its files and refuses writes", "look at the Redis log and at the disk: usually it is full or not writable"},
	TooMany:     {"it has reached its limit of connections", "raise maxclients in redis.conf (and the limit of open files of redis-server), or run fewer workers"},
	WrongKind:   {"the address names another kind of Redis than it is", "use redis-cluster:// for a cluster and redis:// for a single server"},
	NoMaster:    {"there is no master to write to at the moment", "check the sentinels or the cluster (redis-cli cluster info), and the master's name in redis.url"},
	NoReplicas:  {"it has fewer replicas than it is told to have and refuses writes", "bring its replicas back (redis-cli info replication), or lower min-replicas-to-write"},
	WrongDB:     {"the database number does not exist there", "use a number below `databases` in redis.conf; most hosted ones have only 0"},
}

// prefixes of what Redis itself answers. Redis error codes are the first word and stable.
var prefixes = []struct {
	text  string
	fault Fault
}{
	{"WRONGPASS", Auth},
	{"NOAUTH", Auth},
	{"ERR invalid password", Auth},
	{"ERR AUTH <password> called without any password", Auth},
	{"ERR Client sent AUTH, but no password is set", Auth},
	{"NOPERM", Forbidden},
	{"DENIED Redis is running in protected mode", Auth},
	{"READONLY", ReadOnly},
	{"OOM", OutOfMemory},
	{"LOADING", Loading},
	{"MISCONF", DiskFault},
	{"ERR max number of clients reached", TooMany},
	{"MOVED", WrongKind},
	{"CROSSSLOT", WrongKind},
	{"ERR This instance has cluster support disabled", WrongKind},
	{"ERR SELECT is not allowed in cluster mode", WrongDB},
	{"ERR DB index is out of range", WrongDB},
	{"ERR invalid DB index", WrongDB},
	{"CLUSTERDOWN", NoMaster},
	{"MASTERDOWN", NoMaster},
	{"NOREPLICAS", NoReplicas},
	{"ERR unknown command", NoCommand},
	{"ERR unknown subcommand", NoCommand},
}

// Classify finds out what an error of a Redis call means. It is NoFault for nil and for an
// absent key, Other for what it does not know.
func Classify(err error) Fault {
	if err == nil || errors.Is(err, redis.Nil) {
		return NoFault
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fault
	}
	text := redisText(err)
	for _, p := range prefixes {
		if strings.HasPrefix(text, p.text) {
			return p.fault
		}
	}
	if f := classifyTLS(err); f != NoFault {
		return f
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ENOENT):
		return NotFound
	case isDNS(err):
		return NotFound
	case strings.Contains(err.Error(), "sentinels specified in configuration are unreachable"),
		strings.Contains(err.Error(), "cluster has no nodes"):
		return NoMaster
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err),
		errors.Is(err, redis.ErrPoolTimeout):
		return Timeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed), errors.Is(err, redis.ErrClosed):
		return Closed
	}
	return Other
}

// Explain is the plain sentence for an error of a Redis call, with the remedy. Errors it does
// not know keep their own text.
func Explain(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Error()
	}
	return wrap("", err).Error()
}

// wrap makes an Error of a failed call to the Redis at where.
func wrap(where string, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		if e.Where == "" && e.Fault != BadURL {
			with := *e
			with.Where = where
			return &with
		}
		return e
	}
	f := Classify(err)
	e := &Error{Fault: f, Where: where, Err: err}
	if w, known := phrases[f]; known {
		e.What, e.Remedy = w.what, w.remedy
		if f == CertName {
			e.What += namesOf(err)
		}
		if said := Said(err); said != "" {
			e.What += " (" + said + ")"
		}
		return e
	}
	if e.What = Said(err); e.What == "" {
		e.What = err.Error()
	}
	return e
}

// Said is Redis' own sentence, "" when the error is not Redis'. It leaves out what Redis repeats of
// a command that it does not know: that may be the password.
func Said(err error) string {
	text, _, _ := strings.Cut(redisText(err), ", with args beginning with")
	return text
}

// namesOf says which names a certificate has, and which one it lacks.
func namesOf(err error) string {
	e, ok := errors.AsType[x509.HostnameError](err)
	if !ok {
		return ""
	}
	names := slices.Clone(e.Certificate.DNSNames)
	for _, ip := range e.Certificate.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return ": it holds no name at all, not " + e.Host
	}
	return ": " + strings.Join(names, ", ") + ", not " + e.Host
}

// classifyTLS tells apart why a handshake failed.
func classifyTLS(err error) Fault {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return CertUnknown
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return CertName
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return CertExpired
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return CertUnknown
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return TLS
	}
	// crypto/tls does not export what the other side's alert was, only its text.
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "remote error" {
		for _, alert := range []string{"certificate required", "bad certificate", "unknown certificate", "unsupported certificate", "expired certificate", "revoked certificate", "error decrypting message"} {
			if strings.Contains(e.Err.Error(), alert) {
				return CertClient
			}
		}
		return TLS
	}
	return NoFault
}

func isDNS(err error) bool {
	e, ok := errors.AsType[*net.DNSError](err)
	return ok && !e.IsTimeout
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// redisText is what Redis answered, found below any wrapping; "" when the error is not its own.
func redisText(err error) string {
	if e, ok := errors.AsType[redis.Error](err); ok {
		return e.Error()
	}
	return ""
}
