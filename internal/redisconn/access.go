package redisconn

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// Access is what a connection to a Redis needs besides its address.
type Access struct {
	// Password is the password of the address's user, without percent-encoding.
	Password string       `json:"password,omitempty"`
	TLS      Certificates `json:"tls,omitzero"`
}

// Certificates names the certificates of a Redis that speaks TLS. Every part is optional.
type Certificates struct {
	CAFile     string `json:"caFile,omitempty"`     // the authorities to trust instead of the system's
	CertFile   string `json:"certFile,omitempty"`   // our certificate
	KeyFile    string `json:"keyFile,omitempty"`    // the key of our certificate
	ServerName string `json:"serverName,omitempty"` // the name in Redis' certificate, if that is not its host
}

// WithAccess sets the password and the certificates.
func WithAccess(a Access) Option { return func(s *settings) { s.access = a } }

// apply completes the TLS configuration of an address.
func (c Certificates) apply(to *tls.Config) error {
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return badTLS("ca_file", err)
		}
		to.RootCAs = x509.NewCertPool()
		if !to.RootCAs.AppendCertsFromPEM(pem) {
			return badTLS("ca_file", errors.New("it holds no certificate in PEM"))
		}
	}
	if c.CertFile != "" || c.KeyFile != "" {
		pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return badTLS("cert_file and key_file", err)
		}
		to.Certificates = []tls.Certificate{pair}
	}
	if c.ServerName != "" {
		to.ServerName = c.ServerName
	}
	return nil
}

// badTLS returns the error for a file of redis.tls. It leaves out the path, because people put keys there.
func badTLS(key string, err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		err = pe.Err
	}
	return &Error{Fault: BadURL, What: fmt.Sprintf("redis.tls.%s cannot be used: %v", key, err), Remedy: "correct it in the configuration"}
}

// with returns an address with the password in it, for a process that gets only the address.
func (a Access) with(raw string) string {
	if a.Password == "" {
		return raw
	}
	scheme, rest, _ := strings.Cut(raw, "://")
	p := split(scheme, rest)
	user, err := url.PathUnescape(strings.TrimRight(p.user, ":@"))
	if err != nil {
		return raw // cannot happen: parse has accepted it
	}
	return scheme + "://" + url.UserPassword(user, a.Password).String() + "@" + p.hosts + p.tail
}
