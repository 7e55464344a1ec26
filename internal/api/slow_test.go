package api_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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

// A read deadline that outlasts the body cancels the request, as a client that leaves does. It used to end with the time
// for the work, and came first every other time.
func TestAPI_ARequestThatIsTooSlowIsToldSo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, path, body string }{{"GET", "/v1/suppressions", ""}, {"POST", "/v1/groups", oneGroup}} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rdb := testutil.Redis(t)
				r := setupOn(t, rdb)
				r.server.Close() // it waits for sockets, so the bubble's time would stand still
				var hung atomic.Bool
				testutil.Meddle(rdb).With(func([]any) error {
					if !hung.Swap(true) {
						time.Sleep(time.Minute)
					}
					return nil
				})
				l := &pipes{make(chan net.Conn), make(chan struct{})}
				server, transport := &http.Server{Handler: r.api}, &http.Transport{DialContext: l.dial}
				ended := make(chan error, 1)
				go func() { ended <- server.Serve(l) }()
				defer func() { transport.CloseIdleConnections(); _ = server.Close(); <-ended }()
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
