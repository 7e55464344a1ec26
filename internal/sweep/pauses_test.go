package sweep_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestSweeperPauses_APauseThatAsynqsToolsLeftIsToldOnceAndLifted(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	var log bytes.Buffer
	s.sweeper.Log = zerolog.New(&log)
	g := s.lost()
	if err := s.queue.Put(t.Context(), tasks.Create(g.ID, 0, g.Target, g.Priority)); err != nil {
		t.Fatal(err)
	}
	tools := asynq.NewInspectorFromRedisClient(s.rdb)
	if err := tools.PauseQueue(tasks.CallQueue); err != nil {
		t.Fatal(err)
	}
	if err := tools.DeleteQueue(tasks.CallQueue, true); err != nil {
		t.Fatal(err)
	}
	s.pass()
	s.pass()
	if n := strings.Count(log.String(), "queue_paused"); n != 1 || !strings.Contains(log.String(), "rollcall-producer resume INSTANCE") {
		t.Errorf("the pause was logged %d times, want once with its remedy:\n%s", n, &log)
	}
	if info, err := tools.GetQueueInfo(tasks.CallQueue); err != nil || !info.Paused || info.Scheduled != 1 {
		t.Errorf("asynq's tools see %+v (%v), want the queue with its task", info, err)
	}
	lifted, err := s.queue.Unpause(t.Context())
	if err != nil || len(lifted) != 1 || lifted[0] != tasks.CallQueue {
		t.Fatalf("Unpause = %v, %v, want the queue of calls alone", lifted, err)
	}
	s.pass()
	if !strings.Contains(log.String(), "queue_unpaused") {
		t.Errorf("the end of the pause was not logged:\n%s", &log)
	}
}

func TestSweeper_ADeletedTaskIsPutAgainAndTold(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	var log bytes.Buffer
	s.sweeper.Log = zerolog.New(&log)
	old := fresh()
	old.UpdatedAt = old.UpdatedAt.Add(-2 * time.Minute)
	s.record(old)
	if err := s.queue.Put(t.Context(), tasks.Create(old.ID, 0, old.Target, old.Priority)); err != nil {
		t.Fatal(err)
	}
	recent := s.lost() // its producer may be about to put the task
	s.pass()
	if log.Len() > 0 {
		t.Errorf("logged although no task was missing:\n%s", &log)
	}
	if err := asynq.NewInspectorFromRedisClient(s.rdb).DeleteTask(tasks.CallQueue, old.ID); err != nil {
		t.Fatal(err)
	}
	s.pass()
	s.pass()
	if !s.waiting(tasks.CallQueue, old.ID) || !s.waiting(tasks.CallQueue, recent.ID) {
		t.Error("a group has no task and waits for ever")
	}
	if n := strings.Count(log.String(), "missing_task_put"); n != 1 || !strings.Contains(log.String(), old.ID) {
		t.Errorf("the missing task was logged %d times, want once with %s:\n%s", n, old.ID, &log)
	}
}

func TestSweeper_LogsTheEndOfAPauseAndAPaceAndAForgottenPauseOnce(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	var log bytes.Buffer
	s.sweeper.Log = zerolog.New(&log)
	now, err := s.store.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]store.Pause{
		"ended":     {At: now.Add(-time.Hour), Until: now.Add(-time.Minute)},
		"timed":     {At: now.Add(-48 * time.Hour), Until: now.Add(time.Hour)},
		"forgotten": {At: now.Add(-24 * time.Hour)},
		"fresh":     {At: now.Add(-23 * time.Hour)},
	} {
		if err := s.store.Presence.SetPaused(t.Context(), name, &p); err != nil {
			t.Fatal(err)
		}
		if err := s.store.Presence.Slow(t.Context(), name, &store.Slowing{At: p.At, Until: p.Until}); err != nil {
			t.Fatal(err)
		}
	}
	s.pass()
	s.pass()
	for line, n := range map[string]int{
		`"event":"pause_ended","instance":"ended"`: 1, `"event":"pace_ended","instance":"ended"`: 1, `"event":"pause_forgotten","instance":"forgotten"`: 1,
		"pause_ended": 1, "pace_ended": 1, "pause_forgotten": 1,
	} {
		if got := strings.Count(log.String(), line); got != n {
			t.Errorf("%s was logged %d times, want %d:\n%s", line, got, n, &log)
		}
	}
	standing, _, err := s.store.Presence.Pauses(t.Context())
	if err != nil || len(standing) != 3 || standing["ended"] != nil {
		t.Errorf("%d pauses hold (%v), want all but the one that ended", len(standing), err)
	}
	events, err := s.rdb.XRange(t.Context(), "rollcall:{ix}:events", "-", "+").Result()
	if err != nil || len(events) != 2 {
		t.Errorf("got %d events (%v), want the end of the pause and that of the pace", len(events), err)
	}
}
