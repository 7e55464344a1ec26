package store

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"
)

// pipeline runs commands that may hold scripts by their hash. A restarted Redis has forgotten the scripts, and inside
// a pipeline no command falls back to the source. Then pipeline loads them and sends all commands again, so all of
// them must be repeatable.
func (c *core) pipeline(ctx context.Context, scripts []*redis.Script, fill func(p redis.Pipeliner) error) ([]redis.Cmder, error) {
	cmds, err := c.rdb.Pipelined(ctx, fill)
	unknown := func(cmd redis.Cmder) bool { return redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT") }
	if len(scripts) > 0 && slices.ContainsFunc(cmds, unknown) {
		for _, script := range scripts {
			if err := script.Load(ctx, c.rdb).Err(); err != nil {
				return nil, err
			}
		}
		cmds, err = c.rdb.Pipelined(ctx, fill)
	}
	for _, cmd := range cmds {
		if e := cmd.Err(); e != nil && !errors.Is(e, redis.Nil) {
			return cmds, e
		}
	}
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	return cmds, err
}

// transact reads a key and changes keys of its slot in one step. If the key was written meanwhile, do runs again. Use
// it for rare changes only.
func (c *core) transact(ctx context.Context, key string, do func(tx *redis.Tx) error) error {
	for {
		if err := c.rdb.Watch(ctx, do, key); !errors.Is(err, redis.TxFailedErr) {
			return err
		}
	}
}
