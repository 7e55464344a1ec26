package redisconn_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// mustFail opens a Redis that cannot be used. The error must have this fault, come in time, hold a remedy and not hold the
// password.
func mustFail(t *testing.T, url string, want redisconn.Fault, opts ...redisconn.Option) {
	t.Helper()
	began := time.Now()
	conn, err := redisconn.Open(t.Context(), url, append([]redisconn.Option{redisconn.WithPing(testutil.Timeout)}, opts...)...)
	if conn != nil {
		_ = conn.Close()
	}
	if got := redisconn.Classify(err); got != want {
		t.Fatalf("fault = %q, want %q: %v", got, want, err)
	}
	if !errors.Is(err, redisconn.ErrUnreachable) || errors.Is(err, redisconn.ErrBadURL) {
		t.Errorf("got %v, want ErrUnreachable and not ErrBadURL", err)
	}
	if took := time.Since(began); took > 18*time.Second { // without the bound it takes longer
		t.Errorf("Open took %v, want at most 18s", took)
	}
	if text := redisconn.Explain(err); !strings.Contains(text, ";") || strings.Contains(text, "hush") {
		t.Errorf("got %q, want a remedy after a semicolon, and no password", text)
	}
}

// soon shortens the time for the first contact, for faults that are reported only when it is over.
var soon = redisconn.WithPing(time.Second)

func TestExplain_NamesAFaultAtTheStart(t *testing.T) {
	t.Parallel()
	t.Run("nothing is listening", func(t *testing.T) {
		t.Parallel()
		mustFail(t, "redis://u:hush@127.0.0.1:1", redisconn.Refused)
	})
	t.Run("no such socket", func(t *testing.T) {
		t.Parallel()
		mustFail(t, "unix://"+filepath.Join(t.TempDir(), "none.sock"), redisconn.NotFound)
	})
	t.Run("no such host", func(t *testing.T) {
		t.Parallel()
		mustFail(t, "redis://rollcall-test.invalid:6379", redisconn.NotFound)
	})
	t.Run("no answer", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		mustFail(t, "redis://"+l.Addr().String(), redisconn.Timeout, soon)
	})
	t.Run("no sentinel", func(t *testing.T) {
		t.Parallel()
		mustFail(t, "redis-sentinel://127.0.0.1:1/mymaster", redisconn.NoMaster, soon)
	})
	t.Run("plain client, TLS server", func(t *testing.T) {
		t.Parallel()
		cert := httptest.NewUnstartedServer(nil)
		cert.StartTLS()
		defer cert.Close()
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: cert.TLS.Certificates})
		if err != nil {
			t.Fatal(err)
		}
		var peers sync.WaitGroup
		peers.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				peers.Go(func() {
					_ = c.(*tls.Conn).HandshakeContext(t.Context())
					_ = c.Close()
				})
			}
		})
		defer func() { _ = l.Close(); peers.Wait() }()
		mustFail(t, "redis://"+l.Addr().String(), redisconn.TLS)
		mustFail(t, "rediss://"+l.Addr().String(), redisconn.CertUnknown)
	})
}

func TestExplain_NamesWhatARealRedisRefuses(t *testing.T) {
	t.Parallel()
	t.Run("password", func(t *testing.T) {
		t.Parallel()
		s := testutil.RealRedis(t, "--requirepass", "right")
		mustFail(t, "redis://"+s.Addr, redisconn.Auth)
		mustFail(t, "redis://:hush@"+s.Addr, redisconn.Auth)
		open(t, "redis://:right@"+s.Addr)
	})
	t.Run("TLS client, plain server", func(t *testing.T) {
		t.Parallel()
		mustFail(t, "rediss://"+testutil.RealRedis(t).Addr, redisconn.TLS, soon)
	})
	t.Run("database", func(t *testing.T) {
		t.Parallel()
		mustFail(t, "redis://"+testutil.RealRedis(t).Addr+"/99", redisconn.WrongDB)
	})
	t.Run("cluster address, single server", func(t *testing.T) {
		t.Parallel()
		mustFail(t, "redis-cluster://"+testutil.RealRedis(t).Addr, redisconn.WrongKind)
	})
	t.Run("sentinels' address, single server", func(t *testing.T) {
		t.Parallel()
		mustFail(t, "redis-sentinel://"+testutil.RealRedis(t).Addr+"/mymaster", redisconn.WrongKind)
	})
	t.Run("cluster or single address, sentinel", func(t *testing.T) {
		t.Parallel()
		s := testutil.Sentinel(t, "mymaster", testutil.RealRedis(t))
		mustFail(t, "redis-cluster://"+s.Addr, redisconn.WrongKind)
		report, err := open(t, "redis://"+s.Addr).Check(t.Context())
		if err != nil || len(report.Findings) != 1 || report.Findings[0].Severity != redisconn.Blocks || !strings.Contains(report.Findings[0].What, "sentinel") {
			t.Errorf("Check = %+v, %v; want one blocking finding about the sentinel", report, err)
		}
	})
	t.Run("out of memory", func(t *testing.T) {
		t.Parallel()
		c := open(t, testutil.RealRedis(t, "--maxmemory", "1mb").URL())
		err := c.Client().Set(t.Context(), "k", strings.Repeat("x", 1<<20), 0).Err()
		for i := 0; err == nil && i < 10; i++ {
			err = c.Client().Set(t.Context(), fmt.Sprint(i), strings.Repeat("x", 1<<20), 0).Err()
		}
		if got := redisconn.Classify(err); got != redisconn.OutOfMemory {
			t.Errorf("got fault %q of %v, want %q", got, err, redisconn.OutOfMemory)
		}
	})
	t.Run("replica", func(t *testing.T) {
		t.Parallel()
		master := testutil.RealRedis(t)
		host, port, _ := net.SplitHostPort(master.Addr)
		replica := testutil.RealRedis(t, "--replicaof", host+" "+port)
		c := open(t, replica.URL())
		if err := c.Client().Set(t.Context(), "k", 1, 0).Err(); redisconn.Classify(err) != redisconn.ReadOnly {
			t.Errorf("got fault %q of %v, want %q", redisconn.Classify(err), err, redisconn.ReadOnly)
		}
		report, err := c.Check(t.Context())
		if err != nil || !errors.Is(report.Refuse(false), redisconn.ErrUnfit) {
			t.Errorf("Check of a replica = %+v, %v; want one that Refuse refuses", report, err)
		}
	})
	t.Run("killed", func(t *testing.T) {
		t.Parallel()
		s := testutil.RealRedis(t)
		c := open(t, s.URL())
		s.Kill()
		err := c.Client().Ping(t.Context()).Err()
		if got := redisconn.Classify(err); got != redisconn.Refused {
			t.Errorf("got fault %q of %v, want %q", got, err, redisconn.Refused)
		}
		s.Restart()
		if err := c.Client().Ping(t.Context()).Err(); err != nil {
			t.Errorf("after the restart: got %v, want an answer", err)
		}
	})
}

func TestExplain_AMissingKeyIsNoFaultAndAnUnknownErrorKeepsItsText(t *testing.T) {
	t.Parallel()
	if f := redisconn.Classify(redis.Nil); f != redisconn.NoFault {
		t.Errorf("redis.Nil has the fault %q, want none", f)
	}
	if redisconn.Explain(nil) != "" || redisconn.Classify(nil) != redisconn.NoFault {
		t.Errorf("nil has the fault %q and the text %q, want neither", redisconn.Classify(nil), redisconn.Explain(nil))
	}
	if got := redisconn.Explain(errors.New("strange")); got != "strange" {
		t.Errorf("Explain = %q, want strange", got)
	}
}
