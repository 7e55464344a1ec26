package e2e

import (
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/provider/simulator/arrival"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// seedFlag makes a run repeatable: it determines people, faults and the times of kills.
var seedFlag = flag.Uint64("seed", 0, "seed of every test; 0 takes the one that each test has")

// killsFlag makes a run longer: the p99 of a few kills says little.
var killsFlag = flag.Int("kills", 0, "the chaos goes on until so many workers were killed")

// worker and producer are the programs, built once from this tree.
var worker, producer string

func TestMain(m *testing.M) {
	flag.Parse()
	// These tests wait half of their time. With twelve beside each other they take longer.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "rollcall-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		worker, producer = filepath.Join(dir, "worker"), filepath.Join(dir, "producer")
		if err := testutil.Programs("..", dir, "./worker", "./producer"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// stage is one Redis, one provider, and the configuration that joins them.
type stage struct {
	t         *testing.T
	seed      uint64
	redis     *testutil.RedisServer
	rdb       redis.UniversalClient // to the Redis of the programs; records opens it if no test has
	store     *store.Store          // see records
	provider  *simulator.Simulator
	instances []instance
	script    script
	dir       string
	config    string   // the path of the usual rollcall.yaml
	env       []string // what its processes get besides environment
	planted   []string // more secrets than the instances' tokens
	leaky     bool     // a mutant leaks here, which the checker must find
}

// instance is an instance as both sides know it.
type instance struct {
	simulator.Instance
	name   string
	native bool // invites by add-participant
}

// script is what differs between the stages of the tests. Durations are as rollcall.yaml writes them.
type script struct {
	seed      uint64
	quirks    []quirk // what the provider is like. Defaults to mixed people and quick answers
	trouble   []simulator.Script
	watch     func(simulator.Moment, simulator.Call) (lost bool)
	instances []instance // Defaults to fourInstances
	create    string     // between two creates. Defaults to 20ms
	days      string     // more keys of the pace of creates. Defaults to no cap
	zone      string     // the line of pacing.zone, with what indents the next. Defaults to none
	invite    string     // between two invites. Defaults to 5ms
	timeout   string     // of creates. Defaults to 5s
	looks     string     // of verify. Defaults to 300ms, 1s
	retry     string     // the section. Defaults to short pauses
	redisArgs []string

	waitReplicas  int
	url           string // of a Redis that the test brings. Defaults to a server of the stage's own
	encryptionKey string // the one in redisMore
	redisMore     string // more keys of the redis section, each behind a comma
	roll          string // looks of rollcall. Defaults to 0s, 100ms
	more          string // more sections
}

// fourInstances are two of each provider, one of Z-API's as it was documented before phonesNotAdded.
func fourInstances() []instance {
	return []instance{
		{name: "alpha", Instance: simulator.Instance{Provider: simulator.ZAPI, ID: "ZALPHA", Token: "secret-token-of-alpha", ClientToken: "secret-client-token", Phone: "5511987650001"}},
		{name: "beta", Instance: simulator.Instance{Provider: simulator.ZAPI, ID: "ZBETA", Token: "secret-token-of-beta", ClientToken: "secret-client-token", Phone: "5511987650002", Old: true}},
		{name: "gamma", Instance: simulator.Instance{Provider: simulator.GreenAPI, ID: "7105000001", Token: "secret-token-of-gamma", Phone: "79995550001"}},
		{name: "delta", Instance: simulator.Instance{Provider: simulator.GreenAPI, ID: "7105000002", Token: "secret-token-of-delta", Phone: "79995550002"}},
	}
}

// fiveInstances has one more, which invites natively.
func fiveInstances() []instance {
	return append(fourInstances(), instance{
		name: "epsilon", native: true,
		Instance: simulator.Instance{Provider: simulator.ZAPI, ID: "ZEPSILON", Token: "secret-token-of-epsilon", ClientToken: "secret-client-token", Phone: "5511987650005"},
	})
}

// newStage makes an empty Redis, a provider, and a rollcall.yaml that points to both.
func newStage(t *testing.T, s script) *stage {
	t.Helper()
	if *seedFlag != 0 {
		s.seed = *seedFlag
	}
	if s.instances == nil {
		s.instances = fourInstances()
	}
	st := &stage{t: t, seed: s.seed, instances: s.instances, script: s, dir: t.TempDir()}
	if s.url == "" {
		st.redis = testutil.RealRedis(t, s.redisArgs...)
		t.Cleanup(st.searchRedis) // when all its processes have ended
		st.script.url = st.redis.URL()
	}
	st.provider = newProvider(t, s)
	st.config = st.write("rollcall.yaml", st.front())
	t.Logf("seed %d (repeat with: go test -C e2e -run '^%s$' . -seed=%d)", s.seed, t.Name(), s.seed)
	return st
}

// front opens one more address of the provider. Workers with fronts of their own can be told apart
// by the provider.
func (s *stage) front() string {
	server := httptest.NewUnstartedServer(s.provider.Handler())
	server.Listener, server.Config.ConnContext = arrival.Listener(server.Listener), arrival.ConnContext
	server.Start()
	s.t.Cleanup(func() {
		s.provider.Close() // ends what hangs, for which the server would wait
		server.Close()
	})
	return server.URL
}

// write writes a configuration that reaches the provider at a front, and returns its path.
func (s *stage) write(name, front string) string {
	s.t.Helper()
	c := s.script
	var y strings.Builder
	fmt.Fprintf(&y, "redis: {url: %q, wait_replicas: %d%s}\ninstances:\n", c.url, c.waitReplicas, c.redisMore)
	for _, i := range s.instances {
		fmt.Fprintf(&y, "  - name: %s\n    provider: %s\n    base_url: %s\n    instance_id: %q\n    token: %s\n", i.name, i.Provider, front, i.ID, i.Token)
		if i.ClientToken != "" {
			fmt.Fprintf(&y, "    client_token: %s\n", i.ClientToken)
		}
		if i.native {
			fmt.Fprintf(&y, "    invite_via: native\n")
		}
		fmt.Fprintf(&y, "    rate_limits: off\n    timeouts: {create: %s, read: 5s, invite: 5s}\n", or(c.timeout, "5s"))
		fmt.Fprintf(&y, "    pacing:\n      %screate: {every: %s, jitter: 0, %s}\n      invite: {every: %s, jitter: 0, per_day: 0}\n", c.zone, or(c.create, "20ms"), or(c.days, "per_day: 0"), or(c.invite, "5ms"))
	}
	fmt.Fprintf(&y, "verify: {looks: [%s]}\nrollcall: {looks: [%s]}\n", or(c.looks, "300ms, 1s"), or(c.roll, "0s, 100ms"))
	fmt.Fprintf(&y, "retry: %s\nrest: {initial: 1s, multiplier: 2, max: 5s}\n", or(c.retry, "{initial: 100ms, multiplier: 2, jitter: 0.2, max: 1s, give_up_after: 5m}"))
	y.WriteString(c.more)
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(y.String()), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// through writes the usual configuration with one address in place of another.
func (s *stage) through(name, old, address string) string {
	s.t.Helper()
	text, err := os.ReadFile(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		s.t.Fatalf("the configuration does not name %s", old)
	}
	return s.file(name, strings.ReplaceAll(string(text), old, address))
}

// slowly writes the usual configuration with a slow connection to Redis. It passes through this process, so the program
// whose work a test interrupts cannot run ahead while the test gets no processor time.
func (s *stage) slowly(name string) (config string) {
	s.t.Helper()
	line := testutil.NewProxy(s.t, s.redis.Addr)
	line.Break(testutil.Slow, 5*time.Millisecond)
	return s.through(name, s.redis.Addr, line.Addr)
}

// file puts a file for `rollcall-producer create` onto the stage.
func (s *stage) file(name, content string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// until polls until a condition is true, for at most testutil.Timeout. After that the test fails with the text of last.
func until(t *testing.T, every time.Duration, what string, is func() bool, last func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testutil.Timeout)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("after %v still waiting until %s: %s", testutil.Timeout, what, last())
		}
	}
}

// maxStill is how long nothing may move. After the last kill another worker leads the sweep within 45 s; it runs what asynq
// put off by the clock of a worker that is gone when that is 30 s late, and a create in doubt has two looks.
const maxStill = 2 * time.Minute

// moving polls until a condition is true, as long as the state changes. If the state stays the same for maxStill, the test
// fails with the text of last. So a slow machine takes longer, but does not fail.
func moving(t *testing.T, every time.Duration, what string, is func() (done bool, state string), last func() string) {
	t.Helper()
	tick := time.NewTicker(every)
	defer tick.Stop()
	seen, since := "", time.Now()
	for {
		done, state := is()
		switch {
		case done:
			return
		case state != seen:
			seen, since = state, time.Now()
		case time.Since(since) > maxStill:
			t.Fatalf("nothing has moved for %v (%s), still waiting until %s: %s", maxStill, state, what, last())
		}
		<-tick.C
	}
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
