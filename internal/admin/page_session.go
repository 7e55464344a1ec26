package admin

import (
	h "github.com/rollcallhq/rollcall/internal/markup"
)

func (v loginView) page(f *frame) h.Node {
	wrong := h.P(h.Class("error"), h.Role("alert"), h.ID("wrong"), f.T("this-key-is-not-one"))
	return h.Div(h.Class("login"),
		h.H1(f.T("log-in")),
		h.If(v.Wrong, wrong),
		h.If(v.Bound, alarm(f.word("this-key-is-limited"))),
		h.If(v.Wait != "", alarm(f.word("too-many-wrong-keys-came", v.Wait))),
		post("/login", h.Class("stack"), hidden("next", v.Next),
			f.field("api-key", blank("key", h.Type("password"), h.AutoComplete("current-password"), h.Required(), maxLength(200), h.Placeholder("rck_…"),
				h.If(v.Wrong, h.Aria("describedby", "wrong")), h.If(v.Wrong, h.Aria("invalid", "true")))),
			h.Button(h.Class("primary"), f.T("log-in"))),
		p("soft", f.T("the-same-keys-open-the")))
}

func (v sessionsView) page(f *frame) h.Node {
	return h.Group{
		h.H1(f.T("sessions")),
		p("soft", f.T("logins-to-this-page-that")),
		v.table(f),
	}
}

func (v sessionsView) table(f *frame) h.Node {
	if len(v.Sessions) == 0 {
		return p("empty", f.T("there-is-no-session"))
	}
	return f.table("rows", f.word("table-of-sessions"),
		h.Group{f.th("logged-in-at"), f.th("key"), f.th("from"), f.th("browser"), f.thHidden("end")},
		h.TBody(h.Map(v.Sessions, func(s sessionLine) h.Node {
			return tr(
				td("t", f.at(s.At)),
				h.Td(h.Text(s.Key), h.If(s.Own, h.Group{space, tag(f.T("this-session"))})),
				h.Td(h.Code(h.Text(s.From))),
				td("why", veil(s.Agent)),
				h.Td(post(path("sessions", s.ID, "end"), h.Button(f.T("end"), hide(h.Text(" "+s.Key+", "+s.From))))))
		})))
}
