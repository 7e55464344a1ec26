package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/store"
)

// slowed returns the answer to a source that tried too many wrong secrets.
func slowed(wait time.Duration) *Problem {
	p := problem(http.StatusTooManyRequests, "Too many wrong keys came from your address. Try again in %s.", wait.Round(time.Second)+time.Second)
	p.header.Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	return p
}

func (a *API) addRefusals() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/audit/refusals", id: "listRefusals", tag: "audit", role: auth.Admin,
		summary: "List refused requests, newest first",
		about: "Requests that were refused because of a missing or wrong key, too small a role, a foreign origin or a wrong webhook secret, gathered by source, reason and minute. " +
			"They are kept apart from the audit log, which they cannot fill. The latest 10,000 lines are kept, for audit_retention at most.",
	}, a.listRefusals)
}

type refusalsInput struct {
	Page
	Source  string    `query:"source" doc:"Only this source: an address, or an IPv6 network as 2001:db8:1:2::/64."`
	Through string    `query:"through" enum:"api,page,hooks" doc:"Only what came in this way."`
	Reason  string    `query:"reason" enum:"noKey,wrongKey,role,origin,hookSecret,slowed" doc:"Only what was refused for this reason."`
	Actor   string    `query:"actor" doc:"Only what this key was refused."`
	Since   time.Time `query:"since" doc:"Only minutes from this time on."`
	Until   time.Time `query:"until" doc:"Only minutes before this time."`
}

type refusalList struct {
	Items      []store.Refusal `json:"items"`
	NextCursor string          `json:"nextCursor"`
}

func (a *API) listRefusals(ctx context.Context, in *refusalsInput) (*answered[refusalList], error) {
	refusals, next, err := a.Store.Trail.RefusalPage(ctx, store.RefusalFilter{
		Source: in.Source, Through: in.Through, Reason: in.Reason, Actor: in.Actor, Since: in.Since, Until: in.Until,
	}, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return &answered[refusalList]{refusalList{Items: append([]store.Refusal{}, refusals...), NextCursor: next}}, nil
}
