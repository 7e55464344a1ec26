package lane

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/queue"
)

// listen hears the bell until ctx ends. One subscription serves all lanes; go-redis renews it after
// a broken connection, and what was rung meanwhile the watch finds.
func listen(ctx context.Context, rdb redis.UniversalClient, rung func(queues, instances []string)) {
	sub := rdb.Subscribe(ctx, queue.Bell)
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
