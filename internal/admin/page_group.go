package admin

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/group"
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/say"
)

func (v groupView) page(f *frame) h.Node {
	d := v.Group
	return h.Group{
		crumbs(link("/groups", f.T("groups")), h.If(d.BatchID != "", h.Group{
			h.Text(" · "), link(path("batches", d.BatchID), veil(v.Batch)), h.Text(", "), f.T("row"), space, h.Textf("%d", d.Row),
		})),
		h.H1(veil(d.GroupName)),
		live("head", p("headline", f.status(string(d.Worst)), space, v.waits(f)), f.faultBox(v.Fault)),
		v.actions(f),
		v.decision(f),
		h.Div(h.Class("columns"),
			section("line", f.T("its-way"), h.Ol(h.Class("line"), h.Data("live", "line"), h.Map(v.Line, f.moment))),
			section("facts", f.T("facts"), v.facts(f), h.H3(f.T("in-a-terminal")), h.Ul(h.Class("commands"), h.Map(v.Command, f.command)))),
		v.setup(f),
		v.joins(f),
		v.people(f),
		h.If(len(v.Calls) > 0, section("calls", f.T("create-calls"), live("calls", h.Map(v.Calls, f.call)))),
		h.If(len(v.Notices) > 0, section("webhook-events", f.T("webhook-events"), f.noticeRows(v.Notices))),
	}
}

// waits says what the group waits for, and until when.
func (v groupView) waits(f *frame) h.Node {
	d := v.Group
	switch {
	case d.WaitingFor.Zero():
		return nil
	case d.EtaAt == nil:
		return f.T("waits-for-2", f.said(d.WaitingFor))
	default:
		return h.Group{f.T("waits-for-2", f.said(d.WaitingFor)), space, soft(h.Text("· "), f.T("until-about"), space, f.at(*d.EtaAt))}
	}
}

// faultBox says what went wrong, why, and what helps.
func (f *frame) faultBox(l *faultLine) h.Node {
	if l == nil {
		return nil
	}
	tone := "bad"
	if l.Undecided {
		tone = "warn"
	}
	return h.Div(h.Class("need "+tone), h.Div(
		h.P(h.B(f.faultName(*l))),
		p("why", f.tell(l.Why)),
		p("do", f.tell(l.Remedy)),
		h.If(l.Sample != "", p("soft", f.T("the-providers-words"), h.Text(": "), veil(l.Sample)))))
}

// faultName returns the title of a fault, followed by its cause if that is known.
func (f *frame) faultName(l faultLine) h.Node {
	if l.Cause == nil {
		return f.tell(l.Title)
	}
	return h.Group{f.tell(l.Title), h.Text(": "), f.tell(l.Cause)}
}

func (v groupView) actions(f *frame) h.Node {
	if !f.Operator() {
		return nil
	}
	at := func(what string) string { return path("groups", v.Group.ID, what) }
	return row(
		h.If(v.Can.Retry, post(at("retry"), hidden("since", string(v.Group.Status)), h.Button(h.Class("primary"), f.T("retry")))),
		h.If(v.Can.Edit, buttonTo(at("edit"), f.T("edit-it"))),
		h.If(v.Can.Cancel, post(at("cancel"), h.Button(f.T("cancel-it")))),
		h.If(!v.Clear, post(at("phones"), h.Button(f.T("show-the-numbers")), space, soft(f.T("that-is-written-into-the")))),
	)
}

func (v groupView) decision(f *frame) h.Node {
	if v.Review == nil {
		return nil
	}
	return section("decide", f.T("your-decision"), f.reviewCase(*v.Review))
}

// moment returns one step of the group's timeline.
func (f *frame) moment(m moment) h.Node {
	class := m.Tone
	if m.Open {
		class += " open"
	}
	return h.Li(h.Class(class),
		h.If(m.Wait != "", p("wait", h.Text(m.Wait))),
		h.P(h.B(h.Text(m.What)), space, soft(f.at(m.At))),
		h.If(m.Detail != "", p("soft", h.Text(m.Detail))))
}

