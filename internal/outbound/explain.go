package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"

	"code.dny.dev/ssrf"
)

// ErrTimeout is the cause with which a request's context must end when its time is over.
var ErrTimeout = errors.New("the receiver did not answer in time")

// Explain says why a request got no answer, in a closed set of sentences. The errors themselves hold
// the address, which can be a secret, and tell of a private network what its owner may not want told.
func Explain(ctx context.Context, err error) string {
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
		return "its address is not public; allow_private: true allows it"
	case errors.Is(context.Cause(ctx), ErrTimeout):
		return ErrTimeout.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		return "its name does not exist"
	case errors.As(err, &dns):
		return "its name could not be looked up"
	case errors.As(err, &authority):
		return "its certificate is not from an authority that this machine trusts"
	case errors.As(err, &name):
		return "its certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired"
	case errors.As(err, &verify), errors.As(err, &invalid):
		return "its certificate is not valid"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "it does not speak TLS"
	case errors.As(err, &alert):
		return "the TLS handshake failed"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "it refused the connection"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "there is no way to its address"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "it broke the connection before it answered"
	}
	return "the request failed"
}

// ExplainStatus says why an answer is no success.
func ExplainStatus(status int) string {
	switch {
	case status == http.StatusGone:
		return "it answered 410: it wants nothing any more"
	case status >= 300 && status < 400:
		return fmt.Sprintf("it answered %d; redirects are not followed", status)
	}
	return fmt.Sprintf("it answered %d", status)
}
