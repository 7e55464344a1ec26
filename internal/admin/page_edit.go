package admin

import (
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/say"
)

func (v editView) page(f *frame) h.Node {
	return h.Group{
		crumbs(link(path("groups", v.ID), veil(v.Name))),
		h.H1(f.T("edit-title")),
		alarm(v.Error),
		v.planned(f),
		post(path("groups", v.ID, "edit"), h.Class("stack"), h.ID("edit"), hidden("since", v.Mark),
			h.Map(v.Fields, func(e editField) h.Node {
				return h.Group{f.editText(e), h.If(e.Hidden, check("clear", e.Field, e.Clear, f.T("edit-clear-hidden", f.word(e.Label))))}
			}),
			f.setupFields(v.Setup),
			check("autoInvite", "1", v.Invite, f.T("edit-auto-invite")),
			h.FieldSet(h.Legend(f.T("edit-remove")), h.Map(v.People, func(one editPerson) h.Node {
				return check("remove", one.Token, one.Out, h.Text(one.Phone), h.If(one.Name != "", h.Text(" "+one.Name)))
			})),
			f.field("edit-add", textarea("add", "3", v.Add, unhelped())),
			f.field("edit-region", input("region", v.Region, maxLength(2), unhelped())),
			h.Button(h.If(v.Plan == nil, h.Class("primary")), f.T("edit-look"))),
	}
}

// planned returns what the values of the form would change, with the button that does it.
func (v editView) planned(f *frame) h.Node {
	plan := v.Plan
	if plan == nil {
		return nil
	}
	if plan.Nothing {
		return section("plan", f.T("edit-plan"), h.P(f.T("edit-nothing")))
	}
	how := f.T("edit-in-place")
	if plan.Instead {
		how = f.T("edit-instead")
	}
	return section("plan", f.T("edit-plan"),
		h.If(plan.Differs, alarm(f.word("edit-differs"))),
		p("lead", how),
		h.Ul(
			h.Map(plan.New, func(who string) h.Node { return h.Li(f.T("edit-new", who)) }),
			h.Map(plan.Gone, func(who string) h.Node { return h.Li(f.T("edit-gone", who)) }),
			h.Map(plan.Fields, func(field say.Code) h.Node { return h.Li(f.T("edit-field", f.word(field))) }),
			h.Map(plan.Unusable, func(why say.Phrase) h.Node { return h.Li(h.Class("bad"), f.tell(why)) })),
		h.P(
			h.Button(h.Class("primary"), h.FormAttr("edit"), h.FormAction(path("groups", v.ID, "edit", "run")), h.Name("seal"), h.Value(plan.Seal), f.T("edit-do")),
			space, link(path("groups", v.ID), f.T("do-nothing"))))
}
