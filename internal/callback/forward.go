package callback

import (
	"bytes"
	"context"
	"net/http"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/outbound"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// Forward is another receiver of a door's webhooks. The provider sends them to one address only, which is now ours,
// so we pass them on.
type Forward struct {
	// URL can hold a secret. Host is the part of it that may be shown.
	URL  provider.Token
	Host string
	// Token is sent as "Authorization: Bearer". Defaults to no such header.
	Token provider.Token
	// Events are patterns of the provider's names for its webhooks; see spec.Note.
	Events []string
	// Others leaves out the webhooks that concern rollcall's own groups and messages.
	Others bool
	// AllowPrivate lets the address be http:// and not public.
	AllowPrivate bool
}

// wants reports whether a webhook goes to this receiver. own says that it concerns rollcall's own groups or messages.
func (f *Forward) wants(event string, own bool) bool {
	return (!own || !f.Others) && slices.ContainsFunc(f.Events, func(pattern string) bool {
		ok, err := path.Match(pattern, event)
		return ok && err == nil
	})
}

// The outcomes of a webhook for one receiver, for Config.Forwarded.
const (
	ForwardSent    = "sent"
	ForwardFailed  = "failed"  // the receiver did not accept it
	ForwardDropped = "dropped" // the receiver's queue was full, or the program ended
)

const (
	// maxWaiting and maxBytes bound the queue of one receiver.
	maxWaiting = 1000
	maxBytes   = 8 << 20
	// closeTimeout bounds how long Close waits.
	closeTimeout = 5 * time.Second
	// forwardedHeader marks a forwarded webhook. No door forwards it again, so doors that forward to each other do
	// not loop.
	forwardedHeader = "Rollcall-Forwarded"
	// bearer precedes the token in the Authorization header.
	bearer = "Bearer "
)

// passed are the headers that are forwarded, besides the provider's own (spec.Callback.Headers). Authorization is
// left out, because it holds the door's secret.
var passed = []string{"Content-Type", "User-Agent"}

// letter is a webhook on its way to one receiver.
type letter struct {
	header http.Header
	body   []byte
}

// line is the queue of one receiver, in order of arrival.
type line struct {
	Forward

	instance string
	post     *forwarder

	mu      sync.Mutex
	waiting []letter
	bytes   int
	running bool
	full    bool

	down bool // the latest letter was not sent; only run uses it
}

// forwarder sends letters in the background; doors never wait for it.
type forwarder struct {
	clients *outbound.Clients
	timeout time.Duration
	pauses  []time.Duration
	told    func(instance, outcome string)
	log     zerolog.Logger

	owned   sync.WaitGroup
	closing chan struct{}
	ctx     context.Context
	cancel  context.CancelFunc
}

func newForwarder(c Config) *forwarder {
	f := &forwarder{clients: outbound.New(), timeout: c.ForwardTimeout, pauses: c.ForwardPauses, told: c.Forwarded, log: c.Log, closing: make(chan struct{})}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	if f.timeout == 0 {
		f.timeout = 10 * time.Second
	}
	if f.pauses == nil {
		f.pauses = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}
	}
	if f.told == nil {
		f.told = func(string, string) {}
	}
	return f
}

// close waits a few seconds for the letters under way, and drops the rest.
func (f *forwarder) close() {
	close(f.closing)
	stop := time.AfterFunc(closeTimeout, f.cancel)
	f.owned.Wait()
	stop.Stop()
	f.cancel()
	f.clients.Close()
}

// letterOf returns what a receiver gets of a request. own are the provider's own headers.
func letterOf(r *http.Request, own []string, body []byte) letter {
	l := letter{header: http.Header{}, body: body}
	for _, name := range slices.Concat(passed, own) {
		if v := r.Header.Get(name); v != "" {
			l.header.Set(name, v)
		}
	}
	l.header.Set(forwardedHeader, "1")
	return l
}

// put queues a letter, or drops it if the queue is full.
func (l *line) put(m letter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= maxWaiting || l.bytes+len(m.body) > maxBytes {
		l.post.told(l.instance, ForwardDropped)
		if !l.full {
			l.full = true
			l.post.log.Warn().EmbedObject(event.ForwardDropped).Str("instance", l.instance).Str("host", l.Host).Int("waiting", len(l.waiting)).Msg("provider webhooks dropped")
		}
		return
	}
	l.waiting = append(l.waiting, m)
	l.bytes += len(m.body)
	if !l.running {
		l.running = true
		l.post.owned.Go(l.run)
	}
}

// take returns the next letter, or false if none waits.
func (l *line) take() (letter, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.waiting, l.running, l.full = nil, false, false
		return letter{}, false
	}
	m := l.waiting[0]
	l.waiting = l.waiting[1:]
	l.bytes -= len(m.body)
	return m, true
}

// run sends the queue, one letter after the other. While the receiver fails, it tries each letter only once, so that
// the queue does not wait long.
func (l *line) run() {
	for {
		m, more := l.take()
		if !more {
			return
		}
		outcome, why := l.send(m, !l.down)
		l.post.told(l.instance, outcome)
		switch {
		case outcome == ForwardSent && l.down:
			l.post.log.Info().EmbedObject(event.ForwardResumed).Str("instance", l.instance).Str("host", l.Host).Msg("provider webhooks forwarded again")
		case outcome != ForwardSent && !l.down:
			l.post.log.Warn().EmbedObject(event.ForwardFailed).Str("instance", l.instance).Str("host", l.Host).Str("reason", why).Msg("provider webhook not forwarded")
		}
		l.down = outcome != ForwardSent
	}
}

// send tries a letter. If again is set and the failure may pass, it tries again after each pause.
func (l *line) send(m letter, again bool) (outcome, why string) {
	for n := 0; ; n++ {
		if l.post.ctx.Err() != nil {
			return ForwardDropped, "the program ends"
		}
		var temporary bool
		if why, temporary = l.try(m); why == "" {
			return ForwardSent, ""
		}
		if !temporary || !again || n == len(l.post.pauses) {
			return ForwardFailed, why
		}
		select {
		case <-time.After(l.post.pauses[n]):
		case <-l.post.closing:
			again = false
		}
	}
}

// try posts a letter once. why is the reason of a failure, or "". temporary says that the failure may pass.
func (l *line) try(m letter) (why string, temporary bool) {
	ctx, cancel := context.WithTimeoutCause(l.post.ctx, l.post.timeout, outbound.ErrTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL.Reveal(), bytes.NewReader(m.body))
	if err != nil {
		return "its address cannot be requested", false // the cause holds the address
	}
	req.Header = m.header.Clone()
	if l.Token != "" {
		req.Header.Set("Authorization", bearer+l.Token.Reveal())
	}
	res, err := l.post.clients.Do(req, l.AllowPrivate) //nolint:bodyclose // Discard closes it
	if err != nil {
		return outbound.Explain(ctx, err).String(), true
	}
	outbound.Discard(res, cancel)
	switch s := res.StatusCode; {
	case s >= 200 && s < 300:
		return "", false
	case s == http.StatusRequestTimeout, s == http.StatusTooManyRequests, s >= 500:
		return outbound.ExplainStatus(s).String(), true
	default:
		return outbound.ExplainStatus(s).String(), false
	}
}
