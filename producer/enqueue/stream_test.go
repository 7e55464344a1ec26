package enqueue

import (
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

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
				t.Errorf("the run was last heard of at %v and then at %v", first, now)
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

// A program can take the result of one row before it gives the next.
func TestStream_DecidesRowsThatWaitWhileTheInputGoesOn(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(*run){
		"once it pauses":         func(r *run) { r.heldFor = time.Millisecond },
		"once they are too many": func(r *run) { r.waiting.most = 1 },
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
