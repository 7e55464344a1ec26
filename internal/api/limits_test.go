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

// met counts the limits that requests met.
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

// limits sets small ones.
func limits(m *met, l api.Limits) func(*api.Config) {
	return func(c *api.Config) { c.Limits, c.Limited = l, m.count }
}

// stream opens a stream of events with a key, as a client behind a proxy; its answer's status.
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
	if res.StatusCode == http.StatusOK { // it is open once its first line has come
		if _, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil {
			r.t.Fatal(err)
		}
	}
	end = sync.OnceFunc(func() { cancel(); _ = res.Body.Close() })
	r.t.Cleanup(end)
	return res.StatusCode, res.Header, end
}

// soon waits for a status: what ends is counted a moment after its client has gone.
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

func TestEvents_OneKeyTakesNoMoreThanItsStreams(t *testing.T) {
	t.Parallel()
	m := &met{}
	r := setup(t, keyed, proxied, limits(m, api.Limits{Streams: 10, StreamsPerSource: 10, StreamsPerKey: 2}))
	_, _, end := r.stream(keysOf["viewer"], "203.0.113.1")
	if status, _, _ := r.stream(keysOf["viewer"], "203.0.113.2"); status != http.StatusOK {
		t.Fatalf("the second stream gets %d", status)
	}
	status, header, _ := r.stream(keysOf["viewer"], "203.0.113.3")
	if status != http.StatusTooManyRequests || header.Get("Retry-After") == "" || m.of("streamsPerKey") != 1 {
		t.Errorf("the third stream gets %d, %v", status, header)
	}
	if status, _, _ := r.stream(keysOf["operator"], "203.0.113.3"); status != http.StatusOK {
		t.Errorf("another key gets %d", status)
	}
	end()
	soon(t, "the viewer's place is free again", http.StatusOK, func() int {
		status, _, _ := r.stream(keysOf["viewer"], "203.0.113.1")
		return status
	})
}

func TestEvents_OneSourceTakesNoMoreThanItsStreamsAndAllNoMoreThanAll(t *testing.T) {
	t.Parallel()
	m := &met{}
	r := setup(t, keyed, proxied, limits(m, api.Limits{Streams: 3, StreamsPerSource: 2, StreamsPerKey: 9}))
	for i, want := range []int{200, 200, 429} {
		if status, _, _ := r.stream(keysOf["viewer"], "203.0.113.1"); status != want {
			t.Errorf("stream %d of one source gets %d", i, status)
		}
	}
	if status, _, _ := r.stream(keysOf["viewer"], "203.0.113.2"); status != http.StatusOK {
		t.Errorf("another source gets %d", status)
	}
	status, header, _ := r.stream(keysOf["operator"], "203.0.113.3")
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || m.of("streams") != 1 || m.of("streamsPerSource") != 1 {
		t.Errorf("the fourth of all gets %d", status)
	}
	if n := r.api.OpenStreams(); n != 3 {
		t.Errorf("%d streams are open", n)
	}
	if log := r.log.String(); !strings.Contains(log, `"limit":"streamsPerSource"`) || !strings.Contains(log, `"source":"203.0.113.1"`) {
		t.Errorf("the log does not name the limit and the source: %s", log)
	}
}

func TestAPI_RequestsOfOneSourceAndOfOneKeyUnderWayAreBounded(t *testing.T) {
	t.Parallel()
	m := &met{}
	r := setup(t, keyed, proxied, limits(m, api.Limits{PerSource: 2, PerKey: 3}))
	for range 2 { // a stream is a request that stays
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
		t.Errorf("the third request of a source gets %d", got)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := ask("", "203.0.113.1", path); got != http.StatusOK {
			t.Errorf("%s gets %d", path, got)
		}
	}
	r.stream(keysOf["viewer"], "203.0.113.2")
	if got := ask(keysOf["viewer"], "203.0.113.2", "/v1/status"); got != http.StatusTooManyRequests || m.of("requestsPerKey") != 1 {
		t.Errorf("the fourth request of a key gets %d", got)
	}
	if got := ask(keysOf["operator"], "203.0.113.2", "/v1/status"); got != http.StatusOK {
		t.Errorf("another key gets %d", got)
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
			t.Errorf("%s gets %d, want %d", path, res.StatusCode, want)
		}
	}
	cancel()
	if err := <-done; err != nil && !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}
