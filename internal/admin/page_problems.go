package admin

import (
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/store"
)

func (v problemsView) page(f *frame) h.Node {
	return h.Group{
		h.H1(f.T("problems")),
		live("instances", h.If(len(v.Instances) > 0, section("byinstance", f.T("instances-that-do-not-work"), f.needs(v.Instances)))),
		section("faults", f.T("faults-of-groups"), live("faults",
			h.If(len(v.Faults) == 0, p("empty", f.T("no-group-has-failed-and"))),
			h.Map(v.Faults, f.fault))),
		v.unreadable(f),
		v.webhooks(f),
	}
}

// fault shows one fault: its cause, its remedy and its groups.
func (f *frame) fault(l faultLine) h.Node {
	newest := h.Group{}
	if l.Newest != nil {
		newest = h.Group{p("soft", f.T("the-latest"), h.Text(": "), link(path("groups", l.Newest.ID), veil(l.Newest.GroupName)), space, f.rel(l.Newest.UpdatedAt))}
	}
	return h.Article(h.Class("fault"), h.ID(l.Anchor), h.Data("key", l.Key),
		h.Header(
			h.H3(f.faultName(l)), space,
			h.If(l.People > 0, h.Group{mark("count", f.T("n-people-wait", l.People), h.Text(" ·")), space}),
			h.A(h.Class("count"), h.Href(list("/groups", "fault", l.Key)), f.T("group", l.Groups))),
		p("why", f.tell(l.Why)),
		p("do", f.tell(l.Remedy)),
		h.If(l.Sample != "", p("soft", f.T("the-providers-words"), h.Text(": "), h.Q(veil(l.Sample)))),
		newest,
		row(f.remedy(l)))
}

// remedy returns the button that mends the fault.
func (f *frame) remedy(l faultLine) h.Node {
	switch {
	case l.Retry && f.Operator():
		return h.Group{
			post("/bulk", hidden("query", "fault="+l.Key), h.Button(h.Class("primary"), h.Name("action"), h.Value("retry"), f.T("retry-2", l.Groups), hide(space, f.tell(l.Title)))),
			space, soft(f.T("a-dry-run-comes-first")),
		}
	case l.Retry:
		return nil
	case l.Undecided:
		return buttonTo("/review", f.T("decide"))
	case l.Corrigible:
		cause := h.Group{}
		if l.Cause != nil {
			cause = h.Group{space, f.tell(l.Cause)}
		}
		return h.Group{
			buttonTo(list("/groups", "fault", l.Key), f.T("correct-the-groups"), hide(space, f.tell(l.Title), cause)),
			space, soft(f.T("the-same-request-meets-it")),
		}
	default:
		return nil
	}
}

// unreadable lists what is stored but cannot be read.
func (v problemsView) unreadable(f *frame) h.Node {
	if len(v.Unreadable) == 0 {
		return nil
	}
	return section("unreadable", f.T("what-cannot-be-read"),
		p("soft", f.T("everything-else-works-on-without")),
		f.table("rows", f.word("what-cannot-be-read"),
			h.Group{f.th("kind"), f.th("id"), f.th("found"), f.th("why-and-what-to-do"), f.thHidden("action")},
			h.TBody(h.Map(v.Unreadable, func(u store.Unreadable) h.Node {
				return tr(
					h.Td(h.Text(string(u.Kind))),
					h.Td(h.Code(veil(u.ID))),
					td("t", f.rel(u.Since)),
					h.Td(f.tell(u.Reason.Said())),
					h.Td(f.unreadableActions(u)))
			}))))
}

func (f *frame) unreadableActions(u store.Unreadable) h.Node {
	if !f.Admin() {
		return soft(f.T("an-admin-can-decide-this"))
	}
	named := h.Group{hidden("kind", string(u.Kind)), hidden("id", u.ID)}
	return h.Group{
		post("/unreadable/raw", named, h.Button(f.T("export"), hide(space, veil(u.ID)))),
		fold(f.T("remove-it"), post("/unreadable/remove", h.Class("stack"), named,
			h.P(f.T("nothing-brings-it-back-export")),
			check("again", "", false, f.T("the-same-request-may-make")),
			h.Button(h.Class("danger"), f.T("remove-it")))),
	}
}

// webhooks lists the receivers, and the events that did not reach them.
func (v problemsView) webhooks(f *frame) h.Node {
	if len(v.Receivers) == 0 {
		return nil
	}
	next := ""
	if v.Next != "" {
		next = list("/problems", "failures", v.Next) + "#webhooks"
	}
	return section("webhooks", f.T("webhooks"),
		h.Ul(h.Class("inline"), h.Map(v.Receivers, f.receiver)),
		h.If(v.Failed > 0, p("soft", f.T("deliveries-failed", v.Failed))),
		h.If(len(v.Failures) > 0, f.table("rows", f.word("webhook-events-not-delivered"),
			h.Group{f.th("event"), f.th("about"), f.th("receiver"), f.th("tries", "n"), f.th("answer"), f.th("when"), f.thHidden("action")},
			h.TBody(h.Map(v.Failures, f.failure)))),
		further(next, f.T("older")))
}

func (f *frame) receiver(r notify.Receiver) h.Node {
	tone, enabled := "bad", r.State == "enabled"
	if enabled {
		tone = "good"
	}
	return h.Li(h.B(h.Text(r.Host)), space, badge(tone, kept(f, "receiver", r.State)), space, soft(f.tell(r.Reason)),
		h.If(!enabled && f.Operator(), post(path("webhooks", r.ID, "enable"), h.Button(f.T("enable"), space, hide(h.Text(r.Host))))))
}

func (f *frame) failure(e notify.Failure) h.Node {
	return tr(
		h.Td(h.Code(h.Text(e.Type))),
		h.Td(h.Code(h.Text(e.Of))),
		h.Td(h.Text(e.Host)),
		td("n", h.Textf("%d", e.Tries)),
		h.Td(f.answered(e.Status, e.Reason)),
		td("t", f.rel(e.Timestamp)),
		h.Td(h.If(f.Operator(), post(path("deliveries", e.EventID, "replay"), hidden("back", "/problems"), h.Button(f.T("send-again"), hide(h.Text(" "+e.EventID)))))))
}
