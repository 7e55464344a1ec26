package wire

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
)

// flight watches how far a request got.
//
// The line between "surely not sent" and "perhaps sent" is GotConn: the transport has a connection, TLS handshake and
// proxy included, and hands the request to the goroutine that writes. Neither WroteHeaders nor WroteRequest can be the
// line: that goroutine reports both before its buffer is flushed, and when the context ends in between, RoundTrip
// returns while the bytes may still go out. On a new connection GotConn comes only microseconds before the first byte,
// so almost no request that was not sent counts as perhaps sent.
type flight struct {
	asked     atomic.Bool
	connected atomic.Bool
	wrote     atomic.Pointer[time.Time] // nil until then; it keeps its monotonic reading, because the pace counts from it
}

func (f *flight) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { f.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { f.connected.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) {
			now := time.Now()
			f.wrote.Store(&now)
		},
	})
}

// surelyNotSent reports whether the request has certainly not left. A transport without httptrace proves nothing.
func (f *flight) surelyNotSent() bool { return f.asked.Load() && !f.connected.Load() }

// report fills the caller's trace, as provider.Trace promises.
func (f *flight) report(t *provider.Trace, end time.Time) {
	if t == nil || f.surelyNotSent() {
		return
	}
	t.WroteAt = end
	if wrote := f.wrote.Load(); wrote != nil {
		t.WroteAt = *wrote
	}
}
