// Package outbound makes requests to addresses that users name: webhooks and what is forwarded. Unless
// such an address may be private, no request reaches one that is not public, whatever its name
// resolves to. No error repeats a part of an address.
package outbound

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"code.dny.dev/ssrf"
)

// mostAnswer and drainFor bound what Discard reads of an answer.
const (
	mostAnswer = 64 << 10
	drainFor   = time.Second
)

// Clients are two HTTP clients. They share no connections, because a guarded address must never be
// reached over a connection that was dialled without the guard.
type Clients struct{ guarded, open *http.Client }

// New returns the clients. They follow no redirects and use no proxy of the environment.
func New() *Clients {
	// Any port: receivers listen where they like, and only the address must be public.
	guard := ssrf.New(ssrf.WithAnyPort())
	return &Clients{
		// The guard sees the address that is dialled, after the name was resolved: what a name resolved to before, or
		// will the next time, does not matter.
		guarded: newClient(&net.Dialer{Control: guard.Safe}),
		open:    newClient(&net.Dialer{}),
	}
}

func newClient(d *net.Dialer) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			// No Proxy: one from the environment would dial for us, past the guard.
			DialContext: d.DialContext, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4,
			IdleConnTimeout: 90 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
		// A redirect is not followed and counts as a failure.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Do sends a request. allowPrivate lets it reach an address that is not public.
func (c *Clients) Do(req *http.Request, allowPrivate bool) (*http.Response, error) {
	if allowPrivate {
		return c.open.Do(req) //nolint:gosec // a person has allowed it by allow_private
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
	stop := time.AfterFunc(drainFor, cancel)
	_, _ = io.CopyN(io.Discard, res.Body, mostAnswer)
	stop.Stop()
	_ = res.Body.Close()
}
