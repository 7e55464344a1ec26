package workercmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/redisconn"
)

// devConn is the connection to dev's Redis.
type devConn struct {
	*redisconn.Conn

	dir string // the data directory that dev made for it, deleted at the end; "" if dev made no directory
}

// Close closes the connection. If dev started this Redis, Close also stops it and discards its data.
func (c *devConn) Close() error { return c.end(c.Conn.Close) }

func (c *devConn) end(end func() error) error {
	err := end()
	if c.dir != "" {
		err = errors.Join(err, os.RemoveAll(c.dir))
	}
	return err
}

// namesRedis reports whether the user named the Redis that dev must use. A rollcall.yaml that merely lies in the
// working directory does not count, because it names the production Redis.
func namesRedis(s *cli.Session, common *cli.Common) bool {
	env, _ := s.LookupEnv("ROLLCALL_REDIS_URL")
	return common.Redis != "" || env != "" || common.Config != "" && s.NamesRedis()
}

// devRedis opens the Redis that was named, or starts one: a redis-server or, if that is not installed or does not
// start, a Redis in memory.
func devRedis(ctx context.Context, s *cli.Session, cfg *config.Config, named bool) (*devConn, error) {
	if named {
		conn, err := openRedis(ctx, s, cfg, func(text string) { s.Warn("%s", text) })
		if err != nil {
			return nil, err
		}
		s.Say("dev: Redis at %s", conn.URL())
		return &devConn{Conn: conn}, nil
	}
	program, err := redisconn.FindServer(nil)
	ours := func(c *devConn) *devConn {
		s.OnAbort(func() { _ = c.end(c.StopServer) })
		return c
	}
	if err == nil {
		var c *devConn
		if c, err = embeddedRedis(ctx, s); err == nil {
			s.Say("dev: Redis is %s, at %s", program, c.Shared())
			return ours(c), nil
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s.Say("dev: Redis is in memory, and its data is lost when dev ends, because: %s", cli.Explain(err))
	conn, err := redisconn.Open(ctx, "memory:", redisconn.WithLogger(s.Log))
	if err != nil {
		return nil, err
	}
	return ours(&devConn{Conn: conn}), nil
}

// embeddedRedis starts a redis-server in a new directory, so that each dev begins with an empty Redis.
func embeddedRedis(ctx context.Context, s *cli.Session) (*devConn, error) {
	dir, err := os.MkdirTemp("", "rollcall-dev-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for Redis: %w", err)
	}
	conn, err := redisconn.Open(ctx, "embedded:"+dir, redisconn.WithLogger(s.Log))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &devConn{Conn: conn, dir: dir}, nil
}

// refuseForeign returns an error if an installation uses the Redis: dev would make the installation's groups in the
// simulators and record them as done.
func (d *dev) refuseForeign(ctx context.Context, cfg *config.Config) error {
	known, err := d.store.Presence.Instances(ctx)
	if err != nil {
		return err
	}
	for i := range cfg.Instances {
		delete(known, cfg.Instances[i].Name)
	}
	if len(known) == 0 {
		return nil
	}
	return cli.Usage("this Redis belongs to an installation (instances %s), whose groups dev would make in its simulators; "+
		"use an empty Redis, for example another database: --redis redis://127.0.0.1:6379/9", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
}
