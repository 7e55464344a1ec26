package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/internal/serving"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// Config is what the API works with.
type Config struct {
	Store   *store.Store     // Required.
	Status  *view.Reader     // Required.
	Control *operate.Control // Required.
	Enqueue *enqueue.Client  // Required.
	// Ping fails when Redis does not answer. Required.
	Ping func(context.Context) error
	// Regions are the countries of pools, for numbers without a country code. Defaults to none.
	Regions map[string]string
	// Photos fetches the photos of rows and pools in dry runs. PoolPhotos are the addresses of the pools' photos, by
	// pool. Defaults to fetching none.
	Photos     *photo.Fetcher
	PoolPhotos map[string]string
	// Metrics answers /metrics. Required.
	Metrics http.Handler
	// Observed is called for every request that is neither a stream nor an upload. Defaults to no report.
	Observed func(route string, status int, took time.Duration)
	// Traced starts the trace of a request. Defaults to none.
	Traced func(r *http.Request) (ctx context.Context, end func(route string, status int))
	// Hooks handles the providers' own webhooks under /hooks/. Without it those addresses are 404.
	Hooks http.Handler
	// CheckNumbers checks which people are on WhatsApp, for dry runs. Defaults to no check.
	CheckNumbers enqueue.NumberCheck
	// Auth says who sends a request. Without keys, only requests that name a loopback host are answered. Required.
	// Close closes it.
	Auth *auth.Authenticator
	// Limits bound what clients can use at once. Defaults to those that Limits names.
	Limits Limits
	// Limited is called for each request and connection that meets a limit. Defaults to no report.
	Limited func(limit string)
	Log     zerolog.Logger
	// Version is the program's version, for the documents. Defaults to none.
	Version string
	// BasePath is the path under which a proxy shows the API. Defaults to the root.
	BasePath string
	// Page answers every address that is not the API's. Without it they are 404.
	Page http.Handler
	// Heartbeat is how often a silent event stream sends a comment. Defaults to 15 s.
	Heartbeat time.Duration
	// SessionCheck is how often an event stream that a session opened checks whether the session is still
	// valid. Defaults to 2 s.
	SessionCheck time.Duration
	// Stall is how long an upload may send nothing, and a reader read nothing. Defaults to 1 min.
	Stall time.Duration
}

// API answers the requests. It is an http.Handler that serves all paths.
type API struct {
	Config

	huma    huma.API
	mux     *http.ServeMux
	handler http.Handler
	routes  map[string]route // by the mux's pattern
	feed    *feed
	limits  limiter
	// listener is what Limit returned.
	listener atomic.Pointer[serving.Listener]
	flights  flights

	closing chan struct{}
	close   sync.Once
}

// New makes an API. It starts nothing and opens no connection.
func New(c Config) *API {
	if c.Heartbeat == 0 {
		c.Heartbeat = 15 * time.Second
	}
	if c.Traced == nil {
		c.Traced = func(r *http.Request) (context.Context, func(string, int)) { return r.Context(), func(string, int) {} }
	}
	if c.SessionCheck == 0 {
		c.SessionCheck = 2 * time.Second
	}
	if c.Stall == 0 {
		c.Stall = time.Minute
	}
	c.Limits = c.Limits.orDefaults()
	a := &API{Config: c, mux: http.NewServeMux(), routes: map[string]route{}, closing: make(chan struct{})}
	a.feed = newFeed(a)
	a.huma = newHuma(a)
	a.addGroups()
	a.addDecisions()
	a.addBulk()
	a.addBatches()
	a.addInstances()
	a.addSuppressions()
	a.addEvidence()
	a.addWebhooks()
	a.addAudit()
	a.addRefusals()
	a.addStatus()
	a.addInstallation()
	a.addUnreadable()
	a.addHealth()
	describe(a.huma.OpenAPI())
	a.addPages()
	a.handler = a.observe(under(a.BasePath, a.bySource(a.doors(a.guard(http.HandlerFunc(a.route))))))
	return a
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Close ends event streams and uploads, so that a server can shut down in order. What an upload has sent is
// accepted, and the answer says how much that was.
func (a *API) Close() {
	a.close.Do(func() { close(a.closing) })
	a.feed.wait()
	a.Auth.Close()
}

// errClosing is the cause of what Close ends.
var errClosing = errors.New("the server is shutting down")

// untilClosing ends a context when the API closes.
func (a *API) untilClosing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		select {
		case <-a.closing:
			cancel(errClosing)
		case <-done:
		}
	}()
	return ctx, sync.OnceFunc(func() {
		close(done)
		cancel(nil)
	})
}
