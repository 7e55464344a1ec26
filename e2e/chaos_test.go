package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// chaos is a stage whose processes are killed. Everything happens in one loop, and the seed decides what happens when.
type chaos struct {
	*stage
	rng    *rand.Rand
	pauses *pauses

	floor time.Duration // between two creates, measured at the provider; 0 means no check

	begun   time.Time
	workers []*supervised
	kills   int
	clocks  func() time.Duration // draws how far off a worker's clock is; nil for correct clocks

	files    []string // accepted or being sent
	rows     int
	producer *process
	settings string    // the producer's configuration
	next     time.Time // when the next file is sent
	dies     time.Time // when the producer is killed; zero for never
	cut      int       // producers killed, or left without Redis
}

// supervised is a worker that is restarted at once after each kill, as an init system does.
type supervised struct {
	*process
	name, config string
	starts       int
	dies         time.Time // when it is killed; zero for never
	killable     bool
}

const (
	rowsPerFile = 6
	fileEvery   = 500 * time.Millisecond
	floorSeen   = 50 * time.Millisecond // half the configured 100 ms: a loaded machine may stamp an arrival late
)

// newChaos makes a stage with its own Redis or, if rdb is set, with the Redis at address, which rdb is connected to.
// The provider answers one in ten creates and messages wrongly.
func newChaos(t *testing.T, sc script, address string, rdb redis.UniversalClient) *chaos {
	t.Helper()
	sc.instances, sc.create, sc.timeout = fiveInstances(), or(sc.create, "100ms"), "3s"
	sc.trouble = slices.Concat(trouble("create", 0.10, anyFault...), trouble("send", 0.10, anyFault...))
	sc.quirks = []quirk{lag(300 * time.Millisecond), nameless(0.1), takes(30 * time.Millisecond)}
	s := newStage(t, sc)
	c := &chaos{stage: s, rng: rand.New(rand.NewPCG(s.seed, 1))}
	if s.rdb = rdb; rdb == nil {
		s.rdb = s.redis.Client()
	} else {
		s.config = c.through("elsewhere.yaml", s.redis.URL(), address)
	}
	c.settings = s.config
	c.pauses = &pauses{t: t, rdb: c.rdb, store: c.records()}
	c.floor = floorSeen
	return c
}

// addWorkers starts n workers that are killed again and again.
func (c *chaos) addWorkers(n int) {
	c.t.Helper()
	c.begun = time.Now()
	for range n {
		c.addWorker(c.config, true)
	}
}

// addWorker starts one more worker. It is killed again and again if killable is set, else never.
func (c *chaos) addWorker(config string, killable bool) *supervised {
	c.t.Helper()
	m := &supervised{name: fmt.Sprintf("worker-%d", len(c.workers)+1), config: config, killable: killable}
	c.workers = append(c.workers, m)
	c.respawn(m)
	return m
}

func (c *chaos) respawn(m *supervised) {
	m.starts++
	name := fmt.Sprintf("%s-%d", m.name, m.starts)
	if c.clocks == nil {
		m.process = c.worker(name, m.config)
	} else {
		m.process = c.launch(name, testutil.StartWithClock, worker, runArgs(m.config)...)
		c.setClock(m)
	}
	if m.killable {
		m.dies = c.soon(time.Second, 3*time.Second)
	}
}

// soon returns a random time that is at least from and less than to after now.
func (c *chaos) soon(from, to time.Duration) time.Time {
	return time.Now().Add(from + time.Duration(c.rng.Int64N(int64(to-from))))
}

// killDue kills every worker that is due, and starts it again.
func (c *chaos) killDue() {
	for _, m := range c.workers {
		if m.dies.IsZero() || time.Now().Before(m.dies) {
			continue
		}
		m.kill()
		c.kills++
		c.pauses.killed(m.cmd.Process.Pid)
		c.respawn(m)
	}
}

