package dispatch

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/queue"
)

type rung = queue.Rung

// subscribe subscribes the process to the bell and returns when the subscription is active. go-redis renews it
// after a broken connection; the leader's poll finds what was missed.
func subscribe(ctx context.Context, rdb redis.UniversalClient) (*redis.PubSub, error) {
	sub := rdb.Subscribe(ctx, queue.Bell)
	if _, err := sub.Receive(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("subscribe to %s: %w", queue.Bell, err), sub.Close())
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
