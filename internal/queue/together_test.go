package queue

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// holding counts the pipelines, and holds the first one.
type holding struct {
	pipelines     int
	held, release chan struct{}
}

func (h *holding) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *holding) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (h *holding) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if cmds[0].Name() != "evalsha" { // of a connection that is new
			return next(ctx, cmds)
		}
		if h.pipelines++; h.pipelines == 1 {
			close(h.held)
			<-h.release
		}
		return next(ctx, cmds)
	}
}

func TestTogether_ScriptsThatComeAtTheSameTimeShareAPipeline(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	echo := redis.NewScript("return ARGV[1]")
	if err := echo.Load(t.Context(), rdb).Err(); err != nil {
		t.Fatal(err)
	}
	h := &holding{held: make(chan struct{}), release: make(chan struct{})}
	rdb.AddHook(h)
	c := &together{UniversalClient: rdb}
	var all sync.WaitGroup
	say := func(n int) {
		all.Go(func() {
			if got, err := c.EvalSha(t.Context(), echo.Hash(), nil, n).Text(); err != nil || got != strconv.Itoa(n) {
				t.Errorf("script %d = %q, %v", n, got, err)
			}
		})
	}
	say(0)
	<-h.held
	for n := range 8 {
		say(n + 1)
	}
	all.Go(func() {
		if err := c.EvalSha(t.Context(), "none", nil).Err(); !redis.HasErrorPrefix(err, "NOSCRIPT") {
			t.Errorf("a script that Redis does not know: %v", err)
		}
	})
	testutil.Until(t, "the others wait", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.waiting) == 9
	})
	close(h.release)
	all.Wait()
	if h.pipelines != 2 {
		t.Errorf("%d pipelines for ten scripts, want 2", h.pipelines)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.EvalSha(ended, echo.Hash(), nil, 1).Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context's end: %v", err)
	}
}