// enqueue makes the producer send one file after another, each again and again until it is accepted.
func (c *chaos) enqueue() {
	switch p := c.producer; {
	case p == nil || p.ended() && p.cmd.ProcessState.ExitCode() == 0:
		if time.Now().Before(c.next) {
			return
		}
		c.next = time.Now().Add(fileEvery)
		name := fmt.Sprintf("Chaos-%03d", len(c.files))
		c.files = append(c.files, c.batchFile(name, rowsPerFile))
	case p.ended():
		c.cut++
	case !c.dies.IsZero() && time.Now().After(c.dies):
		p.kill()
		c.cut++
	default:
		return
	}
	name := fmt.Sprintf("producer-%d-%d", len(c.files), c.cut)
	c.producer = c.start(name, producer, "create", c.files[len(c.files)-1], "--config", c.settings, "--quiet")
	c.dies = time.Time{}
	if c.rng.IntN(3) == 0 {
		c.dies = c.soon(0, 400*time.Millisecond)
	}
}

// accept waits until the producer's last file is accepted.
func (c *chaos) accept() {
	c.t.Helper()
	c.dies = time.Time{}
	until(c.t, 50*time.Millisecond, "the last file is accepted", func() bool {
		if c.producer.ended() && c.producer.cmd.ProcessState.ExitCode() == 0 {
			return true
		}
		c.dies = time.Time{}
		c.enqueue()
		c.pauses.look()
		return false
	}, func() string { return c.producer.tail(5) })
}

// again sends every file once more, as docs/guarantees.md advises after a failover: rows that the new master lacks are
// accepted again, and the others do not change.
func (c *chaos) again() {
	c.t.Helper()
	c.accept()
	for i, file := range c.files {
		create := func() *process {
			return c.start(fmt.Sprintf("again-%d", i), producer, "create", file, "--config", c.settings, "--quiet")
		}
		p := create()
		until(c.t, 10*time.Millisecond, file+" is accepted again", func() bool {
			c.pauses.look()
			if p.ended() && p.cmd.ProcessState.ExitCode() != 0 {
				p = create()
			}
			return p.ended()
		}, func() string { return p.tail(5) })
	}
}

