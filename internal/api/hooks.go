package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/callback"
)

// doors lets the providers' own webhooks in. They come from outside, through any proxy or tunnel, without a key
// and with any Host. Their address is their secret, so doors handles them before the guard, and their path is
// never logged.
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
		timely(control, r)
		_ = control.SetWriteDeadline(time.Now().Add(readFor + writeFor)) // a test's recorder has no deadlines
		a.Hooks.ServeHTTP(&inProblems{ResponseWriter: w, r: r, api: a}, r)
	})
}

// inProblems turns the errors of webhooks into problems, like all errors of the API.
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

// wrongHook answers a webhook whose address has a wrong secret. It slows down a source that sends several of them. A
// right secret always works: a provider sends the webhooks of many customers from one address, and guessing cannot
// find a secret.
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
