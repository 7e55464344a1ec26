package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// met counts how often requests met each limit.
type met struct {
	mu sync.Mutex
	n  map[string]int
}

func (m *met) count(limit string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.n == nil {
		m.n = map[string]int{}
	}
	m.n[limit]++
}

func (m *met) of(limit string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.n[limit]
}

// limits configures limits, and counts in m the requests that meet them.
func limits(m *met, l api.Limits) func(*api.Config) {
	return func(c *api.Config) { c.Limits, c.Limited = l, m.count }
}

// stream opens an event stream with a key, for a client behind a proxy. end closes it.
func (r *rig) stream(key, from string) (status int, header http.Header, end func()) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/v1/events", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if from != "" {
		req.Header.Set("X-Forwarded-For", from)
	}
	res, err := r.server.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	if res.StatusCode == http.StatusOK { // the stream is open once its first line arrives
		if _, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil {
			r.t.Fatal(err)
		}
	}
	end = sync.OnceFunc(func() { cancel(); _ = res.Body.Close() })
	r.t.Cleanup(end)
	return res.StatusCode, res.Header, end
}

// soon waits for a status: the server frees a place a moment after the client has gone.
func soon(t *testing.T, what string, want int, ask func() int) {
	t.Helper()
	got := 0
	testutil.Until(t, what, func() bool {
		got = ask()
		return got == want
	}, func() string { return fmt.Sprintf("%d, want %d", got, want) })
}

func proxied(c *api.Config) {
	c.Auth.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

func TestEvents_StreamsOfAKeyAreLimited(t *testing.T) {
	t.Parallel()
	m := &met{}
	r := setup(t, keyed, proxied, limits(m, api.Limits{Streams: 10, StreamsPerSource: 10, StreamsPerKey: 2}))
	_, _, end := r.stream(keysOf["viewer"], "203.0.113.1")
	if status, _, _ := r.stream(keysOf["viewer"], "203.0.113.2"); status != http.StatusOK {
		t.Fatalf("the second stream of a key: got %d, want 200", status)
	}
	status, header, _ := r.stream(keysOf["viewer"], "203.0.113.3")
	if status != http.StatusTooManyRequests || header.Get("Retry-After") == "" || m.of("streamsPerKey") != 1 {
		t.Errorf("the third stream of a key: got %d, want 429 with Retry-After, counted once: %v", status, header)
	}
	if status, _, _ := r.stream(keysOf["operator"], "203.0.113.3"); status != http.StatusOK {
		t.Errorf("a stream of another key: got %d, want 200", status)
	}
	end()
	soon(t, "the viewer's place is free again", http.StatusOK, func() int {
		status, _, _ := r.stream(keysOf["viewer"], "203.0.113.1")
		return status
	})
}

func TestEvents_StreamsOfASourceAndOfAllAreLimited(t *testing.T) {
	t.Parallel()
	m := &met{}
	r := setup(t, keyed, proxied, limits(m, api.Limits{Streams: 3, StreamsPerSource: 2, StreamsPerKey: 9}))
	for i, want := range []int{200, 200, 429} {
		if status, _, _ := r.stream(keysOf["viewer"], "203.0.113.1"); status != want {
			t.Errorf("stream %d of one source: got %d, want %d", i+1, status, want)
		}
	}
	if status, _, _ := r.stream(keysOf["viewer"], "203.0.113.2"); status != http.StatusOK {
		t.Errorf("a stream of another source: got %d, want 200", status)
	}
	status, header, _ := r.stream(keysOf["operator"], "203.0.113.3")
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || m.of("streams") != 1 || m.of("streamsPerSource") != 1 {
		t.Errorf("the fourth stream of all: got %d, want 503 with Retry-After, each limit met once", status)
	}
	if n := r.api.OpenStreams(); n != 3 {
		t.Errorf("%d streams are open, want 3", n)
	}
	if log := r.log.String(); !strings.Contains(log, `"limit":"streamsPerSource"`) || !strings.Contains(log, `"source":"203.0.113.1"`) {
		t.Errorf("the log does not name the limit and the source: %s", log)
	}
}

func TestAPI_ConcurrentRequestsOfASourceAndOfAKeyAreLimited(t *testing.T) {
	t.Parallel()
	m := &met{}
	r := setup(t, keyed, proxied, limits(m, api.Limits{PerSource: 2, PerKey: 3}))
	for range 2 { // an open stream is a request under way
		r.stream(keysOf["viewer"], "203.0.113.1")
	}
	ask := func(key, from, path string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("X-Forwarded-For", from)
		res, err := r.server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
		return res.StatusCode
	}
	if got := ask(keysOf["operator"], "203.0.113.1", "/v1/status"); got != http.StatusTooManyRequests || m.of("requestsPerSource") != 1 {
		t.Errorf("the third request of a source: got %d, want 429, counted once", got)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := ask("", "203.0.113.1", path); got != http.StatusOK {
			t.Errorf("%s at the limit of a source: got %d, want 200", path, got)
		}
	}
	r.stream(keysOf["viewer"], "203.0.113.2")
	if got := ask(keysOf["viewer"], "203.0.113.2", "/v1/status"); got != http.StatusTooManyRequests || m.of("requestsPerKey") != 1 {
		t.Errorf("the fourth request of a key: got %d, want 429, counted once", got)
	}
	if got := ask(keysOf["operator"], "203.0.113.2", "/v1/status"); got != http.StatusOK {
		t.Errorf("a request of another key: got %d, want 200", got)
	}
}

func TestServeHealth_AnswersHealthChecksAndNothingElse(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.api.ServeHealth(ctx, l) }()
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 404, "/v1/status": 404, "/": 404} {
		res, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, res.StatusCode, want)
		}
	}
	cancel()
	if err := <-done; err != nil && !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}
