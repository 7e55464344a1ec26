package api

import (
	"context"
	"net/http"
	"path"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/store"
)

// local is the actor where there are no keys: a person or a program on this machine.
const local = "local"

// actor is who sent a request, for the audit log. From is the address that connected, or the one that
// a trusted proxy names. What another proxy says stands beside it, because anybody can say that.
func (a *API) actor(r *http.Request) audit.Actor {
	ans := answerOf(r.Context())
	who := audit.Actor{Name: ans.key, Through: audit.API, From: addressText(a.client(r)), RequestID: ans.id}
	if len(a.Keys) == 0 {
		who.Name = local
	}
	if said := forwarded(r); len(said) > 0 && said[0].String() != who.From {
		who.ForwardedFor = said[0].String()
	}
	return who
}

// admit lets a request in if its key may do what it wants.
func (a *API) admit(r *http.Request, known route) *Problem {
	if known.session && a.Page != nil && r.Header.Get("Authorization") == "" {
		if key, err := a.Page.Who(r); err != nil {
			return a.ofError(r.Context(), err)
		} else if key != nil {
			return a.grant(r, key, known.role, answerOf(r.Context()).route)
		}
	}
	return a.authorize(r, known.role, answerOf(r.Context()).route)
}

// saw writes down that groups were shown with their people's numbers. Programs ask all day, so of
// each key and address it is once an hour.
func (a *API) saw(ctx context.Context, groups int) {
	if groups > 0 && !a.veiled(ctx) {
		a.Control.Audit.Saw(ctx, audit.About{Count: groups, Detail: answerOf(ctx).route})
	}
}

func (a *API) addAudit() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/audit", id: "listAudit", tag: "audit", role: Admin,
		summary: "Who did what, newest first",
		about: "Every change that somebody made or tried through the API, the page and the command line, and who was shown telephone numbers. " +
			"No entry holds a number or a secret: people are named by the hash that the suppression list has. The latest 100,000 are kept, for audit_retention at most.",
	}, a.listAudit)
}

type auditInput struct {
	Page
	Actor   string    `query:"actor" doc:"Only what this key, or this user of a machine, did."`
	Action  string    `query:"action" doc:"Only this action, or a pattern." example:"group.*"`
	Subject string    `query:"subject" doc:"Only what concerned this group, batch, instance, event or webhook, by its id or name."`
	Through string    `query:"through" enum:"api,page,cli" doc:"Only what came in this way."`
	Result  string    `query:"result" enum:"done,refused,notFound,failed" doc:"Only what ended so."`
	Since   time.Time `query:"since" doc:"Only what was done at this time or later."`
	Until   time.Time `query:"until" doc:"Only what was done before this time."`
}

type auditList struct {
	Items      []store.AuditEntry `json:"items"`
	NextCursor string             `json:"nextCursor"`
}

func (a *API) listAudit(ctx context.Context, in *auditInput) (*answered[auditList], error) {
	if _, err := path.Match(in.Action, ""); err != nil {
		return nil, invalid("query.action", "", "action is no pattern. Write an action, or a pattern as group.*.")
	}
	entries, next, err := a.Store.Trail.AuditPage(ctx, store.AuditFilter{
		Actor: in.Actor, Action: in.Action, Subject: in.Subject, Through: in.Through, Result: in.Result, Since: in.Since, Until: in.Until,
	}, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return &answered[auditList]{auditList{Items: append([]store.AuditEntry{}, entries...), NextCursor: next}}, nil
}
