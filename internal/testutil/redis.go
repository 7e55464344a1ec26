package testutil

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/redisconn/memory"
)

// Redis is an empty Redis in memory, gone with the test. No port and no socket is involved, so
// it works inside a testing/synctest bubble too. Keys do not expire with time there: a test
// about expiry takes Mini and its FastForward, or RealRedis.
func Redis(t testing.TB) redis.UniversalClient {
	t.Helper()
	_, client := Mini(t)
	return client
}

// Mini is Redis together with the server behind it, for SetTime, FastForward and SetError.
func Mini(t testing.TB) (*memory.Server, redis.UniversalClient) {
	t.Helper()
	m, err := memory.Start()
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(patiently(&redis.Options{Addr: "memory:6379", Dialer: m.Dial}))
	t.Cleanup(func() {
		_ = client.Close()
		m.Close()
	})
	return m, client
}

// Connect is a connection as a program opens it, for the length of the test.
func Connect(t testing.TB, url string) *redisconn.Conn {
	t.Helper()
	conn, err := redisconn.Open(context.WithoutCancel(t.Context()), url, redisconn.WithPing(Timeout))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// client is a client of a real server.
func client(t testing.TB, addr string) redis.UniversalClient {
	t.Helper()
	c := redis.NewClient(patiently(&redis.Options{Addr: addr}))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// slowly is how long a client of a test waits for Redis, which may share a busy machine with much else. A command
// that is given up and repeated may have been carried out.
const slowly = 30 * time.Second

// patiently lets a client wait.
func patiently(o *redis.Options) *redis.Options {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = slowly, slowly, slowly, slowly
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone}
	o.ContextTimeoutEnabled = true
	return o
}
