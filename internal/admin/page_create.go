package admin

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

func (v createView) page(f *frame) h.Node {
	return h.Group{
		crumbs(link("/groups", f.T("groups"))),
		h.H1(f.T("create-title")),
		alarm(v.Error),
		v.planned(f),
		post("/groups/new", h.Class("stack"), h.ID("create"), hidden("key", v.Key),
			h.Map(v.Fields[:2], func(e editField) h.Node { return f.editText(e, h.If(e.Field == "groupName", h.Required())) }),
			f.field("create-phones", textarea("phones", "6", v.Phones, h.Required(), unhelped())),
			f.rules(v.Rules),
			fold(f.T("create-more"), h.Div(h.Class("stack"),
				h.Map(v.Fields[2:], func(e editField) h.Node { return f.editText(e) }),
				f.setupFields(v.Setup))),
			check("autoInvite", "1", v.Invite, f.T("edit-auto-invite")),
			h.Button(h.If(v.Error != "" || v.Plan == nil, h.Class("primary")), f.T("plan-look"))),
	}
}

// planned shows what the form would create, with the button that creates it.
func (v createView) planned(f *frame) h.Node {
	if v.Plan == nil || v.Error != "" {
		return nil
	}
	return section("plan", f.T("plan-title"),
		h.If(v.Differ, alarm(f.word("create-differs"))),
		f.plan(v.Plan),
		h.P(
			h.Button(h.Class("primary"), h.FormAttr("create"), h.FormAction("/groups/new/run"), h.Name("seal"), h.Value(v.Seal), f.T("create-do")),
			space, link("/groups", f.T("do-nothing"))))
}

// editText returns the input of one text of the form.
func (f *frame) editText(e editField, attributes ...h.Node) h.Node {
	if e.Long {
		return f.field(e.Label, textarea(e.Field, "3", e.Value))
	}
	return f.field(e.Label, input(e.Field, e.Value, unhelped(), h.Group(attributes)))
}

func textarea(name, rows, text string, attributes ...h.Node) h.Node {
	return h.Textarea(h.Name(name), h.Rows(rows), h.Group(attributes), h.Text(text))
}

// rules returns the choices that the form and the upload share.
func (f *frame) rules(r rulesView) h.Node {
	return h.Group{
		f.field("edit-region", input("region", r.Region, maxLength(2), unhelped())),
		f.field("create-to", choose("to", option("", false, f.T("create-to-default")), plain(r.Targets, r.To))),
		f.field("create-priority", choose("priority", option("", false, f.T("create-priority-default")), h.Map(r.Priorities, func(one tasks.Priority) h.Node {
			return option(string(one), one == r.Priority, f.T(code("priority", one)))
		}))),
	}
}

// setupFields returns the inputs of a set-up's admins and settings.
func (f *frame) setupFields(s setupForm) h.Node {
	return h.Group{
		h.Label(f.T("setup-admins"), h.If(s.Named > 0, h.Group{space, soft(f.T("setup-admins-named", s.Named))}), space, textarea("admins", "2", s.Admins, unhelped())),
		h.If(s.Named > 0, check("clear", "admins", s.Clear, f.T("setup-admins-clear", s.Named))),
		h.Map(s.Settings, func(one settingField) h.Node {
			return f.field(code("setting", one.Name), choose(one.Name,
				h.If(one.Free, option("", false, f.T("setting-free"))),
				option("on", one.On == "on", f.T("setting-on")),
				option("off", one.On == "off", f.T("setting-off"))))
		}),
	}
}

// plan shows what an input would create and change.
func (f *frame) plan(v *planView) h.Node {
	if v == nil {
		return nil
	}
	return h.Group{
		p("lead", h.B(f.T("plan-created", v.Created)),
			h.If(v.Existed > 0, h.Group{h.Text(", "), f.T("plan-existed", v.Existed)}),
			h.If(v.Updated > 0, h.Group{h.Text(", "), f.T("plan-updated", v.Updated)}),
			h.If(v.Invalid > 0, h.Group{h.Text(", "), mark("badtext", f.T("plan-invalid", v.Invalid))}),
			h.Text(". "),
			h.If(v.EtaAt != nil || v.Created > 0, h.Group{f.finish("all-done-about", v.EtaAt), h.Text(".")})),
		h.If(!v.Because().Zero(), p("why", f.tell(v.Because()))),
		f.planFacts(v),
		h.If(len(v.Warned) > 0, h.Ul(h.Class("needs"), h.Map(v.Warned, func(w planWarning) h.Node {
			return h.Li(h.Class("need warn"), h.P(f.tell(w.Said()), f.rowNumbers(w.Rows)))
		}))),
		f.outcomes(v),
	}
}

func (f *frame) planFacts(v *planView) h.Node {
	countries := h.Group{}
	for i, c := range v.Countries() {
		countries = append(countries, h.If(i > 0, h.Text(", ")), h.Text(c.Code+" "), num(c.N))
	}
	some := func(name say.Code, n int) h.Node { return h.If(n > 0, f.fact(name, num(n))) }
	return h.Dl(h.Class("facts wide2"),
		f.fact("people", num(v.People.Total)),
		h.If(len(countries) > 0, f.fact("plan-countries", countries)),
		some("plan-unusable", v.People.Unusable),
		some("plan-twice", v.People.Duplicate),
		some("plan-suppressed", v.People.Suppressed),
		h.Map(slices.Sorted(maps.Keys(v.Places)), func(name string) h.Node {
			return h.Div(h.Dt(h.Text(name)), h.Dd(f.T("group", v.Places[name])))
		}))
}

// maxRowNumbers limits how many rows a warning names.
const maxRowNumbers = 20

// rowNumbers lists the rows that a warning is about.
func (f *frame) rowNumbers(rows []int) h.Node {
	if len(rows) == 0 {
		return nil
	}
	var words []string
	for _, n := range rows[:min(len(rows), maxRowNumbers)] {
		words = append(words, strconv.Itoa(n))
	}
	return h.Group{space, soft(f.T("plan-rows"), h.Text(" "+strings.Join(words, ", ")), h.If(len(rows) > maxRowNumbers, h.Text("…")))}
}

// outcomes lists the rows that create no group, and those that leave people out.
func (f *frame) outcomes(v *planView) h.Node {
	if v == nil || len(v.Rows) == 0 {
		return nil
	}
	lines := slices.ContainsFunc(v.Rows, func(r planRow) bool { return r.Line != 0 })
	return h.Group{
		f.table("rows", f.word("plan-table"), h.Group{f.th("plan-row", "n"), h.If(lines, f.th("plan-line", "n")), f.th("plan-outcome"), f.th("plan-why")},
			h.TBody(h.Map(v.Rows, func(r planRow) h.Node {
				return tr(
					f.labelled("n", "plan-row", h.Textf("%d", r.Row)),
					h.If(lines, f.labelled("n", "plan-line", h.Text(lineText(r.Line)))),
					h.Td(f.T(code("row", r.Outcome))),
					td("why", h.Map(r.Said(), func(why say.Phrase) h.Node { return h.Div(f.tell(why)) })))
			}))),
		h.If(v.More > 0, p("soft", f.T("plan-more", v.More))),
	}
}
