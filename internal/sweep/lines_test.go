package sweep_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/tasks"
)

// A person cancels the group after the sweeper read it as queued and before it puts the task.
func TestSweep_AGroupThatIsCancelledDuringTheSweepLeavesItsLine(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(id string) []string{
		"before asynq is asked for its task": func(id string) []string { return []string{"asynq:{call}:t:" + id} },
		"before it is put in line":           func(string) []string { return []string{"rollcall:{ln}:ready:create:alpha", "rollcall:{ln}:go"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSnapshot(t)
			g := s.lost()
			if err := s.queue.Put(t.Context(), tasks.Create(g.ID, g.Round, g.Target, g.Priority)); err != nil {
				t.Fatal(err)
			}
			person := operate.New(operate.Config{Store: s.store, Queue: s.queue})
			cancelled := false
			s.redis.Before(before(g.ID), func() {
				is, err := person.Cancel(t.Context(), g.ID)
				if cancelled = err == nil && is.Status == group.Cancelled; !cancelled {
					t.Errorf("cancel: %v", err)
				}
			})
			s.pass()
			if !cancelled {
				t.Fatal("the sweeper did not reach the moment of the cancel: this proves nothing")
			}
			if line := s.standing("create:alpha"); len(line) > 0 {
				t.Errorf("its line holds %v, want nothing", line)
			}
			if s.waiting(tasks.CallQueue, g.ID) {
				t.Error("asynq has a task of the cancelled group")
			}
		})
	}
}

// A killed process leaves tasks in a line that their groups no longer need.
func TestSweep_LinesKeepOnlyTheTasksThatGroupsNeed(t *testing.T) {
	t.Parallel()
	dead := func(string) bool { return false }
	create := func(g *group.Group) tasks.Task { return tasks.Create(g.ID, g.Round, g.Target, g.Priority) }
	invited := func(g *group.Group, now time.Time) tasks.Task {
		g.Begin("dead", "alpha", time.Second, dead, now)
		if err := g.Created(1, group.Answer{GroupID: "wa-1"}, now); err != nil {
			t.Error(err)
		}
		g.Called, g.Members[0].Status = true, group.InviteQueued
		return tasks.Invite(g.ID, 0, "alpha")
	}
	for name, tt := range map[string]struct {
		// change changes a queued group and returns the task that is in line.
		change func(g *group.Group, now time.Time) (tasks.Task, error)
		stays  bool
	}{
		"a group that waits": {func(g *group.Group, _ time.Time) (tasks.Task, error) { return create(g), nil }, true},
		"its task that a dead worker had": {func(g *group.Group, _ time.Time) (tasks.Task, error) {
			return create(g).Again(), nil
		}, true},
		"a group that waits for its time": {func(g *group.Group, now time.Time) (tasks.Task, error) {
			g.NotBefore = now.Add(time.Hour)
			task := create(g)
			task.At = g.NotBefore
			return task, nil
		}, true},
		"a group that is created": {func(g *group.Group, now time.Time) (tasks.Task, error) {
			g.Begin("w", "alpha", time.Minute, dead, now)
			return create(g), nil
		}, true},
		"an invitation": {func(g *group.Group, now time.Time) (tasks.Task, error) { return invited(g, now), nil }, true},
		"an invitation of a group that is set up": {func(g *group.Group, now time.Time) (tasks.Task, error) {
			task := invited(g, now)
			g.Setup = &group.Setup{From: now, Steps: []group.SetupStep{{Name: group.StepDescription, Status: group.StepWanted}}}
			if !g.Held() {
				t.Error("the invitations do not wait for the set-up: this proves nothing")
			}
			return task, nil
		}, true},
		"a cancel that was cut":              {func(g *group.Group, now time.Time) (tasks.Task, error) { return create(g), g.Cancel(now) }, false},
		"a cancel of what a dead worker had": {func(g *group.Group, now time.Time) (tasks.Task, error) { return create(g).Again(), g.Cancel(now) }, false},
		"a cancel of what waits for its time": {func(g *group.Group, now time.Time) (tasks.Task, error) {
			task := create(g)
			task.At = now.Add(time.Hour)
			return task, g.Cancel(now)
		}, false},
		"a move that was cut": {func(g *group.Group, now time.Time) (tasks.Task, error) {
			return create(g), g.Move(tasks.Target{Instance: "beta"}, now)
		}, false},
		"an edit that was cut": {func(g *group.Group, now time.Time) (tasks.Task, error) {
			want := *g
			want.Name = "Turma 13"
			return create(g), g.Edit(&want, now)
		}, false},
		"an invitation of a person who came": {func(g *group.Group, now time.Time) (tasks.Task, error) {
			task := invited(g, now)
			g.Members[0].Status = group.Added
			return task, g.Settle(now)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSnapshot(t)
			g := s.lost()
			var task tasks.Task
			is := s.update(g, func(g *group.Group, now time.Time) (err error) {
				task, err = tt.change(g, now)
				return err
			})
			s.update(g, func(g *group.Group, _ time.Time) error { // as it was when its task was put
				g.Status = group.Queued
				return nil
			})
			if err := s.queue.Put(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			s.update(g, func(g *group.Group, _ time.Time) error {
				g.Status = is.Status
				return nil
			})
			s.pass()
			if stands := s.inLine(task); stands != tt.stays {
				t.Errorf("the task %s is in its line: %t, want %t", task.ID, stands, tt.stays)
			}
			if there := s.waiting(tasks.CallQueue, task.ID); there != tt.stays {
				t.Errorf("asynq has the task %s: %t, want %t", task.ID, there, tt.stays)
			}
		})
	}
}

func TestSweep_ALineLosesTheTasksOfRecordsThatAreGoneAndKeepsThoseOfUnreadableOnes(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	gone, broken := s.lost(), s.lost()
	if err := s.queue.Put(t.Context(), tasks.Create(gone.ID, 0, gone.Target, gone.Priority), tasks.Create(broken.ID, 0, broken.Target, broken.Priority)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Records.Update(t.Context(), gone.ID, func(g *group.Group, now time.Time) error {
		g.FinishedAt = now.AddDate(-10, 0, 0)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if gone, err := s.store.Records.ForgetExpired(t.Context(), gone.ID); err != nil || !gone {
		t.Fatalf("the group was forgotten: %v (%v), want it gone", gone, err)
	}
	s.rdb.Set(t.Context(), "rollcall:{"+broken.ID+"}", "1.x|?", 0)
	s.pass()
	if line := s.standing("create:alpha"); !slices.Equal(line, []string{broken.ID}) {
		t.Errorf("the line holds %v, want %s, whose record is unreadable, alone", line, broken.ID)
	}
	if s.waiting(tasks.CallQueue, gone.ID) {
		t.Error("asynq has the task of a record that is gone")
	}
}

// inLine reports whether a task is in its line, ready or waiting for its time.
func (s *snapshot) inLine(t tasks.Task) bool {
	short := strings.TrimPrefix(t.ID, group.IDPrefix)
	id := uuid.MustParse(short[:36])
	for _, kind := range []string{"ready", "later"} {
		if s.rdb.ZScore(s.t.Context(), "rollcall:{ln}:"+kind+":"+t.Line, string(id[:])+short[36:]).Err() == nil {
			return true
		}
	}
	return false
}
