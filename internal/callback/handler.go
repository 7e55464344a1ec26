package callback

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// Pattern is the route of all doors, for a ServeMux and for logs. Do not log a request's path: it holds the secret.
const Pattern = "POST /hooks/{instance}/{secret}"

// Path returns the path of one instance's door. It holds the secret.
func Path(instance string, secret provider.Token) string {
	return "/hooks/" + instance + "/" + secret.Reveal()
}

const (
	// maxBody is far above the largest webhook of any provider: none carries a file.
	maxBody = 1 << 20
	// timeout bounds the work on one webhook: a provider may send the next one only after our answer.
	timeout = 3 * time.Second
)

// Door is the entrance for the webhooks of one instance.
type Door struct {
	Instance   string        // its name
	Callback   spec.Callback // its provider's
	InstanceID string        // its id at the provider
	Secret     provider.Token
	Forward    []Forward // the other receivers of these webhooks
}

// rests lets an instance rest.
type rests interface {
	Rest(ctx context.Context, instance string, r pacing.Rest, why pacing.Why) (time.Time, error)
}

// queue takes the readings that hints ask for.
type queue interface {
	Put(ctx context.Context, ts ...tasks.Task) error
}

// Config of a Handler.
type Config struct {
	Doors []Door // Required, as are the next five.
	Store *store.Store
	Queue queue
	Rests rests
	Rest  pacing.Rest
	Log   zerolog.Logger
	// Forwarded is told the outcome of each webhook for each Forward. Defaults to no report.
	Forwarded func(instance, outcome string)
	// ForwardTimeout bounds one try of a Forward. Defaults to 10 s.
	ForwardTimeout time.Duration
	// ForwardPauses are the pauses between the tries of one webhook. Defaults to 1 s, 5 s, 30 s.
	ForwardPauses []time.Duration
}

// Handler answers the providers. It is an http.Handler for the paths of Pattern. It asks for no key and
// no login, because the path holds the secret.
type Handler struct {
	Config
	doors   map[string]Door
	post    *forwarder
	lines   map[string][]*line // by instance
	refused repetitions
	mux     *http.ServeMux
}

// New makes a Handler. It starts no goroutine until it forwards a webhook; Close ends them all.
func New(c Config) *Handler {
	h := &Handler{
		Config: c, doors: make(map[string]Door, len(c.Doors)), post: newForwarder(c), lines: map[string][]*line{}, mux: http.NewServeMux(),
	}
	for _, d := range c.Doors {
		h.doors[d.Instance] = d
		for _, f := range d.Forward {
			h.lines[d.Instance] = append(h.lines[d.Instance], &line{Forward: f, instance: d.Instance, post: h.post})
		}
	}
	h.mux.HandleFunc(Pattern, h.receive)
	return h
}

// Close waits a few seconds for webhooks that are being forwarded. No request may come in any more.
func (h *Handler) Close() { h.post.close() }

// ServeHTTP answers one webhook.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// receive answers 404 to an unknown address or a wrong signature, and 200 to every other request, whatever its body
// says. The exception is a webhook that Redis did not record: no reading finds the fate of a message. It is answered with
// 503, because most providers repeat such a webhook for a while.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request) {
	door, ok := h.door(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	status := http.StatusOK
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if signed := door.Callback.Signed; err == nil && signed != nil && !signed(r.Header, body, door.Secret.Reveal()) {
		http.NotFound(w, r)
		return
	}
	if err == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), timeout)
		defer cancel()
		var event string
		var own bool
		event, own, err = h.take(ctx, door, body)
		_, unrecorded := errors.AsType[*lost](err)
		if unrecorded {
			status = http.StatusServiceUnavailable
		}
		if len(door.Forward) > 0 && h.refused.first(door.Instance, body, unrecorded, time.Now()) {
			h.forward(door, event, own, r, body)
		}
	}
	if err != nil {
		h.Log.Warn().EmbedObject(event.ProviderWebhookFailed).Str("instance", door.Instance).Str("error", shown(err)).Msg("provider webhook failed")
	}
	w.WriteHeader(status)
}

// forward queues a webhook for the other receivers, even if take failed.
func (h *Handler) forward(door Door, event string, own bool, r *http.Request, body []byte) {
	if r.Header.Get(forwardedHeader) != "" {
		return
	}
	m := letterOf(r, door.Callback.Headers, body)
	for _, l := range h.lines[door.Instance] {
		if l.wants(event, own) {
			l.put(m)
		}
	}
}

// door finds the instance whose secret the request holds. An instance that does not exist takes the
// same time as one with another secret.
func (h *Handler) door(r *http.Request) (Door, bool) {
	door, exists := h.doors[r.PathValue("instance")]
	right := same(r.PathValue("secret"), door.Secret.Reveal())
	// A provider can also send a token, which is the same secret. A request without a token has named the secret in
	// its path; one with a wrong token does not come from the provider.
	if header := r.Header.Get("Authorization"); header != "" && door.Callback.TokenField != "" {
		_, token, found := strings.Cut(header, " ")
		right = right && found && same(token, door.Secret.Reveal())
	}
	return door, right && exists && door.Secret != ""
}

// same compares in constant time.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// lost is why a hint could not be recorded. The same webhook may succeed later.
type lost struct{ error }

func (l *lost) Unwrap() error { return l.error }

// take reads a body and follows each of its hints, also after another one has failed. event is the provider's word for it, as far as it could be
// read; own says that it concerns a group or a message of rollcall's.
func (h *Handler) take(ctx context.Context, door Door, body []byte) (event string, own bool, err error) {
	n, err := door.Callback.Decode(body)
	if err != nil {
		return n.Event, false, fmt.Errorf("read a webhook of %d bytes: it is not a JSON object of the documented form", len(body))
	}
	if n.InstanceID != door.InstanceID {
		return n.Event, false, fmt.Errorf("a webhook of another instance came in here: see the addresses set at the provider")
	}
	for _, hint := range n.Hints {
		ours, failed := h.follow(ctx, door, hint)
		own = own || ours
		if failed != nil {
			err = errors.Join(err, &lost{failed})
		}
	}
	return n.Event, own, err
}
