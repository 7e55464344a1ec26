package e2e

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// skewClocks gives each worker that starts from now on its own clock, up to two days off.
func (c *chaos) skewClocks() {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		c.t.Log("ALL CLOCKS STAY RIGHT: only processes on Linux with amd64 can be given others")
		return
	}
	offs := []time.Duration{0, 10 * time.Second, -10 * time.Second, time.Hour, -time.Hour, 48 * time.Hour, -48 * time.Hour}
	c.clocks = func() time.Duration { return offs[c.rng.IntN(len(offs))] }
}

// setClock sets the clock of a running worker.
func (c *chaos) setClock(m *supervised) {
	c.t.Helper()
	err := m.clock.Set(c.clocks())
	if err == nil {
		return
	}
	select { // the memory of a process goes before the process does
	case <-m.done:
	case <-time.After(10 * time.Second):
		c.t.Fatal(err)
	}
}

// weather breaks connections at random and heals them again.
type weather struct {
	c     *chaos
	lines []*line
}

type line struct {
	*testutil.Proxy
	name   string
	next   time.Time // when it breaks or heals
	broken bool
	breaks map[testutil.Break]int
}

// line puts a line that breaks between a program and a server.
func (w *weather) line(name, target string) *line {
	l := &line{
		Proxy: testutil.NewProxy(w.c.t, target), name: name,
		next: w.c.soon(500*time.Millisecond, 2*time.Second), breaks: map[testutil.Break]int{},
	}
	w.lines = append(w.lines, l)
	return l
}

// blow breaks and heals what is due. A black hole lasts at most as long as a call waits for its answer.
func (w *weather) blow() {
	for _, l := range w.lines {
		if time.Now().Before(l.next) {
			continue
		}
		if l.broken = !l.broken; l.broken {
			l.breaks[l.BreakAtRandom(w.c.rng, 300*time.Millisecond)]++
			l.next = w.c.soon(200*time.Millisecond, 2500*time.Millisecond)
		} else {
			l.Heal()
			l.next = w.c.soon(time.Second, 4*time.Second)
		}
	}
}

func (w *weather) clear() {
	for _, l := range w.lines {
		l.Heal()
	}
	for _, l := range w.lines {
		w.c.t.Logf("the line from %s broke %v", l.name, l.breaks)
	}
}

// addWorkerOver starts a worker with two lines that break, one to Redis and one to the provider.
func (w *weather) addWorkerOver(dies bool) (_ *supervised, front string) {
	w.c.t.Helper()
	name := fmt.Sprintf("worker-%d", len(w.c.workers)+1)
	redis := w.line(name+" to Redis", w.c.redis.Addr)
	provider := w.line(name+" to the provider", strings.TrimPrefix(w.c.front(), "http://"))
	config := w.c.write(name+".yaml", "http://"+provider.Addr)
	text, err := os.ReadFile(config)
	if err != nil {
		w.c.t.Fatal(err)
	}
	config = w.c.file(name+".yaml", strings.Replace(string(text), w.c.redis.Addr, redis.Addr, 1))
	return w.c.addWorker(config, dies), provider.Addr
}

// frost stops workers (SIGSTOP) while they make a group, for longer than any lease holds, and then continues them.
type frost struct {
	mu      sync.Mutex
	at      map[string]simulator.Moment // by the host under which the worker reaches the provider
	workers map[string]*supervised
	frozen  map[*supervised]time.Time
	names   []string // of the groups they were making
}

// forLongerThanALease is how long a worker is frozen: a lease holds 30 s.
const forLongerThanALease = 32 * time.Second

func (f *frost) watch(m simulator.Moment, c simulator.Call) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.workers[c.Host]
	if w == nil || c.Kind != "create" || f.at[c.Host] != m {
		return false
	}
	delete(f.at, c.Host)
	if w.cmd.Process.Signal(syscall.SIGSTOP) == nil {
		f.frozen[w] = time.Now()
		f.names = append(f.names, fmt.Sprintf("%s at %q, %s", w.name, c.GroupName, m))
	}
	return false
}

// thaw continues the processes that were frozen for long enough. It reports whether none is frozen or due to be
// frozen.
func (f *frost) thaw() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w, since := range f.frozen {
		if time.Since(since) > forLongerThanALease {
			_ = w.cmd.Process.Signal(syscall.SIGCONT)
			delete(f.frozen, w)
		}
	}
	return len(f.frozen)+len(f.at) == 0
}

// noRedis is the exit code of a program that cannot reach Redis at its start.
const noRedis = 5

// revive restarts the workers that ended because their connection to Redis was broken at their start.
func (f *frost) revive(c *chaos) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range c.workers {
		if w.ended() && w.cmd.ProcessState.ExitCode() == noRedis {
			c.respawn(w)
		}
	}
}

// One of four workers is killed again and again. Two are frozen in the middle of a create, one when the provider has
// just received it and one when the group exists. Others take over their work meanwhile, and the two continue as if
// they still held it. All four workers and the producer have connections that break.
func TestKilledWorkers_LoseAndRepeatNothingOverConnectionsThatBreak(t *testing.T) {
	t.Parallel()
	f := &frost{at: map[string]simulator.Moment{}, workers: map[string]*supervised{}, frozen: map[*supervised]time.Time{}}
	c := newChaos(t, script{seed: 14, watch: f.watch}, "", nil)
	c.floor = 0 // a slow connection delays the arrival of creates
	w := &weather{c: c}
	c.settings = c.through("producer.yaml", c.redis.URL(), "redis://"+w.line("the producer to Redis", c.redis.Addr).Addr+"/0")
	w.addWorkerOver(true)
	for _, m := range []simulator.Moment{simulator.Arrived, simulator.Done} {
		worker, front := w.addWorkerOver(false)
		f.mu.Lock()
		f.workers[front], f.at[front] = worker, m
		f.mu.Unlock()
	}
	w.addWorkerOver(false)
	c.disrupt(forLongerThanALease, func() {
		w.blow()
		f.revive(c)
		f.thaw()
	})
	until(t, 50*time.Millisecond, "two workers were frozen and go on", func() bool {
		w.blow() // or a line that is broken stays broken
		f.revive(c)
		c.enqueue()
		c.pauses.look()
		return f.thaw()
	}, func() string { return fmt.Sprint(f.names) })
	w.clear()
	t.Logf("frozen for %v each: %v", forLongerThanALease, f.names)
	if len(f.names) != 2 {
		t.Error("two workers were to freeze while they made a group: this proves too little")
	}
	c.conclude()
}
