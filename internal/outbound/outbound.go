// Package outbound sends requests to the addresses that users configure for webhooks and for forwarding. No
// request reaches an address that is not public, whatever its name resolves to, unless the receiver allows
// private ones. No error repeats a part of an address.
package outbound

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"code.dny.dev/ssrf"
)

// maxDrain and drainTimeout bound what Discard reads of an answer.
const (
	maxDrain     = 64 << 10
	drainTimeout = time.Second
)

// Clients are two HTTP clients. They share no connections, because a guarded address must never be
// reached over a connection that was dialled without the guard.
type Clients struct{ guarded, open *http.Client }

// New returns the clients. They follow no redirects and ignore the environment's proxy settings.
func New() *Clients {
	// Receivers may listen on any port; only their address must be public.
	guard := ssrf.New(ssrf.WithAnyPort())
	return &Clients{
		// The guard checks the resolved address at the moment of dialling, so a name that resolves differently the
		// next time cannot get past it.
		guarded: newClient(&net.Dialer{Control: guard.Safe}),
		open:    newClient(&net.Dialer{}),
	}
}

func newClient(d *net.Dialer) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			// No Proxy: one from the environment would dial for us, past the guard.
			DialContext: d.DialContext, MaxIdleConnsPerHost: 4,
			IdleConnTimeout: 90 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
		// A redirect is not followed and counts as a failure.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Do sends a request. allowPrivate lets it reach an address that is not public.
func (c *Clients) Do(req *http.Request, allowPrivate bool) (*http.Response, error) {
	if allowPrivate {
		return c.open.Do(req) //nolint:gosec // allow_private permits it
	}
	return c.guarded.Do(req) //nolint:gosec // its dialer refuses addresses that are not public
}

// Close ends the connections that are idle.
func (c *Clients) Close() {
	c.guarded.CloseIdleConnections()
	c.open.CloseIdleConnections()
}

// Discard reads a little of an answer, so that its connection can be used again, and closes it. cancel
// must end the request's context.
func Discard(res *http.Response, cancel context.CancelFunc) {
	stop := time.AfterFunc(drainTimeout, cancel)
	_, _ = io.CopyN(io.Discard, res.Body, maxDrain)
	stop.Stop()
	_ = res.Body.Close()
}
