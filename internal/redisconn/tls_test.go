package redisconn_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestOpen_EachFailureOfTLSHasItsOwnRemedy(t *testing.T) {
	t.Parallel()
	ca, stranger := testutil.NewAuthority(t), testutil.NewAuthority(t)
	server := ca.Issue(t, time.Hour, "redis.example")
	client := ca.Issue(t, time.Hour, "worker")
	foreign := stranger.Issue(t, time.Hour, "worker")
	s := testutil.TLSRedis(t, ca.File, server)
	lax := testutil.TLSRedis(t, ca.File, server, "--tls-auth-clients", "no")
	expired := testutil.TLSRedis(t, ca.File, ca.Issue(t, -time.Hour, "redis.example"), "--tls-auth-clients", "no")

	right := redisconn.Certificates{CAFile: ca.File, CertFile: client.CertFile, KeyFile: client.KeyFile, ServerName: "redis.example"}
	c := open(t, s.TLSURL(), redisconn.WithAccess(redisconn.Access{TLS: right}))
	if r, err := c.Judge(t.Context(), needs); err != nil || len(r.Findings) != 0 {
		t.Errorf("with the right certificates: Judge = %+v, %v; want no findings", r, err)
	}
	open(t, lax.TLSURL(), redisconn.WithAccess(redisconn.Access{TLS: redisconn.Certificates{CAFile: ca.File, ServerName: "redis.example"}}))

	for _, test := range []struct {
		name string
		at   *testutil.RedisServer
		with func(c *redisconn.Certificates)
		want redisconn.Fault
		says string
	}{
		{"an unknown authority", s, func(c *redisconn.Certificates) { c.CAFile = "" }, redisconn.CertUnknown, "redis.tls.ca_file"},
		{"another authority", s, func(c *redisconn.Certificates) { c.CAFile = stranger.File }, redisconn.CertUnknown, "redis.tls.ca_file"},
		{"another name", s, func(c *redisconn.Certificates) { c.ServerName = "other.example" }, redisconn.CertName, "redis.example, not other.example"},
		{"the address instead of a name", s, func(c *redisconn.Certificates) { c.ServerName = "" }, redisconn.CertName, "redis.tls.server_name"},
		{"an expired certificate", expired, func(*redisconn.Certificates) {}, redisconn.CertExpired, "renew"},
		{"no client certificate", s, func(c *redisconn.Certificates) { c.CertFile, c.KeyFile = "", "" }, redisconn.CertClient, "redis.tls.cert_file"},
		{"a client certificate of another authority", s, func(c *redisconn.Certificates) { c.CertFile, c.KeyFile = foreign.CertFile, foreign.KeyFile }, redisconn.CertClient, "redis.tls.cert_file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			certificates := right
			test.with(&certificates)
			access := redisconn.WithAccess(redisconn.Access{TLS: certificates})
			mustFail(t, test.at.TLSURL(), test.want, access)
			_, err := redisconn.Open(t.Context(), test.at.TLSURL(), access)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want an error with %q", err, test.says)
			}
		})
	}
}

// TestOpen_ATimeoutDoesNotHideAWrongCertificate has no time at all, as on a busy machine on which the tries take all of
// it.
func TestOpen_ATimeoutDoesNotHideAWrongCertificate(t *testing.T) {
	t.Parallel()
	ca := testutil.NewAuthority(t)
	s := testutil.TLSRedis(t, ca.File, ca.Issue(t, time.Hour, "redis.example"), "--tls-auth-clients", "no")
	_, err := redisconn.Open(t.Context(), s.TLSURL(), redisconn.WithPing(time.Nanosecond),
		redisconn.WithAccess(redisconn.Access{TLS: redisconn.Certificates{CAFile: ca.File, ServerName: "other.example"}}))
	if got := redisconn.Classify(err); got != redisconn.CertName {
		t.Errorf("got fault %s of %v, want %s", got, err, redisconn.CertName)
	}
}