func (v groupView) facts(f *frame) h.Node {
	d := v.Group
	standing := map[group.Standing]say.Code{group.StandingMember: "is-not-an-admin-of", group.StandingOut: "is-not-in-the-group"}[d.OwnNumber]
	other := func(name say.Code, id string) h.Node {
		return h.If(id != "", f.fact(name, link(path("groups", id), h.Code(h.Text(id)))))
	}
	moment := func(name say.Code, t *time.Time) h.Node { return h.If(t != nil, f.fact(name, f.at(timeOf(t)))) }
	return h.Dl(h.Class("facts wide2"), h.Data("live", "facts"),
		f.fact("id", h.Code(h.Text(d.ID))),
		f.fact("at-whatsapp", v.atWhatsApp(f)),
		h.If(f.Operator() && d.InviteLink != "", f.fact("link", h.Code(h.Text(d.InviteLink)))),
		f.fact("instance", h.If(d.Instance != "", link(path("instances", d.Instance), h.Text(d.Instance))), h.If(d.Pool != "", h.Group{space, soft(f.T("pool"), h.Text(" "+d.Pool))})),
		h.If(standing != "", f.fact("own-number", f.T(standing))),
		f.fact("priority", kept(f, "priority", d.Priority)),
		h.If(d.ExternalRef != "", f.fact("reference", veil(d.ExternalRef))),
		f.fact("accepted", f.at(d.CreatedAt)),
		moment("ended-at", d.FinishedAt),
		other("replaced-by", d.ReplacedBy),
		other("replaces", d.Replaces),
		h.If(len(d.LateGroups) > 0, f.fact("late-groups", h.Map(d.LateGroups, func(id string) h.Node { return h.Group{h.Code(veil(id)), space} }), h.If(v.Can.TakeLate, f.T("late-groups-do")), h.If(!v.Can.TakeLate && d.Status.Ended(), f.T("late-groups-delete")))),
		moment("not-before", d.NotBefore),
		moment("expires", d.ExpiresAt),
	)
}

func (v groupView) atWhatsApp(f *frame) h.Node {
	if v.Group.GroupID == "" {
		return none(f.T("not-there-yet"))
	}
	return h.Group{h.Code(veil(v.Group.GroupID)), h.If(v.Group.Adopted, h.Group{space, tag(f.T("adopted"))})}
}

// command returns a line for a terminal, with a button that copies it.
func (f *frame) command(c command) h.Node {
	return h.Li(soft(f.T(c.What)), space, h.Code(h.Text(c.Line)), space,
		h.Button(h.Type("button"), h.Class("copy"), h.Data("copy", c.Line), h.Data("done", f.word("copied")), h.Hidden(), f.T("copy"), hide(h.Text(" "+c.Line))))
}

func (v groupView) setup(f *frame) h.Node {
	if len(v.Setup) == 0 {
		return nil
	}
	return section("setup", f.T("set-up"), live("setup", f.table("rows", f.word("table-of-set-up"),
		h.Group{f.th("set-up-step"), f.th("status"), f.th("why"), f.th("changed", "t")},
		h.TBody(h.Map(v.Setup, func(l setupLine) h.Node {
			return tr(
				td("step", f.T(l.Title)),
				h.Td(f.toned(l.Word)),
				td("why", f.tell(l.Reason), h.If(!l.Next.IsZero(), h.Group{space, soft(h.Text("· "), f.T("next-try"), space, f.rel(l.Next))})),
				td("t", f.rel(l.At)))
		})))))
}

// joins returns the people who ask to join.
func (v groupView) joins(f *frame) h.Node {
	if len(v.Joins) == 0 {
		return nil
	}
	return section("joins", h.Group{f.T("requests-to-join"), space, soft(num(len(v.Joins)))}, live("joins", f.table("rows", f.word("requests-to-join"),
		h.Group{f.th("phone"), f.th("person"), f.th("status"), f.th("why"), f.th("asked-to-join", "t"), f.thHidden("your-decision")},
		h.TBody(h.Map(v.Joins, func(l joinLine) h.Node { return v.join(f, l) })))))
}

