package redisconn_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// ownerEnv names a directory. With it the test binary opens the embedded Redis there and waits to be killed, instead of
// running tests.
const ownerEnv = "REDISCONN_TEST_OWN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerEnv); dir != "" {
		own(dir)
	}
	testutil.Waiting(4)
	testutil.Main(m)
}

// own opens the embedded Redis in dir, prints that it is ready and never returns.
func own(dir string) {
	conn, err := redisconn.Open(context.Background(), "embedded:"+dir)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println("owner ready at", conn.URL())
	select {}
}

// startOwner starts a process that owns the embedded Redis in dir, and returns when that Redis answers.
func startOwner(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), ownerEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "owner ready") {
		t.Fatalf("the owner printed %q, %v; want owner ready", line, err)
	}
	return cmd
}

// open connects to a Redis until the end of the test.
func open(t *testing.T, url string, opts ...redisconn.Option) *redisconn.Conn {
	t.Helper()
	conn, err := redisconn.Open(t.Context(), url, append([]redisconn.Option{redisconn.WithPing(testutil.Timeout)}, opts...)...)
	if err != nil {
		t.Fatalf("open %s: %v", redisconn.Display(url, redisconn.Access{}), err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return conn
}
