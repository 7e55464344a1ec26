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

// ownerEnv makes the test binary a program that opens the embedded Redis in the directory it
// names, and then waits to be killed.
const ownerEnv = "REDISCONN_TEST_OWN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerEnv); dir != "" {
		own(dir)
	}
	testutil.Waiting(4)
	testutil.Main(m)
}

func own(dir string) {
	conn, err := redisconn.Open(context.Background(), "embedded:"+dir)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println("owner ready at", conn.URL())
	select {}
}

// startOwner runs another process that owns the embedded Redis in dir.
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
		t.Fatalf("the other process says %q, %v", line, err)
	}
	return cmd
}

// open opens a Redis for the length of a test.
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
