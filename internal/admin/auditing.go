package admin

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// name returns the visitor's name in the audit log.
func (v *visit) name() string { return audit.ActorOf(v.ctx()).Name }

// saw records that the visitor saw a group's phone numbers in clear.
func (v *visit) saw(where, groupID string) {
	v.page.Control.Audit.Saw(v.ctx(), audit.About{Subjects: []string{groupID}, Detail: say.Words(where)})
}

type auditView struct {
	Filter  store.AuditFilter
	Entries []store.AuditEntry
	Next    string
	Actions []audit.Action
	Results []audit.Result
	Saved   savedViews
}

// errNoWord is the answer to a filter that names what does not exist. Without it, the list would seem to be empty.
var errNoWord = failed(http.StatusBadRequest, "this-is-no-filter", "a-word-in-the-address")

func (p *Page) audit(v *visit) error {
	values := v.r.URL.Query()
	f := store.AuditFilter{
		Actor: values.Get("actor"), Action: values.Get("action"), Result: values.Get("result"), Subject: values.Get("subject"),
	}
	if f.Action != "" && !audit.Names(f.Action) || f.Result != "" && !slices.Contains(audit.Results, audit.Result(f.Result)) {
		return errNoWord
	}
	entries, next, err := p.Store.Trail.AuditPage(v.ctx(), f, values.Get("cursor"), pageSize)
	if err != nil {
		return err
	}
	view := auditView{Filter: f, Entries: entries, Actions: audit.Actions, Results: audit.Results}
	if view.Saved, err = v.savedOn("audit"); err != nil {
		return err
	}
	if next != "" {
		view.Next = "/audit?" + withCursor(next, map[string]string{"actor": f.Actor, "action": f.Action, "result": f.Result, "subject": f.Subject})
	}
	return v.show(http.StatusOK, say.Code("audit-log"), view)
}

type refusalsView struct {
	Filter   store.RefusalFilter
	Refusals []store.Refusal
	Next     string
	Reasons  []audit.Reason
	Saved    savedViews
}

func (p *Page) refusals(v *visit) error {
	values := v.r.URL.Query()
	f := store.RefusalFilter{Source: values.Get("source"), Actor: values.Get("actor"), Reason: values.Get("reason")}
	if f.Reason != "" && !slices.Contains(audit.Reasons, audit.Reason(f.Reason)) {
		return errNoWord
	}
	found, next, err := p.Store.Trail.RefusalPage(v.ctx(), f, values.Get("cursor"), pageSize)
	if err != nil {
		return err
	}
	view := refusalsView{Filter: f, Refusals: found, Reasons: audit.Reasons}
	if view.Saved, err = v.savedOn("refusals"); err != nil {
		return err
	}
	if next != "" {
		view.Next = "/audit/refusals?" + withCursor(next, map[string]string{"source": f.Source, "actor": f.Actor, "reason": f.Reason})
	}
	return v.show(http.StatusOK, say.Code("refused-requests"), view)
}

// withCursor returns the query of the next page with the same filter.
func withCursor(cursor string, filter map[string]string) string {
	more := url.Values{"cursor": {cursor}}
	for name, value := range filter {
		if value != "" {
			more.Set(name, value)
		}
	}
	return more.Encode()
}
