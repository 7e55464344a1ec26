package lane

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// client is the go-redis client that a lane's asynq.Server works with. All of asynq's scripts go
// through EvalSha or, when Redis does not know them yet, Eval (go-redis script.go, Run), on single
// servers, sentinels and clusters alike; the rest is the embedded client's.
//
// Why a wrapper and not a go-redis hook: a hook needs a clone of the client per lane, and a
// cluster's client cannot be cloned.
type client struct {
	redis.UniversalClient
	door      door
	clock     *clock
	recognise func(keys []string) (op, string)
	idle      func() bool // whether there is nothing to tell asynq's monitors; nil is never
}

// door decides about what asynq asks of Redis.
type door interface {
	// dequeue runs, or answers in place of, the script that fetches a task.
	dequeue(ctx context.Context, queue string, run func() *redis.Cmd) *redis.Cmd
	// retry runs, or does something better than, the script that puts a task off; asynq reckons it due
	// at a time of Redis's clock, and run is told the right one.
	retry(ctx context.Context, queue, taskID string, due time.Time, run func(due time.Time) *redis.Cmd) *redis.Cmd
}

func (c *client) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	return c.script(ctx, keys, args, func(ctx context.Context, args []any) *redis.Cmd {
		return c.UniversalClient.EvalSha(ctx, sha, keys, args...)
	})
}

func (c *client) Eval(ctx context.Context, src string, keys []string, args ...any) *redis.Cmd {
	return c.script(ctx, keys, args, func(ctx context.Context, args []any) *redis.Cmd {
		return c.UniversalClient.Eval(ctx, src, keys, args...)
	})
}

// ZAddXX is the heartbeat extending leases (asynq internal/rdb/rdb.go:1365); see lease.
func (c *client) ZAddXX(ctx context.Context, key string, members ...redis.Z) *redis.IntCmd {
	if strings.HasSuffix(key, "}:lease") {
		for i := range members {
			members[i].Score = float64(c.leaseEnd())
		}
	}
	return c.UniversalClient.ZAddXX(ctx, key, members...)
}

// ZAdd is, besides, each server listing itself for asynq's monitors; see quiet.
func (c *client) ZAdd(ctx context.Context, key string, members ...redis.Z) *redis.IntCmd {
	if (key == "asynq:servers" || key == "asynq:workers") && c.quiet() {
		return redis.NewIntCmd(ctx)
	}
	return c.UniversalClient.ZAdd(ctx, key, members...)
}

// quiet says that a heartbeat may be kept from Redis. asynq writes the state of every server every
// five seconds, for its monitors and for nothing else (internal/rdb/rdb.go:1389): three round trips,
// and nearly all that two thousand sleeping lanes cost. So a lane is shown there while it works.
func (c *client) quiet() bool { return c.idle != nil && c.idle() }

// Subscribe keeps each lane from listening for asynq's cancellations, which nobody sends: a task is
// cancelled in the store. A subscription is a connection, three goroutines and a ping every three
// seconds a lane; two thousand instances would need four thousand of them. asynq takes this for a
// Redis that cannot be reached, and asks again every five seconds (subscriber.go:58).
func (c *client) Subscribe(ctx context.Context, channels ...string) *redis.PubSub {
	if len(channels) != 1 || channels[0] != cancelChannel {
		return c.UniversalClient.Subscribe(ctx, channels...)
	}
	closed := c.UniversalClient.Subscribe(ctx) // without a channel it does not connect
	_ = closed.Close()
	return closed
}

// cancelChannel is asynq's (internal/base/base.go, CancelChannel).
const cancelChannel = "asynq:cancel"

func (c *client) script(ctx context.Context, keys []string, args []any, run func(context.Context, []any) *redis.Cmd) *redis.Cmd {
	// asynq's syncer repeats a failed write with the context of the first attempt, which a defer has
	// cancelled by then (processor.go:306-325, since v0.25.0): it would never succeed, and the
	// handler would run a second time. It drops what is past its lease by itself (syncer.go:76).
	ctx = context.WithoutCancel(ctx)
	op, queue := c.recognise(keys)
	switch op {
	case opDequeue:
		return c.door.dequeue(ctx, queue, func() *redis.Cmd { return run(ctx, c.lease(args)) })
	case opRetry:
		id, isID := args[0].(string)
		due, isTime := args[2].(int64)
		if isID && isTime {
			return c.door.retry(ctx, queue, id, time.Unix(due, 0), func(due time.Time) *redis.Cmd {
				args := slices.Clone(args) // after NOSCRIPT asynq passes the same ones again
				args[2] = due.Unix()
				return run(ctx, args)
			})
		}
	case opForward:
		return answer(ctx, int64(0)) // forward.go does it, once a process and in the right order
	case opRecover:
		return answer(ctx, []any{}) // reaper.go does it, four times as fast and counting the dead
	case opTidy:
		return answer(ctx, int64(0)) // we use neither retention nor groups
	case opState:
		if len(args) > 0 && c.quiet() {
			return answer(ctx, "OK")
		}
	case opOther:
	}
	return run(ctx, args)
}

// leaseFor is asynq's (internal/rdb/rdb.go:26).
const leaseFor = 30 * time.Second

// lease gives a new lease its end by Redis's clock. asynq takes this machine's, at the begin of the
// round (internal/rdb/rdb.go:253): a reaper elsewhere would take a slow clock for a dead worker, and
// one that is set while the round waits would leave a dead worker's task lying until a lease is over
// that ends hours from now. The arguments are copied: after NOSCRIPT asynq passes the same ones again.
func (c *client) lease(args []any) []any {
	args = slices.Clone(args)
	if _, ok := args[0].(int64); ok {
		args[0] = c.leaseEnd()
	}
	return args
}

func (c *client) leaseEnd() int64 { return c.clock.now().Add(leaseFor).Unix() }

// answer is a reply that never was at Redis.
func answer(ctx context.Context, value any) *redis.Cmd {
	cmd := redis.NewCmd(ctx)
	cmd.SetVal(value)
	return cmd
}

// empty is the reply that asynq takes for an empty queue (internal/rdb/rdb.go:259).
func empty(ctx context.Context) *redis.Cmd {
	cmd := redis.NewCmd(ctx)
	cmd.SetErr(redis.Nil)
	return cmd
}

// unknownScript says that asynq will repeat the same call as EVAL.
func unknownScript(err error) bool {
	return errors.Is(err, redis.ErrNoScript) || redis.HasErrorPrefix(err, "NOSCRIPT")
}
