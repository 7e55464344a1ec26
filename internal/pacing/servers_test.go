package pacing_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// servers are what every claim about Lua is tested on: the embedded Redis and, where there is one,
// the real program.
var servers = []struct {
	name  string
	start func(t testing.TB) (addr string)
}{
	{"embedded", func(t testing.TB) string { return miniredis.RunT(t).Addr() }},
	{"redis-server", realRedis},
}

// realRedis starts a redis-server on a unix socket and returns its path.
func realRedis(t testing.TB) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("REQUIRE_REAL_REDIS") != "" {
			t.Fatal("redis-server is required here: apt-get install redis-server")
		}
		t.Skip("no redis-server on PATH: apt-get install redis-server")
	}
	dir, err := os.MkdirTemp("", "pacing") // short: a socket's path has 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	cmd := exec.Command(program, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	})
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	defer func() { _ = c.Close() }()
	for deadline := time.Now().Add(10 * time.Second); c.Ping(t.Context()).Err() != nil; {
		if time.Now().After(deadline) {
			t.Fatal("redis-server does not answer")
		}
		pause(t.Context(), 5*time.Millisecond)
	}
	return socket
}
