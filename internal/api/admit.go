package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/view"
)

// identify returns who sends a request: by its key, or by its session if session is true or the server has no keys.
func (a *API) identify(r *http.Request, session bool) (auth.Who, *Problem) {
	if in, ok := insiderOf(r.Context()); ok {
		return in.who, nil
	}
	header := r.Header.Get("Authorization")
	if !a.Auth.Keyed() || session && header == "" {
		if who := a.Auth.BySession(r); who.Unread != nil {
			return who, a.ofError(r.Context(), who.Unread)
		} else if who.Role > auth.Public {
			return who, nil
		}
	}
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		a.Auth.Refuse(r, audit.API, audit.NoKey, "")
		p := problem(http.StatusUnauthorized, "Send a key: Authorization: Bearer rck_…. `rollcall-producer key new` makes one.")
		p.header.Set("WWW-Authenticate", `Bearer realm="rollcall"`)
		return auth.Who{}, p
	}
	who, wait := a.Auth.ByKey(r, audit.API, token)
	switch {
	case who.Role > auth.Public:
		return who, nil
	case wait > 0:
		return who, slowed(wait)
	}
	p := problem(http.StatusUnauthorized, "This key is not one of api.keys. It may have been taken out, or cut when it was copied.")
	p.header.Set("WWW-Authenticate", `Bearer realm="rollcall", error="invalid_token"`)
	return who, p
}

// admit lets a request in if its sender may do what it asks for. The returned request carries the sender.
func (a *API) admit(r *http.Request, known route) (*http.Request, *Problem) {
	var who auth.Who
	if known.role > auth.Public {
		var p *Problem
		if who, p = a.identify(r, known.session); p != nil {
			return r, p
		}
	}
	r, p := a.enter(r, who, audit.API)
	if p == nil {
		p = may(who, known)
		if p != nil {
			a.Auth.Refuse(r, audit.API, audit.SmallRole, answerOf(r.Context()).route)
		}
	}
	return r, p
}

// may returns the problem if who's role or the limits of the key do not allow an operation.
func may(who auth.Who, known route) *Problem {
	var p *Problem
	switch {
	case known.role == auth.Public:
		return nil
	case who.Role < known.role:
		p = problem(http.StatusForbidden, "The key %s has the role %s; this takes the role %s.", who.Name, who.Role, known.role)
	case who.OnlyCreate && !known.creates:
		p = problem(http.StatusForbidden, "The key %s only creates groups (api.keys, only: create). Use another key for this.", who.Name)
	case len(who.Pools) > 0 && !known.pools:
		p = problem(http.StatusForbidden, "The key %s is bound to pools (api.keys, pools), and this concerns the whole installation. Use a key without pools.", who.Name)
	default:
		return nil
	}
	p.header.Set("WWW-Authenticate", `Bearer realm="rollcall", error="insufficient_scope", scope="`+known.role.String()+`"`)
	return p
}

// shown returns a reader of what the key of a request may see.
func (a *API) shown(ctx context.Context) *view.Reader { return a.Status.Within(auth.Of(ctx).Pools) }

// enter marks a request as sent by who, and counts it for its key until it is answered.
func (a *API) enter(r *http.Request, who auth.Who, through audit.Through) (*http.Request, *Problem) {
	ans := answerOf(r.Context())
	if who.Name != "" && !a.limits.requestsOf.enter(who.Name, a.Limits.PerKey) {
		a.limited(keyRequests, a.Auth.Source(r))
		return r, tooMany(time.Second, "The key %s has %d requests under way, as many as one may have. Wait for some of them.", who.Name, a.Limits.PerKey)
	}
	ans.key = who.Name
	r = r.WithContext(auth.As(r.Context(), who))
	actor := a.Auth.Actor(r, through, ans.id)
	if in, ok := insiderOf(r.Context()); ok {
		actor, actor.RequestID = in.actor, ans.id
	}
	return r.WithContext(audit.As(r.Context(), actor)), nil
}
