package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/store"
)

// Endpoint is a webhook of the configuration. It holds secrets, so it must not be printed.
type Endpoint struct {
	URL  string
	Host string // of the URL; it may be printed
	// Secrets all sign each delivery. A receiver accepts the signature of the secret it knows, so a secret can be
	// changed without a gap. Each is "whsec_" followed by base64, or any other text, which is the key as it is.
	Secrets []string
	Events  []string // names and patterns of path.Match
	// AllowPrivate lets the address be in a private network.
	AllowPrivate bool
}

// receiver is an address that gets events.
type receiver struct {
	id, host, fingerprint string // fingerprint changes if any setting changes: see store.Receiver.Print
	url                   string
	keys                  [][]byte // of the signatures, one for each secret
	events                []string
	allowPrivate          bool
	busy                  chan struct{} // holds an entry for each delivery that this worker is making to it
}

// deliveriesAtOnce is the maximum number of deliveries that a worker makes to one receiver at the same time, so that a
// receiver that hangs leaves room for the others.
const deliveriesAtOnce = 4

// newReceiver returns a receiver. It returns an error without a secret, and for a "whsec_" secret that is not base64.
func newReceiver(st *store.Store, e Endpoint) (*receiver, error) {
	r := &receiver{
		id: st.Outbox.ReceiverID(e.URL), host: e.Host, url: e.URL, events: e.Events, allowPrivate: e.AllowPrivate, busy: make(chan struct{}, deliveriesAtOnce),
		fingerprint: st.Outbox.ReceiverPrint(strings.Join(slices.Concat([]string{e.URL, fmt.Sprint(e.AllowPrivate)}, e.Secrets, []string{""}, e.Events), "\x00")),
	}
	for _, secret := range e.Secrets {
		key, err := signingKey(secret)
		if err != nil {
			return nil, fmt.Errorf("webhook to %s: %w", e.Host, err)
		}
		r.keys = append(r.keys, key)
	}
	if len(r.keys) == 0 {
		return nil, fmt.Errorf("webhook to %s: it has no secret", e.Host)
	}
	return r, nil
}

// String returns the host, so that printing a receiver shows no secret.
func (r *receiver) String() string { return r.host }

// GoString returns the host, so that %#v shows no secret.
func (r *receiver) GoString() string { return "notify.receiver(" + r.host + ")" }

func (r *receiver) wants(event string) bool {
	return slices.ContainsFunc(r.events, func(pattern string) bool {
		ok, err := path.Match(pattern, event)
		return ok && err == nil
	})
}

const whsec = "whsec_"

// signingKey returns the key of a secret: what the base64 after whsec_ encodes, or any other text as it is.
func signingKey(secret string) ([]byte, error) {
	encoded, standard := strings.CutPrefix(secret, whsec)
	if !standard {
		return []byte(secret), nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("what follows %s in a secret must be base64", whsec) // the error of base64 could repeat part of the secret
	}
	return key, nil
}

// sign returns the signature header of one try, as Standard Webhooks 1.0.0 defines it: for each secret
// "v1," and the base64 of the HMAC-SHA256 of "event.time.body". event is the event's id, time is at in Unix seconds.
func (r *receiver) sign(event string, at time.Time, body []byte) string {
	entries := make([]string, len(r.keys))
	for i, key := range r.keys {
		mac := hmac.New(sha256.New, key)
		_, _ = fmt.Fprintf(mac, "%s.%d.%s", event, at.Unix(), body) // writing to a hash never fails
		entries[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(entries, " ")
}

// receivers are the configured receivers, by id. They never change.
type receivers map[string]*receiver

func (rs receivers) sorted() []string { return slices.Sorted(maps.Keys(rs)) }

// want reports whether a receiver gets events of this type. An event that no receiver wants is not stored.
func (rs receivers) want(event string) bool {
	for _, r := range rs {
		if r.wants(event) {
			return true
		}
	}
	return false
}

// announcement returns what workers publish about the receivers in Redis, in order of id.
func (rs receivers) announcement() []store.Receiver {
	var all []store.Receiver
	for _, id := range rs.sorted() {
		r := rs[id]
		all = append(all, store.Receiver{ID: id, Host: r.host, Events: r.events, Print: r.fingerprint})
	}
	return all
}
