package workercmd_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/devfile"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// child is the program as a process of its own.
type child struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err buffer
	ended    chan struct{}
}

func spawn(t *testing.T, env []string, args ...string) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(os.Args[0], args...), ended: make(chan struct{})} // signals end it, not a context
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.err
	c.cmd.Env = append(append(os.Environ(), asProgram+"=1"), env...)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = c.cmd.Wait(); close(c.ended) }()
	t.Cleanup(func() { c.signal(syscall.SIGKILL); <-c.ended })
	return c
}

func (c *child) signal(s os.Signal) {
	if err := c.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		c.t.Error(err)
	}
}

// says waits until stderr holds text.
func (c *child) says(text string) {
	c.t.Helper()
	testutil.Until(c.t, text, func() bool { return strings.Contains(c.err.String(), text) })
}

// exit waits for the end and returns the exit code; -1 for a process that was killed.
func (c *child) exit() int {
	c.t.Helper()
	select {
	case <-c.ended:
		return c.cmd.ProcessState.ExitCode()
	case <-time.After(testutil.Timeout):
		c.t.Fatalf("the program did not end; it said:\n%s", c.err.String())
		return 0
	}
}

func TestWorker_ObeysSignalsAndLeavesNothingOpenWhenKilled(t *testing.T) {
	t.Parallel()
	t.Run("SIGHUP reads the configuration again and refuses a faulty one", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		path := file(t, "rollcall.yaml", w.yaml(redisInMemory(t)))
		c := spawn(t, nil, "run", "--config", path, "--listen", "off")
		c.says("worker_started")
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rewrite(t, path, faulty)
		c.signal(syscall.SIGHUP)
		c.says("config_refused")
		want(t, c.err.String(), "did you mean retention?", "is not a duration")
		rewrite(t, path, strings.Replace(string(good), "name: beta", "name: gamma", 1))
		c.signal(syscall.SIGHUP)
		c.says("config_reloaded")
		if strings.Contains(c.err.String(), "config_needs_restart") {
			t.Errorf("another instance needs a restart, want it applied:\n%s", c.err.String())
		}
		rewrite(t, path, string(good)+"invite: {quiet_hours: {from: \"21:00\", to: \"08:00\"}}\n")
		c.signal(syscall.SIGHUP)
		c.says(`"settings":["invite"]`)
		c.signal(syscall.SIGTERM)
		if code := c.exit(); code != cli.Done {
			t.Errorf("exit %d, want 0", code)
		}
	})
	t.Run("the second signal does not wait for a call under way", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.hang(t)
		c := s.work(t)
		s.ask(t)
		testutil.Until(t, "the create to be under way", s.calling)
		c.signal(syscall.SIGINT)
		c.says("worker_draining")
		c.signal(syscall.SIGINT)
		if code := c.exit(); code != cli.Interrupted {
			t.Errorf("exit %d, want 130", code)
		}
	})
	t.Run("after kill -9 in the middle of a create the next worker adopts the group that the call created", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.hang(t)
		c := s.work(t)
		id := s.ask(t)
		testutil.Until(t, "the create to be under way", s.calling)
		s.alive(t)
		c.signal(syscall.SIGKILL)
		c.exit()
		s.longDead(t)
		s.work(t)
		var g *group.Group
		testutil.Until(t, "the group to be done", func() bool {
			var err error
			g, err = s.store.Records.Load(t.Context(), id)
			return err == nil && g.Status == group.Done
		})
		if got := s.world.Ledger().Groups; len(got) != 1 || got[0].ID != g.WhatsAppID || !g.Adopted {
			t.Errorf("the record has the group %q, adopted %v; the provider has %+v; want one adopted group", g.WhatsAppID, g.Adopted, got)
		}
	})
	t.Run("a killed rollcall-worker dev is no longer found and leaves no Redis behind", func(t *testing.T) {
		t.Parallel()
		p := newProcess(t)
		c := spawn(t, []string{"ROLLCALL_DEV_FILE=" + p.env["ROLLCALL_DEV_FILE"], "TMPDIR=" + t.TempDir()}, "dev", "--no-sample", "--listen", "off")
		c.says("in another terminal")
		dev, err := p.io().FindDev(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		socket := strings.TrimPrefix(dev.Redis, "unix://")
		if _, err := os.Stat(socket); err != nil {
			t.Fatal(err)
		}
		c.signal(syscall.SIGKILL)
		c.exit()
		if _, err := p.io().FindDev(t.Context()); !errors.Is(err, devfile.ErrNone) {
			t.Errorf("FindDev = %v, want ErrNone", err)
		}
		testutil.Until(t, "its Redis to end", func() bool {
			_, err := os.Stat(socket)
			return errors.Is(err, os.ErrNotExist)
		})
	})
}

