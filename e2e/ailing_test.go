package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// ailment is a way in which Redis answers but accepts no work.
type ailment struct {
	name     string
	begin    func()
	end      func()
	producer string // what the producer tells a person
}

func (s *stage) ailments() []ailment {
	set := func(name, value string) func() {
		return func() {
			s.t.Helper()
			if err := s.redis.Client().ConfigSet(s.t.Context(), name, value).Err(); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	master := func(host, port string) func() {
		return func() {
			s.t.Helper()
			if err := s.redis.Client().SlaveOf(s.t.Context(), host, port).Err(); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	return []ailment{
		{"its memory is full", set("maxmemory", "1mb"), set("maxmemory", "0"), "raise maxmemory"},
		{"it lacks the replicas it wants", set("min-replicas-to-write", "1"), set("min-replicas-to-write", "0"), "min-replicas-to-write"},
		{"it was made a replica", master("127.0.0.1", "1"), master("NO", "ONE"), "read-only replica"},
		{"its disk is full", s.redis.FillDisk, s.redis.FreeDisk, "usually it is full"},
	}
}

// Before each fault the test also flushes Redis' scripts, as a restart does.
func TestARedisThatRefusesWritesHoldsTheWorkAndLosesNothing(t *testing.T) {
	t.Parallel()
	const n = 160
	s := newStage(t, script{seed: 15, create: "150ms", quirks: []quirk{takes(50 * time.Millisecond), lag(100 * time.Millisecond)}})
	rdb := s.redis.Client()
	s.create(s.requests("Held", n, nil), []int{0})
	workers := []*process{s.worker("one", s.config), s.worker("two", s.config)}
	creates := func() int { return len(s.creates()) }
	more := func(than int, what string) {
		t.Helper()
		until(t, 20*time.Millisecond, what, func() bool { return creates() > than }, func() string {
			return fmt.Sprintf("%d creates, as before\n%s", than, workers[0].tail(5))
		})
	}
	rows := n
	for _, a := range s.ailments() {
		more(creates()+n/16, "the work goes on before "+a.name)
		if err := rdb.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		said := make([]int, len(workers))
		for i, w := range workers {
			said[i] = len(w.words())
		}
		a.begin()
		var r result
		// A full disk is noticed with the next write.
		until(t, 50*time.Millisecond, "the producer is refused because "+a.name, func() bool {
			rows++
			r = s.produce("create", "--name", fmt.Sprintf("Refused %d", rows), "--phone", fmt.Sprintf("+55119%08d", rows))
			if r.code != 0 {
				rows--
			}
			return r.code != 0
		}, func() string { return r.String() })
		s.says("a producer while "+a.name, r, 5, a.producer)
		made := creates()
		for i, w := range workers {
			until(t, 50*time.Millisecond, w.name+" says that "+a.name, func() bool {
				return strings.Contains(w.words()[said[i]:], a.producer)
			}, func() string { return w.tail(10) })
		}
		// Calls that were sent before may still arrive. No call is made without its written intent.
		if late := creates() - made; late > len(s.instances) {
			t.Errorf("%d creates were made while %s", late, a.name)
		}
		made = creates()
		a.end()
		repaired := time.Now()
		more(made, "the work goes on after "+a.name)
		t.Logf("%s: the next create came %v after the repair", a.name, time.Since(repaired).Round(time.Millisecond))
	}
	groups := s.settle()
	f := s.judge(groups)
	t.Logf("%v", f)
	if f.outcomes["done"]+f.empty != rows {
		t.Errorf("%v, want %d groups done", f, rows)
	}
	for _, finding := range s.examine(rdb, examination{rows: rows, pace: 75 * time.Millisecond}) {
		t.Error(finding)
	}
	for _, w := range workers {
		if strings.Contains(w.words(), "goroutine ") || strings.Contains(w.words(), "panic") {
			t.Errorf("%s: a stack trace in the log", w.name)
		}
	}
}
