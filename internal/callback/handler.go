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
	// maxBody is the maximum size of a webhook. It is far above that of any provider's webhook, because none carries a
	// file.
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

// rests makes an instance rest.
type rests interface {
	Rest(ctx context.Context, instance string, r pacing.Rest, why pacing.Why) (time.Time, error)
}

// queue takes the tasks for the readings that hints cause.
type queue interface {
	Put(ctx context.Context, ts ...tasks.Task) error
}

// Config is what New needs.
type Config struct {
	Doors []Door // Required, as are the next five.
	Store *store.Store
	Queue queue
	Rests rests
	Rest  pacing.Rest
	Log   zerolog.Logger
	// Forwarded is told the outcome of each webhook for each Forward. Defaults to no report.
	Forwarded func(instance, outcome string)
	// ForwardTimeout bounds one try for a Forward. Defaults to 10 s.
	ForwardTimeout time.Duration
	// ForwardPauses are the pauses between the tries of one webhook. Defaults to 1 s, 5 s, 30 s.
	ForwardPauses []time.Duration
}

// Handler answers the providers. It is an http.Handler for the paths of Pattern. It requires no key and no login,
// because the path holds the secret.
type Handler struct {
	Config
	doors   map[string]Door
	post    *forwarder
	lines   map[string][]*line // by instance
	refused repetitions
	mux     *http.ServeMux
}

// New returns a Handler. The Handler starts goroutines only to forward webhooks. Close ends them.
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

// Close waits a few seconds for webhooks that are being forwarded. Call it after the last request.
func (h *Handler) Close() { h.post.close() }

// ServeHTTP answers one webhook.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// receive answers 404 to an unknown address or a wrong signature, and 200 to every other request, whatever its body
// says. The exception is a webhook that Redis did not record. receive answers 503 to it, because most providers then
// repeat the webhook for a while, and no reading of rollcall's would find what became of a message.
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

// door returns the door whose secret the request holds. An unknown instance takes the same time as a wrong secret.
func (h *Handler) door(r *http.Request) (Door, bool) {
	door, exists := h.doors[r.PathValue("instance")]
	right := same(r.PathValue("secret"), door.Secret.Reveal())
	// A provider can also send the secret as a token. Without a token the secret in the path is enough, but a wrong
	// token shows that the request does not come from the provider.
	if header := r.Header.Get("Authorization"); header != "" && door.Callback.TokenField != "" {
		_, token, found := strings.Cut(header, " ")
		right = right && found && same(token, door.Secret.Reveal())
	}
	return door, right && exists && door.Secret != ""
}

// same reports whether a and b are equal, in constant time.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// lost is the error of a hint that could not be recorded. The same webhook may succeed later.
type lost struct{ error }

func (l *lost) Unwrap() error { return l.error }

// take reads a body and follows each of its hints, even after one has failed. event is the provider's name for the
// event, if it could be read. own reports whether the event concerns a group or a message of rollcall's.
func (h *Handler) take(ctx context.Context, door Door, body []byte) (event string, own bool, err error) {
	n, err := door.Callback.Decode(body)
	if err != nil {
		return n.Event, false, fmt.Errorf("read a webhook of %d bytes: it is not a JSON object of the documented form", len(body))
	}
	if n.InstanceID != door.InstanceID {
		return n.Event, false, fmt.Errorf("the webhook is of another instance: check the addresses set at the provider")
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
