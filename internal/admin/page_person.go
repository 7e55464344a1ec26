package admin

import (
	"cmp"

	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/operate"
)

func (v personView) page(f *frame) h.Node {
	return h.Group{
		h.H1(h.Text(v.Phone)),
		v.listed(f),
		v.actions(f),
		section("places", f.T("groups"),
			live("places", v.places(f)),
			h.If(len(v.Groups) > 0, h.P(link(list("/groups", "person", v.Token), f.T("the-groups")))),
			further(v.Next, f.T("older"))),
	}
}

// listed says whether the person is on the suppression list.
func (v personView) listed(f *frame) h.Node {
	if v.Listed == nil {
		return p("headline", f.T("is-not-on-the-suppression-list"))
	}
	return h.Div(h.Class("need warn"), h.Div(
		h.P(h.B(f.T("is-suppressed")), space, soft(f.T("since"), space, f.at(v.Listed.At))),
		h.If(v.Listed.Reason != "", p("why", veil(v.Listed.Reason)))))
}

func (v personView) actions(f *frame) h.Node {
	if !f.Operator() {
		return nil
	}
	at := func(what string) string { return path("people", v.Token, what) }
	typed := h.If(v.Typed != "", hidden("phone", v.Typed))
	return row(
		h.If(v.Number && v.Listed != nil && !f.Bound(), post(at("unsuppress"), typed, hidden("since", listedSince(v.Listed)), h.Button(f.T("take-off-the-list")))),
		h.If(v.Number && v.Listed == nil, post(at("suppress"), h.Class("row"), typed,
			f.field("reason", blank("reason", maxLength(operate.MaxReason))), space, h.Button(h.Class("danger"), f.T("never-call-again")))),
		post(at("evidence"), typed, h.Button(f.T("all-that-is-known")), space, soft(f.T("that-is-written-into-the"))))
}

// places returns the person's groups.
func (v personView) places(f *frame) h.Node {
	if len(v.Groups) == 0 {
		return p("empty", f.T("no-group-has-this-person"))
	}
	return f.table("rows", f.word("table-of-groups"),
		h.Group{f.th("group-2"), f.th("person"), f.th("why"), f.th("status"), f.th("instance"), f.th("accepted", "t")},
		h.TBody(h.Map(v.Groups, func(l placeLine) h.Node {
			return tr(h.Data("key", l.ID),
				td("name", link(path("groups", l.ID), veil(cmp.Or(l.GroupName, l.ID)))),
				h.Td(h.If(l.Member != "", f.member(l.Member))),
				td("why", f.tell(l.Reason)),
				h.Td(f.status(string(l.Worst))),
				h.Td(h.Text(l.Instance)),
				td("t", f.at(l.CreatedAt)))
		})))
}
