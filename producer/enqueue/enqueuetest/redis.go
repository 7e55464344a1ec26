// Package enqueuetest helps to test programs that use enqueue. It has a Redis in memory, and assertions
// about what was accepted.
//
//	rdb := enqueuetest.Redis(t)
//	… let the program work with rdb …
//	enqueuetest.RequireAccepted(t, rdb, enqueuetest.Want{GroupName: "Turma 12", Phones: []string{"+5544999999999"}})
//
// The package imports miniredis, so only tests should import it.
package enqueuetest

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/rollcallhq/rollcall/internal/redisconn/memory"
)

// Redis returns a client of an empty Redis in this process, which stops when the test ends. The server uses neither a
// port nor a file, and its keys do not expire.
func Redis(tb testing.TB) *redis.Client {
	tb.Helper()
	server, err := memory.Start()
	if err != nil {
		tb.Fatalf("start a Redis in memory: %v", err)
	}
	client := redis.NewClient(&redis.Options{
		Addr:                     "memory:6379",
		Dialer:                   server.Dial,
		ContextTimeoutEnabled:    true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone},
	})
	tb.Cleanup(func() {
		_ = client.Close()
		server.Close()
	})
	return client
}
