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

// Endpoint is a webhook as the configuration gives it. It holds secrets: nothing prints it.
type Endpoint struct {
	URL  string
	Host string // of the URL; it may be shown
	// Secrets all sign each delivery. A receiver accepts the signature of the secret it knows, so a secret can be
	// changed without a gap. Each is "whsec_" and base64, or any other text, used as it is.
	Secrets []string
	Events  []string // names and patterns
	// AllowPrivate lets the address be in a private network.
	AllowPrivate bool
}

// receiver is an address that gets events.
type receiver struct {
	id, host, print string
	url             string
	keys            [][]byte
	events          []string
	allowPrivate    bool
	busy            chan struct{} // holds a place for each delivery of this worker
}

// deliveriesAtOnce is how many deliveries a worker makes to one receiver at the same time, so that a receiver that hangs
// does not take the places of all others.
const deliveriesAtOnce = 4

// newReceiver makes a receiver and its id.
func newReceiver(st *store.Store, e Endpoint) (*receiver, error) {
	r := &receiver{
		id: st.Outbox.ReceiverID(e.URL), host: e.Host, url: e.URL, events: e.Events, allowPrivate: e.AllowPrivate, busy: make(chan struct{}, deliveriesAtOnce),
		print: st.Outbox.ReceiverPrint(strings.Join(slices.Concat([]string{e.URL, fmt.Sprint(e.AllowPrivate)}, e.Secrets, []string{""}, e.Events), "\x00")),
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

// GoString is for %#v.
func (r *receiver) GoString() string { return "webhook.Receiver(" + r.host + ")" }

func (r *receiver) wants(event string) bool {
	return slices.ContainsFunc(r.events, func(pattern string) bool {
		ok, err := path.Match(pattern, event)
		return ok && err == nil
	})
}

const whsec = "whsec_"

// signingKey reads a secret: whsec_ and base64, or any other text as it is.
func signingKey(secret string) ([]byte, error) {
	encoded, standard := strings.CutPrefix(secret, whsec)
	if !standard {
		return []byte(secret), nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("after %s must come base64", whsec) // the cause would quote the secret
	}
	return key, nil
}

// sign returns the signature header of one try, as Standard Webhooks 1.0.0 defines it: for each secret
// "v1," and the base64 of the HMAC-SHA256 of event, Unix time and body.
func (r *receiver) sign(event string, at time.Time, body []byte) string {
	entries := make([]string, len(r.keys))
	for i, key := range r.keys {
		mac := hmac.New(sha256.New, key)
		_, _ = fmt.Fprintf(mac, "%s.%d.%s", event, at.Unix(), body) // a hash takes every write
		entries[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(entries, " ")
}

// receivers are the configured receivers, by id. It is immutable.
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

// announcement returns what workers publish of the receivers in Redis.
func (rs receivers) announcement() []store.Receiver {
	var all []store.Receiver
	for _, id := range rs.sorted() {
		r := rs[id]
		all = append(all, store.Receiver{ID: id, Host: r.host, Events: r.events, Print: r.print})
	}
	return all
}
