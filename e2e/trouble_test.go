package e2e

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// turnstile lets a number of creates through at the provider and delays the others. So the work does not end before the
// test interrupts it, however slow the test is.
type turnstile struct {
	mu      sync.Mutex
	more    *sync.Cond
	left    int
	waiting int
}

func newTurnstile() *turnstile {
	t := &turnstile{}
	t.more = sync.NewCond(&t.mu)
	return t
}

func (t *turnstile) watch(m simulator.Moment, c simulator.Call) (lost bool) {
	if m != simulator.Arrived || c.Kind != "create" {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting++
	for t.left == 0 {
		t.more.Wait()
	}
	t.waiting--
	t.left--
	return false
}

// let lets n more creates through.
func (t *turnstile) let(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left += n
	t.more.Broadcast()
}

// shut reports whether all allowed creates have gone through and the next one waits.
func (t *turnstile) shut() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.left == 0 && t.waiting > 0
}

// openForAll is more creates than any test makes.
const openForAll = 1_000_000

func TestWorkGoesOnWhenRedisComesBack(t *testing.T) {
	t.Parallel()
	const n = 80
	turn := newTurnstile()
	s := newStage(t, script{seed: 6, create: "100ms", timeout: "60s", watch: turn.watch, quirks: []quirk{takes(50 * time.Millisecond), lag(200 * time.Millisecond)}})
	t.Cleanup(func() { turn.let(openForAll) }) // before the provider closes, which waits for its calls
	s.create(s.requests("Lasting", n, nil), []int{0})
	w := s.worker("worker", s.config)
	creates := func() int { return len(s.creates()) }
	turn.let(n / 3)
	until(t, 20*time.Millisecond, "a third is made and the next create is under way", turn.shut, func() string { return fmt.Sprintf("%d creates", creates()) })
	s.redis.Kill()
	turn.let(openForAll)
	for _, args := range [][]string{{"status"}, {"create", "--name", "A", "--phone", "79001234567"}} {
		if r := s.produce(args...); r.code != 5 || strings.TrimSpace(r.stderr) == "" || r.stdout != "" {
			t.Errorf("without Redis, want exit 5 and a sentence: %s", r)
		}
	}
	if r := s.run(worker, "run", "--config", s.config, "--listen", "off"); r.code != 5 {
		t.Errorf("a worker that starts without Redis, want exit 5: %s", r)
	}
	made := creates()
	s.redis.Restart()
	back := time.Now()
	until(t, 20*time.Millisecond, "the next group is made", func() bool { return creates() > made },
		func() string { return fmt.Sprintf("%d creates, as before", made) })
	waited := time.Since(back)
	f := s.judge(s.settle())
	t.Logf("Redis was lost after %d creates; the next one came %v after it was back; %v", made, waited.Round(time.Millisecond), f)
	if f.groups != n || f.outcomes["done"] != n {
		t.Errorf("%v, want %d groups, all done", f, n)
	}
	if code := w.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("the worker that outlived Redis exits %d, want 0", code)
	}
}

// gate delays each create at the provider while it is shut.
type gate struct {
	mu     sync.Mutex
	opened chan struct{}
}

func shutGate() *gate { return &gate{opened: make(chan struct{})} }

func (g *gate) watch(m simulator.Moment, c simulator.Call) (lost bool) {
	if m == simulator.Arrived && c.Kind == "create" {
		g.mu.Lock()
		opened := g.opened
		g.mu.Unlock()
		<-opened
	}
	return false
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.opened:
	default:
		close(g.opened)
	}
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = make(chan struct{})
}

