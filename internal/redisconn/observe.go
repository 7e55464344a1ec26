package redisconn

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// Observe makes the client call see after each further command. A pipeline counts as one command, named pipeline.
// XREAD, which waits for events, is left out. Call Observe before the connection is shared.
func (c *Conn) Observe(see func(command string, took time.Duration, failed bool)) {
	c.client.AddHook(observer{see})
}

type observer struct {
	see func(command string, took time.Duration, failed bool)
}

func (o observer) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (o observer) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		begun := time.Now()
		err := next(ctx, cmd)
		if name := cmd.Name(); name != "xread" { // it waits for events
			o.see(name, time.Since(begun), failed(err))
		}
		return err
	}
}

func (o observer) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		begun := time.Now()
		err := next(ctx, cmds)
		o.see("pipeline", time.Since(begun), failed(err))
		return err
	}
}

// failed reports whether a command failed. An absent key, an unknown script and a cancelled call do not count.
func failed(err error) bool {
	return err != nil && !errors.Is(err, redis.Nil) && !errors.Is(err, context.Canceled) && !redis.HasErrorPrefix(err, "NOSCRIPT")
}
