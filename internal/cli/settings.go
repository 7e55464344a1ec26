package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/devfile"
	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/redisconn"
)

// defaultConfig is read when no other file is named and it is there.
const defaultConfig = "rollcall.yaml"

// ConfigPath returns the configuration file to read; "" for none.
func (s *Session) ConfigPath() string {
	if s.common.Config != "" {
		return s.common.Config
	}
	if info, err := os.Stat(defaultConfig); err == nil && info.Mode().IsRegular() {
		return defaultConfig
	}
	return ""
}

// Settings returns the configuration: flags, then environment, then file, then defaults. more are flags
// of the command that have a key in the file. Secrets that the command does not use are not read.
func (s *Session) Settings(uses config.Uses, more ...config.Flag) (*config.Config, error) {
	if s.common.Redis != "" {
		more = append(more, config.Flag{Key: "redis.url", Name: "--redis", Value: s.common.Redis})
	}
	return config.LoadFor(uses, s.ConfigPath(), s.LookupEnv, more...)
}

// NamesRedis reports whether a flag, the environment or the file says which Redis to use.
func (s *Session) NamesRedis() bool {
	return s.common.Redis != "" || s.env(variable("redis")) != "" || fileNamesRedis(s.ConfigPath())
}

// fileNamesRedis looks for redis.url in the file itself, because the file may name the default address.
func fileNamesRedis(path string) bool {
	if path == "" {
		return false
	}
	data, err := os.ReadFile(path) //nolint:gosec // the user names it
	if err != nil {
		return false
	}
	var file struct {
		Redis struct {
			URL  yaml.Node `yaml:"url"`
			File yaml.Node `yaml:"url_file"`
		} `yaml:"redis"`
	}
	// Settings has already refused a file that is not such YAML.
	return yaml.Unmarshal(data, &file) == nil && (!file.Redis.URL.IsZero() || !file.Redis.File.IsZero())
}

// RedisAccess returns what a connection to the configured Redis needs besides its address.
func RedisAccess(c *config.Config) redisconn.Access {
	return redisconn.Access{Password: c.Redis.Password.Reveal(), TLS: redisconn.Certificates(c.Redis.TLS)}
}

// OpenRedis opens the Redis that the settings name. The connection must be closed.
func (s *Session) OpenRedis(ctx context.Context, c *config.Config) (*redisconn.Conn, error) {
	return redisconn.Open(ctx, c.Redis.URL.Reveal(), redisconn.WithLogger(s.Log), redisconn.WithAccess(RedisAccess(c)))
}

// Connect opens the Redis that the settings name. If they name none and a `rollcall-worker dev` runs on this machine,
// it opens the Redis of dev, and says so. The connection must be closed.
func (s *Session) Connect(ctx context.Context, c *config.Config) (*redisconn.Conn, error) {
	url, access := c.Redis.URL.Reveal(), RedisAccess(c)
	named := s.NamesRedis()
	if !named {
		if dev, err := s.FindDev(ctx); err == nil {
			s.Say("using the Redis of the `rollcall-worker dev` that runs here (process %d, since %s)", dev.PID, s.Clock().Time(dev.StartedAt, s.Now()))
			url, s.Dev = dev.Redis, true
			access = redisconn.Access{Password: dev.Password, TLS: redisconn.Certificates(dev.TLS)}
		} else if !errors.Is(err, devfile.ErrNone) {
			s.Log.Debug().EmbedObject(event.DevFileUnusable).Err(err).Msg("worker dev file unusable")
		}
	}
	conn, err := redisconn.Open(ctx, url, redisconn.WithLogger(s.Log), redisconn.WithAccess(access))
	if err != nil && !named && !s.Dev && errors.Is(err, redisconn.ErrUnreachable) && ctx.Err() == nil {
		return nil, Exit(Unreachable, fmt.Errorf("%w\nno Redis is configured (--redis, $ROLLCALL_REDIS_URL, redis.url), and no `rollcall-worker dev` runs on this machine", err))
	}
	return conn, err
}
