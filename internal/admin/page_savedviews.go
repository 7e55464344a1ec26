package admin

import (
	h "github.com/rollcallhq/rollcall/internal/markup"
)

// saved returns the saved views of a list, and the forms that change them.
func (f *frame) saved(v savedViews) h.Node {
	return h.Group{
		h.If(len(v.Views) > 0, h.Nav(h.Class("row"), h.Aria("label", f.word("saved-views")),
			soft(f.T("saved-views")),
			h.Map(v.Views, func(one savedView) h.Node {
				return h.Span(h.A(h.Class("chip"), h.Href(one.Link), h.If(one.Current, h.Aria("current", "page")), h.Text(one.Name)), space, soft(f.T("saved-by", one.By)))
			}))),
		h.If(v.May, fold(f.T("save-or-change-views"), h.Div(h.Class("stack"),
			f.saveView(v),
			h.Map(v.Views, func(one savedView) h.Node { return f.changeView(v, one) })))),
	}
}

// saveView returns the form that saves the present filters, unless they are saved already.
func (f *frame) saveView(v savedViews) h.Node {
	switch {
	case v.Known:
		return nil
	case v.Query == "":
		return p("soft", f.T("filter-first"))
	default:
		return post("/views", h.Class("row"), hidden("list", v.List), hidden("query", v.Query),
			f.field("name-of-the-view", blank("name", h.Required(), maxLength(v.Max), unhelped())), space, h.Button(f.T("save-this-view")))
	}
}

func (f *frame) changeView(v savedViews, one savedView) h.Node {
	name := hide(h.Text(" " + one.Name))
	return row(
		post(path("views", one.ID, "rename"), h.Class("row"),
			f.field("name-of-the-view", input("name", one.Name, h.Required(), maxLength(v.Max), unhelped())), space, h.Button(f.T("rename"), name)),
		space, post(path("views", one.ID, "delete"), h.Button(h.Class("danger"), f.T("delete"), name)),
		space, soft(f.T("saved-by", one.By), space, f.rel(one.At)))
}
