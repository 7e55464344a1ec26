package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/serving"
	"github.com/rollcallhq/rollcall/internal/store"
)

// newRefusals gathers what this API refuses.
func newRefusals(c Config) *audit.Refusals {
	return audit.NewRefusals(audit.RefusalsConfig{
		Trail: c.Store.Trail,
		Told: func(r store.Refusal) {
			c.Log.Warn().EmbedObject(event.RequestsRefused).Time("minute", r.At).Str("source", r.Source).Str("through", r.Through).Str("reason", r.Reason).
				Str("actor", r.Actor).Str("route", r.Route).Int("count", r.Count).Msg("requests refused")
		},
		Lost: func(err error) {
			c.Log.Error().EmbedObject(event.RefusalsLost).Str("error", phone.Mask(err.Error())).Msg("refusals not stored")
		},
		Counted: func(reason audit.Reason) {
			if c.Refused != nil {
				c.Refused(string(reason))
			}
		},
	})
}

// refuse counts a refused request. The key is that whose role does not suffice.
func (a *API) refuse(r *http.Request, through audit.Through, reason audit.Reason, key, route string) {
	a.refusals.Add(store.Refusal{
		At: time.Now(), Source: sourceText(serving.SourceOf(a.client(r))), Through: string(through), Reason: string(reason), Actor: key, Route: route,
	})
}

// RefuseRole counts a request whose key has too small a role for a route of the page.
func RefuseRole(r *http.Request, key, route string) {
	if a := answerOf(r.Context()).api; a != nil {
		a.refuse(r, audit.Page, audit.SmallRole, key, route)
	}
}

// FindKey finds the key that somebody logs in with. It is nil when there is none, and when the source
// must wait first, because it tried too many wrong keys.
func FindKey(r *http.Request, token string) (*Key, time.Duration) {
	a := answerOf(r.Context()).api
	if a == nil {
		return nil, 0
	}
	return a.find(r, audit.Page, token)
}

// find finds a key. A source that tried too many wrong ones waits; a key of the form of NewKey is
// looked at nevertheless: no number of tries finds one, and its owner may share the source with who
// tries, behind one proxy for example.
func (a *API) find(r *http.Request, through audit.Through, token string) (*Key, time.Duration) {
	now, source := time.Now(), serving.SourceOf(a.client(r))
	wait := a.brake.pause(source, now)
	if wait > 0 && !WellFormedKey(token) {
		a.refuse(r, through, audit.TooManyOff, "", "")
		return nil, wait
	}
	key := a.keyOf(token)
	if key == nil {
		a.brake.failed(source, now)
		a.refuse(r, through, audit.WrongKey, "", "")
		return nil, wait
	}
	a.brake.passed(source)
	return key, 0
}

// slowed is the answer to a source that tried too many wrong secrets.
func slowed(wait time.Duration) *Problem {
	p := problem(http.StatusTooManyRequests, "Too many wrong keys came from your address. Try again in %s.", wait.Round(time.Second)+time.Second)
	p.header.Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	return p
}

func (a *API) addRefusals() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/audit/refusals", id: "listRefusals", tag: "audit", role: Admin,
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
