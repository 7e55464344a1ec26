package enqueue

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/devfile"
)

// ErrNoDev says that no `rollcall-worker dev` runs on this machine.
var ErrNoDev = devfile.ErrNone

// DevRedis finds the Redis of a `rollcall-worker dev` that runs on this machine, as the command line does: for
// trying out rollcall before a program has its own Redis. It fails with [ErrNoDev] if none runs.
func DevRedis(ctx context.Context) (*redis.Options, error) {
	dev, err := devfile.User().Find(ctx)
	if err != nil {
		return nil, err
	}
	options, err := redis.ParseURL(dev.Redis)
	if err != nil || dev.TLS != (devfile.TLS{}) {
		return nil, errors.New("the Redis of the `rollcall-worker dev` that runs here is no single one without certificates: name it")
	}
	if dev.Password != "" {
		options.Password = dev.Password
	}
	return options, nil
}
