package testutil

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/redisconn/child"
)

// RedisServer is a redis-server for one test, with AOF everysec and noeviction as rollcall requires. It ends with the
// test.
type RedisServer struct {
	Addr string // host:port on loopback; Restart keeps it
	Dir  string // of its files

	tls string // host:port where it speaks TLS

	t       testing.TB
	program string
	args    []string
	bare    bool // started with args alone; it holds no data
	process *child.Process
	client  redis.UniversalClient
}

// RealRedis starts a real redis-server. Extra arguments override the settings, for example
// "--maxmemory-policy", "allkeys-lru". The test is skipped, or with REQUIRE_REAL_REDIS=1 fails,
// where there is no such program.
func RealRedis(t testing.TB, args ...string) *RedisServer {
	t.Helper()
	s := &RedisServer{t: t, program: program(t), args: args, Dir: t.TempDir()}
	s.run()
	return s
}

// run finds a port and starts the server on it until the test ends.
func (s *RedisServer) run() {
	s.t.Helper()
	// Another process can take the free port before Redis does; then try another port.
	for range 5 {
		s.Addr = FreeAddr(s.t)
		if s.start() == nil {
			break
		}
	}
	if s.process == nil {
		s.t.Fatalf("redis-server does not start: %s", child.LastWords(s.logFile()))
	}
	s.t.Cleanup(s.end)
	s.client = client(s.t, s.Addr)
}

// URL returns the address for rollcall's configuration.
func (s *RedisServer) URL() string { return "redis://" + s.Addr + "/0" }

// Client returns a client that works again after Kill and Restart.
func (s *RedisServer) Client() redis.UniversalClient { return s.client }

// Kill ends the server with SIGKILL. Before that it waits until all acknowledged writes are in the file: with appendfsync
// everysec Redis delays writes for up to two seconds while the disk is busy, and other tests must not lose them.
func (s *RedisServer) Kill() {
	s.t.Helper()
	s.handOver()
	if err := s.process.Kill(); err != nil {
		s.t.Fatalf("kill redis-server: %v", err)
	}
}

// handOver waits until all acknowledged writes are in the file. It does not wait for a server that does not answer.
func (s *RedisServer) handOver() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for {
		info, err := s.client.Info(ctx, "persistence").Result()
		if err != nil || !strings.Contains(info, "aof_buffer_length:") || strings.Contains(info, "aof_buffer_length:0\r") {
			return
		}
	}
}

// Stop ends the server in order: Redis writes its files first.
func (s *RedisServer) Stop() {
	s.t.Helper()
	if err := s.process.Stop(Timeout); err != nil {
		s.t.Fatalf("stop redis-server: %v", err)
	}
}

// Restart starts the server again on the same port and the same files, killing it first if it
// still runs.
func (s *RedisServer) Restart() {
	s.t.Helper()
	s.Kill()
	deadline := time.Now().Add(Timeout)
	for s.start() != nil {
		if time.Now().After(deadline) {
			s.t.Fatalf("redis-server does not start again: %s", child.LastWords(s.logFile()))
		}
	}
}

// Freeze stops the server without ending it, like a stalled machine. Thaw undoes it.
func (s *RedisServer) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *RedisServer) Thaw() { s.signal(syscall.SIGCONT) }

// Flush empties the server.
func (s *RedisServer) Flush() {
	s.t.Helper()
	if err := s.client.FlushAll(context.Background()).Err(); err != nil {
		s.t.Fatalf("flush: %v", err)
	}
}

func (s *RedisServer) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.process.Signal(sig); err != nil {
		s.t.Fatalf("signal redis-server: %v", err)
	}
}

// start starts the process and waits until it answers, or has ended.
func (s *RedisServer) start() error {
	ignoreFileLimits()
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	place := []string{"--bind", host, "--port", port, "--dir", s.Dir, "--logfile", s.logFile(), "--daemonize", "no"}
	durable := []string{"--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"}
	args := slices.Concat(place, durable, s.args)
	if s.bare {
		args = slices.Concat(s.args, place)
	}
	process, err := child.Start(exec.Command(s.program, args...))
	if err != nil {
		return err
	}
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(Timeout)
	for !answers(s.Addr, process.PID()) {
		select {
		case <-process.Done():
			return fmt.Errorf("redis-server ended: %w", process.Err())
		case <-deadline:
			_ = process.Kill()
			return fmt.Errorf("redis-server does not answer")
		case <-poll.C:
		}
	}
	s.process = process
	return nil
}

func (s *RedisServer) end() {
	_ = s.process.Signal(syscall.SIGCONT)
	_ = s.process.Kill()
}

func (s *RedisServer) logFile() string { return filepath.Join(s.Dir, "redis.log") }

// answers reports whether our own server is ready. Another server may have taken the port after it was found free, so
// answers compares the process id. It trusts a server that asks for a password or hides INFO.
func answers(addr string, pid int) bool {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return false
	}
	defer conn.Close() //nolint:errcheck // nothing was written that could be lost
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = fmt.Fprint(conn, "INFO server\r\nPING\r\n")
	ours := false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		switch line := lines.Text(); {
		case line == fmt.Sprintf("process_id:%d", pid):
			ours = true
		case strings.HasPrefix(line, "-NOAUTH"), strings.HasPrefix(line, "-ERR unknown command"):
			return true
		case line == "+PONG":
			return ours
		case strings.HasPrefix(line, "-"):
			return false
		}
	}
	return false
}

// program finds redis-server, or ends the test.
func program(t testing.TB) string {
	t.Helper()
	path, err := redisconn.FindServer(nil)
	if err == nil {
		return path
	}
	if os.Getenv("REQUIRE_REAL_REDIS") == "1" {
		t.Fatalf("REQUIRE_REAL_REDIS=1, but %v", err)
	}
	t.Skipf("SKIPPED, THIS TEST NEEDS A REAL REDIS: %v", err)
	return ""
}

// The ports of FreeAddr, and the cluster bus ports that belong to them, are below those that systems give to outgoing
// connections. So no connection takes the port of a server that was killed and starts again.
const (
	lowestPort, highestPort = 11000, 20999
	toBusPort               = 10000
)

// FreeAddr returns a loopback address whose port is not in use, and whose cluster bus port (port + 10000) is free as
// well. Until the test ends no other test gets it, in this process or another: a UDP socket with the same number, which no
// server needs, reserves it.
func FreeAddr(t testing.TB) string {
	t.Helper()
	free := func(port int) bool {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = l.Close()
		}
		return err == nil
	}
	for range 100 {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1)
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		reserved, err := net.ListenPacket("udp", addr)
		if err != nil {
			continue
		}
		if free(port) && free(port+toBusPort) {
			t.Cleanup(func() { _ = reserved.Close() })
			return addr
		}
		_ = reserved.Close()
	}
	t.Fatal("no free port with a free cluster bus port was found")
	return ""
}
