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

// Redis returns an empty Redis in memory, which ends with the test. It uses no port and no socket, so it also works in a
// testing/synctest bubble. Time does not expire its keys: for a test of expiry use Mini and its FastForward, or
// RealRedis.
func Redis(t testing.TB) redis.UniversalClient {
	t.Helper()
	_, client := Mini(t)
	return client
}

// Mini works like Redis, and also returns the server, for SetTime, FastForward and SetError.
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

// Connect opens a connection as a program does, and closes it when the test ends.
func Connect(t testing.TB, url string) *redisconn.Conn {
	t.Helper()
	conn, err := redisconn.Open(context.WithoutCancel(t.Context()), url, redisconn.WithPing(Timeout))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// client returns a client of a real server.
func client(t testing.TB, addr string) redis.UniversalClient {
	t.Helper()
	c := redis.NewClient(patiently(&redis.Options{Addr: addr}))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// slowly is how long a test's client waits for Redis on a busy machine. It is long, because a command that times out and
// is retried may have been carried out.
const slowly = 30 * time.Second

// patiently sets a client's timeouts to slowly.
func patiently(o *redis.Options) *redis.Options {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = slowly, slowly, slowly, slowly
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone}
	o.ContextTimeoutEnabled = true
	return o
}
