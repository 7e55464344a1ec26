package redisconn_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestARedisInMemoryIsSharedOverItsSocketAndLetsKeysExpire(t *testing.T) {
	t.Parallel()
	c := open(t, "memory:")
	other := open(t, c.Shared())
	if err := c.Client().Set(t.Context(), "k", "v", time.Second).Err(); err != nil {
		t.Fatal(err)
	}
	mustHave(t, other, "k")
	eventually(t, "the key expires", func() bool { return other.Client().Exists(t.Context(), "k").Val() == 0 })
}

func TestCloseMayBeCalledTwiceAndEndsEverything(t *testing.T) {
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
		t.Error("a closed connection answers")
	}
}

func TestAnInterruptedOpenSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := redisconn.Open(ctx, "redis://127.0.0.1:1")
	if err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("Open = %v, want context canceled", err)
	}
}

// redises are the kinds of Redis on which the producer's and the lanes' clients must work.
func redises(t *testing.T) map[string]func(*testing.T) string {
	t.Helper()
	return map[string]func(*testing.T) string{
		"memory":  func(*testing.T) string { return "memory:" },
		"single":  func(t *testing.T) string { t.Helper(); return testutil.RealRedis(t).URL() },
		"cluster": func(t *testing.T) string { t.Helper(); return testutil.Cluster(t).URL() },
	}
}

func TestThePipelinedClientRunsManyCallersScriptsAndLosesNone(t *testing.T) {
	t.Parallel()
	for name, url := range redises(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, url(t))
			p, err := redisconn.Pipelined(c)
			if err != nil {
				t.Fatal(err)
			}
			script := redis.NewScript(`return redis.call("INCR", KEYS[1])`)
			var callers sync.WaitGroup
			for i := range 64 {
				callers.Go(func() {
					for range 10 {
						if err := script.Run(t.Context(), p, []string{fmt.Sprintf("{%d}", i%8)}).Err(); err != nil {
							t.Error(err)
						}
					}
				})
			}
			callers.Wait()
			sum := 0
			for i := range 8 {
				n, err := p.Get(t.Context(), fmt.Sprintf("{%d}", i)).Int()
				if err != nil {
					t.Error(err)
				}
				sum += n
			}
			if sum != 640 {
				t.Errorf("counted %d, want 640", sum)
			}
			if err := p.Get(t.Context(), "absent").Err(); err != redis.Nil { //nolint:errorlint // go-redis returns it bare, and callers rely on that
				t.Errorf("an absent key gives %v, want redis.Nil", err)
			}
		})
	}
}

// shut is a hook that lets no script pass.
type shut struct{ seen chan string }

func (shut) DialHook(next redis.DialHook) redis.DialHook { return next }

func (shut) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (s shut) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !strings.HasPrefix(cmd.Name(), "eval") {
			return next(ctx, cmd)
		}
		s.seen <- cmd.Name()
		return redis.Nil
	}
}

func TestAHookConcernsOnlyTheClientThatHasIt(t *testing.T) {
	t.Parallel()
	for name, url := range redises(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, url(t))
			script := redis.NewScript(`return redis.call("INCR", KEYS[1])`)
			gate := shut{make(chan string, 9)}
			gated, free := c.WithHook(gate), c.WithHook(pass{})
			if err := script.Run(t.Context(), gated, []string{"k"}).Err(); err != redis.Nil { //nolint:errorlint // as asynq compares it
				t.Errorf("through the gate: %v, want redis.Nil", err)
			}
			if got := <-gate.seen; got != "evalsha" {
				t.Errorf("the hook saw %q", got)
			}
			for _, client := range []redis.UniversalClient{free, c.Client()} {
				if err := script.Run(t.Context(), client, []string{"k"}).Err(); err != nil {
					t.Errorf("beside the gate: %v", err)
				}
			}
			if n, err := gated.Get(t.Context(), "k").Int(); err != nil || n != 2 {
				t.Errorf("k = %d, %v; want 2", n, err)
			}
			if err := gated.Do(t.Context(), "eval", "return 1", 0).Err(); err != redis.Nil { //nolint:errorlint // as asynq compares it
				t.Errorf("Do went past the hook: %v", err)
			}
		})
	}
}

type pass struct{ redis.Hook }

func (pass) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (pass) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (pass) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func TestASentinelLeadsToTheMaster(t *testing.T) {
	t.Parallel()
	master := testutil.RealRedis(t)
	sentinel := testutil.Sentinel(t, "mymaster", master)
	c := open(t, "redis-sentinel://"+sentinel.Addr+"/mymaster?db=2")
	set(t, c, "k")
	if c.Kind() != redisconn.Sentinel {
		t.Errorf("Kind = %s", c.Kind())
	}
	if n := master.Client().DBSize(t.Context()).Val(); n != 0 {
		t.Errorf("the key lies in database 0, the address says 2")
	}
}

// Not parallel: go-redis has one logger for the whole process.
func TestGoRedisSpeaksToOurLogOnly(t *testing.T) { //nolint:paralleltest // see above
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	var out bytes.Buffer
	var mu sync.Mutex
	log := zerolog.New(writer(func(b []byte) { mu.Lock(); defer mu.Unlock(); out.Write(b) }))
	_, err = redisconn.Open(t.Context(), "redis-sentinel://"+l.Addr().String()+"/m", redisconn.WithLogger(log), redisconn.WithPing(time.Second))
	if err == nil {
		t.Fatal("opened a sentinel that does not exist")
	}
	mu.Lock()
	defer mu.Unlock()
	if text := out.String(); !strings.Contains(text, `"level":"debug"`) || !strings.Contains(text, "sentinel") {
		t.Errorf("log = %q", text)
	}
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }
