package admin

import (
	"net/http"
	"net/url"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/ledger"
)

// name is who visits, as the audit log has it.
func (v *visit) name() string { return audit.ActorOf(v.ctx()).Name }

// saw writes down that the visitor was shown the numbers of some people.
func (v *visit) saw(where string, subject string) {
	v.page.Control.Audit.Saw(v.ctx(), audit.About{Subjects: []string{subject}, Detail: where})
}

type auditView struct {
	Filter  ledger.AuditFilter
	Entries []ledger.AuditEntry
	Next    string
	Actions []audit.Action
	Results []audit.Result
}

func (p *Page) audit(v *visit) error {
	values := v.r.URL.Query()
	f := ledger.AuditFilter{
		Actor: values.Get("actor"), Action: values.Get("action"), Result: values.Get("result"), Subject: values.Get("subject"),
	}
	entries, next, err := p.Ledger.AuditPage(v.ctx(), f, values.Get("cursor"), pageSize)
	if err != nil {
		return err
	}
	view := auditView{Filter: f, Entries: entries, Actions: audit.Actions, Results: audit.Results}
	if next != "" {
		more := url.Values{"cursor": {next}}
		for name, value := range map[string]string{"actor": f.Actor, "action": f.Action, "result": f.Result, "subject": f.Subject} {
			if value != "" {
				more.Set(name, value)
			}
		}
		view.Next = "/audit?" + more.Encode()
	}
	return v.show("audit", http.StatusOK, "Audit log", view)
}
