package redisconn_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// needServer skips the test without a redis-server, or fails it if REQUIRE_REAL_REDIS is 1, as in CI.
func needServer(t *testing.T) {
	t.Helper()
	if _, err := redisconn.FindServer(nil); err != nil {
		if os.Getenv("REQUIRE_REAL_REDIS") == "1" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED, THIS TEST NEEDS A REAL REDIS: %v", err)
	}
}

func serverPID(t *testing.T, rdb redis.UniversalClient) int {
	t.Helper()
	text, err := rdb.Info(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(text, "process_id:")
	pid, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func set(t *testing.T, c *redisconn.Conn, key string) {
	t.Helper()
	if err := c.Client().Set(t.Context(), key, "v", 0).Err(); err != nil {
		t.Fatalf("set %s: %v", key, err)
	}
}

func mustHave(t *testing.T, c *redisconn.Conn, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if v, err := c.Client().Get(t.Context(), key).Result(); err != nil || v != "v" {
			t.Errorf("%s = %q, %v; want v", key, v, err)
		}
	}
}

func TestEmbedded_KeepsItsDataAndEndsAtClose(t *testing.T) {
	t.Parallel()
	needServer(t)
	dir := filepath.Join(t.TempDir(), "made", "by", "us")
	first, err := redisconn.Open(t.Context(), "embedded:"+dir)
	if err != nil {
		t.Fatal(err)
	}
	set(t, first, "k")
	pid := serverPID(t, first.Client())
	report, err := first.Check(t.Context())
	if err != nil || len(report.Findings) != 0 || report.Refuse(true) != nil {
		t.Errorf("Check = %+v, %v; want no findings", report, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Errorf("server %d still runs after Close", pid)
	}
	mustHave(t, open(t, "embedded:"+dir), "k")
}

func TestEmbedded_ASecondUserAttachesAndTakesOver(t *testing.T) {
	t.Parallel()
	needServer(t)
	dir := t.TempDir()
	owner, err := redisconn.Open(t.Context(), "embedded:"+dir)
	if err != nil {
		t.Fatal(err)
	}
	guest := open(t, "embedded:"+dir)
	if a, b := serverPID(t, owner.Client()), serverPID(t, guest.Client()); a != b {
		t.Fatalf("two servers on one directory: %d and %d", a, b)
	}
	set(t, guest, "before")
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	set(t, guest, "after")
	mustHave(t, guest, "before", "after")
}

func TestEmbedded_ManyOpenersShareOneServer(t *testing.T) {
	t.Parallel()
	needServer(t)
	dir := t.TempDir()
	conns := make(chan *redisconn.Conn, 8)
	for range cap(conns) {
		go func() {
			c, err := redisconn.Open(context.Background(), "embedded:"+dir)
			if err != nil {
				t.Error(err)
			}
			conns <- c
		}()
	}
	pids := map[int]bool{}
	var all []*redisconn.Conn
	for range cap(conns) {
		c := <-conns
		if c == nil {
			continue
		}
		pids[serverPID(t, c.Client())] = true
		all = append(all, c)
	}
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(pids) != 1 {
		t.Errorf("got servers %v, want one", pids)
	}
}

func TestEmbedded_AKilledServerIsStartedAgain(t *testing.T) {
	t.Parallel()
	needServer(t)
	c := open(t, "embedded:"+t.TempDir())
	set(t, c, "k")
	pid := serverPID(t, c.Client())
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	mustHave(t, c, "k")
	if again := serverPID(t, c.Client()); again == pid {
		t.Errorf("server %d still answers after it was killed, want another", pid)
	}
}

func TestEmbedded_TheServerEndsWithItsKilledOwnerAndTheNextUserStartsOne(t *testing.T) {
	t.Parallel()
	needServer(t)
	dir := t.TempDir()
	owner := startOwner(t, dir)
	c := open(t, "embedded:"+dir)
	set(t, c, "k")
	pid := serverPID(t, c.Client())
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "the server ends with its killed owner", func() bool { return !alive(pid) })
	mustHave(t, c, "k")
}

func TestEmbedded_CtrlCDoesNotReachTheServer(t *testing.T) {
	t.Parallel()
	needServer(t)
	c := open(t, "embedded:"+t.TempDir())
	group, err := syscall.Getpgid(serverPID(t, c.Client()))
	if err != nil {
		t.Fatal(err)
	}
	if group == syscall.Getpgrp() {
		t.Error("the server is in our process group: Ctrl-C would end it before the drain")
	}
}

func TestEmbedded_APathTooLongForASocketWorksAndIsShared(t *testing.T) {
	t.Parallel()
	needServer(t)
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 30))
	a, b := open(t, "embedded:"+dir), open(t, "embedded:"+dir)
	set(t, a, "k")
	mustHave(t, b, "k")
}

func TestEmbedded_WithoutRedisServerTheErrorTellsHowToInstallIt(t *testing.T) {
	t.Parallel()
	none := func(string) (string, error) { return "", exec.ErrNotFound }
	_, err := redisconn.Open(t.Context(), "embedded:"+t.TempDir(), redisconn.WithLookPath(none))
	if !errors.Is(err, redisconn.ErrNoServer) || !errors.Is(err, redisconn.ErrUnreachable) {
		t.Fatalf("Open = %v, want ErrNoServer and ErrUnreachable", err)
	}
	if !strings.Contains(err.Error(), "install") {
		t.Errorf("got %q, want an error with the command that installs it", err)
	}
}

func TestEmbedded_AServerThatCannotStartNamesItsLog(t *testing.T) {
	t.Parallel()
	needServer(t)
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "appendonlydir"), 0o700); err != nil {
		t.Fatal(err)
	}
	manifest := filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest")
	if err := os.WriteFile(manifest, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := redisconn.Open(t.Context(), "embedded:"+dir)
	if !errors.Is(err, redisconn.ErrUnreachable) || !strings.Contains(err.Error(), "redis.log") {
		t.Fatalf("Open = %v, want ErrUnreachable that names redis.log", err)
	}
}
