package producercmd_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// process is the streams and signals of a program that runs inside the test.
type process struct {
	*cli.IO
	out, err *buffer
	signals  chan os.Signal
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

func newProcess(t *testing.T, url string, args ...string) *process {
	t.Helper()
	p := &process{out: &buffer{}, err: &buffer{}, signals: make(chan os.Signal, 2)}
	p.IO = &cli.IO{
		Args: args, In: strings.NewReader(""), Out: p.out, Err: p.err,
		LookupEnv: func(name string) (string, bool) { return url, name == "ROLLCALL_REDIS_URL" },
		Width:     func() int { return 0 },
		Signals:   func() (<-chan os.Signal, func()) { return p.signals, func() {} },
		Now:       time.Now,
		CacheDir:  func() (string, error) { return t.TempDir(), nil },
		LimitHeap: func(int64) {},
	}
	return p
}

// run runs the producer to its end, fails the test unless it exits with code, and returns its stdout.
func run(t *testing.T, url string, code int, args ...string) string {
	t.Helper()
	p := newProcess(t, url, args...)
	if got := producercmd.Main(p.IO); got != code {
		t.Fatalf("%v: got the exit code %d, want %d; it said %q", args, got, code, p.err)
	}
	return p.out.String()
}

// until runs the producer with these arguments until its stdout holds text.
func until(t *testing.T, url, text string, args ...string) {
	t.Helper()
	testutil.Until(t, text, func() bool { return strings.Contains(run(t, url, cli.Done, args...), text) })
}

func TestCreate_AnInterruptInTheMiddleOfAFileKeepsWhatWasAccepted(t *testing.T) {
	t.Parallel()
	url := redisFor(t)
	in, rows := io.Pipe()
	p := newProcess(t, url, "create", "-", "--output", "json")
	p.In = in
	code := make(chan int, 1)
	go func() { code <- producercmd.Main(p.IO) }()

	if _, err := fmt.Fprint(rows, `{"groupName": "One", "phones": ["+5544999999991"]}`+"\n"+`{"groupName": "Two", "phones": ["+5544999999992"]}`+"\n"); err != nil {
		t.Fatal(err)
	}
	// The reader looks ahead to detect the format; a long blank line fills what it reads ahead.
	go func() { _, _ = fmt.Fprint(rows, strings.Repeat(" ", 1<<17)+"\n") }()
	until(t, url, `"Two"`, "list", "--output", "json")
	p.signals <- os.Interrupt
	if got := <-code; got != cli.Interrupted {
		t.Errorf("got the exit code %d, want %d; it said %q", got, cli.Interrupted, p.err)
	}
	for _, want := range []string{"interrupted; what was read before (2 rows) is settled and stays", "run the same command again"} {
		if !strings.Contains(p.err.String(), want) {
			t.Errorf("it said %q, want %q in it", p.err, want)
		}
	}
	if !strings.Contains(p.out.String(), `"created": 2`) {
		t.Errorf("it wrote %q, want the document of what was accepted", p.out)
	}
}

func TestCreateWait_AnInterruptSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	url := redisFor(t)
	p := newProcess(t, url, "create", "--name", "One", "--phone", "+5544999999991", "--batch", "b", "--wait")
	p.ErrTTY = true // a terminal shows the progress at once, so the test sees that it waits
	code := make(chan int, 1)
	go func() { code <- producercmd.Main(p.IO) }()
	testutil.Until(t, "the progress of the waiting", func() bool { return strings.Contains(p.err.String(), "groups ended") })
	p.signals <- syscall.SIGTERM
	if got := <-code; got != cli.Interrupted {
		t.Errorf("got the exit code %d, want %d", got, cli.Interrupted)
	}
	if want := "watch bat_"; !strings.Contains(p.err.String(), want) {
		t.Errorf("it said %q, want %q in it", p.err, want)
	}
	run(t, url, cli.Done, "status", "b")
}

