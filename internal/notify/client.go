package notify

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/rollcallhq/rollcall/internal/outbound"
	"github.com/rollcallhq/rollcall/internal/say"
)

const userAgent = "rollcall-webhooks/1 (Standard Webhooks 1.0.0)"

// answer is the result of one try.
type answer struct {
	status     int           // 0 without an answer
	retryAfter time.Duration // the pause that the receiver asks for, or 0
	reason     say.Phrase    // why the try failed
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// post makes one try. Its answer has the receiver's status, but neither the body nor a redirect's address: these would
// let a stranger read servers that only this process can reach.
func (w *Webhooks) post(ctx context.Context, r *receiver, event string, body []byte, timeout time.Duration, now time.Time) (answer, error) {
	// A drain waits for a delivery that has begun, and does not cut it.
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), timeout, outbound.ErrTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return answer{}, errors.New("the webhook's address cannot be requested") // the cause holds the address
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Webhook-Id", event)
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	req.Header.Set("Webhook-Signature", r.sign(event, now, body))

	res, err := w.client.Do(req, r.allowPrivate) //nolint:bodyclose // Discard closes it
	if err != nil {
		return answer{reason: outbound.Explain(ctx, err)}, nil
	}
	a := answer{status: res.StatusCode}
	if !a.ok() {
		a.reason = outbound.ExplainStatus(res.StatusCode)
		a.retryAfter = retryAfter(res.Header.Get("Retry-After"), now)
	}
	outbound.Discard(res, cancel)
	return a, nil
}
