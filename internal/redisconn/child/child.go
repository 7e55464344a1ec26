// Package child runs a helper program. On Linux it ends with this process. On Unix a Ctrl-C at the terminal, which
// signals this process's whole group, does not reach the child, because a drain still needs its Redis.
package child

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Process is a running child. Its methods may be called from several goroutines.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start starts cmd, on Unix in a process group of its own. On Linux the kernel sends the child SIGTERM when this
// process ends for any reason. Elsewhere the child outlives a process that is killed, and the next process can connect
// to it.
func Start(cmd *exec.Cmd) (*Process, error) {
	isolate(cmd)
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// Linux sends that SIGTERM already when the thread that forked ends (golang.org/issue/27505), so the
		// goroutine keeps its thread until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// Done returns a channel that is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err returns how the child ended, as exec.Cmd.Wait does. It is valid once Done is closed.
func (p *Process) Err() error { return p.err }

// PID returns the child's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal. A child that has ended already is not an error.
func (p *Process) Signal(s os.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// Stop asks the child to end, waits for it, and kills it after grace. On a system without signals, Stop kills it at
// once.
func (p *Process) Stop(grace time.Duration) error {
	if err := p.Signal(terminate); err != nil {
		return err
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
		return p.Kill()
	}
}

// Kill ends the child at once and waits for it.
func (p *Process) Kill() error {
	if err := p.Signal(os.Kill); err != nil {
		return err
	}
	<-p.done
	return nil
}

// LastWords returns the last line of a child's log, or says that there is none.
func LastWords(logFile string) string {
	text, err := os.ReadFile(logFile) //nolint:gosec // where the caller told its child to write
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if last := lines[len(lines)-1]; err == nil && last != "" {
		return last
	}
	return "it wrote no log"
}
