package webhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"code.dny.dev/ssrf"
)

const (
	userAgent = "rollcall-webhooks/1 (Standard Webhooks 1.0.0)"
	// mostAnswer and drainFor bound what is read of an answer's body, only so that its connection
	// can be used again. Nobody looks at it, and the verdict does not wait for it.
	mostAnswer = 64 << 10
	drainFor   = time.Second
)

// client sends. It has two transports, because a guarded address must never be reached over a
// connection that was dialled without the guard.
type client struct{ guarded, open *http.Client }

func newClient() *client {
	// Any port: receivers listen where they like, and a public address is a public address.
	guard := ssrf.New(ssrf.WithAnyPort())
	return &client{
		// The guard sees the address that is dialled, after any name was resolved: what a name
		// resolved to before, or will the next time, does not matter.
		guarded: newHTTPClient(&net.Dialer{Control: guard.Safe}),
		open:    newHTTPClient(&net.Dialer{}),
	}
}

func newHTTPClient(d *net.Dialer) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			// No Proxy: one from the environment would dial for us, past the guard.
			DialContext: d.DialContext, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4,
			IdleConnTimeout: 90 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
		// A redirect is an answer like any other, and no success.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// close ends the connections that nobody uses.
func (c *client) close() {
	c.guarded.CloseIdleConnections()
	c.open.CloseIdleConnections()
}

// answer is what came of one try.
type answer struct {
	status     int           // 0 when nothing was answered
	retryAfter time.Duration // what the receiver asks for; 0 for nothing
	reason     string        // why it is no success, in words of ours
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

var errTimeout = errors.New("the receiver did not answer in time")

// post makes one try. Its answer holds nothing that the receiver wrote but the status: neither the
// body nor the redirect's address, which would let somebody read what only we can reach.
func (c *client) post(ctx context.Context, r *receiver, event string, body []byte, timeout time.Duration, now time.Time) (answer, error) {
	signature, err := r.sign(event, now, body)
	if err != nil {
		return answer{}, err
	}
	// A delivery that has begun is not cut by a drain, which waits for it.
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), timeout, errTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return answer{}, errors.New("the webhook's address cannot be requested") // the cause holds it
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set(standardwebhooks.HeaderWebhookID, event)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)

	via := c.guarded
	if r.allowPrivate {
		via = c.open
	}
	res, err := via.Do(req)
	if err != nil {
		return answer{reason: explain(ctx, err)}, nil
	}
	a := answer{status: res.StatusCode}
	if !a.ok() {
		a.reason = explainStatus(res.StatusCode)
		a.retryAfter = retryAfter(res.Header.Get("Retry-After"), now)
	}
	stop := time.AfterFunc(drainFor, cancel)
	_, _ = io.CopyN(io.Discard, res.Body, mostAnswer)
	stop.Stop()
	_ = res.Body.Close()
	return a, nil
}
