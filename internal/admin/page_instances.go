package admin

import (
	h "github.com/rollcallhq/rollcall/internal/markup"
)

func (b instanceTable) page(f *frame) h.Node {
	return h.Group{
		h.H1(f.T("instances"), space, soft(num(b.All))),
		h.If(b.All == 0, p("empty", f.T("no-worker-has-announced-an"))),
		h.If(b.All > 0, h.Group{
			live("states", f.states(b.States)),
			b.filters(f),
			f.saved(b.Saved),
			live("instances", b.table(f)),
			b.turns(f),
		}),
	}
}

// states shows how many instances are in each state.
func (f *frame) states(all []stateCount) h.Node {
	return h.Ul(h.Class("totals"), h.Map(all, func(s stateCount) h.Node {
		return h.Li(link(list("/instances", "state", string(s.State)), h.B(num(s.N)), space, f.state(string(s.State))))
	}))
}

func (b instanceTable) filters(f *frame) h.Node {
	q := b.Query
	return filters("/instances",
		f.field("name", input("name", q.Name, maxLength(40), unhelped())),
		f.field("status", choose("state", f.anything(), h.Map(b.States, func(s stateCount) h.Node {
			return option(string(s.State), string(s.State) == q.State, h.Text(f.text(code("state", s.State))))
		}))),
		f.field("pool-2", choose("pool", f.anything(), plain(b.Pools, q.Pool))),
		f.field("provider", choose("provider", f.anything(), h.Map(b.Providers, func(name string) h.Node {
			return option(name, name == q.Provider, h.Text(providerTitle(name)))
		}))),
		h.If(q.Sort != "", hidden("sort", string(q.Sort))),
		f.filterRow(h.If(q.Filtered(), h.Group{space, link("/instances", f.T("clear")), space, soft(f.T("of-instances", b.Total, b.All))})),
	)
}

func (b instanceTable) table(f *frame) h.Node {
	if len(b.Rows) == 0 {
		return p("empty", f.T("no-instance-matches"))
	}
	return f.table("rows board", f.word("table-of-instances"), h.Map(b.Columns, f.instanceColumn), h.TBody(h.Map(b.Rows, f.instanceRow)))
}

func (f *frame) instanceColumn(c instanceColumn) h.Node {
	sorted := "ascending"
	if c.Number {
		sorted = "descending"
	}
	title := f.T(c.Title)
	if c.To != "" {
		title = link(c.To, title)
	}
	return h.Th(h.Scope("col"), h.If(c.Number, h.Class("n")), h.If(c.Sorted, h.Aria("sort", sorted)), title)
}

func (f *frame) instanceRow(c card) h.Node {
	what := h.Group{f.state(string(c.Worst))}
	if c.Trouble || c.Resting() || c.Paused() {
		until := h.Group{}
		if c.Until != nil {
			until = h.Group{h.Text(" · "), f.T("until-2"), space, f.at(*c.Until)}
		}
		what = append(what, space, mark("why", f.tell(c.What), until))
	}
	created, failed := dash(), none(h.Text("–"))
	if c.Hours {
		created, failed = num(c.Created), unless0("badtext", c.Failed)
	} else if c.Failed > 0 {
		failed = mark("badtext", num(c.Failed))
	}
	return tr(h.Data("key", "i-"+c.Name),
		td("name", link(path("instances", c.Name), h.Text(c.Name)), space, soft(h.Text(providerTitle(c.Provider)))),
		h.Td(what),
		h.Td(tags(c.Pools)),
		f.labelled("n", "waiting-2", num(c.Queued.Create), h.If(c.Queued.Invite > 0, h.Group{space, soft(h.Text("+ "), f.T("invites", c.Queued.Invite))})),
		f.labelled("n", "created-today", num(c.Today.Create), ofAll(c.PerDay.Create)),
		f.labelled("n", "24-h", created),
		f.labelled("n", "failed-2", failed),
		f.labelled("t", "next-create", f.rel(timeOf(c.NextCreateAt))),
	)
}

func tags(all []string) h.Node {
	return h.Map(all, func(s string) h.Node { return h.Group{tag(h.Text(s)), space} })
}

func (b instanceTable) turns(f *frame) h.Node {
	if b.Newer == "" && b.Next == "" {
		return nil
	}
	return p("pages", turn(b.Newer, "prev", f.T("before")), space, turn(b.Next, "next", f.T("more")))
}
