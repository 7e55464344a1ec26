package wire

import (
	"net"
	"net/http"
	"time"
)

// maxIdle is the maximum time for which a connection may have been idle before it carries a request that changes
// something. Servers keep idle connections for longer.
const maxIdle = time.Second

// Transport sends reads over kept connections, and every request that changes something over a
// connection that is new or was in use a moment ago.
//
// A connection that was idle between two creates (minutes) is often closed at the other end by
// the time it is used again. The request then fails after it was written, and the client cannot tell that
// from "created, and the answer was lost", so a needless verification takes minutes. Changes that follow each other
// within a second, on an instance without a pace, share a connection, because a handshake costs more than the rest of
// such a call.
//
// http.Transport repeats a request on its own only on a reused connection (net/http, persistConn.shouldRetryRequest),
// and never a request with a body but without GetBody. So it repeats no change.
//
// HTTP/2 is off: it repeats refused streams by its own rules, and a client with one request at a time gains nothing
// from it.
type Transport struct {
	kept, fresh *http.Transport
}

// changing marks the context of a request that changes something.
type changing struct{}

// NewTransport returns a transport. All instances of a process can share one.
func NewTransport() *Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	kept := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		Protocols:              protocols,
	}
	fresh := kept.Clone()
	fresh.IdleConnTimeout = maxIdle
	return &Transport{kept: kept, fresh: fresh}
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Context().Value(changing{}) != nil {
		return t.fresh.RoundTrip(r)
	}
	return t.kept.RoundTrip(r)
}

// CloseIdleConnections ends the connections that no request uses.
func (t *Transport) CloseIdleConnections() {
	t.kept.CloseIdleConnections()
	t.fresh.CloseIdleConnections()
}
