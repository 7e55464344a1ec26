package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/hooks"
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
		answerOf(r.Context()).route = hooks.Pattern
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Now().Add(readFor)) // a test's recorder has no deadlines
		_ = control.SetWriteDeadline(time.Now().Add(readFor + writeFor))
		a.Hooks.ServeHTTP(w, r)
	})
}