func TestTheFirstSignalDrainsAndTheSecondAborts(t *testing.T) {
	t.Parallel()
	g := shutGate()
	s := newStage(t, script{seed: 7, create: "0s", timeout: "60s", quirks: []quirk{blocked(0)}, watch: g.watch})
	t.Cleanup(g.open) // before the provider closes, which waits for its calls
	s.create(s.requests("Draining", 40, nil), []int{0})
	w := s.worker("worker", s.config)
	under := func() bool { return len(s.creates()) >= len(s.instances) }
	until(t, 10*time.Millisecond, "every instance has a create under way", under, func() string { return "" })
	_ = w.cmd.Process.Signal(syscall.SIGTERM)
	w.says("worker_draining")
	if w.ended() {
		t.Error("a worker ends with creates under way")
	}
	g.open()
	answered := time.Now()
	code := w.exit()
	took := time.Since(answered)
	begun := len(s.creates())
	if code != 0 || took > 30*time.Second { // well below timeouts.create
		t.Errorf("the worker exits %d, %v after its last creates are answered, want 0 at once", code, took)
	}
	groups := s.groups()
	finished := 0
	for _, g := range groups {
		switch g.Status {
		case "inviting", "done":
			finished++
		case "queued":
		default:
			t.Errorf("after a drain a group is either made or waits: %v", g)
		}
		if g.doubted() {
			t.Errorf("a drain leaves no doubt: %v", g)
		}
	}
	if finished != begun {
		t.Errorf("%d creates had begun, %d groups know that they exist", begun, finished)
	}
	t.Logf("drained in %v with %d creates under way: all %d recorded, %d groups wait", took.Round(time.Millisecond), len(s.instances), finished, len(groups)-finished)

	g.shut()
	w = s.worker("second", s.config)
	until(t, 10*time.Millisecond, "the next worker goes on", func() bool { return len(s.creates()) > begun }, func() string { return "" })
	_ = w.cmd.Process.Signal(os.Interrupt)
	w.says("worker_draining")
	again := time.Now()
	if code := w.signal(os.Interrupt); code != 130 || time.Since(again) > 30*time.Second {
		t.Errorf("with a create under way, a second signal ends the worker with %d after %v, want 130 at once", code, time.Since(again))
	}
	g.open()
	s.worker("third", s.config)
	f := s.judge(s.settle())
	if f.outcomes["done"] != 40 {
		t.Errorf("%v, want all 40 done", f)
	}
	t.Logf("after an abort and another worker: %v", f)
}

func TestTheSameFileAgainAddsOnlyWhatIsMissing(t *testing.T) {
	t.Parallel()
	const n = 12_000
	s := newStage(t, script{seed: 8})
	file := s.requests("Repeated", n, nil)

	// Ctrl-C midway.
	p := s.start("interrupted", producer, "create", file, "--config", s.slowly("slow.yaml"))
	count := func() int { return s.counts().groups["queued"] }
	until(t, 5*time.Millisecond, "some rows are accepted", func() bool { return count() > 0 }, p.words)
	code := p.signal(os.Interrupt)
	kept := count()
	if code != 130 || kept == 0 || kept >= n {
		t.Fatalf("Ctrl-C midway: exit %d (want 130) with %d of %d rows accepted\n%s", code, kept, n, p.tail(5))
	}
	t.Logf("Ctrl-C after %d of %d rows; it said: %s", kept, n, p.tail(3))

	// Sent again, the file adds only missing groups, also when two send it at once.
	twin := s.start("twin", producer, "create", file, "--config", s.config, "--quiet")
	c := s.create(file, []int{0})
	if code := twin.exit(); code != 0 {
		t.Errorf("the twin exits %d, want 0\n%s", code, twin.tail(5))
	}
	if c.Total != n || c.Created+c.Existed != n || c.Existed < kept {
		t.Errorf("again: %d rows, %d created, %d existed; want %d, of which at least %d existed", c.Total, c.Created, c.Existed, n, kept)
	}
	if got := count(); got != n {
		t.Errorf("rule 1, nothing twice and nothing lost: %d groups wait after Ctrl-C, a twin and a repetition, want %d", got, n)
	}
	if c := s.create(file, []int{0}); c.Created != 0 || c.Existed != n || len(c.Rows) != n {
		t.Errorf("a third time: %d created, %d existed, %d rows told; want 0, %d and %d", c.Created, c.Existed, len(c.Rows), n, n)
	}

	// A file that has grown by three rows adds three.
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		text = fmt.Appendf(text, "{\"groupName\": \"New %d\", \"phones\": [79001234567]}\n", i)
	}
	if c := s.create(s.file("Repeated.ndjson", string(text)), []int{0}); c.Created != 3 || c.Existed != n {
		t.Errorf("three new rows: %d created, %d existed; want 3 and %d", c.Created, c.Existed, n)
	}
}