func (v groupView) join(f *frame, l joinLine) h.Node {
	asked, why := f.T("was-not-asked-for"), f.tell(l.Reason)
	if l.Asked {
		asked = f.T("was-asked-for")
	}
	if l.Suppressed {
		why = f.T("is-on-the-suppression-list")
	}
	answer := func(what string, word say.Code, class ...h.Node) h.Node {
		return post(path("groups", v.Group.ID, "joins", what), hidden("person", l.ID), hidden("since", l.Mark), h.Button(h.Group(class), f.T(word), hide(h.Text(" "+l.Phone))))
	}
	return tr(
		td("phone", h.Text(l.Phone)),
		h.Td(asked, h.If(l.Proposed, h.Group{space, soft(f.T("proposed-by-a-member-of"))})),
		h.Td(f.toned(l.Word)),
		td("why", why),
		td("t", f.rel(l.At)),
		h.Td(h.If(l.Buttons && f.Operator(), row(
			h.If(!l.Suppressed, answer("approve", "let-in", h.Class("primary"))),
			answer("reject", "reject")))),
	)
}

func (v groupView) people(f *frame) h.Node {
	return section("people", h.Group{f.T("people"), space, soft(num(len(v.People)))}, live("people", f.table("rows", f.word("table-of-people"),
		h.Group{f.th("phone"), f.th("as-it-was-written"), f.th("name"), f.th("status"), f.th("why"), f.th("changed", "t")},
		h.TBody(h.Map(v.People, f.person)))))
}

func (f *frame) person(m person) h.Node {
	return tr(
		td("phone", h.Text(m.Phone)),
		td("soft", h.Text(m.Input)),
		h.Td(h.Text(m.Name),
			h.If(m.Staff, h.Group{space, tag(f.T("person:staff"))}),
			h.If(m.Admin, h.Group{space, tag(f.T("person:admin"))}),
			h.If(m.AskedBy != "", h.Group{space, soft(f.T("added-later-by", api.Veil(m.AskedBy)), h.Text(", "), f.rel(m.AskedAt))})),
		h.Td(f.member(m.Status)),
		td("why", f.tell(m.Reason), f.asks(m)),
		td("t", f.rel(m.At)))
}

// asks says that a person asks to join.
func (f *frame) asks(m person) h.Node {
	if m.Request == nil {
		return nil
	}
	how := f.T("asked-to-join")
	if m.Proposed {
		how = f.T("proposed-by-a-member-of")
	}
	return h.Group{space, soft(how, space, f.rel(m.Request.At))}
}

// call returns one create call with what was sent and answered.
func (f *frame) call(c call) h.Node {
	outcome := f.T("under-way-2")
	if c.Outcome != "" {
		outcome = kept(f, "outcome", c.Outcome)
	}
	cause := h.Group{}
	if c.Cause != nil {
		cause = h.Group{h.P(h.B(f.tell(c.Cause.Title), h.Text(".")), space, f.tell(c.Cause.Why), space, mark("do", f.tell(c.Cause.Remedy)))}
	}
	return h.Details(h.Class("call"),
		h.Summary(h.B(f.T("call-at", c.N, c.Instance)), space, badge(tones[string(c.Outcome)], outcome), space,
			soft(f.at(c.StartedAt), h.If(c.Took != "", h.Text(", "+c.Took)), h.If(c.HTTPStatus != 0, h.Textf(", HTTP %d", c.HTTPStatus)))),
		cause,
		h.Div(h.Class("columns"),
			h.Div(h.H3(f.T("request")), pre(c.Request)),
			h.Div(h.H3(f.T("answer")), pre(c.Answer))))
}

// pre returns preformatted text.
func pre(text string) h.Node { return h.Pre(h.TabIndex("0"), h.Text(text)) }
