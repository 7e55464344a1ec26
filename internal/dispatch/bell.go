package dispatch

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/redisconn"
)

type rung = queue.Rung

// subscribe subscribes the process to the bell and returns when the subscription is active. go-redis renews it
// after a broken connection; the leader's poll finds what was missed.
func subscribe(ctx context.Context, rdb redis.UniversalClient) (*redis.PubSub, error) {
	sub, err := redisconn.Subscribe(ctx, rdb, queue.Bell)
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", queue.Bell, err)
	}
	return sub, nil
}

// listen passes each message of the bell to heard, until ctx ends.
func listen(ctx context.Context, sub *redis.PubSub, heard func(rung)) {
	defer func() { _ = sub.Close() }()
	messages := sub.Channel()
	for {
		select {
		case <-ctx.Done():
			return
		case m, ok := <-messages:
			if !ok {
				return
			}
			heard(queue.Heard(m.Payload))
		}
	}
}
