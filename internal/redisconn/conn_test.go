package redisconn_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestOpen_ARedisInMemoryIsSharedOverItsSocketAndExpiresKeys(t *testing.T) {
	t.Parallel()
	c := open(t, "memory:")
	other := open(t, c.Shared())
	set(t, c, "k")
	mustHave(t, other, "k")
	if err := c.Client().Expire(t.Context(), "k", time.Second).Err(); err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "the key expires", func() bool { return other.Client().Exists(t.Context(), "k").Val() == 0 })
}

func TestConnClose_MayBeCalledTwice(t *testing.T) {
	t.Parallel()
	c, err := redisconn.Open(t.Context(), "memory:")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Client().Ping(t.Context()).Err(); err == nil {
		t.Error("a closed connection answers a PING, want an error")
	}
}

func TestOpen_ReturnsWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := redisconn.Open(ctx, "redis://127.0.0.1:1")
	if err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("Open = %v, want context canceled", err)
	}
}

func TestOpen_ASentinelLeadsToTheMaster(t *testing.T) {
	t.Parallel()
	master := testutil.RealRedis(t)
	sentinel := testutil.Sentinel(t, "mymaster", master)
	c := open(t, "redis-sentinel://"+sentinel.Addr+"/mymaster?db=2")
	set(t, c, "k")
	if c.Kind() != redisconn.Sentinel {
		t.Errorf("Kind = %s, want %s", c.Kind(), redisconn.Sentinel)
	}
	if n := master.Client().DBSize(t.Context()).Val(); n != 0 {
		t.Errorf("database 0 of the master holds %d keys, want none: the address says database 2", n)
	}
}

// It is not parallel, because go-redis has one logger for the whole process.
func TestWithLogger_GetsTheLinesOfGoRedis(t *testing.T) { //nolint:paralleltest // see above
	var out bytes.Buffer
	var mu sync.Mutex
	log := zerolog.New(writer(func(b []byte) { mu.Lock(); defer mu.Unlock(); out.Write(b) }))
	_, err := redisconn.Open(t.Context(), "redis-sentinel://127.0.0.1:1/m", redisconn.WithLogger(log), redisconn.WithPing(3*time.Second))
	if err == nil {
		t.Fatal("opened a sentinel that does not exist, want an error")
	}
	mu.Lock()
	defer mu.Unlock()
	if text := out.String(); !strings.Contains(text, `"level":"debug","event":"redis_client_log"`) || !strings.Contains(text, "sentinel") {
		t.Errorf("log = %q, want debug lines of redis_client_log about the sentinel", text)
	}
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }
