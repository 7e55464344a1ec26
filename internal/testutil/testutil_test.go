package testutil_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestMain(m *testing.M) {
	if os.Getenv(asClock) != "" {
		sayTheTime()
		return
	}
	if lives := os.Getenv(asLeak); lives != "" {
		leak(lives)
	}
	testutil.Waiting(4)
	testutil.Main(m)
}

func TestRedis_IsEmptyAndWorks(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	if n, err := rdb.DBSize(t.Context()).Result(); err != nil || n != 0 {
		t.Fatalf("DBSIZE = %d, %v; want 0", n, err)
	}
	if err := rdb.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
}

func TestRealRedis_AKilledServerRestartsWithItsData(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t)
	if err := s.Client().Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	s.Restart()
	if got, err := s.Client().Get(t.Context(), "k").Result(); err != nil || got != "v" {
		t.Fatalf("after kill -9 and restart k = %q, %v; want v", got, err)
	}
	s.Flush()
	if n := s.Client().DBSize(t.Context()).Val(); n != 0 {
		t.Fatalf("after Flush DBSIZE = %d, want 0", n)
	}
}

func TestFreeAddr_NoOutgoingConnectionTakesIt(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		t.Skip("only Linux tells the ports of outgoing connections in a file")
	}
	var first, last, port int
	if _, err := fmt.Sscan(string(text), &first, &last); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		addr := testutil.FreeAddr(t)
		if _, err := fmt.Sscanf(addr, "127.0.0.1:%d", &port); err != nil {
			t.Fatal(err)
		}
		for _, p := range []int{port, port + 10000} {
			if p >= first && p <= last {
				t.Fatalf("port %d of %s is among %d to %d, which outgoing connections get", p, addr, first, last)
			}
		}
	}
}

// TestFreeAddr_AddressesThatAreHeldDiffer asks for as many as repeat with near certainty where nothing reserves them.
func TestFreeAddr_AddressesThatAreHeldDiffer(t *testing.T) {
	t.Parallel()
	held := map[string]bool{}
	for range 400 {
		addr := testutil.FreeAddr(t)
		if held[addr] {
			t.Fatalf("%s was given to two servers", addr)
		}
		held[addr] = true
	}
}

func TestRedisServerFillDisk_WritesAreRefusedUntilFreeDisk(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t)
	write := func() error { return s.Client().Set(t.Context(), "k", strings.Repeat("v", 10_000), 0).Err() }
	if err := write(); err != nil {
		t.Fatal(err)
	}
	s.FillDisk()
	testutil.Until(t, "Redis refuses writes", func() bool { return redis.HasErrorPrefix(write(), "MISCONF") })
	s.FreeDisk()
	testutil.Until(t, "Redis takes writes again", func() bool { return write() == nil })
	s.Restart()
	if got := s.Client().Get(t.Context(), "k").Val(); len(got) != 10_000 {
		t.Errorf("after the restart the key holds %d bytes, want 10000", len(got))
	}
}

func TestCluster_SpreadsKeysOverThreeMasters(t *testing.T) {
	t.Parallel()
	c := testutil.Cluster(t)
	for i := range 60 {
		if err := c.Client().Set(t.Context(), fmt.Sprint("key", i), i, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for i, node := range c.Nodes {
		if n := node.Client().DBSize(t.Context()).Val(); n == 0 {
			t.Errorf("node %d of the cluster holds no key, want some of the 60", i)
		}
	}
}

func TestRealRedis_ServersThatStartAtOnceGetDifferentPorts(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]bool{}
	t.Run("servers", func(t *testing.T) {
		for range 4 {
			t.Run("one", func(t *testing.T) {
				t.Parallel()
				s := testutil.RealRedis(t)
				mu.Lock()
				defer mu.Unlock()
				if seen[s.Addr] {
					t.Errorf("%s was given twice", s.Addr)
				}
				seen[s.Addr] = true
				if err := s.Client().Ping(context.Background()).Err(); err != nil {
					t.Error(err)
				}
			})
		}
	})
}

// asLeak is the variable that makes the test binary run leak with its value instead of tests.
const asLeak = "ROLLCALL_TEST_AS_LEAK"

// leak starts a goroutine that lives this long, prints what Leaks says about it, and exits.
func leak(lives string) {
	d, err := time.ParseDuration(lives)
	if err != nil {
		panic(err)
	}
	go func() { <-time.After(d) }()
	wait := testutil.Timeout
	if d > wait {
		wait = time.Second
	}
	if err := testutil.Leaks(wait); err != nil {
		fmt.Println("left:", err)
	}
	os.Exit(0)
}

func TestLeaks_WaitsForGoroutinesThatEndAndNamesThoseThatStay(t *testing.T) {
	t.Parallel()
	for lives, want := range map[string]bool{"2s": false, "1h": true} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), asLeak+"="+lives)
		out, err := cmd.Output()
		if named := strings.HasPrefix(string(out), "left:") && strings.Contains(string(out), "testutil_test.leak"); err != nil || named != want {
			t.Errorf("a goroutine that lives for %s: got output %q, %v; want it named: %v", lives, out, err, want)
		}
	}
}
