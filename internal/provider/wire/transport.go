package wire

import (
	"net"
	"net/http"
	"time"
)

// Transport sends reads over kept connections, and every request that changes something over a
// connection of its own.
//
// A connection that was idle between two creates (minutes) is often closed at the other end by
// the time it is used again. The request then fails after it was written, which nobody can tell
// from "created, and the answer was lost": a needless verification of minutes. A new connection
// also takes away the one case in which http.Transport repeats requests by itself, because it
// does so only on reused connections (net/http, persistConn.shouldRetryRequest).
//
// HTTP/2 is left out: it repeats refused streams by rules of its own, and one request at a time
// gains nothing from it.
type Transport struct {
	kept, fresh *http.Transport
}

// NewTransport makes a transport. All instances of a process can share one.
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
	fresh.DisableKeepAlives = true
	return &Transport{kept: kept, fresh: fresh}
}

// RoundTrip sends a request that asks for its connection to be closed over a new one.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Close {
		return t.fresh.RoundTrip(r)
	}
	return t.kept.RoundTrip(r)
}

// CloseIdleConnections ends the connections that no request uses.
func (t *Transport) CloseIdleConnections() {
	t.kept.CloseIdleConnections()
	t.fresh.CloseIdleConnections()
}
