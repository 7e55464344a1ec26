package ledger

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// pipeline runs commands that may hold scripts by their hash. A Redis that was restarted has
// forgotten them, and inside a pipeline nothing falls back to the source: load it, and send the
// whole pipeline again. So everything in it must be repeatable.
func (l *Ledger) pipeline(ctx context.Context, script *redis.Script, fill func(p redis.Pipeliner) error) ([]redis.Cmder, error) {
	cmds, err := l.rdb.Pipelined(ctx, fill)
	for _, cmd := range cmds {
		if script != nil && redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT") {
			if err := script.Load(ctx, l.rdb).Err(); err != nil {
				return nil, err
			}
			cmds, err = l.rdb.Pipelined(ctx, fill)
			break
		}
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
