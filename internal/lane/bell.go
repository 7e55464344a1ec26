package lane

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/queue"
)

// subscribe opens the process's ear for the bell and returns when it hears. One subscription serves
// all lanes; go-redis renews it after a broken connection, and what was rung meanwhile the watch
// finds.
func subscribe(ctx context.Context, rdb redis.UniversalClient) (*redis.PubSub, error) {
	sub := rdb.Subscribe(ctx, queue.Bell)
	if _, err := sub.Receive(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("subscribe to %s: %w", queue.Bell, err), sub.Close())
	}
	return sub, nil
}

// listen hands on what is rung, until ctx ends.
func listen(ctx context.Context, sub *redis.PubSub, rung func(queue.Rung)) {
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
			rung(queue.Heard(m.Payload))
		}
	}
}
