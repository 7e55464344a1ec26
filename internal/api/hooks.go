package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/callback"
)

// doors lets the providers' own webhooks in. They come from outside, through whatever proxy or
// tunnel there is, with no key and any Host: their address is their secret, so they are told apart
// before the guard, and their path is never logged.
func (a *API) doors(next http.Handler) http.Handler {
	if a.Hooks == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/hooks/") {
			next.ServeHTTP(w, r)
			return
		}
		answerOf(r.Context()).route = callback.Pattern
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Now().Add(readFor)) // a test's recorder has no deadlines
		_ = control.SetWriteDeadline(time.Now().Add(readFor + writeFor))
		a.Hooks.ServeHTTP(&inProblems{ResponseWriter: w, r: r, api: a}, r)
	})
}

// inProblems says what goes wrong at the doors as it is said everywhere here.
type inProblems struct {
	http.ResponseWriter

	api  *API
	r    *http.Request
	said bool
}

func (p *inProblems) WriteHeader(status int) {
	if status < http.StatusBadRequest {
		p.ResponseWriter.WriteHeader(status)
		return
	}
	p.said = true
	if status == http.StatusMethodNotAllowed {
		problem(status, "This address takes POST.").write(p.ResponseWriter, p.r)
		return
	}
	p.api.wrongHook(p.r, status).write(p.ResponseWriter, p.r)
}

// wrongHook is the answer to a webhook whose address has a wrong secret. The source of several is
// slowed down; a right secret is let in at any time, because a provider sends the webhooks of many
// customers from one address, and no number of tries finds a secret.
func (a *API) wrongHook(r *http.Request, status int) *Problem {
	if wait := a.Auth.WrongHook(r); wait > 0 {
		return slowed(wait)
	}
	return problem(status, "There is no such address here; `rollcall-producer hooks` shows those there are.")
}

func (p *inProblems) Write(data []byte) (int, error) {
	if p.said {
		return len(data), nil
	}
	return p.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController reach the connection.
func (p *inProblems) Unwrap() http.ResponseWriter { return p.ResponseWriter }
