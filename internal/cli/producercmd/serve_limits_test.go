package producercmd_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// child is a `rollcall-producer serve` with a limit of open files.
type child struct {
	t      *testing.T
	cmd    *exec.Cmd
	mu     sync.Mutex
	said   strings.Builder
	api    string
	health string
}

func (c *child) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.String()
}

var servesAt = regexp.MustCompile(`(?:API at|health checks at) http://([^/ ]+)`)

func serveWith(t *testing.T, files int) *child {
	t.Helper()
	program, err := exec.LookPath("rollcall-producer")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), "sh", "-c", fmt.Sprintf("ulimit -n %d && exec %q serve --listen 127.0.0.1:0 --health 127.0.0.1:0", files, program))
	cmd.Env = append(os.Environ(), "ROLLCALL_REDIS_URL="+redisFor(t), "ROLLCALL_DEV_FILE="+filepath.Join(t.TempDir(), "none"))
	cmd.Dir = t.TempDir()
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: cmd}
	read := make(chan struct{})
	found := make(chan string, 2)
	go func() {
		defer close(read)
		for s := bufio.NewScanner(out); s.Scan(); {
			c.mu.Lock()
			c.said.WriteString(s.Text() + "\n")
			c.mu.Unlock()
			if m := servesAt.FindStringSubmatch(s.Text()); m != nil {
				found <- m[1]
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait()
	})
	for _, to := range []*string{&c.health, &c.api} {
		select {
		case *to = <-found:
		case <-time.After(testutil.Timeout):
			t.Fatalf("it does not serve:\n%s", c.text())
		}
	}
	return c
}

// idle opens n connections that send no request; with first, they send one request and no more.
func (c *child) idle(n int, first bool) {
	c.t.Helper()
	for i := range n {
		conn, err := net.Dial("tcp", c.api)
		if err != nil {
			c.t.Fatalf("connection %d: %v", i, err)
		}
		c.t.Cleanup(func() { _ = conn.Close() })
		if first {
			_ = conn.SetDeadline(time.Now().Add(testutil.Timeout))
			_, _ = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
			_, _ = conn.Read(make([]byte, 512))
		}
	}
}

func (c *child) answers(url string) {
	c.t.Helper()
	client := &http.Client{Timeout: testutil.Timeout, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(url)
	if err != nil {
		c.t.Errorf("%v\n%s", err, c.text())
		return
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		c.t.Errorf("%s: %d\n%s", url, res.StatusCode, c.text())
	}
}

func TestServe_AnswersBesideIdleConnectionsWithFewFiles(t *testing.T) {
	t.Parallel()
	c := serveWith(t, 256)
	if !strings.Contains(c.text(), "256 files may be open, so the server takes 128 connections") || !strings.Contains(c.text(), "ulimit -n 65536") {
		t.Errorf("want a warning of the limit of open files:\n%s", c.text())
	}
	for _, first := range []bool{false, true} {
		c.idle(320, first)
		c.answers("http://" + c.api + "/healthz")
		c.answers("http://" + c.api + "/v1/status")
		c.answers("http://" + c.health + "/healthz")
		c.answers("http://" + c.health + "/readyz")
	}
}

func TestServe_OutlivesASIGHUPAndSaysThatItNeedsARestart(t *testing.T) {
	t.Parallel()
	c := serveWith(t, 1024)
	if err := c.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "the log line of the SIGHUP", func() bool { return strings.Contains(c.text(), "config_needs_restart") }, c.text)
	c.answers("http://" + c.api + "/healthz")
}

func TestServe_RefusesTooLowALimitOfFiles(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("rollcall-producer")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf("ulimit -n 48 && exec %q serve --listen 127.0.0.1:0", program))
	cmd.Env, cmd.Dir = append(os.Environ(), "ROLLCALL_REDIS_URL="+redisFor(t)), t.TempDir()
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "LimitNOFILE=65536") {
		t.Errorf("got %v, want exit 1 and the advice to set LimitNOFILE: %s", err, out)
	}
}
