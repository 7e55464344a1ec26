package api

import (
	"context"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// saw records that groups were shown with their people's numbers. Programs poll, so it records each key and
// address once an hour.
func (a *API) saw(ctx context.Context, groups int) {
	if groups > 0 && !veiled(ctx) {
		a.Control.Audit.Saw(ctx, audit.About{Count: groups, Detail: say.Words(answerOf(ctx).route)})
	}
}

func (a *API) addAudit() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/audit", id: "listAudit", tag: "audit", role: auth.Admin,
		summary: "Who did what, newest first",
		about: "Every change that a person or a program made or tried through the API, the page and the command line, and who was shown telephone numbers. " +
			"No entry holds a number or a secret: people are named by the hash that the suppression list has. The latest 100,000 are kept, for audit_retention at most.",
	}, a.listAudit)
}

type auditInput struct {
	Page
	Actor   string    `query:"actor" doc:"Only what this key, or this user of a machine, did."`
	Action  string    `query:"action" doc:"Only this action, or a pattern." example:"group.*"`
	Subject string    `query:"subject" doc:"Only what concerned this group, batch, instance, event or webhook, by its id or name."`
	Through string    `query:"through" enum:"api,page,cli,mcp" doc:"Only what came in this way."`
	Result  string    `query:"result" enum:"done,refused,notFound,failed" doc:"Only what ended so."`
	Since   time.Time `query:"since" doc:"Only what was done at this time or later."`
	Until   time.Time `query:"until" doc:"Only what was done before this time."`
}

type auditList struct {
	Items      []store.AuditEntry `json:"items"`
	NextCursor string             `json:"nextCursor"`
}

func (a *API) listAudit(ctx context.Context, in *auditInput) (*answered[auditList], error) {
	if in.Action != "" && !audit.Names(in.Action) {
		return nil, invalid("query.action", "", "There is no such action. Write one, or a pattern as group.*; they are %s.", joined(audit.Actions))
	}
	entries, next, err := a.Store.Trail.AuditPage(ctx, store.AuditFilter{
		Actor: in.Actor, Action: in.Action, Subject: in.Subject, Through: in.Through, Result: in.Result, Since: in.Since, Until: in.Until,
	}, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return &answered[auditList]{auditList{Items: append([]store.AuditEntry{}, entries...), NextCursor: next}}, nil
}
