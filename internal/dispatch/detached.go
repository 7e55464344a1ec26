package dispatch

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// detached lets asynq's scripts end whatever became of their context. asynq's syncer repeats a write that
// failed with the context of the first try, which is over by then (since 0.25): the task would be run again
// in the same process although it is done.
type detached struct{}

// DialHook implements redis.Hook.
func (detached) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (detached) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if name := cmd.Name(); (name == "evalsha" || name == "eval") && len(cmd.Args()) > 3 {
			if key, ok := cmd.Args()[3].(string); ok && strings.HasPrefix(key, "asynq:") {
				ctx = context.WithoutCancel(ctx)
			}
		}
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements redis.Hook.
func (detached) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
