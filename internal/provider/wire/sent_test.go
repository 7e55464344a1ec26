package wire_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	words "github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func decodeObject(body []byte) error {
	var v map[string]any
	return json.Unmarshal(body, &v)
}

// dial returns a transport that connects with f.
func dial(f func(ctx context.Context, network, address string) (net.Conn, error)) http.RoundTripper {
	return &http.Transport{DialContext: f, DisableKeepAlives: true}
}

func TestCall_ARequestThatNeverLeftIsNotSent(t *testing.T) {
	t.Parallel()
	tlsServer := httptest.NewUnstartedServer(http.NotFoundHandler())
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	tlsServer.StartTLS()
	t.Cleanup(tlsServer.Close)
	silent := serve(t, func(*net.TCPConn, int) bool { return false }) // a TLS hello is no request
	mute := listen(t)
	// Two contexts end while a connection is being made. With timeouts, a slow machine might not even have asked for one.
	dialling, endDialling := context.WithCancel(t.Context())
	greeting, endGreeting := context.WithCancel(t.Context())
	is := func(ctx context.Context, cancel context.CancelFunc) func(context.Context) (context.Context, context.CancelFunc) {
		return func(context.Context) (context.Context, context.CancelFunc) { return ctx, cancel }
	}

	tests := []struct {
		name      string
		base      string
		transport http.RoundTripper
		ctx       func(context.Context) (context.Context, context.CancelFunc)
	}{
		{name: "the port is closed", base: "http://127.0.0.1:1"}, // another server may already have a port that was closed just now
		{name: "the name does not resolve", base: "http://api.example", transport: dial(func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}
		})},
		{name: "the certificate is not trusted", base: tlsServer.URL},
		{name: "the other end speaks no TLS", base: "https" + silent.url[4:]},
		{name: "the TLS handshake never ends", base: "https://" + mute.Addr().String(), ctx: is(greeting, endGreeting), transport: dial(func(ctx context.Context, network, address string) (net.Conn, error) {
			defer endGreeting()
			return new(net.Dialer).DialContext(ctx, network, address)
		})},
		{name: "dialling never ends", base: "http://api.example", ctx: is(dialling, endDialling), transport: dial(func(ctx context.Context, _, _ string) (net.Conn, error) {
			endDialling()
			<-ctx.Done()
			return nil, ctx.Err()
		})},
		{name: "the context had ended before", base: silent.url, ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := t.Context(), context.CancelFunc(func() {})
			if tt.ctx != nil {
				ctx, cancel = tt.ctx(ctx)
			}
			defer cancel()
			var trace provider.Trace
			err := client(t, tt.base, tt.transport).Do(provider.WithTrace(ctx, &trace), create())
			expect(t, err, provider.NotSent)
			if !trace.WroteAt.IsZero() {
				t.Errorf("WroteAt = %v, want zero: nothing was sent", trace.WroteAt)
			}
		})
	}
	if n := silent.requests.Load(); n != 0 {
		t.Errorf("%d requests arrived, want none", n)
	}
}

