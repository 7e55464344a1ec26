package testutil

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Authority signs certificates for a test.
type Authority struct {
	File string // its own certificate, in PEM

	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Certificate is a pair of files.
type Certificate struct{ CertFile, KeyFile string }

// NewAuthority makes an authority for one test.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority " + rand.Text()}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	a := &Authority{certificate: template, key: newKey(t)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.File = writePEM(t, "ca.pem", "CERTIFICATE", der)
	return a
}

// Issue makes a certificate for a name. It expires after valid from now; with a negative valid it has expired.
func (a *Authority) Issue(t testing.TB, valid time.Duration, name string) Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-12 * time.Hour), NotAfter: time.Now().Add(valid), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return Certificate{CertFile: writePEM(t, "cert.pem", "CERTIFICATE", der), KeyFile: writePEM(t, "key.pem", "PRIVATE KEY", private)}
}

// TLSRedis starts a real redis-server that speaks TLS, and demands client certificates of the
// authority unless an argument says otherwise.
func TLSRedis(t testing.TB, caFile string, c Certificate, args ...string) *RedisServer {
	t.Helper()
	addr := FreeAddr(t)
	port := addr[len("127.0.0.1:"):]
	s := RealRedis(t, slices.Concat([]string{
		"--tls-port", port, "--tls-ca-cert-file", caFile, "--tls-cert-file", c.CertFile, "--tls-key-file", c.KeyFile,
	}, args)...)
	s.tls = addr
	return s
}

// TLSURL returns the server's TLS address for rollcall's configuration.
func (s *RedisServer) TLSURL() string { return "rediss://" + s.tls + "/0" }

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func writePEM(t testing.TB, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
