// Package auth says who sends a request: the holder of a key, a browser that has logged in with one,
// or, without configured keys, a person or a program on this machine. The API and the page share one
// Authenticator, and know each request by one value, Who.
package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/netip"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Role is what a key may do; each includes the ones before it.
type Role int

// The roles. Public needs no key.
const (
	Public Role = iota
	Viewer
	Operator
	Admin
)

var roleNames = [...]string{"public", "viewer", "operator", "admin"}

func (r Role) String() string { return roleNames[r] }

// ParseRole reads a role of a key.
func ParseRole(word string) (Role, bool) {
	for _, r := range []Role{Viewer, Operator, Admin} {
		if r.String() == word {
			return r, true
		}
	}
	return Public, false
}

// Key opens the API and the page.
type Key struct {
	Name string
	Hash [sha256.Size]byte // of the whole key
	Role Role
	Bound
}

// Bound limits a key beyond its role.
type Bound struct {
	// Pools are the pools whose groups the key can see and change. Defaults to all.
	Pools []string
	// OnlyCreate lets the key request groups and nothing else.
	OnlyCreate bool
}

// Free reports whether a key has no limits.
func (b Bound) Free() bool { return len(b.Pools) == 0 && !b.OnlyCreate }

// Who is the identity of a request. The zero value means no key.
type Who struct {
	Name    string // of the key; "" without keys
	Role    Role
	Session string // the id of the session that the request came with; "" for a key itself
	// Unread is the error of reading the session, if any.
	Unread error
	Bound

	print string // fingerprint of the key: a session ends with its key
}

type whoKey struct{}

// As returns a context in which who is the sender of the request.
func As(ctx context.Context, who Who) context.Context { return context.WithValue(ctx, whoKey{}, who) }

// Of returns who sent the request that a context belongs to.
func Of(ctx context.Context) Who {
	who, _ := ctx.Value(whoKey{}).(Who)
	return who
}

// Config is what an Authenticator works with.
type Config struct {
	// Keys open the API and the page. Without keys every request counts as an admin's, so no request of another machine
	// must reach the Authenticator.
	Keys []Key
	// TrustedProxies are the proxies whose X-Forwarded-For says where a request comes from. Defaults
	// to none: each request comes from the address that connects.
	TrustedProxies []netip.Prefix
	Trail          *store.Trail // Required.
	// Refused is called for each refused request, with the reason. Defaults to no report.
	Refused func(reason string)
	Log     zerolog.Logger
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
}

// Authenticator finds out who sends a request, slows down sources that try wrong secrets, and counts
// what is refused.
type Authenticator struct {
	Config

	brake    brake
	refusals *audit.Refusals
}

// New makes an Authenticator. Close must be called.
func New(c Config) *Authenticator {
	if c.Now == nil {
		c.Now = time.Now
	}
	a := &Authenticator{Config: c}
	a.refusals = audit.NewRefusals(audit.RefusalsConfig{
		Trail: c.Trail,
		Now:   func() time.Time { return a.Now() },
		Told: func(r store.Refusal) {
			a.Log.Warn().EmbedObject(event.RequestsRefused).Time("minute", r.At).Str("source", r.Source).Str("through", r.Through).Str("reason", r.Reason).
				Str("actor", r.Actor).Str("route", r.Route).Int("count", r.Count).Msg("requests refused")
		},
		Lost: func(err error) {
			a.Log.Error().EmbedObject(event.RefusalsLost).Str("error", phone.Mask(err.Error())).Msg("refusals not stored")
		},
		Counted: func(reason audit.Reason) {
			if a.Refused != nil {
				a.Refused(string(reason))
			}
		},
	})
	return a
}

// Close stores the refusals that are not stored yet.
func (a *Authenticator) Close() { a.refusals.Close() }

// Keyed reports whether a request needs a key.
func (a *Authenticator) Keyed() bool { return len(a.Keys) > 0 }

// ByKey returns who holds a key. A Role of Public means that the key is unknown, or that the source tried too many
// wrong keys and must wait. A key in the form of NewKey is checked in any case: guessing cannot find one, and its
// owner may share the source with the attacker, for example behind one proxy.
func (a *Authenticator) ByKey(r *http.Request, through audit.Through, token string) (who Who, wait time.Duration) {
	now, source := a.Now(), a.Source(r)
	if wait = a.brake.pause(source, now); wait > 0 && !WellFormedKey(token) {
		a.Refuse(r, through, audit.TooManyOff, "")
		return Who{}, wait
	}
	key := a.keyOf(token)
	if key == nil {
		a.brake.failed(source, now)
		a.Refuse(r, through, audit.WrongKey, "")
		return Who{}, wait
	}
	a.brake.passed(source)
	return key.who(), 0
}

// who returns the identity of the key's holder. Its print differs from that of an earlier key with the same name.
func (k *Key) who() Who {
	sum := sha256.Sum256(k.Hash[:])
	return Who{Name: k.Name, Role: k.Role, Bound: k.Bound, print: hex.EncodeToString(sum[:8])}
}

// keyOf finds a key. It compares every key in constant time, so that the duration reveals nothing.
func (a *Authenticator) keyOf(token string) *Key {
	sum := sha256.Sum256([]byte(token))
	var found *Key
	for i := range a.Keys {
		if subtle.ConstantTimeCompare(sum[:], a.Keys[i].Hash[:]) == 1 {
			found = &a.Keys[i]
		}
	}
	if token == "" { // no key, even if a configured hash is that of an unset $KEY
		return nil
	}
	return found
}

// WrongHook counts a webhook whose address has a wrong secret. If its source must wait, it returns for how long.
func (a *Authenticator) WrongHook(r *http.Request) (wait time.Duration) {
	now, source := a.Now(), a.Source(r)
	if wait = a.brake.pause(source, now); wait > 0 {
		a.Refuse(r, audit.Hooks, audit.TooManyOff, "")
		return wait
	}
	a.brake.failed(source, now)
	a.Refuse(r, audit.Hooks, audit.WrongHook, "")
	return 0
}

// Refuse counts a refused request. route is the one that its key may not use; "" for other reasons.
func (a *Authenticator) Refuse(r *http.Request, through audit.Through, reason audit.Reason, route string) {
	actor := ""
	if route != "" {
		actor = Of(r.Context()).Name
	}
	a.refusals.Add(store.Refusal{
		At: a.Now(), Source: SourceText(a.Source(r)), Through: string(through), Reason: string(reason), Actor: actor, Route: route,
	})
}

// Actor returns who sent a request, for the audit log. From is the address that connected, or the one that a
// trusted proxy names. ForwardedFor is what an untrusted X-Forwarded-For claims.
func (a *Authenticator) Actor(r *http.Request, through audit.Through, requestID string) audit.Actor {
	who := audit.Actor{Name: Of(r.Context()).Name, Through: through, From: addressText(a.client(r)), RequestID: requestID}
	if !a.Keyed() {
		who.Name = "local" // a person or a program on this machine; config keeps keys from this name
	}
	if said := forwarded(r); len(said) > 0 && said[0].String() != who.From {
		who.ForwardedFor = said[0].String()
	}
	return who
}
