package lane

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
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

// selfTests begins the names of the private queues. When one was made, by Redis's clock, follows.
const selfTests = "selftest:"

// selfTest puts a task onto a private queue and lets a server of its own fetch it through a gate
// that is closed once and then open. It proves, with the asynq and the Redis at hand, that the
// dequeue is recognised, that our "empty" keeps a task where it is, and that an opened gate lets
// it through. The gate rests on the shape of a private script, so this is asked at every start.
func (s *shared) selfTest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, selfTestFor)
	defer cancel()
	s.forgetOld(ctx)
	name := fmt.Sprintf("%s%d-%s", selfTests, time.Now().Add(s.clock.offset()).Unix(), rand.Text())
	t := tasks.Task{Type: "selftest", ID: "probe", Queue: name, Payload: tasks.Payload{Group: "probe"}}
	if err := queue.New(s.opts.Redis).Put(ctx, t); err != nil {
		return err
	}
	defer s.forget(name)

	door := &testDoor{}
	handled := make(chan int64, 1)
	server := asynq.NewServerFromRedisClient(s.client(door, nil), asynq.Config{
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

func (d *testDoor) retry(_ context.Context, _, _ string, due time.Time, run func(time.Time) *redis.Cmd) *redis.Cmd {
	return run(due)
}

// forgetOld removes what self-tests have left whose workers were killed in the middle.
func (s *shared) forgetOld(ctx context.Context) {
	names, err := s.opts.Redis.SMembers(ctx, "asynq:queues").Result()
	if err != nil {
		return // the self-test will say so
	}
	old := time.Now().Add(s.clock.offset() - 2*selfTestFor).Unix()
	for _, name := range names {
		rest, ours := strings.CutPrefix(name, selfTests)
		stamp, _, _ := strings.Cut(rest, "-")
		if made, err := strconv.ParseInt(stamp, 10, 64); ours && err == nil && made < old {
			s.forget(name)
		}
	}
}

// forget removes every trace of a private queue. asynq's own DeleteQueue leaves one alone whose task
// is in the hands of the dead.
func (s *shared) forget(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), selfTestFor)
	defer cancel()
	day := time.Now().UTC().Format("2006-01-02")
	var keys []string
	for _, k := range []string{
		"t:probe", "pending", "active", "lease", "scheduled", "retry", "archived", "completed", "paused",
		"processed", "failed", "processed:" + day, "failed:" + day,
	} {
		keys = append(keys, key(name, k))
	}
	_ = s.opts.Redis.Del(ctx, keys...).Err()
	_ = s.opts.Redis.SRem(ctx, "asynq:queues", name).Err()
}
