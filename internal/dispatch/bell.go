package dispatch

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/queue"
)

type rung = queue.Rung

// subscribe opens the process's ear for the bell and returns when it hears. go-redis renews it after a broken
// connection; the leader finds what it missed meanwhile by looking.
func subscribe(ctx context.Context, rdb redis.UniversalClient) (*redis.PubSub, error) {
	sub := rdb.Subscribe(ctx, queue.Bell)
	if _, err := sub.Receive(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("subscribe to %s: %w", queue.Bell, err), sub.Close())
	}
	return sub, nil
}

// listen hands on what is rung, until ctx ends.
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
