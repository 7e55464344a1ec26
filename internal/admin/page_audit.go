package admin

import (
	"github.com/rollcallhq/rollcall/internal/audit"
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/store"
)

func (v auditView) page(f *frame) h.Node {
	return h.Group{
		h.H1(f.T("audit-log")),
		h.P(link("/audit/refusals", f.T("refused-requests"))),
		filters("/audit",
			f.field("who", input("actor", v.Filter.Actor, maxLength(200))),
			f.field("what", choose("action", f.anything(), plain(v.Actions, audit.Action(v.Filter.Action)))),
			f.field("result", choose("result", f.anything(), h.Map(v.Results, func(r audit.Result) h.Node {
				return option(string(r), string(r) == v.Filter.Result, f.T(code("result", r)))
			}))),
			f.field("about", input("subject", v.Filter.Subject, maxLength(200))),
			f.filterRow(space, link("/audit", f.T("clear")))),
		f.saved(v.Saved),
		v.entries(f),
		further(v.Next, f.T("older")),
	}
}

func (v auditView) entries(f *frame) h.Node {
	if len(v.Entries) == 0 {
		return p("empty", f.T("nothing-was-written-down-that"))
	}
	return f.table("rows", f.word("table-of-entries"),
		h.Group{f.th("when"), f.th("who"), f.th("from"), f.th("what"), f.th("about"), f.th("result"), f.th("detail")},
		h.TBody(h.Map(v.Entries, f.auditRow)))
}

func (f *frame) auditRow(e store.AuditEntry) h.Node {
	tone := tones[e.Result]
	if e.Result == string(audit.Done) {
		tone = "good"
	}
	return tr(
		td("t", f.at(e.At)),
		h.Td(h.Text(e.Actor)),
		td("soft", h.Text(e.Through+" "+e.From), h.If(e.ForwardedFor != "", h.Text(" ("+e.ForwardedFor+")"))),
		h.Td(h.Code(h.Text(e.Action))),
		h.Td(
			h.Map(e.Subjects[:min(3, len(e.Subjects))], func(s string) h.Node { return h.Group{h.Code(h.Text(s)), space} }),
			h.If(e.Count > 3, soft(f.T("in-all", e.Count)))),
		h.Td(badge(tone, kept(f, "result", e.Result))),
		td("why", f.tell(e.Detail)))
}

func (v refusalsView) page(f *frame) h.Node {
	return h.Group{
		crumbs(link("/audit", f.T("audit-log"))),
		h.H1(f.T("refused-requests")),
		p("soft", f.T("gathered-by-source-reason-and")),
		filters("/audit/refusals",
			f.field("source", input("source", v.Filter.Source, maxLength(100))),
			f.field("key", input("actor", v.Filter.Actor, maxLength(100))),
			f.field("reason", choose("reason", f.anything(), h.Map(v.Reasons, func(r audit.Reason) h.Node {
				return option(string(r), string(r) == v.Filter.Reason, f.T(code("reason", r)))
			}))),
			f.filterRow(space, link("/audit/refusals", f.T("clear")))),
		f.saved(v.Saved),
		v.refused(f),
		further(v.Next, f.T("older")),
	}
}

func (v refusalsView) refused(f *frame) h.Node {
	if len(v.Refusals) == 0 {
		return p("empty", f.T("no-refused-request-matches"))
	}
	return f.table("rows", f.word("table-of-refused-requests"),
		h.Group{f.th("when"), f.th("source"), f.th("reason"), f.th("key"), f.th("what"), f.th("times")},
		h.TBody(h.Map(v.Refusals, func(r store.Refusal) h.Node {
			return tr(
				td("t", f.at(r.At)),
				h.Td(h.Code(h.Text(r.Source)), space, soft(h.Text(r.Through))),
				h.Td(kept(f, "reason", r.Reason)),
				h.Td(h.Text(r.Actor)),
				h.Td(h.Code(h.Text(r.Route))),
				h.Td(num(r.Count)))
		})))
}
