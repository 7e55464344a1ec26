package api

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/event"
)

// Limits bound what clients can use of the server at once.
type Limits struct {
	// Connections is the maximum of all clients. Defaults to 2048.
	Connections int
	// PerSource is the maximum of connections of one address; behind a trusted proxy, of its requests under way.
	// Defaults to 256; at most half of Connections is used.
	PerSource int
	// PerKey is the maximum of requests under way with one key. Defaults to 256.
	PerKey int
	// Streams is the maximum of all streams of events. Defaults to 512.
	Streams int
	// StreamsPerSource and StreamsPerKey are the maximum of one address and of one key. Default to 64.
	StreamsPerSource, StreamsPerKey int
}

func (l Limits) orDefaults() Limits {
	for _, d := range []struct {
		to   *int
		dflt int
	}{
		{&l.Connections, 2048},
		{&l.PerSource, 256},
		{&l.PerKey, 256},
		{&l.Streams, 512},
		{&l.StreamsPerSource, 64},
		{&l.StreamsPerKey, 64},
	} {
		if *d.to == 0 {
			*d.to = d.dflt
		}
	}
	l.PerSource = max(min(l.PerSource, l.Connections/2), 1)
	return l
}

// The limits that Config.Limited is called with for requests; package serving has those of connections.
const (
	sourceRequests = "requestsPerSource"
	keyRequests    = "requestsPerKey"
	allStreams     = "streams"
	sourceStreams  = "streamsPerSource"
	keyStreams     = "streamsPerKey"
)

// tally counts what is under way, by owner.
type tally[K comparable] struct {
	mu sync.Mutex
	n  map[K]int
}

// enter counts one more for who and returns true, unless the count has reached limit.
func (t *tally[K]) enter(who K, limit int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n[who] >= limit {
		return false
	}
	if t.n == nil {
		t.n = map[K]int{}
	}
	t.n[who]++
	return true
}

func (t *tally[K]) leave(who K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n[who]--; t.n[who] <= 0 {
		delete(t.n, who)
	}
}

// limiter holds what is under way.
type limiter struct {
	requests, streams     tally[netip.Prefix] // by source
	requestsOf, streamsOf tally[string]       // by key
	all                   tally[struct{}]     // streams

	mu    sync.Mutex
	since map[string]time.Time // by limit: when it was last logged
	more  map[string]int       // how often it was met since
}

// limitedEvery is the minimum time between two log lines about one limit.
const limitedEvery = time.Minute

// limited counts a request or a connection that met a limit.
func (a *API) limited(limit string, source netip.Prefix) {
	if a.Limited != nil {
		a.Limited(limit)
	}
	now := time.Now()
	a.limits.mu.Lock()
	if a.limits.since == nil {
		a.limits.since, a.limits.more = map[string]time.Time{}, map[string]int{}
	}
	a.limits.more[limit]++
	count, tell := a.limits.more[limit], now.Sub(a.limits.since[limit]) >= limitedEvery
	if tell {
		a.limits.since[limit], a.limits.more[limit] = now, 0
	}
	a.limits.mu.Unlock()
	if tell {
		a.Log.Warn().EmbedObject(event.HTTPLimited).Str("limit", limit).Str("source", auth.SourceText(source)).Int("count", count).Msg("server limit met")
	}
}

// tooMany returns the answer to a request that met a limit of its source or key.
func tooMany(wait time.Duration, format string, args ...any) *Problem {
	p := problem(http.StatusTooManyRequests, format, args...)
	p.header.Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
	return p
}

// bySource bounds how many requests of one source are under way. Health checks do not count: a busy server must not
// look unhealthy.
func (a *API) bySource(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		source := a.Auth.Source(r)
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			next.ServeHTTP(w, r)
			return
		}
		if !a.limits.requests.enter(source, a.Limits.PerSource) {
			a.limited(sourceRequests, source)
			tooMany(time.Second, "Your address has %d requests under way, as many as one may have. Wait for some of them.", a.Limits.PerSource).write(w, r)
			return
		}
		defer a.limits.requests.leave(source)
		next.ServeHTTP(w, r)
	})
}

// enterStream counts a stream of events until leave.
func (a *API) enterStream(r *http.Request) (leave func(), p *Problem) {
	source, key := a.Auth.Source(r), auth.Of(r.Context()).Name
	l, s := &a.Limits, &a.limits
	if key != "" && !s.streamsOf.enter(key, l.StreamsPerKey) {
		a.limited(keyStreams, source)
		return nil, tooMany(5*time.Second, "The key %s has %d streams open, as many as one may have. Close one, or poll /v1/status.", key, l.StreamsPerKey)
	}
	leaveKey := func() {
		if key != "" {
			s.streamsOf.leave(key)
		}
	}
	if !s.streams.enter(source, l.StreamsPerSource) {
		leaveKey()
		a.limited(sourceStreams, source)
		return nil, tooMany(5*time.Second, "Your address has %d streams open, as many as one may have. Close one, or poll /v1/status.", l.StreamsPerSource)
	}
	if !s.all.enter(struct{}{}, l.Streams) {
		s.streams.leave(source)
		leaveKey()
		a.limited(allStreams, source)
		return nil, unavailable("Too many streams are open already (%d). Close one, or poll /v1/status.", l.Streams)
	}
	return func() {
		s.all.leave(struct{}{})
		s.streams.leave(source)
		leaveKey()
	}, nil
}

// OpenStreams returns how many streams of events there are.
func (a *API) OpenStreams() int {
	a.limits.all.mu.Lock()
	defer a.limits.all.mu.Unlock()
	return a.limits.all.n[struct{}{}]
}
