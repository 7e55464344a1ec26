package api

import (
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
)

// insider is the sender of requests from within this process.
type insider struct {
	who   auth.Who
	actor audit.Actor
}

type insiderKey struct{}

func insiderOf(ctx context.Context) (insider, bool) {
	in, ok := ctx.Value(insiderKey{}).(insider)
	return in, ok
}

// Inside returns a handler for requests of another part of this process. They need no key: who is their sender,
// actor their actor in the audit log. Roles and all other rules apply as for requests from outside.
func (a *API) Inside(who auth.Who, actor audit.Actor) http.Handler {
	next := a.observe(http.HandlerFunc(a.route))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), insiderKey{}, insider{who, actor})))
	})
}
