package sweep_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/tasks"
)

// TestSweeper_ATaskThatAsynqCannotRunIsPutUnderAnotherID breaks the task of a look in each way that asynq trips over.
// asynq then has the id and runs nothing under it.
func TestSweeper_ATaskThatAsynqCannotRunIsPutUnderAnotherID(t *testing.T) {
	t.Parallel()
	const key = "asynq:{read}:t:"
	active := func(s *snapshot, id string) { // as asynq leaves a task that it fails to dequeue
		s.rdb.ZRem(t.Context(), "asynq:{read}:scheduled", id)
		s.rdb.LPush(t.Context(), "asynq:{read}:active", id)
		s.rdb.ZAdd(t.Context(), "asynq:{read}:lease", redis.Z{Member: id, Score: float64(time.Now().Add(-time.Hour).Unix())})
	}
	for name, spoil := range map[string]func(s *snapshot, id string){
		"taken with a message that is damaged": func(s *snapshot, id string) {
			s.rdb.HSet(t.Context(), key+id, "msg", "garbage", "state", "active")
			active(s, id)
		},
		"taken after its key was evicted": func(s *snapshot, id string) {
			s.rdb.Del(t.Context(), key+id)
			s.rdb.HSet(t.Context(), key+id, "state", "active")
			active(s, id)
		},
		"taken with a key of another type": func(s *snapshot, id string) {
			s.rdb.Set(t.Context(), key+id, "garbage", 0)
			active(s, id)
		},
		"due with a key of another type": func(s *snapshot, id string) {
			s.rdb.Set(t.Context(), key+id, "garbage", 0)
			s.rdb.ZAdd(t.Context(), "asynq:{read}:scheduled", redis.Z{Member: id, Score: float64(time.Now().Add(-time.Hour).Unix())})
		},
		"lost from the list of what is scheduled": func(s *snapshot, _ string) {
			s.rdb.Del(t.Context(), "asynq:{read}:scheduled")
		},
		"lost from the list of what is pending": func(s *snapshot, id string) {
			if err := s.queue.Run(t.Context(), tasks.ReadQueue, id); err != nil {
				t.Error(err)
			}
			s.rdb.Del(t.Context(), "asynq:{read}:pending")
		},
		"lost from the list of what is active": func(s *snapshot, id string) {
			s.rdb.HSet(t.Context(), key+id, "state", "active")
			active(s, id)
			s.rdb.Del(t.Context(), "asynq:{read}:active")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSnapshot(t)
			g := s.inDoubt()
			look := tasks.Verify(g.ID, 1, time.Now().Add(time.Hour))
			if err := s.queue.Put(t.Context(), look); err != nil {
				t.Fatal(err)
			}
			spoil(s, look.ID)
			for range 2 {
				var blocked *queue.BlockedError // a key of another type stops the counts, and with them the leader, but not the sweeper
				if err := s.sweeper.Pass(t.Context()); err != nil && !errors.As(err, &blocked) {
					t.Fatal(err)
				}
			}
			tools := asynq.NewInspectorFromRedisClient(s.rdb)
			if info, err := tools.GetTaskInfo(tasks.ReadQueue, look.Again().ID); err != nil || info.Type != string(look.Type) || info.State == asynq.TaskStateActive {
				t.Errorf("asynq has %+v, %v; want the look, to be run", info, err)
			}
			if info, err := tools.GetTaskInfo(tasks.ReadQueue, look.Again().Again().ID); err == nil {
				t.Errorf("asynq has %+v too, want the look once", info)
			}
		})
	}
}

func TestSweeperReplace_APacedTaskStandsInItsLineUnderAnotherID(t *testing.T) {
	t.Parallel()
	s := newSnapshot(t)
	g := s.lost()
	s.pass()
	s.rdb.HSet(t.Context(), "asynq:{call}:t:"+g.ID, "msg", "garbage")
	for range 2 {
		if err := s.sweeper.Replace(t.Context(), g.ID); err != nil {
			t.Fatal(err)
		}
	}
	if ids, want := s.standing("create:alpha"), []string{g.ID, g.ID + "~1"}; !slices.Equal(ids, want) {
		t.Errorf("the line has %v, want %v", ids, want)
	}
	s.update(g, (*group.Group).Cancel)
	if err := s.sweeper.Replace(t.Context(), g.ID); err != nil {
		t.Errorf("got %v for a group that needs no task, want no error", err)
	}
}
