package redisconn

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// WithHook is the same Redis over the same connections, with one hook that only its own commands
// pass: a lane's gate. It must not be closed; it ends with the connection.
//
// A cluster client cannot share its nodes' pools with a second one, and a pool a lane and node
// would be thousands of connections. There the hook sees the commands that a hook of ours is
// for, scripts and what goes through Do and Process, and not the others.
func (c *Conn) WithHook(h redis.Hook) redis.UniversalClient {
	if cluster, ok := c.client.(*redis.ClusterClient); ok {
		return &hooked{ClusterClient: cluster, process: h.ProcessHook(cluster.Process)}
	}
	single := c.client.(*redis.Client) //nolint:forcetypeassert // Open makes only these two
	clone := single.WithTimeout(single.Options().ReadTimeout)
	clone.AddHook(h)
	return clone
}

// hooked is a cluster client whose scripts pass a hook.
type hooked struct {
	*redis.ClusterClient

	process redis.ProcessHook
}

func (h *hooked) Process(ctx context.Context, cmd redis.Cmder) error {
	err := h.process(ctx, cmd)
	if err != nil && cmd.Err() == nil {
		cmd.SetErr(err)
	}
	return err
}

func (h *hooked) Do(ctx context.Context, args ...any) *redis.Cmd {
	cmd := redis.NewCmd(ctx, args...)
	_ = h.Process(ctx, cmd)
	return cmd
}

func (h *hooked) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return h.script(ctx, "eval", script, keys, args)
}

func (h *hooked) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	return h.script(ctx, "evalsha", sha, keys, args)
}

func (h *hooked) EvalRO(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return h.script(ctx, "eval_ro", script, keys, args)
}

func (h *hooked) EvalShaRO(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	return h.script(ctx, "evalsha_ro", sha, keys, args)
}

func (h *hooked) script(ctx context.Context, name, body string, keys []string, args []any) *redis.Cmd {
	all := make([]any, 0, 3+len(keys)+len(args))
	all = append(all, name, body, len(keys))
	for _, k := range keys {
		all = append(all, k)
	}
	cmd := redis.NewCmd(ctx, append(all, args...)...)
	if len(keys) > 0 {
		cmd.SetFirstKeyPos(3)
	}
	_ = h.Process(ctx, cmd)
	return cmd
}