func TestCall_ARequestThatMayHaveLeftIsUnknown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		handle func(conn *net.TCPConn, n int) bool
		ctx    func(context.Context) (context.Context, context.CancelFunc)
	}{
		{name: "the connection is closed without an answer", handle: func(*net.TCPConn, int) bool { return false }},
		{name: "the connection is reset", handle: func(conn *net.TCPConn, _ int) bool {
			_ = conn.SetLinger(0)
			return false
		}},
		{name: "the other end closes its half", handle: func(conn *net.TCPConn, _ int) bool {
			_ = conn.CloseWrite()
			return true
		}},
		{name: "the answer is not HTTP", handle: func(conn *net.TCPConn, _ int) bool {
			say(conn, "S3CR3T/tok+en +55 11 99999-0001\r\n\r\n")
			return false
		}},
		{name: "the header breaks off", handle: func(conn *net.TCPConn, _ int) bool {
			say(conn, "HTTP/1.1 200 OK\r\nContent-Le")
			return false
		}},
		{name: "the body breaks off", handle: func(conn *net.TCPConn, _ int) bool {
			say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":tr")
			return false
		}},
		{name: "the last chunk is missing", handle: func(conn *net.TCPConn, _ int) bool {
			say(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{\"ok\":true}\r\n")
			return false
		}},
		{name: "the body is half a document", handle: func(conn *net.TCPConn, _ int) bool {
			say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"ok\"")
			return true
		}},
		{name: "the body is empty", handle: func(conn *net.TCPConn, _ int) bool {
			say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			return true
		}},
		{name: "no answer comes in time", handle: func(*net.TCPConn, int) bool { return true }, ctx: within(longEnough)},
		{name: "the body does not come in time", handle: func(conn *net.TCPConn, _ int) bool {
			say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
			return true
		}, ctx: within(longEnough)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, tt.handle)
			ctx, cancel := t.Context(), context.CancelFunc(func() {})
			if tt.ctx != nil {
				ctx, cancel = tt.ctx(ctx)
			}
			defer cancel()
			var trace provider.Trace
			before := time.Now()
			err := client(t, s.url, nil).Do(provider.WithTrace(ctx, &trace), create())
			expect(t, err, provider.Unknown)
			if trace.WroteAt.Before(before) || trace.WroteAt.After(time.Now()) {
				t.Errorf("WroteAt = %v, want a moment within the call", trace.WroteAt)
			}
			if trace.WroteAt == trace.WroteAt.Round(0) {
				t.Error("WroteAt has no monotonic reading, so a step of the clock would move the pace")
			}
			if n := s.requests.Load(); n != 1 {
				t.Errorf("%d requests arrived, want 1", n)
			}
		})
	}
}

func TestCall_ATimeoutTellsItsCause(t *testing.T) {
	t.Parallel()
	s := serve(t, func(*net.TCPConn, int) bool { return true })
	ctx, cancel := context.WithTimeoutCause(t.Context(), longEnough, words.NewError(words.CallNoReason))
	defer cancel()
	err := client(t, s.url, nil).Do(ctx, create())
	e := expect(t, err, provider.Unknown)
	if !e.Said().Is(words.CallNoReason) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %q (%v), want the cause of the timeout, and DeadlineExceeded in the chain", e.Said().String(), e.Err)
	}
}

func TestCall_AnErrorWithoutATraceIsUnknown(t *testing.T) {
	t.Parallel()
	mute := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("lost") })
	e := expect(t, client(t, "http://api.example", mute).Do(t.Context(), create()), provider.Unknown)
	if said := e.Phrase().Said(words.Voice{Language: words.Portuguese}); said != `criar grupo: a conexão falhou: "lost"` {
		t.Errorf("got %q, want the operation and the reason in Portuguese, the error's own words quoted", said)
	}
}

func TestCall_AnUnreadableAnswerIsQuotedInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	html := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("<html>"))}, nil
	})
	c := create()
	c.Decode = func(body []byte) error { return json.Unmarshal(body, new(struct{})) }
	e := expect(t, client(t, "http://api.example", html).Do(t.Context(), c), provider.Unknown)
	if said := e.Phrase().Said(words.Voice{Language: words.Spanish}); !strings.HasPrefix(said, `crear grupo: respuesta ilegible: "invalid character`) || !strings.HasSuffix(said, `" (HTTP 200)`) {
		t.Errorf("got %q, want the operation and the reason in Spanish, the decoder's words quoted", said)
	}
}

// TestACreateIsNeverSentTwice has a server that closes an idle connection when the next request arrives on it. net/http
// repeats some requests then; it must not repeat a create.
func TestACreateIsNeverSentTwice(t *testing.T) {
	t.Parallel()
	transports := map[string]func() http.RoundTripper{
		"over our transport":      func() http.RoundTripper { return wire.NewTransport() },
		"over a plain transport":  func() http.RoundTripper { return &http.Transport{MaxIdleConnsPerHost: 1, MaxConnsPerHost: 1} },
		"over HTTP/2 if possible": func() http.RoundTripper { return &http.Transport{ForceAttemptHTTP2: true} },
	}
	for name, transport := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(conn *net.TCPConn, n int) bool {
				if n == 1 {
					say(conn, fine)
				}
				return n == 1 // at the second request of a connection the server closes it
			})
			tr := transport()
			c := client(t, s.url, tr)
			for range 5 {
				if err := c.Do(t.Context(), read()); err != nil {
					t.Fatal(err)
				}
				before := s.requests.Load()
				if err := c.Do(t.Context(), create()); err != nil {
					expect(t, err, provider.Unknown)
				}
				if n := s.requests.Load() - before; n != 1 {
					t.Fatalf("the create arrived %d times, want once", n)
				}
			}
			if idle, ok := tr.(interface{ CloseIdleConnections() }); ok {
				idle.CloseIdleConnections()
			}
		})
	}
}