func TestEveryTroubleHasItsExitCodeAndOneSentence(t *testing.T) {
	t.Parallel()
	s := newStage(t, script{seed: 9})
	usual, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	variant := func(name, old, replacement string) string {
		text := strings.Replace(string(usual), old, replacement, 1)
		if text == string(usual) {
			t.Fatalf("%s: nothing to replace", name)
		}
		return s.file(name, text)
	}
	password := variant("password.yaml", "redis://", "redis://:not-the-password@")
	nowhere := variant("nowhere.yaml", s.redis.Addr, "127.0.0.1:1")
	faulty := variant("faulty.yaml", "rate_limits: off", "rate_limitz: off")
	durable := variant("durable.yaml", "wait_replicas: 0", "wait_replicas: 0, require_durable: true")
	bad := s.file("bad.csv", "name,phones\nA,\nB,hello\n")
	some := s.file("some.csv", "name,phones\nA,+79001234567\nB,hello\n")
	headless := s.file("headless.csv", "a,b\n1,2\n")
	s.authenticate("the-password")
	s.says("a worker with a wrong password", s.run(worker, "run", "--listen", "off", "--config", password), 5, "password")
	s.says("a producer with a wrong password", s.run(producer, "status", "--config", password), 5, "password")
	s.authenticate("")
	tests := []struct {
		name    string
		program string
		args    []string
		code    int
		says    string // in what it says to a person
	}{
		{"no Redis", producer, []string{"list", "--config", nowhere}, 5, "127.0.0.1:1"},
		{"no Redis for the worker", worker, []string{"run", "--listen", "off", "--config", nowhere}, 5, "127.0.0.1:1"},
		{"an unknown key", worker, []string{"run", "--config", faulty}, 2, "rate_limitz"},
		{"a file that is not there", producer, []string{"create", "missing.csv", "--config", s.config}, 2, "missing.csv"},
		{"a file without a known header", producer, []string{"create", headless, "--config", s.config}, 2, "column"},
		{"only bad rows", producer, []string{"create", bad, "--config", s.config}, 3, "2"},
		{"some bad rows", producer, []string{"create", some, "--config", s.config}, 3, "1"},
		{"an unknown instance", producer, []string{"create", some, "--instance", "omega", "--config", s.config}, 2, "omega"},
		{"an unknown pool", producer, []string{"create", some, "--pool", "lake", "--config", s.config}, 2, "lake"},
		{"an unknown id", producer, []string{"status", "grp_00000000-0000-7000-8000-000000000000", "--config", s.config}, 1, "grp_"},
		{"an unknown flag", producer, []string{"list", "--colour", "--config", s.config}, 2, "--colour"},
	}
	for _, tt := range tests {
		s.says(tt.name, s.run(tt.program, tt.args...), tt.code, tt.says)
	}
	if err := s.redis.Client().ConfigSet(t.Context(), "appendonly", "no").Err(); err != nil {
		t.Fatal(err)
	}
	s.says("a Redis that forgets, where none may", s.run(worker, "run", "--listen", "off", "--config", durable), 2, "appendonly")
}

// authenticate makes Redis require a password of all new connections.
func (s *stage) authenticate(password string) {
	s.t.Helper()
	if err := s.redis.Client().ConfigSet(s.t.Context(), "requirepass", password).Err(); err != nil {
		s.t.Fatal(err)
	}
}

// says checks a command's exit code and its words to a person, of which there are few.
func (s *stage) says(name string, r result, code int, words string) {
	s.t.Helper()
	if r.code != code || !strings.Contains(r.stdout+r.stderr, words) {
		s.t.Errorf("%s: want exit %d and a word of %q: %s", name, code, words, r)
	}
	for _, secret := range []string{"not-the-password", "secret-token", "secret-client"} {
		if strings.Contains(r.stdout+r.stderr, secret) {
			s.t.Errorf("%s: it prints the secret %q: %s", name, secret, r)
		}
	}
	if strings.Count(r.stderr, "\n") > 6 || strings.Contains(r.stderr, "goroutine ") {
		s.t.Errorf("%s: it says too much: %s", name, r)
	}
	s.t.Logf("%s: exit %d: %s", name, r.code, strings.TrimSpace(r.stderr))
}
