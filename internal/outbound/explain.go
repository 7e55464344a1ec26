package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"

	"code.dny.dev/ssrf"

	"github.com/rollcallhq/rollcall/internal/say"
)

// ErrTimeout must be the cause with which a timeout ends a request's context; Explain recognises it.
var ErrTimeout = errors.New("the receiver did not answer in time")

// Explain says why a request got no answer, in a closed set of sentences. It repeats nothing of err, which holds
// the address, perhaps a secret, and may reveal details of a private network.
func Explain(ctx context.Context, err error) say.Phrase { return say.Phrase{Code: codeOf(ctx, err)} }

func codeOf(ctx context.Context, err error) say.Code {
	var (
		dns       *net.DNSError
		record    tls.RecordHeaderError
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		alert     tls.AlertError
	)
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return say.OutPrivate
	case errors.Is(context.Cause(ctx), ErrTimeout):
		return say.OutTimeout
	case errors.As(err, &dns) && dns.IsNotFound:
		return say.OutNoName
	case errors.As(err, &dns):
		return say.OutNoLookup
	case errors.As(err, &authority):
		return say.OutAuthority
	case errors.As(err, &name):
		return say.OutOtherName
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return say.OutExpired
	case errors.As(err, &verify), errors.As(err, &invalid):
		return say.OutCertificate
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return say.OutNoTLS
	case errors.As(err, &alert):
		return say.OutHandshake
	case errors.Is(err, syscall.ECONNREFUSED):
		return say.OutRefused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return say.OutNoWay
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return say.OutBroken
	}
	return say.OutFailed
}

// ExplainStatus says why an answer is a failure.
func ExplainStatus(status int) say.Phrase { return say.Phrase{Code: say.OutAnswered, N: status} }
