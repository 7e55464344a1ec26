package workercmd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/workercmd"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// asProgram is the variable that makes the test binary run as the program, for tests that signal or kill it.
const asProgram = "WORKERCMD_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(workercmd.Main(cli.OS()))
	}
	testutil.Waiting(4)
	testutil.Main(m)
}

// process is the program, run inside the test with its own streams, environment and signals.
type process struct {
	t        *testing.T
	out, err buffer
	env      map[string]string
	signals  chan os.Signal
	code     chan int
}

// newProcess returns a process whose environment holds only its own place for the dev file.
func newProcess(t *testing.T) *process {
	t.Helper()
	return &process{
		t: t, signals: make(chan os.Signal, 2), code: make(chan int, 1),
		env: map[string]string{"ROLLCALL_DEV_FILE": filepath.Join(t.TempDir(), "dev.json")},
	}
}

func (p *process) io(args ...string) *cli.IO {
	return &cli.IO{
		Args: args, In: strings.NewReader(""), Out: &p.out, Err: &p.err,
		LookupEnv: func(name string) (string, bool) { v, ok := p.env[name]; return v, ok },
		Width:     func() int { return 0 },
		Signals:   func() (<-chan os.Signal, func()) { return p.signals, func() {} },
		Now:       time.Now,
		CacheDir:  func() (string, error) { return p.t.TempDir(), nil },
		LimitHeap: func(int64) {},
	}
}

// start runs the program in the background. If it still runs when the test ends, it gets a SIGTERM.
func (p *process) start(args ...string) {
	p.t.Helper()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.code <- workercmd.Main(p.io(args...))
	}()
	p.t.Cleanup(func() {
		select {
		case p.signals <- syscall.SIGTERM:
		default:
		}
		<-ended
	})
}

// run runs the program to its end.
func (p *process) run(args ...string) int {
	p.t.Helper()
	p.start(args...)
	return p.wait()
}

func (p *process) wait() int {
	p.t.Helper()
	select {
	case code := <-p.code:
		return code
	case <-time.After(testutil.Timeout):
		p.t.Fatalf("the program did not end; it said:\n%s", p.err.String())
		return 0
	}
}

// says waits until stderr holds text.
func (p *process) says(text string) {
	p.t.Helper()
	testutil.Until(p.t, text, func() bool { return strings.Contains(p.err.String(), text) })
}

// want fails unless the text holds all parts.
func want(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

// redisInMemory returns the address of an empty Redis in memory, which ends with the test.
func redisInMemory(t *testing.T) string {
	t.Helper()
	return testutil.Connect(t, "memory:").Shared()
}

// file writes a file into a directory of the test and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// buffer is a buffer that a test may read while a program writes to it.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func contains(text, part string) bool { return strings.Contains(text, part) }

// field returns the first value that a field has in the program's log.
func (p *process) field(name string) string {
	p.t.Helper()
	_, rest, ok := strings.Cut(p.err.String(), `"`+name+`":"`)
	if !ok {
		p.t.Fatalf("the log has no field %s:\n%s", name, p.err.String())
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