// batchFile writes n groups whose people are in no other file. The first person of each can be
// added, so every group can be created.
func (c *chaos) batchFile(name string, n int) string {
	var b strings.Builder
	for range n {
		i := c.rows
		c.rows++
		fmt.Fprintf(&b, `{"groupName":"Chaos %04d","idempotencyKey":"chaos-%d","phones":[`, i-i%7/6, i) // some share a name
		for j := range 2 + i%3 {
			phone := fmt.Sprintf("55119%08d", (c.seed%100*8+uint64(j))*100_000+uint64(i)) //nolint:gosec // both count up from 0
			if j == 0 {
				c.person(phone, true, true)
			} else {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, `"+%s"`, phone)
		}
		b.WriteString("]}\n")
	}
	return c.file(name+".ndjson", b.String())
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// disrupt kills processes for the given time, or longer until it has killed -kills workers. It calls more on each tick.
func (c *chaos) disrupt(during time.Duration, more func()) {
	c.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(during); time.Now().Before(end) || c.kills < *killsFlag; {
		<-tick.C
		c.killDue()
		c.enqueue()
		if more != nil {
			more()
		}
		c.pauses.look()
	}
}

// conclude waits without kills as long as the work progresses, and then checks the result.
func (c *chaos) conclude() {
	c.t.Helper()
	c.accept()
	stopped := time.Now()
	var now counts
	moving(c.t, time.Second, "every group has ended and no work of a killed worker is left", func() (bool, string) {
		c.pauses.look()
		now = c.counts()
		return now.open() == 0 && len(c.pauses.held) == 0, c.state(now) + fmt.Sprint(len(c.pauses.held))
	}, func() string {
		text := fmt.Sprint(now.groups, " ", c.pauses.open())
		for _, g := range c.groups("--status", "queued,creating,verifying,inviting") {
			text += "\n" + g.String()
		}
		return text
	})
	c.t.Logf("%d kills; times from a kill to the next step of the killed worker's work: %v", c.kills, c.pauses)
	// A batch whose producer was killed ends when its lease has expired and the sweeper has found it. Another worker
	// may have to become the sweeper first.
	var running []string
	var err error
	until(c.t, time.Second, "every batch has ended, or waits for a person", func() bool {
		running, err = c.store.Index.RunningBatches(c.t.Context())
		running = slices.DeleteFunc(running, func(id string) bool {
			b, err := c.store.Index.Batch(c.t.Context(), id)
			return err == nil && b.Counts["review"] > 0 // all its other groups have ended
		})
		return err == nil && len(running) == 0
	}, func() string {
		text := fmt.Sprint(err)
		for _, id := range running {
			b, err := c.store.Index.Batch(c.t.Context(), id)
			adding := c.rdb.ZRangeWithScores(c.t.Context(), "rollcall:{ix}:adding:"+id, 0, -1).Val()
			text += fmt.Sprintf("\n%+v, %v; producers that add to it: %v; the sweeper is %s", b, err, adding, c.rdb.Get(c.t.Context(), "rollcall:lead:sweep").Val())
		}
		return text
	})
	groups := c.groups()
	f := c.judge(groups)
	c.t.Logf("seed %d: %d kills of workers, %d producers cut, %d rows; ended %v after the last kill; %v", c.seed, c.kills, c.cut, c.rows, time.Since(stopped).Round(time.Second), f)
	var keys []string
	for i := range c.rows {
		keys = append(keys, fmt.Sprintf("chaos-%d", i))
	}
	for _, finding := range c.examine(c.rdb, examination{rows: c.rows, keys: keys, pace: c.floor}) {
		c.t.Error(finding)
	}
	if longest := c.pauses.longest(); longest > asynqAlone {
		c.t.Errorf("the work of a killed worker stood still for %v, want less than asynq alone needs, %v: %v", longest, asynqAlone, c.pauses.worst())
	}
	for _, g := range groups {
		if g.Status == "failed" || g.Status == "review" {
			c.t.Logf("%v\n%s", g, c.historyOf(groups, c.provider.Ledger(), g.GroupName))
		}
	}
	if f.outcomes["failed"] > 0 || f.outcomes["review"]*20 > len(groups) {
		c.t.Errorf("outcomes %v, want no failed group and at most one in twenty in review", f.outcomes)
	}
}

// disruptFor is how long processes are killed. `make soak` repeats the tests with a new seed each time, and kills for
// longer (-kills).
const disruptFor = 30 * time.Second

func TestKilledWorkers_LoseAndRepeatNothing(t *testing.T) {
	t.Parallel()
	c := newChaos(t, script{seed: 11}, "", nil)
	c.addWorkers(3)
	c.disrupt(disruptFor, nil)
	c.conclude()
}

// Each worker's clock is some hours off from the start, and is set again from time to time.
func TestKilledWorkers_LoseAndRepeatNothingWhileRedisIsKilledAndClocksAreSet(t *testing.T) {
	t.Parallel()
	c := newChaos(t, script{seed: 12}, "", nil)
	c.skewClocks()
	c.addWorkers(3)
	redis, left, clock, set := c.soon(3*time.Second, 5*time.Second), 4, c.soon(0, time.Second), 0
	c.disrupt(disruptFor, func() {
		if left > 0 && time.Now().After(redis) {
			c.redis.Restart()
			redis, left = c.soon(5*time.Second, 8*time.Second), left-1
		}
		if c.clocks != nil && time.Now().After(clock) {
			c.setClock(c.workers[c.rng.IntN(len(c.workers))])
			clock, set = c.soon(200*time.Millisecond, time.Second), set+1
		}
	})
	t.Logf("clocks were set %d times in running workers", set)
	c.conclude()
}

func TestKilledWorkers_LoseAndRepeatNothingOnACluster(t *testing.T) {
	t.Parallel()
	cluster := testutil.Cluster(t)
	c := newChaos(t, script{seed: 13}, cluster.URL(), cluster.Client())
	c.addWorkers(3)
	c.disrupt(disruptFor, nil)
	c.conclude()
}
