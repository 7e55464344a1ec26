package queue

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
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

// DefaultTimeout is how long asynq lets one handler run. asynq hands a task on while a handler
// that overran is still running, so it must be far longer than any step: lane.New checks that.
const DefaultTimeout = 30 * time.Minute

// Queue puts tasks and reads queues. It is safe for concurrent use and needs no Close; the client
// stays its owner's.
type Queue struct {
	rdb       redis.UniversalClient
	inspector *asynq.Inspector
	timeout   time.Duration
	headers   func(ctx context.Context) map[string]string
	known     sync.Map // queues this process has registered in asynq:queues
}

// Option changes how New works.
type Option func(*Queue)

// WithTimeout is the asynq timeout of the tasks put. It must be whole seconds: asynq stores a
// fraction as 0 and then complains at run time (asynq client.go:372-379). Defaults to
// DefaultTimeout.
func WithTimeout(d time.Duration) Option {
	return func(q *Queue) { q.timeout = max(d.Round(time.Second), time.Second) }
}

// WithHeaders says what tasks carry besides their payload, by the context they are put with: the
// trace that they belong to. Defaults to nothing.
func WithHeaders(headers func(ctx context.Context) map[string]string) Option {
	return func(q *Queue) { q.headers = headers }
}

// New gives a Queue on this client.
func New(rdb redis.UniversalClient, opts ...Option) *Queue {
	q := &Queue{rdb: rdb, inspector: asynq.NewInspectorFromRedisClient(rdb), timeout: DefaultTimeout, headers: func(context.Context) map[string]string { return nil }}
	for _, o := range opts {
		o(q)
	}
	return q
}

// key is a key of one queue in asynq's layout (asynq internal/base/base.go:105-232). The braces
// are a cluster's hash tag: all keys of a queue live on one node.
func key(queue, name string) string { return "asynq:{" + queue + "}:" + name }

// check refuses what would break that hash tag (asynq #480), or what asynq ignores in silence.
func check(t tasks.Task) error {
	switch {
	case t.ID == "" || t.Queue == "" || t.Type == "":
		return fmt.Errorf("put task: type, id and queue are required, got %q, %q and %q", t.Type, t.ID, t.Queue)
	case strings.ContainsAny(t.ID+t.Queue, "{} \n"):
		return fmt.Errorf("put task: id %q or queue %q holds a brace or a space", t.ID, t.Queue)
	}
	return nil
}
