package admin

import (
	"github.com/rollcallhq/rollcall/internal/group"
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
)

func (v groupsView) page(f *frame) h.Node {
	return h.Group{
		h.H1(f.T("groups")),
		h.If(f.Operator(), h.P(buttonTo("/groups/new", f.T("create-title")))),
		v.filters(f),
		f.saved(v.Saved),
		h.If(v.Query.Person != "", p("note", f.T("groups-of-one-person-the"), space, link(path("people", v.Query.Person), f.T("what-became-of-the-person")))),
		h.If(len(v.Batches) > 0, p("note", f.T("batches"), h.Text(": "), h.Map(v.Batches, func(b *group.Batch) h.Node {
			return h.Group{link(path("batches", b.ID), veil(b.Name)), space}
		}))),
		v.matches(f),
		live("groups", v.rows(f)),
		further(v.Next, f.T(v.onward())),
	}
}

// rows shows the groups, with a note if there may be more although the page is not full.
func (v groupsView) rows(f *frame) h.Node {
	if !v.early() {
		return f.groupRows(v.Groups, "no-group-matches")
	}
	return h.Group{h.If(len(v.Groups) > 0, f.groupTable(v.Groups)), p("note", f.T("not-all-looked-through"))}
}

// early reports whether the search stopped before its end, with a page that is not full.
func (v groupsView) early() bool { return v.Next != "" && len(v.Groups) < pageSize }

func (v groupsView) onward() say.Code {
	if v.early() {
		return "look-further"
	}
	return "older"
}

func (v groupsView) filters(f *frame) h.Node {
	q := v.Query
	return filters("/groups",
		h.FieldSet(h.Legend(f.T("status")), h.Map(v.Statuses, func(s group.Status) h.Node {
			return h.Label(h.Class("chip"), h.Input(h.Type("checkbox"), h.Name("status"), h.Value(string(s)), h.If(q.Has(s), h.Checked())), space, h.Text(f.text(code("status", s))))
		})),
		f.field("instance", choose("instance", f.anything(), plain(v.Names, q.Instance))),
		f.field("pool-2", choose("pool", f.anything(), plain(v.Pools, q.Pool))),
		f.field("fault", choose("fault", f.anything(), h.Map(v.Faults, func(l faultLine) h.Node {
			return option(l.Key, l.Key == q.Fault, f.faultName(l), h.Text(" ("), num(l.Groups), h.Text(")"))
		}))),
		f.field("accepted-from", input("from", q.From, h.Type("date"))),
		f.field("accepted-to", input("to", q.To, h.Type("date"))),
		f.field("name-begins", input("name", q.Name, maxLength(100))),
		f.field("batch", input("batch", q.Batch, maxLength(300))),
		f.field("reference", input("ref", q.Ref, maxLength(300))),
		h.If(q.Person != "", hidden("person", q.Person)),
		f.filterRow(h.If(!q.Empty(), h.Group{space, link("/groups", f.T("clear"))})),
	)
}

// matches shows how many groups match, and what can be done to all of them.
func (v groupsView) matches(f *frame) h.Node {
	match := f.T("match", v.Total)
	if v.AtMost {
		match = f.T("match-at-most", v.Total)
	}
	return h.Div(h.Class("row bulk"), h.Data("live", "matches"),
		h.If(v.Known, h.Span(h.B(num(v.Total)), space, match)),
		h.If(f.Operator() && !v.Query.Empty() && len(v.Actions) > 0, h.Group{
			h.Map(v.Actions, func(a operate.BulkAction) h.Node {
				if a == operate.BulkMove {
					return nil
				}
				return post("/bulk", hidden("query", v.Query.Values().Encode()), h.Button(h.Name("action"), h.Value(string(a)), f.T(v.Name(a))))
			}),
			f.moveTo(v.Move),
			soft(f.T("for-all-that-match"), space, f.T("a-dry-run-comes-first"), space, link("/jobs", f.T("jobs"))),
		}))
}

// moveTo returns the form that moves the groups of a list; nothing if there is nowhere to move them.
func (f *frame) moveTo(m *moving) h.Node {
	if m == nil {
		return nil
	}
	return post("/bulk", hidden("query", m.Query),
		h.Label(h.Class("hide"), h.For("move-to"), f.T("move-to")), h.Select(h.Name("to"), h.ID("move-to"), plain(m.Others, "")), space,
		h.Button(h.Name("action"), h.Value("move"), f.T("move"), h.If(m.N > 0, h.Group{h.Text(" ("), num(m.N), h.Text(")")})))
}

// groupRows returns a table of groups, or the text empty if there are none.
func (f *frame) groupRows(all []group.Document, empty say.Code) h.Node {
	if len(all) == 0 {
		return p("empty", f.T(empty))
	}
	return f.groupTable(all)
}

func (f *frame) groupTable(all []group.Document) h.Node {
	return f.table("rows", f.word("table-of-groups"),
		h.Group{f.th("group-2"), f.th("status"), f.th("people-in", "n"), f.th("where"), f.th("waits-for"), f.th("changed", "t")},
		h.TBody(h.Map(all, f.groupRow)))
}

func (f *frame) groupRow(d group.Document) h.Node {
	where, why := soft(f.T("pool"), h.Text(" "+d.Pool)), h.Node(nil)
	if d.Instance != "" {
		where = h.Text(d.Instance)
	}
	switch {
	case !d.WaitingFor.Zero():
		why = f.tell(d.WaitingFor)
	case d.Error != nil:
		why = f.tell(d.Error.Message)
	}
	return tr(h.Data("key", d.ID),
		td("name", link(path("groups", d.ID), veil(d.GroupName))),
		h.Td(f.status(string(d.Worst))),
		f.labelled("n", "people-in", h.If(len(d.Counts) > 0, h.Text(peopleIn(d.Counts)))),
		h.Td(where),
		td("why", why),
		f.labelled("t", "changed", f.rel(d.UpdatedAt)),
	)
}
