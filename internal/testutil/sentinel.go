package testutil

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// Sentinel starts a sentinel that watches one master, with a quorum of one.
func Sentinel(t testing.TB, name string, master *RedisServer) *RedisServer {
	t.Helper()
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		t.Fatal(err)
	}
	s := &RedisServer{t: t, program: program(t), Dir: t.TempDir()}
	config := filepath.Join(s.Dir, "sentinel.conf")
	text := fmt.Sprintf("sentinel monitor %s %s %s 1\nsentinel down-after-milliseconds %s 1000\n", name, host, port, name)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.args = []string{config, "--sentinel"}
	s.bare = true
	s.run()
	return s
}
