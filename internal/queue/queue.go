package queue

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/tasks"
)

// MaxRetry is stamped on every task. asynq archives a task whose retries are used up even when
// IsFailure calls the error harmless (asynq processor.go:335-349), so they must never be used up;
// we count attempts ourselves. It is the largest number the message can carry: the field is an
// int32 (asynq internal/base/base.go, EncodeMessage).
const MaxRetry = math.MaxInt32

// Timeout is how long asynq lets one handler run. asynq gives a task to another worker while a handler that took too
// long still runs, so Timeout must be far longer than any step: dispatch.New checks that.
const Timeout = 30 * time.Minute

// line is where the tasks of a pace wait; *store.Lines is it.
type line interface {
	Put(ctx context.Context, ts ...tasks.Task) (over []tasks.Task, err error)
	Remove(ctx context.Context, t tasks.Task) error
}

// Queue puts tasks and reads queues. It is safe for concurrent use and needs no Close; the Redis client
// stays its owner's.
type Queue struct {
	rdb       redis.UniversalClient
	lines     line
	client    atomic.Pointer[asynq.Client]
	inspector *asynq.Inspector
	headers   func(ctx context.Context) map[string]string

	mu    sync.Mutex
	known map[string]bool // queues that asynq listed, or that this process has put tasks onto
}

// Option changes how New works.
type Option func(*Queue)

// WithHeaders returns what tasks carry besides their payload, as the trace that the context of the put belongs to.
// Defaults to nothing.
func WithHeaders(headers func(ctx context.Context) map[string]string) Option {
	return func(q *Queue) { q.headers = headers }
}

// New gives a Queue on this client, whose tasks wait in these lines.
func New(rdb redis.UniversalClient, lines line, opts ...Option) *Queue {
	q := &Queue{
		rdb: rdb, lines: lines, inspector: asynq.NewInspectorFromRedisClient(rdb),
		headers: func(context.Context) map[string]string { return nil }, known: map[string]bool{},
	}
	q.client.Store(asynq.NewClientFromRedisClient(rdb))
	for _, o := range opts {
		o(q)
	}
	return q
}

// errInvalid refuses a task that must not reach asynq.
var errInvalid = errors.New("put task")

// check refuses tasks that would break keys and messages, or that asynq would drop in silence.
func check(t tasks.Task) error {
	switch {
	case t.ID == "" || t.Type == "":
		return fmt.Errorf("%w: type and id are required, got %q and %q", errInvalid, t.Type, t.ID)
	case strings.ContainsAny(t.ID+t.Line, "{} \n"):
		return fmt.Errorf("%w: id %q or line %q holds a brace or a space", errInvalid, t.ID, t.Line)
	}
	return nil
}
