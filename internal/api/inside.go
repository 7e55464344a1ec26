package api

import (
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
)

// insider is the sender of a request from another part of this process.
type insider struct {
	who   auth.Who
	actor audit.Actor
}

type insiderKey struct{}

func insiderOf(ctx context.Context) (insider, bool) {
	in, ok := ctx.Value(insiderKey{}).(insider)
	return in, ok
}

// Inside returns a handler for requests from another part of this process. They need no API key: they act with the
// role of who, and the audit log names actor. All other rules apply as for requests from outside.
func (a *API) Inside(who auth.Who, actor audit.Actor) http.Handler {
	next := a.observe(http.HandlerFunc(a.route))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), insiderKey{}, insider{who, actor})))
	})
}
