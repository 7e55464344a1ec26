package lane

import (
	"context"
	"crypto/rand"
	"errors"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/tasks"
)

// errGateBlind says that asynq fetches its tasks in a way that the gate does not see.
var errGateBlind = errors.New("asynq fetched a task past the gate")

// selfTestFor bounds the self-test; it takes some 50 ms.
const selfTestFor = 5 * time.Second

// selfTest puts a task onto a private queue and lets a server of its own fetch it through a gate
// that is closed once and then open. It proves, with the asynq and the Redis at hand, that the
// dequeue is recognised, that our "empty" keeps a task where it is, and that an opened gate lets
// it through. The gate rests on the shape of a private script, so this is asked at every start.
func (s *shared) selfTest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, selfTestFor)
	defer cancel()
	name := "selftest:" + rand.Text()
	t := tasks.Task{Type: "selftest", ID: "probe", Queue: name, Payload: tasks.Payload{Group: "probe"}}
	if err := queue.New(s.opts.Redis).Put(ctx, t); err != nil {
		return err
	}
	defer s.forget(name)

	door := &testDoor{}
	handled := make(chan int64, 1)
	server := asynq.NewServerFromRedisClient(s.client(door), asynq.Config{
		Concurrency: 1, Queues: map[string]int{name: 1}, TaskCheckInterval: fetchPause,
		Logger: logger{s.opts.Log}, LogLevel: asynq.WarnLevel,
	})
	err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		handled <- door.seen.Load()
		return nil
	}))
	if err != nil {
		return err
	}
	defer server.Shutdown()
	select {
	case seen := <-handled:
		if seen < 2 {
			return errGateBlind
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// testDoor is closed once and then open.
type testDoor struct{ seen atomic.Int64 }

func (d *testDoor) dequeue(ctx context.Context, _ string, run func() *redis.Cmd) *redis.Cmd {
	if d.seen.Add(1) == 1 {
		return empty(ctx)
	}
	return run()
}

func (d *testDoor) retry(_ context.Context, _, _ string, _ time.Time, run func() *redis.Cmd) *redis.Cmd {
	return run()
}

// forget removes every trace of the private queue.
func (s *shared) forget(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), selfTestFor)
	defer cancel()
	_ = asynq.NewInspectorFromRedisClient(s.opts.Redis).DeleteQueue(name, true)
	day := time.Now().UTC().Format("2006-01-02")
	_ = s.opts.Redis.Del(ctx, key(name, "processed"), key(name, "processed:"+day)).Err()
}
