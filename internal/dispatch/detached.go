package dispatch

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// detached runs asynq's scripts on a context that does not end. asynq's syncer (since 0.25) retries a failed write with
// the context of the first try, which has ended by then. Without this hook a finished task would run again in the same
// process.
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
