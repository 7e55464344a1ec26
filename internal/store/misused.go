package store

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Misused returns a key that holds another type of value, so that no worker can start; "" for none.
func Misused(ctx context.Context, rdb redis.UniversalClient) (string, error) {
	needed := []struct{ key, is string }{{secretKey, isString}, {installationKey, isHash}, {announcedKey, isHash}}
	types := make([]*redis.StatusCmd, len(needed))
	if _, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n, one := range needed {
			types[n] = p.Type(ctx, one.key)
		}
		return nil
	}); err != nil {
		return "", fmt.Errorf("read the types of the keys that a worker needs: %w", err)
	}
	for n, one := range needed {
		if got := types[n].Val(); got != one.is && got != "none" {
			return one.key, nil
		}
	}
	return "", nil
}