func TestForm_IsSentOnceAndItsErrorDoesNotRepeatIt(t *testing.T) {
	t.Parallel()
	const group, content = "120363000000000001@g.us", "the bytes of a picture"
	sent := 0
	c := client(t, "http://api.example", roundTrip(func(r *http.Request) (*http.Response, error) {
		sent++
		body, err := io.ReadAll(r.Body)
		if err != nil || int64(len(body)) != r.ContentLength {
			t.Errorf("got %d bytes, %v; want %d, the Content-Length", len(body), err, r.ContentLength)
		}
		if r.GetBody != nil {
			t.Error("GetBody is set, so the transport could send the body again")
		}
		if !bytes.Contains(body, []byte(group)) || !bytes.Contains(body, []byte(content)) {
			t.Errorf("sent %q, want the group and the file", body)
		}
		return nil, errors.New("connection reset")
	}))
	err := c.Do(t.Context(), wire.Call{
		Op: "set photo", Method: "photo", Kind: wire.Change, Scope: provider.ScopeRequest,
		Form: &wire.Form{Fields: map[string]string{"group": group}, Field: "file", Name: "photo.jpg", Type: "image/jpeg", File: []byte(content)},
	})
	expect(t, err, provider.Unknown)
	providertest.AssertNoLeak(t, err, group, content)
	if sent != 1 {
		t.Errorf("sent %d times, want once", sent)
	}
}

func TestAChangeGoesOverNoConnectionThatHasRested(t *testing.T) {
	t.Parallel()
	s := serve(t, func(conn *net.TCPConn, _ int) bool {
		say(conn, fine)
		return true
	})
	c := client(t, s.url, nil)
	do := func(calls ...wire.Call) {
		t.Helper()
		for _, call := range calls {
			if err := c.Do(t.Context(), call); err != nil {
				t.Fatal(err)
			}
		}
	}
	do(read(), read(), create(), read())
	if n := s.conns.Load(); n != 2 {
		t.Errorf("got %d connections, want 2: one for the reads, another for the create", n)
	}
	testutil.Until(t, "the connection of the create ends", func() bool { return s.ended.Load() > 0 })
	do(read(), create())
	if n := s.conns.Load(); n != 3 {
		t.Errorf("got %d connections, want 3: the reads keep theirs, each create opens one", n)
	}
}

func TestCall_ARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	tests := map[int]provider.Class{
		301: provider.Limited, 302: provider.Limited, 307: provider.Limited, 308: provider.Limited,
		303: provider.Unknown, // See Other: the call may be done
	}
	for status, class := range tests {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			requests := 0
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				http.Redirect(w, r, "/elsewhere/"+secret, status)
			}))
			err := client(t, s.URL, nil).Do(t.Context(), create())
			s.Close()
			expect(t, err, class)
			if requests != 1 {
				t.Errorf("%d requests, want 1", requests)
			}
		})
	}
}

func TestNewTransport_VerifiesCertificates(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)
	e := expect(t, client(t, s.URL, nil).Do(t.Context(), read()), provider.NotSent)
	if !wire.Says(e.Said().String(), "certificate") {
		t.Errorf("got %q, want words about the certificate", e.Said().String())
	}
}

// longEnough is a timeout within which a request is sent, also on a busy machine.
const longEnough = 3 * time.Second

func within(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func expect(t *testing.T, err error, class provider.Class) provider.Error {
	t.Helper()
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		t.Fatalf("got %v, want a *provider.Error of class %s", err, class)
	}
	if e.Class != class {
		t.Errorf("class = %s (%v), want %s", e.Class, err, class)
	}
	if said := e.Said().String(); e.Op == "" || said == "" || len(said) > 350 {
		t.Errorf("op %q, text %q: want both, and at most 350 bytes", e.Op, said)
	}
	providertest.AssertNoLeak(t, err, secret, "S3CR3T", "header-secret", "Turma 12", "99999-0001", "/token/")
	return *e
}
