package workercmd

import (
	"context"
	"fmt"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/redisconn"
)

// openRedis opens the configured Redis and judges it: it warns of a Redis that could lose or evict work, or
// refuses it if the configuration says so. Unlike a producer, a worker never looks for the Redis of a
// `rollcall-worker dev`: it would create the made-up groups of dev with real numbers.
func openRedis(ctx context.Context, s *cli.Session, cfg *config.Config, warn func(text string)) (*redisconn.Conn, error) {
	conn, err := s.OpenRedis(ctx, cfg)
	if err != nil {
		return nil, err
	}
	report, err := conn.Judge(ctx, app.RedisNeeds(cfg))
	if err == nil {
		err = report.Refuse(cfg.Redis.RequireDurable)
	}
	if err != nil {
		_ = conn.Close() // the error above is the one to tell
		return nil, err
	}
	for _, f := range report.Findings {
		warn(fmt.Sprintf("WARNING: Redis at %s: %s", conn.URL(), f))
	}
	return conn, nil
}
