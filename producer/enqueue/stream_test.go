package enqueue

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// streamed is a run of the batch "x" whose intervals a test can shorten.
func streamed(t *testing.T, rdb redis.UniversalClient, each func(Result) error) *run {
	t.Helper()
	c, err := New(t.Context(), rdb, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return newRun(c, "x", Rules{}, each)
}

func TestStream_SendsTheHeartbeatWhileTheCallerIsSlow(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	var r *run
	r = streamed(t, rdb, func(Result) error {
		key := "rollcall:{ix}:adding:" + r.sum.BatchID
		first := rdb.ZRangeWithScores(t.Context(), key, 0, -1).Val()
		for deadline := time.Now().Add(testutil.Timeout); ; {
			now := rdb.ZRangeWithScores(t.Context(), key, 0, -1).Val()
			if len(first) == 1 && len(now) == 1 && now[0].Score > first[0].Score {
				return nil
			}
			if time.Now().After(deadline) {
				t.Errorf("got the heartbeats %v and then %v, want a later one", first, now)
				return nil
			}
		}
	})
	r.heartbeat = time.Millisecond
	if err := r.stream(t.Context(), func(yield func(Row, error) bool) {
		yield(Row{N: 1, Request: tasks.GroupRequest{GroupName: "Turma 12", Phones: []tasks.Phone{"+5544999999991"}}}, nil)
	}); err != nil {
		t.Error(err)
	}
}

// A program may wait for the result of one row before it gives the next row.
func TestStream_DecidesRowsThatWaitWhileTheInputGoesOn(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(*run){
		"once it pauses":         func(r *run) { r.heldFor = time.Millisecond },
		"once they are too many": func(r *run) { r.waiting.maxBytes = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decided := make(chan Result, 1)
			r := streamed(t, testutil.Redis(t), func(res Result) error {
				decided <- res
				return nil
			})
			r.heldFor = time.Hour
			limit(r)
			asked := tasks.GroupRequest{GroupName: "Turma 12", Phones: []tasks.Phone{"+5544999999991"}}
			if _, err := r.c.CreateBatch(t.Context(), "x", Rules{}, Rows(slices.Values([]tasks.GroupRequest{asked})), func(Result) error { return nil }); err != nil {
				t.Fatal(err)
			}
			asked.GroupName = "Turma 13"
			if err := r.stream(t.Context(), func(yield func(Row, error) bool) {
				yield(Row{N: 1, Request: asked}, nil)
				select {
				case res := <-decided:
					if res.Error == nil || res.Error.Code != tasks.Changed {
						t.Errorf("got %+v, want changed", res)
					}
				case <-time.After(testutil.Timeout):
					t.Error("the row has no result while the input goes on")
				}
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

// unanswered loses the first answer to a command that has a key.
type unanswered struct {
	key  string
	once sync.Once
}

func (u *unanswered) DialHook(next redis.DialHook) redis.DialHook { return next }
func (u *unanswered) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (u *unanswered) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if err == nil && cmd.Name() != "hget" && slices.Contains(cmd.Args(), any(u.key)) {
			u.once.Do(func() { err = errors.New("the answer is lost") })
			if err != nil {
				cmd.SetErr(err)
			}
		}
		return err
	}
}

func TestCreateBatch_EndsARunWhoseJoinWasNotAnswered(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	c, err := New(t.Context(), rdb, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rdb.(*redis.Client).AddHook(&unanswered{key: "rollcall:{ix}:names"})
	if _, err := c.CreateBatch(t.Context(), "x", Rules{}, func(yield func(Row, error) bool) {
		for range chunkRows { // a chunk before that of the join, so that there is a run to end
			if !yield(Row{Err: tasks.NewRowError(tasks.NoName, "groupName", say.Phrase{Code: say.RowNoName})}, nil) {
				return
			}
		}
		yield(Row{N: 1, Request: tasks.GroupRequest{GroupName: "Turma 12", Phones: []tasks.Phone{"+5544999999991"}}}, nil)
	}, func(Result) error { return nil }); err == nil {
		t.Fatal("the run has no error: the answer was not lost, and this proves nothing")
	}
	if keys := rdb.Keys(t.Context(), "rollcall:{ix}:adding:*").Val(); len(keys) != 0 {
		t.Errorf("the run still adds to its batch: %q", keys)
	}
}

// unrecorded fails the pipelines that record groups.
type unrecorded struct{}

func (unrecorded) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (unrecorded) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (unrecorded) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if slices.ContainsFunc(cmds, func(cmd redis.Cmder) bool { return cmd.Name() == "getex" }) {
			return errors.New("Redis is full")
		}
		return next(ctx, cmds)
	}
}

func TestCreateBatch_OneThatFailsAtItsFirstRowLeavesNoBatch(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	c, err := New(t.Context(), rdb, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rdb.(*redis.Client).AddHook(unrecorded{})
	asked := tasks.GroupRequest{GroupName: "Turma 12", Phones: []tasks.Phone{"+5544999999991"}}
	if _, err := c.CreateBatch(t.Context(), "x", Rules{}, Rows(slices.Values([]tasks.GroupRequest{asked})), func(Result) error { return nil }); err == nil {
		t.Fatal("the run has no error: it recorded the group, and this proves nothing")
	}
	if keys := rdb.Keys(t.Context(), "rollcall:{ix}:b:*").Val(); len(keys) != 0 {
		t.Errorf("the batches are %q, want none", keys)
	}
}