func TestDev_LeavesNothingBehindAfterASecondSignal(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "rc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	// A file without an end: dev cannot drain before the second signal.
	pipe := dir + "/rows.csv"
	if err := exec.CommandContext(t.Context(), "mkfifo", pipe).Run(); err != nil {
		t.Fatal(err)
	}
	rows, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rows.Close() })
	c := spawn(t, []string{"TMPDIR=" + dir, "ROLLCALL_DEV_FILE=" + dir + "/dev.json"}, "dev", pipe, "--listen", "off")
	c.says("simulators at")
	c.signal(syscall.SIGINT)
	c.signal(syscall.SIGTERM) // another one: the kernel merges two of a kind
	if code := c.exit(); code != cli.Interrupted {
		t.Errorf("exit %d, want 130; it said:\n%s", code, c.err.String())
	}
	left, err := filepath.Glob(dir + "/rollcall-*")
	if err != nil || len(left) != 0 {
		t.Errorf("%q are left behind (%v), want nothing", left, err)
	}
}

func rewrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// stage is a simulator, a Redis and a client that can request a group.
type stage struct {
	config string
	world  *world
	redis  redis.UniversalClient
	store  *store.Store
	client *enqueue.Client
}

func newStage(t *testing.T) *stage {
	t.Helper()
	w := newWorld(t)
	conn := testutil.Connect(t, "memory:")
	st, err := store.Open(t.Context(), conn.Client(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := enqueue.New(t.Context(), conn.Client(), enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	yaml := strings.ReplaceAll(w.yaml(conn.Shared()), "rate_limits: off", "rate_limits: off\n    timeouts: {create: 30s, read: 30s, invite: 30s}")
	return &stage{config: file(t, "rollcall.yaml", yaml), world: w, redis: conn.Client(), store: st, client: client}
}

// hang makes the simulator create the next group without answering the call.
func (s *stage) hang(t *testing.T) {
	t.Helper()
	err := s.world.Script(simulator.Script{Method: "create", Fault: "hang-but-created", Hold: simulator.Duration(30 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *stage) work(t *testing.T) *child {
	t.Helper()
	c := spawn(t, nil, "run", "--config", s.config, "--listen", "off")
	c.says("worker_started")
	return c
}

// signsOfLife are patterns of the keys that show asynq and rollcall that a worker runs.
var signsOfLife = []string{"rollcall:worker:*", "rollcall:lead:dispatch", "asynq:servers*", "asynq:workers*"}

// alive waits until a worker has written every key of signsOfLife.
func (s *stage) alive(t *testing.T) {
	t.Helper()
	for _, pattern := range signsOfLife {
		testutil.Until(t, "there is "+pattern, func() bool {
			keys, err := s.redis.Keys(t.Context(), pattern).Result()
			return err == nil && len(keys) > 0
		})
	}
}

// longDead removes a killed worker's signsOfLife, as if it had been killed a while ago. e2e measures how
// long they last.
func (s *stage) longDead(t *testing.T) {
	t.Helper()
	for _, pattern := range signsOfLife {
		keys, err := s.redis.Keys(t.Context(), pattern).Result()
		if err == nil && len(keys) > 0 { // on a slow machine they may have expired already
			err = s.redis.Del(t.Context(), keys...).Err()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *stage) ask(t *testing.T) string {
	t.Helper()
	res, err := s.client.Create(t.Context(), tasks.GroupRequest{GroupName: "Turma 1", Phones: []tasks.Phone{"+5544900011122"}}, enqueue.Rules{})
	if err != nil || res.Outcome != enqueue.Created {
		t.Fatalf("create: got %+v, %v, want a created group", res, err)
	}
	return res.ID
}

// calling reports whether a create hangs at the provider.
func (s *stage) calling() bool {
	calls := s.world.Ledger().CallsOf("", "")
	for _, c := range calls {
		if c.Fault == "hang-but-created" {
			return true
		}
	}
	return false
}
