package enqueue

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/devfile"
)

// ErrNoDev says that no `rollcall-worker dev` runs on this machine.
var ErrNoDev = devfile.ErrNone

// DevRedis finds the Redis of a `rollcall-worker dev` that runs on this machine, as the command line does. Use it to
// try out rollcall before your program has its own Redis. It fails with [ErrNoDev] if none runs.
func DevRedis(ctx context.Context) (*redis.Options, error) {
	dev, err := devfile.User().Find(ctx)
	if err != nil {
		return nil, err
	}
	options, err := redis.ParseURL(dev.Redis)
	if err != nil || dev.TLS != (devfile.TLS{}) {
		return nil, errors.New("the Redis of the running `rollcall-worker dev` is a cluster, uses Sentinel or needs certificates; connect to it with your own client")
	}
	if dev.Password != "" {
		options.Password = dev.Password
	}
	return options, nil
}