func TestWatch_FollowsABatchUntilItIsDone(t *testing.T) {
	t.Parallel()
	url := redisFor(t)
	run(t, url, cli.Done, "create", "--name", "One", "--phone", "+5544999999991", "--batch", "b")
	p := newProcess(t, url, "watch", "b", "--output", "jsonl")
	code := make(chan int, 1)
	go func() { code <- producercmd.Main(p.IO) }()
	// watch may begin to listen after the first cancel, so the test repeats it until watch ends.
	for ended := false; !ended; {
		run(t, url, cli.Done, "cancel", "--batch", "b")
		select {
		case got := <-code:
			if ended = true; got != cli.Done {
				t.Fatalf("got the exit code %d, want 0; it said %q", got, p.err)
			}
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func TestWatch_ALineNamesTheGroup(t *testing.T) {
	t.Parallel()
	url := redisFor(t)
	p := newProcess(t, url, "watch")
	code := make(chan int, 1)
	go func() { code <- producercmd.Main(p.IO) }()
	line := regexp.MustCompile(`(?m)^\S+\tgroup\tgrp_\S+\tqueued\tTurma 7$`)
	testutil.Until(t, "a line of the group", func() bool {
		run(t, url, cli.Done, "create", "--name", "Turma 7", "--phone", "+5544999999991") // again, until watch listens
		return line.MatchString(p.out.String())
	})
	p.signals <- syscall.SIGTERM
	<-code
}

func TestCancel_AsksBeforeItCancelsABatch(t *testing.T) {
	t.Parallel()
	url := redisFor(t)
	run(t, url, cli.Done, "create", "--name", "One", "--phone", "+5544999999991", "--batch", "b")
	for _, c := range []struct {
		answer string
		code   int
		queued string
	}{{"n\n", cli.Failed, "1 queued"}, {"", cli.Failed, "1 queued"}, {"y\n", cli.Done, "1 cancelled"}} {
		p := newProcess(t, url, "cancel", "--batch", "b")
		p.In, p.InTTY, p.ErrTTY = strings.NewReader(c.answer), true, true
		if got := producercmd.Main(p.IO); got != c.code {
			t.Errorf("answer %q: got the exit code %d, want %d", c.answer, got, c.code)
		}
		if want := "cancel 1 group of batch b? [y/N]"; !strings.Contains(p.err.String(), want) {
			t.Errorf("it asked %q, want %q", p.err, want)
		}
		if got := run(t, url, cli.Done, "status", "b"); !strings.Contains(got, c.queued) {
			t.Errorf("answer %q: got %q, want %q in it", c.answer, got, c.queued)
		}
	}
}

// asking creates a group and returns a cancel of its batch that asks a person at a terminal, with the terminal's input.
func asking(t *testing.T, url string) (p *process, keys io.Writer, code <-chan int) {
	t.Helper()
	run(t, url, cli.Done, "create", "--name", "One", "--phone", "+5544999999991", "--batch", "b")
	p = newProcess(t, url, "cancel", "--batch", "b")
	in, out := io.Pipe()
	t.Cleanup(func() { _ = out.Close() })
	p.In, p.InTTY, p.ErrTTY = in, true, true
	ended := make(chan int, 1)
	go func() { ended <- producercmd.Main(p.IO) }()
	testutil.Until(t, "the question", func() bool { return strings.Contains(p.err.String(), "cancel 1 group of batch b? [y/N]") })
	return p, out, ended
}

// While the question stands, more groups may come to match. The answer is not about those.
func TestCancel_ChangesNoMoreGroupsThanItAskedAbout(t *testing.T) {
	t.Parallel()
	url := redisFor(t)
	p, keys, code := asking(t, url)
	run(t, url, cli.Done, "create", "--name", "Two", "--phone", "+5544999999992", "--batch", "b")
	_, _ = io.WriteString(keys, "y\n")
	if got := <-code; got != cli.Failed || !strings.Contains(p.err.String(), "nothing was changed: it would be 2 groups by now") {
		t.Errorf("got the exit code %d, want %d; it said %q", got, cli.Failed, p.err)
	}
	if got := run(t, url, cli.Done, "status", "b"); !strings.Contains(got, "2 queued") {
		t.Errorf("got %q, want both groups queued", got)
	}
}

func TestCancel_AnInterruptAnswersTheQuestion(t *testing.T) {
	t.Parallel()
	url := redisFor(t)
	p, _, code := asking(t, url)
	p.signals <- os.Interrupt
	if got := <-code; got != cli.Interrupted {
		t.Errorf("got the exit code %d, want %d; it said %q", got, cli.Interrupted, p.err)
	}
	if got := run(t, url, cli.Done, "status", "b"); !strings.Contains(got, "1 queued") {
		t.Errorf("got %q, want the group queued", got)
	}
}

type reader func(b []byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }

func TestSuppress_AnInterruptEndsTheReadingOfAPipe(t *testing.T) {
	t.Parallel()
	url := redisFor(t)
	p := newProcess(t, url, "suppress", "add", "--file", "-")
	in, lines := io.Pipe()
	defer func() { _ = lines.Close() }()
	reads := make(chan struct{}, 1)
	p.In = io.MultiReader(strings.NewReader("+5544999999991\n"), reader(func(b []byte) (int, error) {
		reads <- struct{}{}
		return in.Read(b)
	}))
	code := make(chan int, 1)
	go func() { code <- producercmd.Main(p.IO) }()
	<-reads
	p.signals <- os.Interrupt
	if got := <-code; got != cli.Interrupted {
		t.Errorf("got the exit code %d, want %d; it said %q", got, cli.Interrupted, p.err)
	}
	if got := run(t, url, cli.Done, "suppress", "list", "+5544999999991"); got != "" {
		t.Errorf("the list has %q, want it empty", got)
	}
}

func TestList_FitsTheWidthOfTheTerminal(t *testing.T) {
	t.Parallel()
	url := redisFor(t)
	run(t, url, cli.Done, "create", "--name", "A name that is rather long for a terminal", "--phone", "+5544999999991")
	p := newProcess(t, url, "list")
	p.OutTTY, p.Width = true, func() int { return 72 }
	if got := producercmd.Main(p.IO); got != cli.Done {
		t.Fatalf("got the exit code %d; it said %q", got, p.err)
	}
	for line := range strings.Lines(strings.TrimRight(p.out.String(), "\n")) {
		if n := len([]rune(strings.TrimRight(stripped(line), "\n"))); n > 72 {
			t.Errorf("a line has %d columns, want 72 at most: %q", n, line)
		}
	}
}

// stripped returns a line without the escape sequences of its colours.
func stripped(line string) string {
	var b strings.Builder
	for i, part := range strings.Split(line, "\x1b[") {
		if i > 0 {
			_, part, _ = strings.Cut(part, "m")
		}
		b.WriteString(part)
	}
	return b.String()
}
