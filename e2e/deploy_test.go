package e2e

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

func TestARollingRestartUnderLoadFailsNothingAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	const n = 150
	turn := newTurnstile()
	s := newStage(t, script{seed: 22, create: "50ms", timeout: "60s", watch: turn.watch, quirks: []quirk{blocked(0.2), takes(300 * time.Millisecond), lag(200 * time.Millisecond)}})
	t.Cleanup(func() { turn.let(openForAll) }) // before the provider closes, which waits for its calls
	s.create(s.requests("Rolling", n, nil), []int{0})
	var workers []*process
	for i := range 3 {
		workers = append(workers, s.worker(fmt.Sprintf("old-%d", i), s.config))
	}
	creates := func() int { return len(s.creates()) }
	for i, w := range workers {
		turn.let(n / 8)
		until(t, 20*time.Millisecond, "the work goes on, with creates under way", turn.shut, func() string { return fmt.Sprintf("%d creates", creates()) })
		_ = w.cmd.Process.Signal(syscall.SIGTERM)
		w.says("worker_draining")
		turn.let(n / 8)
		if code := w.exit(); code != 0 {
			t.Errorf("worker %d exits %d, want 0\n%s", i, code, w.tail(5))
		}
		s.worker(fmt.Sprintf("new-%d", i), s.config)
	}
	if creates() >= n {
		t.Error("the last restart came after the last create: this proves too little")
	}
	turn.let(openForAll)
	groups := s.settle()
	f := s.judge(groups)
	t.Logf("three workers replaced under load: %v", f)
	if f.outcomes["done"] != n || f.creates != n || f.doubted != 0 {
		t.Errorf("%v, want %d groups, all done by one create each, none in doubt", f, n)
	}
	for _, finding := range s.examine(s.redis.Client(), examination{rows: n}) {
		t.Error(finding)
	}
}

func TestAGroupThatTakesItsWorkerDownThreeTimesIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	s := newStage(t, script{seed: 23, timeout: "1s", quirks: []quirk{blocked(0)}})
	deadly := mutantOf(t, "worker", "deadly")
	s.create(s.file("deadly.ndjson", `{"groupName":"Deadly","phones":["+5511911112222"]}`+"\n"), []int{0})
	lives := 0
	start := func() *process {
		lives++
		return s.start(fmt.Sprintf("life-%d", lives), deadly, "run", "--config", s.config, "--listen", "off", "--log-format", "json")
	}
	w := start()
	begun := time.Now()
	until(t, 100*time.Millisecond, "nothing is open any more", func() bool {
		if w.ended() {
			w = start()
		}
		return s.counts().open() == 0
	}, func() string { return fmt.Sprint(lives, " lives ", s.groups()) })
	// Create these only now: earlier ones would count as deadly too if a dying worker held them.
	s.create(s.requests("Harmless", 5, nil), []int{0})
	until(t, 100*time.Millisecond, "the others are made", func() bool { return s.counts().open() == 0 }, func() string { return fmt.Sprint(s.groups()) })
	for _, g := range s.groups() {
		switch {
		case g.GroupName != "Deadly" && g.Status != "done":
			t.Errorf("another group is not done: %v", g)
		case g.GroupName == "Deadly" && (g.Status != "review" || g.Error.Code != "poison" || len(g.Attempts) != 3):
			t.Errorf("want a review, poison, after 3 attempts: %v", g)
		}
	}
	if lives != 4 || w.ended() {
		t.Errorf("%d workers were started, and the last one has ended: %v; want 4, the last one running", lives, w.ended())
	}
	t.Logf("three workers died of it in %v; the fourth runs", time.Since(begun).Round(time.Second))
}
