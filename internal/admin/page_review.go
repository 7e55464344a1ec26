package admin

import (
	"github.com/rollcallhq/rollcall/internal/group"
	h "github.com/rollcallhq/rollcall/internal/markup"
)

func (v reviewView) page(f *frame) h.Node {
	cases := h.Node(p("empty", f.T("nothing-waits-for-a-decision")))
	if len(v.Cases) > 0 {
		cases = h.Map(v.Cases, func(c reviewCase) h.Node {
			return h.Article(h.Class("case"), h.Data("key", c.Group.ID),
				h.Header(h.H2(link(path("groups", c.Group.ID), veil(c.Group.GroupName))), space, f.status(string(c.Group.Status)), space,
					soft(h.Text(c.Group.Instance+" · "), f.T("since"), space, f.rel(c.Since))),
				f.reviewCase(c))
		})
	}
	next := ""
	if v.Next != "" {
		next = list("/review", "cursor", v.Next)
	}
	return h.Group{
		h.H1(f.T("review"), space, soft(num(v.Total))),
		p("lead", f.T("a-create-had-no-clear")),
		live("cases", cases),
		further(next, f.T("more")),
	}
}

// reviewCase returns one uncertain create: what was sent, what was found, and the buttons that decide.
func (f *frame) reviewCase(c reviewCase) h.Node {
	return h.Group{
		p("lead", h.B(f.tell(c.Code.Title), h.Text(".")), space, f.tell(c.Code.Why), space, mark("do", f.tell(c.Code.Remedy))),
		h.Div(h.Class("columns"),
			h.Section(h.H3(f.T("what-was-sent")), f.lastCall(c)),
			h.Section(h.H3(f.T("what-each-look-found")), f.looks(c.Looks), p("soft", f.tell(c.Message)))),
		h.If(len(c.Candidates) > 0, h.Group{
			h.H3(f.T("candidates")),
			h.Div(h.Class("candidates"), h.Map(c.Candidates, func(one candidate) h.Node { return f.candidate(c, one) })),
		}),
		f.decisions(c),
	}
}

func (f *frame) lastCall(c reviewCase) h.Node {
	last := c.Last
	if last == nil {
		return h.Group{h.P(h.Class("soft")), pre(c.Sent)}
	}
	answer := h.Group{}
	if !last.Error.Zero() {
		answer = h.Group{h.P(f.T("answer"), h.Text(": "), h.If(last.HTTPStatus != 0, h.Textf("HTTP %d: ", last.HTTPStatus)), f.tell(last.Error))}
	}
	return h.Group{
		p("soft", f.T("call-at", last.N, last.Instance), h.Text(", "), f.at(last.StartedAt), h.If(!last.EndedAt.IsZero(), h.Group{h.Text(" – "), f.at(last.EndedAt)})),
		pre(c.Sent),
		answer,
	}
}

// looks shows what each look into the provider's lists found.
func (f *frame) looks(all []group.Look) h.Node {
	if len(all) == 0 {
		return p("none", f.T("no-look-was-taken"))
	}
	return h.Ol(h.Class("looks"), h.Map(all, func(l group.Look) h.Node {
		found := f.T("nothing-in-the-lists")
		switch {
		case !l.Error.Zero():
			found = h.Group{mark("badtext", f.T("the-lists-could-not-be")), h.Text(": "), f.tell(l.Error)}
		case l.Found > 0:
			found = h.B(f.T("one-group-that-could-be", l.Found))
		}
		return h.Li(f.at(l.At), h.Text(": "), found)
	}))
}

// candidate returns a group at WhatsApp that could be the requested one.
func (f *frame) candidate(c reviewCase, one candidate) h.Node {
	same, created, people := mark("badtext", f.T("different")), none(f.T("not-told")), none(f.T("not-told"))
	if one.SameName {
		same = mark("goodtext", f.T("same"))
	}
	if !one.CreatedAt.IsZero() {
		created = h.Group{f.at(one.CreatedAt), h.If(one.Delta != "", h.Group{space, soft(h.Text("("), f.T("from-the-call", one.Delta), h.Text(")"))})}
	}
	if one.People > 0 {
		people = num(one.People)
	}
	return h.Article(h.Class("candidate"),
		h.H4(h.Code(veil(one.GroupID))),
		h.Dl(h.Class("facts"),
			f.fact("name", veil(one.Name), space, same),
			f.fact("instance", h.Text(one.Instance)),
			f.fact("created-2", created),
			f.fact("people", people, space, soft(h.Text("/ "), f.T("were-asked", c.People)))),
		h.If(f.Operator(), post(path("groups", c.Group.ID, "adopt"), c.mark(), hidden("groupId", one.GroupID),
			h.Button(h.Class("primary"), f.T("adopt-this-one"), hide(space, veil(one.GroupID))))))
}

// mark returns the hidden field that says which review a form decides.
func (c reviewCase) mark() h.Node { return hidden("since", markOf(c.Since)) }

// decisions returns the other ways to decide.
func (f *frame) decisions(c reviewCase) h.Node {
	if !f.Operator() {
		return nil
	}
	at := func(what string) string { return path("groups", c.Group.ID, what) }
	return h.Div(h.Class("row decide"),
		fold(f.T("adopt-another-group"), post(at("adopt"), c.mark(), h.Class("stack"),
			f.field("its-id-at-whatsapp", blank("groupId", h.Required(), maxLength(maxGroupIDLength), h.Placeholder("120363000000000001-group"))), h.Button(f.T("adopt-it")))),
		h.If(c.Recreate, fold(f.T("create-it-again"), post(at("recreate"), c.mark(), h.Class("stack"),
			h.P(f.T("you-say-that-there-is")), h.Button(h.Class("danger"), f.T("create-it-again"))))),
		fold(f.T("abandon-it"), post(at("abandon"), c.mark(), h.Class("stack"),
			h.P(f.T("no-longer-needed")), h.Button(h.Class("danger"), f.T("abandon-it")))))
}
