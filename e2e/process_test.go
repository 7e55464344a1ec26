package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// environment returns the environment of rollcall's processes: no ROLLCALL_ variable of a developer's shell, and a home
// without a running `rollcall-worker dev`.
func environment(dir string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "XDG_CACHE_HOME=" + dir, "TMPDIR=" + dir, "NO_COLOR=1"}
}

// process is a running program of rollcall's.
type process struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	log  string // the file with its standard error
	done chan struct{}

	clock *testutil.Clock // its wall clock; nil for the machine's
}

// worker starts `rollcall-worker run` on a configuration.
func (s *stage) worker(name, config string) *process {
	s.t.Helper()
	return s.start(name, worker, runArgs(config)...)
}

func runArgs(config string) []string {
	return []string{"run", "--config", config, "--listen", "off", "--log-format", "json", "--log-level", "debug"}
}

// start starts a program that is killed at the end of the test at the latest.
func (s *stage) start(name, program string, args ...string) *process {
	s.t.Helper()
	return s.launch(name, func(cmd *exec.Cmd) (*testutil.Clock, error) { return nil, cmd.Start() }, program, args...)
}

// launch is start by a function that may give the program a clock of its own.
func (s *stage) launch(name string, start func(*exec.Cmd) (*testutil.Clock, error), program string, args ...string) *process {
	s.t.Helper()
	p := &process{t: s.t, name: name, log: filepath.Join(s.dir, name+".log"), done: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	p.cmd = exec.CommandContext(context.Background(), program, args...)
	p.cmd.Env, p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = append(environment(s.dir), s.env...), s.dir, out, out
	// If the test itself is killed, its children end too.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if p.clock, err = start(p.cmd); err != nil {
		s.t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		_ = p.cmd.Wait()
		_ = out.Close()
		if p.clock != nil {
			_ = p.clock.Close()
		}
		close(p.done)
	}()
	s.t.Cleanup(func() {
		p.kill()
		if s.t.Failed() {
			s.t.Logf("%s's last words:\n%s", name, p.tail(6))
		}
		p.leaks(s)
	})
	return p
}

// kill is kill -9; the process is gone when it returns.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// signal sends a signal and returns the exit code, or fails when the process does not end.
func (p *process) signal(sig os.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatalf("signal %s: %v", p.name, err)
	}
	return p.exit()
}

// exit waits for the process to end and returns its exit code.
func (p *process) exit() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(testutil.Timeout):
		p.t.Fatalf("%s is still running after %v:\n%s", p.name, testutil.Timeout, p.tail(20))
	}
	return p.cmd.ProcessState.ExitCode()
}

// says waits until the log contains words.
func (p *process) says(words string) {
	p.t.Helper()
	until(p.t, 20*time.Millisecond, p.name+" says "+words, func() bool {
		return strings.Contains(p.words(), words)
	}, func() string { return p.tail(20) })
}

// toldAddress is where a program says that it serves or listens.
var toldAddress = regexp.MustCompile(`(?:serving the page and the API at http://|"listen":")(127\.0\.0\.1:\d+)`)

// listens waits for the address of a program that was told to listen at a free port.
func (p *process) listens() (address string) {
	p.t.Helper()
	return listens(p.t, p.name, p.words)
}

func listens(t *testing.T, name string, words func() string) (address string) {
	t.Helper()
	until(t, 20*time.Millisecond, name+" tells its address", func() bool {
		if told := toldAddress.FindStringSubmatch(words()); told != nil {
			address = told[1]
		}
		return address != ""
	}, words)
	return address
}

func (p *process) words() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		p.t.Error(err)
	}
	return string(text)
}

func (p *process) tail(lines int) string {
	all := strings.Split(strings.TrimSpace(p.words()), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// leaks searches the log for secrets and for the numbers of the people, which no log may hold.
func (p *process) leaks(s *stage) {
	words := p.words()
	s.hides("the log of "+p.name, words, s.secrets())
	s.hides("the log of "+p.name, words, s.asked())
}

// result is how a command ended.
type result struct {
	command        string
	code           int
	stdout, stderr string
}

func (r result) String() string {
	return fmt.Sprintf("%s: exit %d\nstdout: %s\nstderr: %s", r.command, r.code, clip(r.stdout), clip(r.stderr))
}

func clip(s string) string {
	if len(s) > 1500 {
		return s[:1500] + "…"
	}
	return s
}

// produce runs a command of the producer to its end.
func (s *stage) produce(args ...string) result {
	s.t.Helper()
	return s.run(producer, append(args, "--config", s.config)...)
}

// run runs a command to its end.
func (s *stage) run(program string, args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testutil.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = append(environment(s.dir), s.env...), s.dir, &stdout, &stderr
	err := cmd.Run()
	if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
		s.t.Fatalf("%s %s: %v", filepath.Base(program), strings.Join(args, " "), err)
	}
	r := result{
		command: filepath.Base(program) + " " + strings.Join(args, " "),
		code:    cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String(),
	}
	s.hides("the output of "+r.command, r.stdout+r.stderr, s.secrets())
	return r
}

// document runs a command of the producer that must end with one of the codes, and decodes the one
// JSON document of its standard output.
func (s *stage) document(into any, args []string, codes ...int) result {
	s.t.Helper()
	r := s.produce(append(args, "--output", "json")...)
	ok := false
	for _, code := range codes {
		ok = ok || r.code == code
	}
	if !ok {
		s.t.Fatalf("want exit %v of %s", codes, r)
	}
	if err := json.Unmarshal([]byte(r.stdout), into); err != nil {
		s.t.Fatalf("not one JSON document (%v): %s", err, r)
	}
	return r
}
