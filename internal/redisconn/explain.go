package redisconn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/say"
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
	WrongKind   Fault = "wrongKind"   // a server, a cluster or sentinels, addressed as another of the three
	NoMaster    Fault = "noMaster"    // sentinel or cluster has no master to offer
	NoReplicas  Fault = "noReplicas"  // fewer replicas than min-replicas-to-write
	WrongDB     Fault = "wrongDB"
	NoCommand   Fault = "noCommand" // a command is renamed, or does not exist there
	Other       Fault = "other"
)

// words has the sentence and the remedy of a fault, in English.
type words struct{ what, remedy string }

// wordsOf returns a fault's words; known is false if it has none.
func wordsOf(f Fault) (w words, known bool) {
	what, remedy, known := say.RedisWords(string(f))
	if known {
		w = words{say.Phrase{Code: what}.String(), say.Phrase{Code: remedy}.String()}
	}
	return w, known
}

// remedyOf returns what to do about a fault, in English.
func remedyOf(f Fault) string {
	w, _ := wordsOf(f)
	return w.remedy
}

// prefixes has the faults by the beginnings of Redis' own errors, whose first word is a stable code.
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

// otherKind matches a server's refusal of a command that the client sends only to a cluster or to sentinels.
var otherKind = regexp.MustCompile("(?i)^ERR unknown command ['`](cluster|sentinel)\\b")

// Classify returns the fault behind an error of a Redis call: NoFault for nil and for an absent key, Other
// for an unknown error.
func Classify(err error) Fault {
	if err == nil || errors.Is(err, redis.Nil) {
		return NoFault
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fault
	}
	text := redisText(err)
	if otherKind.MatchString(text) {
		return WrongKind
	}
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

// Explain returns the plain sentence for an error of a Redis call, with the remedy. Unknown errors keep their
// own text.
func Explain(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Error()
	}
	return wrap("", err).Error()
}

// Told returns what Explain says as a phrase, for people of any language; ok is false for a fault without words.
func Told(err error) (p say.Phrase, ok bool) {
	f := Classify(err)
	_, _, known := say.RedisWords(string(f))
	return say.Phrase{Code: say.RedisFault, Kind: string(f), Text: Said(err)}, known
}

// wrap returns the error of a call to the Redis at where as an *Error.
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
	if w, known := wordsOf(f); known {
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

// Said returns Redis' own sentence, or "" if the error does not come from Redis. It leaves out the arguments of an
// unknown command, which Redis repeats, because one of them may be the password.
func Said(err error) string {
	text, _, _ := strings.Cut(redisText(err), ", with args beginning with")
	return text
}

// namesOf returns which names a certificate has, and which one it lacks, as the end of a sentence.
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

// classifyTLS returns why a handshake failed.
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
	// crypto/tls exports only the text of the other side's alert.
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

// redisText returns the text of Redis' own error, below any wrapping, or "" if the error does not come from Redis.
func redisText(err error) string {
	if e, ok := errors.AsType[redis.Error](err); ok {
		return e.Error()
	}
	return ""
}
