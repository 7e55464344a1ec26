package api_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// pipes is a listener without a socket, for a server in a testing/synctest bubble.
type pipes struct {
	come chan net.Conn
	shut chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.come:
		return c, nil
	case <-p.shut:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { close(p.shut); return nil }

func (p *pipes) Addr() net.Addr { return &net.IPAddr{} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	p.come <- theirs
	return ours, nil
}

// piped serves a new API without sockets, in the bubble of a test. end ends it.
func piped(t *testing.T, rdb redis.UniversalClient) (l *pipes, end func()) {
	t.Helper()
	r := setupOn(t, rdb)
	r.server.Close() // it waits for a socket, which would stop the bubble's clock
	l = &pipes{make(chan net.Conn), make(chan struct{})}
	server, ended := &http.Server{Handler: r.api, ReadHeaderTimeout: time.Hour}, make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	return l, func() {
		_ = server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("the server ended with %v", err)
		}
	}
}

// A read deadline that stays set after the body cancels the request when it passes, as if the client had left. If the
// deadline for the work passed at the same time, the client might get no answer.
func TestAPI_ARequestThatTakesTooLongGets503(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, path, body string }{{"GET", "/v1/suppressions", ""}, {"POST", "/v1/groups", oneGroup}} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rdb := testutil.Redis(t)
				l, end := piped(t, rdb)
				defer end()
				transport := &http.Transport{DialContext: l.dial}
				defer transport.CloseIdleConnections()
				var hung atomic.Bool
				testutil.Meddle(rdb).With(func([]any) error {
					if !hung.Swap(true) {
						<-time.After(time.Minute) // the bubble's clock jumps
					}
					return nil
				})
				for range 10 {
					hung.Store(false)
					req, err := http.NewRequestWithContext(t.Context(), c.method, "http://localhost"+c.path, strings.NewReader(c.body))
					if err != nil {
						t.Fatal(err)
					}
					req.Header.Set("Content-Type", "application/json")
					res, err := transport.RoundTrip(req)
					if err != nil {
						t.Fatal(err)
					}
					said, err := io.ReadAll(res.Body)
					_ = res.Body.Close()
					if err != nil || res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(said), "longer than 30 s") {
						t.Fatalf("got %d %s, %v; want 503 that says that it took longer than 30 s", res.StatusCode, said, err)
					}
				}
			})
		})
	}
}

func TestAPI_ABodyThatStopsComingEndsTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, end := piped(t, testutil.Redis(t))
		defer end()
		conn, err := l.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(time.Hour)) // of the bubble's time
		const begun = "POST /v1/groups HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
		if _, err := io.WriteString(conn, begun); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || res.StatusCode != http.StatusRequestTimeout {
			t.Fatalf("got %+v, %v; want 408", res, err)
		}
		_ = res.Body.Close()
	})
}
