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

// MaxRetry is set on every task. asynq archives a task whose retries are used up even if IsFailure returns false (asynq
// processor.go:335-349), so they must never be used up; rollcall counts attempts itself. It is the largest number that
// the message can hold: the field is an int32 (asynq internal/base/base.go, EncodeMessage).
const MaxRetry = math.MaxInt32

// Timeout is how long asynq lets one handler run. asynq gives a task to another worker while a handler that took too
// long still runs, so Timeout must be far longer than any step: config.LongestStep bounds those.
const Timeout = 30 * time.Minute

// line is where paced tasks wait. *store.Lines implements it.
type line interface {
	Put(ctx context.Context, ts ...tasks.Task) (over []tasks.Task, err error)
	Remove(ctx context.Context, t tasks.Task) error
	Standing(ctx context.Context, ts ...tasks.Task) ([]tasks.Task, error)
}

// Queue puts tasks and reads queues. It is safe for concurrent use. It needs no Close: the caller closes the Redis
// client.
type Queue struct {
	rdb       redis.UniversalClient
	lines     line
	client    atomic.Pointer[asynq.Client]
	inspector *asynq.Inspector
	headers   func(ctx context.Context) map[string]string

	mu        sync.Mutex
	known     map[string]bool // queues that asynq has listed or this process has put tasks onto
	many      *asynq.Client   // for many tasks at once: their commands share pipelines
	pipeliner *redis.AutoPipeliner
}

// Option changes how New works.
type Option func(*Queue)

// WithHeaders sets a function that returns the headers of tasks, such as the trace, from the context of the put.
// Defaults to no headers.
func WithHeaders(headers func(ctx context.Context) map[string]string) Option {
	return func(q *Queue) { q.headers = headers }
}

// New returns a Queue on this client. Its paced tasks wait in these lines.
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

// errInvalid means that a task must not be put.
var errInvalid = errors.New("put task")

// check returns an error for a task that would break keys or messages, or that asynq would drop silently.
func check(t tasks.Task) error {
	switch {
	case t.ID == "" || t.Type == "":
		return fmt.Errorf("%w: type and id are required, got %q and %q", errInvalid, t.Type, t.ID)
	case strings.ContainsAny(t.ID+t.Line, "{} \n"):
		return fmt.Errorf("%w: id %q or line %q holds a brace or a space", errInvalid, t.ID, t.Line)
	}
	return nil
}
