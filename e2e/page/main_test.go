package page

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// worker and producer are the programs, built once from this tree; scratch is gone after the tests.
var worker, producer, scratch string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "rollcall-page-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		scratch = dir
		defer func() {
			if shared.end != nil {
				shared.end()
			}
		}()
		worker, producer = filepath.Join(dir, "worker"), filepath.Join(dir, "producer")
		if err := testutil.Programs("../..", dir, "./worker", "./producer"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// until polls for a condition to become true.
func until(t *testing.T, what string, is func() bool, told func() string) {
	t.Helper()
	testutil.Until(t, what, is, told)
}

// dev is a running `rollcall-worker dev` and where its page is.
type dev struct {
	t    *testing.T
	dir  string
	base string
	cmd  *exec.Cmd
	done chan struct{}

	mu    sync.Mutex
	words bytes.Buffer
}

// Write keeps what it says.
func (d *dev) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.words.Write(p)
}

func (d *dev) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.words.String()
}

var pageAt = regexp.MustCompile(`the admin page is at (http://[0-9.:]+)/`)

// newDev starts `rollcall-worker dev` without a batch.
func newDev(t *testing.T) *dev {
	t.Helper()
	d := &dev{t: t, dir: t.TempDir(), done: make(chan struct{})}
	d.cmd = d.command(worker, "dev", "--no-sample", "--listen", "127.0.0.1:0", "--personality", "kind")
	d.cmd.Stdout, d.cmd.Stderr = d, d
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = d.cmd.Wait()
		close(d.done)
	}()
	t.Cleanup(d.kill)
	until(t, "dev says where its page is", func() bool {
		return pageAt.MatchString(d.said()) && bytes.Contains([]byte(d.said()), []byte("in another terminal"))
	}, d.said)
	d.base = pageAt.FindStringSubmatch(d.said())[1]
	return d
}

func (d *dev) kill() {
	_ = d.cmd.Process.Kill()
	<-d.done
	testutil.RedisEnds(d.t, d.dir)
}

// command is a program with nothing of this process' environment.
func (d *dev) command(program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), program, args...)
	cmd.Dir = d.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + d.dir, "XDG_RUNTIME_DIR=" + d.dir, "XDG_CACHE_HOME=" + d.dir, "TMPDIR=" + d.dir, "NO_COLOR=1"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// create asks for a group as a user does.
func (d *dev) create(name string, phones ...string) {
	d.t.Helper()
	args := []string{"create", "--name", name}
	for _, p := range phones {
		args = append(args, "--phone", p)
	}
	if out, err := d.command(producer, args...).CombinedOutput(); err != nil {
		d.t.Fatalf("create: %v\n%s", err, out)
	}
}
