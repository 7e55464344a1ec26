package memory_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/rollcallhq/rollcall/internal/redisconn/memory"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

func start(t *testing.T) *memory.Server {
	t.Helper()
	s, err := memory.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func client(t *testing.T, o *redis.Options) *redis.Client {
	t.Helper()
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone}
	o.ReadTimeout, o.WriteTimeout = testutil.Timeout, testutil.Timeout
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestServer_ServesAPipelineOfAnySize(t *testing.T) {
	t.Parallel()
	s := start(t)
	socket := filepath.Join(t.TempDir(), "s")
	if err := s.Listen(socket); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*redis.Client{
		"pipe":   client(t, &redis.Options{Dialer: s.Dial}),
		"socket": client(t, &redis.Options{Network: "unix", Addr: socket}),
	} {
		t.Run(name, func(t *testing.T) {
			value := string(make([]byte, 1000))
			cmds, err := c.Pipelined(t.Context(), func(p redis.Pipeliner) error {
				for i := range 3000 {
					p.Set(t.Context(), fmt.Sprint(i), value, 0)
					p.Get(t.Context(), fmt.Sprint(i))
				}
				return nil
			})
			if err != nil || len(cmds) != 6000 {
				t.Fatalf("got %d commands, %v; want 6000", len(cmds), err)
			}
		})
	}
}

func TestServerAge_ExpiresKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := memory.Start()
		if err != nil {
			t.Fatal(err)
		}
		s.Age()
		c := redis.NewClient(&redis.Options{
			Dialer:                   s.Dial,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone},
		})
		if err := c.Set(t.Context(), "k", "v", 3*time.Second).Err(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3500 * time.Millisecond) // by the clock of synctest, which does not wait
		if n := c.Exists(t.Context(), "k").Val(); n != 0 {
			t.Error("the key exists after 3.5 s, want it expired after 3 s")
		}
		_ = c.Close()
		s.Close()
	})
}
