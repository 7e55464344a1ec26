package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
)

// crew is a set of worker processes with one configuration.
type crew struct {
	program string
	redis   *redisconn.Conn
	dir     string // holds the configuration and the logs; end removes it
	store   *store.Store
	all     []*workerProcess
	working []*workerProcess // those that have not been sent a signal
}

// workerProcess is a worker's process.
type workerProcess struct {
	*exec.Cmd

	logFile string        // what it writes to stderr
	ended   chan struct{} // closed at its end
}

// newCrew writes the workers' configuration, as JSON, which is valid YAML. It starts no worker.
func (o Options) newCrew(ctx context.Context, cfg map[string]any) (*crew, error) {
	c := &crew{program: o.Worker, redis: o.Redis}
	var err error
	if c.program == "" {
		if c.program, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	if c.store, err = store.Open(ctx, o.Redis.Client(), store.Options{}); err != nil {
		return nil, err
	}
	text, err := json.Marshal(cfg)
	if err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", "rollcall-bench-"); err != nil {
		return nil, err
	}
	if err := os.WriteFile(c.config(), text, 0o600); err != nil {
		return nil, errors.Join(err, c.end())
	}
	return c, nil
}

func (c *crew) config() string { return filepath.Join(c.dir, "rollcall.yaml") }

// start starts one more worker.
func (c *crew) start(ctx context.Context) (*workerProcess, error) {
	h := &workerProcess{logFile: filepath.Join(c.dir, fmt.Sprintf("worker-%d.log", len(c.all))), ended: make(chan struct{})}
	said, err := os.Create(h.logFile)
	if err != nil {
		return nil, err
	}
	defer func() { _ = said.Close() }()
	h.Cmd = exec.CommandContext(ctx, c.program, "run", "--config", c.config(), "--listen", "off", "--log-level", "warn", "--log-format", "json") //nolint:gosec // ours
	h.Env, h.Stderr = settings(h.Environ(), c.redis), said
	bind(h.Cmd)
	if err := h.Start(); err != nil {
		return nil, err
	}
	go func() { _ = h.Wait(); close(h.ended) }()
	c.all, c.working = append(c.all, h), append(c.working, h)
	return h, nil
}

// settings returns environ with this Redis in place of all ROLLCALL_ variables.
func settings(environ []string, redis *redisconn.Conn) []string {
	rest := slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, "ROLLCALL_") })
	with := redis.Access().TLS
	return append(rest, "ROLLCALL_REDIS_URL="+redis.Shared(), "ROLLCALL_CONFIG=",
		"ROLLCALL_REDIS_TLS_CA_FILE="+with.CAFile, "ROLLCALL_REDIS_TLS_CERT_FILE="+with.CertFile,
		"ROLLCALL_REDIS_TLS_KEY_FILE="+with.KeyFile, "ROLLCALL_REDIS_TLS_SERVER_NAME="+with.ServerName)
}

// signal sends a worker a signal that ends it, and takes it out of working.
func (c *crew) signal(h *workerProcess, sig os.Signal) error {
	c.working = slices.DeleteFunc(c.working, func(one *workerProcess) bool { return one == h })
	return h.Process.Signal(sig)
}

// errGone says that a worker ended without being told to.
var errGone = errors.New("a worker ended without being told to")

// running waits until every working process reports the given number of lanes, and returns how long that took. A worker
// reports them with its heartbeat, so they are seen up to three seconds late.
func (c *crew) running(ctx context.Context, lanes int) (time.Duration, error) {
	begun := time.Now()
	for {
		present, err := c.store.Presence.Workers(ctx)
		if err != nil {
			return 0, err
		}
		ready := 0
		for _, h := range c.working {
			select {
			case <-h.ended:
				return 0, fmt.Errorf("%w: %s", errGone, h.lastLine())
			default:
			}
			for _, w := range present {
				if w.Lanes == lanes && strings.Contains(w.ID, fmt.Sprintf("-%d-", h.Process.Pid)) {
					ready++
				}
			}
		}
		switch {
		case ready == len(c.working):
			return time.Since(begun), nil
		case time.Since(begun) > 3*time.Minute:
			return 0, fmt.Errorf("%w: %d of %d workers report %d lanes", errStuck, ready, len(c.working), lanes)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

// read waits until the workers have read the phone number of every instance. It gives up after a minute without
// progress.
func (c *crew) read(ctx context.Context, instances int) error {
	unread := make([]string, instances)
	for i := range unread {
		unread[i] = nameOf(i)
	}
	for latest := time.Now(); ; {
		before := len(unread)
		var still []string
		for some := range slices.Chunk(unread, 2000) {
			states, err := c.store.Presence.States(ctx, some)
			if err != nil {
				return err
			}
			for name, s := range states {
				if s.Number == "" {
					still = append(still, name)
				}
			}
		}
		if unread = still; len(unread) < before {
			latest = time.Now()
		}
		switch {
		case len(unread) == 0:
			return nil
		case time.Since(latest) > time.Minute:
			return fmt.Errorf("%w: the states of %d instances have not been read", errStuck, len(unread))
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

// lastLine returns the last line that a worker wrote.
func (h *workerProcess) lastLine() string {
	text, err := os.ReadFile(h.logFile)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}

// use returns the resident memory of each working process, in bytes, and the processor time of all of them so
// far, in seconds.
func (c *crew) use() (memory []float64, cpu float64, err error) {
	for _, h := range c.working {
		u, err := usedBy(h.Process.Pid)
		if err != nil {
			return nil, 0, err
		}
		memory, cpu = append(memory, u.resident), cpu+u.cpu
	}
	return memory, cpu, nil
}

// end stops the workers that still run, and waits for all.
func (c *crew) end() error {
	for _, h := range c.working {
		_ = h.Process.Signal(syscall.SIGTERM)
	}
	for _, h := range c.all {
		select {
		case <-h.ended:
		case <-time.After(time.Minute):
			_ = h.Process.Kill()
			<-h.ended
		}
	}
	return os.RemoveAll(c.dir)
}
