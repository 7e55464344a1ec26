package admin

import (
	"strconv"

	"github.com/rollcallhq/rollcall/internal/group"
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/view"
)

func (v historyView) page(f *frame) h.Node {
	return h.Group{
		h.H1(f.T("history")),
		v.filters(f),
		f.saved(v.Saved),
		live("history",
			h.Div(h.Class("charts"), h.Map(v.Charts, f.chart)),
			h.H2(f.T("day-by-day")),
			v.days(f),
			v.funnels(f)),
		p("soft", f.T("a-day-is-one-of")),
	}
}

func (v historyView) filters(f *frame) h.Node {
	return filters("/history",
		f.field("instance", choose("instance", option("", false, f.T("all")), plain(v.Names, v.Instance))),
		f.field("days", choose("days", h.Map(v.Spans, func(n int) h.Node {
			return h.Option(h.If(n == v.Days, h.Selected()), h.Text(strconv.Itoa(n)))
		}))),
		f.filterRow(h.If(v.Instance != "", h.Group{space, link(path("instances", v.Instance), h.Text(v.Instance))})),
	)
}

func (v historyView) days(f *frame) h.Node {
	return f.table("numbers", f.word("day-by-day"),
		h.Group{
			f.th("day"), f.th("created-2"), f.th("failed-2"), f.th("added"), f.th("invited"), f.th("joined"),
			f.th("create-calls-of-allowed"), f.th("invite-calls-of-allowed"),
		},
		h.TBody(h.Map(v.Rows, func(d view.HistoryDay) h.Node {
			return tr(h.Data("key", d.Date),
				h.Th(h.Scope("row"), h.Time(h.DateTime(d.Date), h.Text(f.day(d.Date)))),
				dayCells(d))
		})),
		h.TFoot(tr(h.Th(h.Scope("row"), f.T("sum")), dayCells(v.Sum))))
}

// dayCells returns the numbers of a day, or of all days.
func dayCells(d view.HistoryDay) h.Node {
	return h.Group{
		cells(d.Created, d.Failed, d.Added, d.Invited, d.Joined),
		h.Td(num(d.Calls.Create), ofAll(d.Allowed.Create)),
		h.Td(num(d.Calls.Invite), ofAll(d.Allowed.Invite)),
	}
}

func cells(numbers ...int) h.Node {
	return h.Map(numbers, func(n int) h.Node { return h.Td(num(n)) })
}

// funnels shows how far the people of each batch came.
func (v historyView) funnels(f *frame) h.Node {
	if v.Funnels == nil {
		return nil
	}
	return h.Group{
		h.H2(f.T("batch-by-batch")),
		h.Div(h.Class("charts"), f.chart(*v.Funnels)),
		f.table("numbers", f.word("batch-by-batch"),
			h.Group{f.th("batch"), f.th("asked"), f.th("added"), f.th("invited"), f.th("joined")},
			h.TBody(h.Map(v.Batches, func(b group.BatchDocument) h.Node {
				return tr(h.Data("key", b.ID),
					h.Th(h.Scope("row"), link(path("batches", b.ID), veil(b.Name))),
					cells(b.Funnel.Asked, b.Funnel.Added, b.Funnel.Invited, b.Funnel.Joined))
			}))),
	}
}

// chart draws numbers over time. Its label says the same for screen readers.
func (f *frame) chart(c chart) h.Node {
	width := strconv.Itoa(c.Width)
	key := func(drawn h.Node, name h.Node) h.Node {
		return h.Group{space, mark("key", svg("", "0 0 8 8", h.Aria("hidden", "true"), drawn), space, name)}
	}
	return h.Figure(h.Class("chart"),
		h.FigCaption(
			h.B(h.Text(c.Title)),
			h.Map(c.Series, func(s series) h.Node {
				return key(rect(s.Class, h.Number("width", 8), h.Number("height", 8), h.Number("rx", 2)), h.Text(s.Name))
			}),
			h.If(c.Limit != "", key(drawn("limit", "M0 4h8"), f.T("allowed")))),
		h.P(h.Class("top-of"), h.Aria("hidden", "true"), num(c.Top)),
		svg("plot", "0 0 "+width+" 101", h.PreserveAspectRatio("none"), h.Role("img"), h.Aria("label", c.Label),
			drawn("base", "M0 100.5h"+width),
			h.Map(c.Bars, func(b chartBar) h.Node {
				return rect(b.Class, h.Number("x", b.X), h.Number("y", b.Y), h.Number("width", b.W), h.Number("height", b.H))
			}),
			h.If(c.Limit != "", drawn("limit", c.Limit))),
		h.P(h.Class("ends"), h.Aria("hidden", "true"), h.Span(h.Text(c.From)), h.Span(h.Text(c.To))))
}
