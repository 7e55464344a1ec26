package redisconn

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
)

// Conn is a connection to one Redis: a server, a cluster, or a server that Open started.
type Conn struct {
	client  redis.UniversalClient
	kind    Kind
	display string
	shared  string
	tls     Certificates

	mu      sync.Mutex
	closers []func() error // of the server that Open started, run in reverse
}

// poolSize bounds the pooled connections; in a cluster, those to each node. A task holds a connection for
// microseconds, so 500 tasks at once need fewer than 50.
const poolSize = 64

// Option changes how Open works.
type Option func(*settings)

type settings struct {
	log      zerolog.Logger
	ping     time.Duration
	access   Access
	lookPath func(string) (string, error)
}

// WithLogger sets the log of go-redis and of an embedded server. Defaults to none: go-redis' own default
// prints to standard error.
func WithLogger(log zerolog.Logger) Option { return func(s *settings) { s.log = log } }

// WithPing bounds the first contact. Defaults to 5 s.
func WithPing(d time.Duration) Option { return func(s *settings) { s.ping = d } }

// WithLookPath replaces the search for the server program. Defaults to exec.LookPath.
func WithLookPath(look func(string) (string, error)) Option {
	return func(s *settings) { s.lookPath = look }
}

// Open connects to the Redis at an address and pings it, because asynq's start reports no error without a server. Forms
// lists the addresses. "memory:" is a Redis inside this process.
//
// Every error is an *Error and is ErrBadURL or ErrUnreachable. Close must be called.
func Open(ctx context.Context, url string, opts ...Option) (*Conn, error) {
	s := settings{log: zerolog.Nop(), ping: 5 * time.Second, lookPath: exec.LookPath}
	for _, o := range opts {
		o(&s)
	}
	a, err := parse(url, s.access)
	if err != nil {
		return nil, err
	}
	redisLog.Store(&s.log)
	c := &Conn{kind: a.kind, display: a.display, shared: s.access.with(url), tls: s.access.TLS}
	tune(a.options, s)
	switch a.kind {
	case Embedded:
		err = c.startEmbedded(ctx, a, s)
	case Memory:
		err = c.startMemory(a)
	}
	if err != nil {
		_ = c.Close() // the error above is the one to return
		return nil, wrap(a.display, err)
	}
	c.client = redis.NewUniversalClient(a.options)

	pingCtx, cancel := context.WithTimeout(ctx, s.ping)
	defer cancel()
	if err := c.client.Ping(pingCtx).Err(); err != nil {
		_ = c.Close() // the ping's error is the one to return
		if ctx.Err() != nil {
			return nil, wrap(a.display, ctx.Err())
		}
		return nil, refine(ctx, a, err)
	}
	return c, nil
}

// tune sets what the address left open.
func tune(o *redis.UniversalOptions, s settings) {
	// With hand-over notices on, every client asks for notices that only Redis' own cloud sends, and keeps
	// goroutines for them. Without an EndpointType it also resolves the server's name.
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone}
	// Without this a context's deadline does not bound the wait for an answer.
	o.ContextTimeoutEnabled = true
	o.PoolSize = orElse(o.PoolSize, poolSize)
	o.MinIdleConns = orElse(o.MinIdleConns, 2)
	o.ConnMaxIdleTime = 5 * time.Minute
	o.DialTimeout = orElse(o.DialTimeout, 3*time.Second)
	o.ReadTimeout = orElse(o.ReadTimeout, 5*time.Second)
	o.WriteTimeout = orElse(o.WriteTimeout, 5*time.Second)
	o.PoolTimeout = orElse(o.PoolTimeout, 6*time.Second)
	// Two dials per try and three retries outlast a restart of Redis, but report an absent Redis after about a second.
	o.DialerRetries = 2
	o.MaxRetries = orElse(o.MaxRetries, 3)
	o.MinRetryBackoff, o.MaxRetryBackoff = 20*time.Millisecond, time.Second
	// Commands and answers are small; go-redis' own 32 KiB twice would be 4 MB at 64 connections.
	o.ReadBufferSize, o.WriteBufferSize = 8<<10, 8<<10
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Client returns the go-redis client. It is safe for concurrent use. Close closes it.
func (c *Conn) Client() redis.UniversalClient { return c.client }

// Kind returns the kind of this Redis.
func (c *Conn) Kind() Kind { return c.kind }

// URL returns the address for display, without a password.
func (c *Conn) URL() string { return c.display }

// Shared returns the address under which another process on this machine reaches the same Redis. It may hold a
// password, so it must not be shown.
func (c *Conn) Shared() string { return c.shared }

// Access returns what that other process needs besides Shared. The password is in Shared.
func (c *Conn) Access() Access { return Access{TLS: c.tls} }

// Close closes the client and stops what Open started. It may be called more than once.
func (c *Conn) Close() error {
	var err error
	if c.client != nil {
		if err = c.client.Close(); errors.Is(err, redis.ErrClosed) {
			err = nil
		}
	}
	return errors.Join(err, c.StopServer())
}

// StopServer stops the server that Open started. It leaves the client open for those who still use it while the process
// ends.
func (c *Conn) StopServer() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, undo := range slices.Backward(c.closers) {
		errs = append(errs, undo())
	}
	c.closers = nil
	return errors.Join(errs...)
}

// Subscribe subscribes to a channel and returns when Redis has confirmed it. go-redis renews the subscription after a
// broken connection. Its errors are go-redis'.
func Subscribe(ctx context.Context, client redis.UniversalClient, channel string) (sub *redis.PubSub, err error) {
	err = again(func() error {
		// With a channel, client.Subscribe would drop the error of the first SUBSCRIBE, and Receive would wait for ever
		// on a new connection that has no subscription.
		sub = client.Subscribe(ctx)
		err := sub.Subscribe(ctx, channel)
		if err == nil {
			_, err = sub.Receive(ctx)
		}
		if err != nil {
			_ = sub.Close() // the error above is the one to return
		}
		return err
	})
	return sub, err
}

// again calls do again if the connection broke. It is for WATCH and SUBSCRIBE, which go-redis does not repeat. Redis
// may be restarting: an embedded one stops with the program that started it, and the next program starts it again.
func again(do func() error) error {
	err := do()
	if Classify(err) == Closed {
		err = do()
	}
	return err
}

// redisLog gets what go-redis prints to standard error by default. It is the log of the latest Open, or nil before the
// first.
var redisLog atomic.Pointer[zerolog.Logger]

// go-redis has one logger for the process, and clients read it without a lock, so it is set before any client exists.
func init() { redis.SetLogger(logger{}) }

// logger writes to redisLog at level debug: what matters also comes back as an error.
type logger struct{}

func (logger) Printf(_ context.Context, format string, v ...any) {
	if l := redisLog.Load(); l != nil {
		l.Debug().EmbedObject(event.RedisClientLog).Str("text", fmt.Sprintf(format, v...)).Msg("Redis client log line")
	}
}
