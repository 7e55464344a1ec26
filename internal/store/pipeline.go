package store

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"
)

// pipeline runs commands that may hold scripts by their hash. A Redis that was restarted has
// forgotten them, and inside a pipeline nothing falls back to the source: load them, and send the
// whole pipeline again. So everything in it must be repeatable.
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

// transact looks at a key and changes what shares its slot, as one step: where the key was written meanwhile,
// do looks again. It is for what happens rarely.
func (c *core) transact(ctx context.Context, key string, do func(tx *redis.Tx) error) error {
	for {
		if err := c.rdb.Watch(ctx, do, key); !errors.Is(err, redis.TxFailedErr) {
			return err
		}
	}
}
