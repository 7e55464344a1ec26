package admin

import (
	"github.com/rollcallhq/rollcall/internal/api"
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/view"
)

func (i instanceView) page(f *frame) h.Node {
	c := i.Card
	return h.Group{
		crumbs(link("/instances", f.T("instances"))),
		h.H1(h.Text(c.Name)),
		h.Div(h.Class("columns"),
			h.Div(h.H2(h.Class("hide"), f.T("as-it-stands")), h.Div(h.Class("cards"), h.Data("live", "card"), f.card(c))),
			section("act", f.T("what-you-can-do"), i.actions(f), i.facts(f)),
		),
		section("waiting", f.T("next-in-its-own-line"),
			live("waiting", f.groupRows(i.Waiting, "nothing-waits-for-this-instance")),
			h.P(link(list("/groups", "instance", c.Name), f.T("all-groups-of-this-instance")), h.Text(" · "), link(c.HistoryLink(), f.T("history-of-this-instance")))),
	}
}

// card returns one instance at a glance.
func (f *frame) card(c card) h.Node {
	id := "i-" + c.Name
	return h.Article(h.Class("card "+tones[string(c.Worst)]), h.Data("key", id), h.Aria("labelledby", id),
		h.Header(h.H3(h.ID(id), link(path("instances", c.Name), h.Text(c.Name))), space, f.state(string(c.Worst)), space, soft(h.Text(providerTitle(c.Provider)))),
		f.cardState(c),
		h.Dl(h.Class("facts"),
			f.fact("next-create", f.rel(timeOf(c.NextCreateAt))),
			f.fact("next-invite", f.rel(timeOf(c.NextInviteAt))),
			f.fact("created-today", num(c.Today.Create), ofAll(c.PerDay.Create)),
			f.fact("invited-today", num(c.Today.Invite), ofAll(c.PerDay.Invite)),
			f.fact("waiting-2", num(c.Queued.Create), h.If(c.ByPriority.High+c.ByPriority.Low > 0, h.Group{space, soft(h.Text("("), f.T("high-low", c.ByPriority.High, c.ByPriority.Low), h.Text(")"))})),
			f.fact("invites-waiting", num(c.Queued.Invite)),
		),
		h.If(c.Hours, h.Div(h.Class("sparkline"), f.spark(c), soft(f.T("24-h"), h.Text(": "), f.T("created", c.Created), h.If(c.Failed > 0, h.Group{h.Text(", "), f.T("failed-3", c.Failed)})))),
		f.lastError(c),
		h.If(f.Operator() && c.May && c.Paused(), post(path("instances", c.Name, "resume"), c.mark(), h.Button(f.T("resume"), space, hide(h.Text(c.Name))))),
	)
}

// mark returns the hidden field that says which pause the form shows.
func (c card) mark() h.Node { return hidden("since", c.pausedSince()) }

// paceMark returns the hidden field that says which slower pace the form shows.
func (c card) paceMark() h.Node { return hidden("since", c.slowedSince()) }

// cardState shows what an instance does, since when and until when, and what helps if it is stopped.
func (f *frame) cardState(c card) h.Node {
	what := f.tell(c.What)
	if c.Trouble {
		what = h.B(what)
	}
	all := h.Group{what}
	if c.Since != nil {
		all = append(all, space, soft(h.Text("· "), f.rel(*c.Since)))
	}
	if c.Until != nil {
		all = append(all, space, soft(h.Text("· "), f.T("until-2"), space, f.at(*c.Until)))
	}
	return h.Group{p("what", all), h.If(c.Trouble || c.Resting() || c.Paused(), h.Group{f.why(c.Why), f.do(c.Do)})}
}

func (f *frame) spark(c card) h.Node {
	return svg("spark", "0 0 120 24", h.Role("img"), h.Aria("label", f.word("last-24-hours-by-hour", c.Created, c.Failed)),
		h.Line(h.Class("base"), h.X1("0"), h.Y1("23.5"), h.X2("120"), h.Y2("23.5")),
		h.Map(c.Bars, func(b bar) h.Node {
			return h.Group{
				h.If(b.H > 0, rect("ok", h.Number("x", b.X), h.Number("y", b.Y), h.Number("width", 4), h.Number("height", b.H))),
				h.If(b.FailH > 0, rect("no", h.Number("x", b.X), h.Number("y", b.FailY), h.Number("width", 4), h.Number("height", b.FailH))),
			}
		}))
}

func (f *frame) lastError(c card) h.Node {
	if c.LastError.Zero() {
		return nil
	}
	when := h.Group{f.T("last-error")}
	if c.LastErrorAt != nil {
		when = append(when, space, f.rel(*c.LastErrorAt))
	}
	what := f.tell(c.LastError)
	if c.Error != nil {
		what = h.Group{f.tell(c.Error.Title), h.Text(". "), mark("soft do2", f.tell(c.Error.Remedy))}
	}
	return p("lasterror", soft(when, h.Text(":")), space, what)
}

// actions returns what the visitor can do to the instance.
func (i instanceView) actions(f *frame) h.Node {
	c := i.Card
	switch {
	case !f.Operator():
		return p("none", f.T("your-role-may-look-not"))
	case !c.May:
		return p("none", f.T("it-serves-other-pools-too"))
	}
	return h.Group{
		h.If(c.Paused(), post(path("instances", c.Name, "resume"), c.mark(), h.Class("stack"), h.Button(h.Class("primary"), f.T("resume")))),
		h.If(!c.Paused(), post(path("instances", c.Name, "pause"), c.mark(), h.Class("stack"),
			f.field("why-is-it-paused", blank("reason", maxLength(operate.MaxReason), h.Placeholder(f.word("the-sim-is-being-replaced")))), f.ending(c, ""), h.Button(f.T("pause")))),
		h.If(c.Resting(), fold(f.T("end-the-rest-early"), post(path("instances", c.Name, "resume"), hidden("since", c.restMark()), h.Class("stack"),
			h.P(f.T("whatsapp-restricts-numbers-that-do")),
			h.Label(h.Class("check"), h.Input(h.Type("checkbox"), h.Name("endRest"), h.Required()), space, f.T("i-know-end-the-rest")),
			h.Button(h.Class("danger"), f.T("end-the-rest"))))),
		h.Details(h.If(c.Slowed != nil, h.Open()), h.Summary(f.T("change-the-pace")), i.pace(f)),
		i.move(f),
	}
}

// ending returns the fields that say when a change ends. until is the end that the present one has.
func (f *frame) ending(c card, until string) h.Node {
	return row(
		f.field("it-ends-after", blank("for", h.Placeholder("2h"), maxLength(20), unhelped())),
		h.Label(f.T("or-at", c.Zone), space, blank("until", h.Type("datetime-local"), h.If(until != "", h.Group{h.Value(until), h.Number("step", 1)}))))
}

// pace returns the forms that slow the instance down and reset its pace.
func (i instanceView) pace(f *frame) h.Node {
	c := i.Card
	reason := h.Group{}
	if c.Slowed != nil {
		reason = h.Group{h.Value(api.Veil(c.Slowed.Reason))}
	}
	return h.Group{
		post(path("instances", c.Name, "pace"), c.paceMark(), h.Class("stack"),
			h.P(f.T("it-can-be-made-slower")),
			h.Map(c.PaceFields(), f.paceField),
			f.field("why-is-it-slowed-down", blank("reason", maxLength(operate.MaxReason), reason)), f.ending(c, c.SlowedUntil()), h.Button(f.T("slow-down"))),
		h.If(c.Slowed != nil, post(path("instances", c.Name, "pace", "reset"), c.paceMark(), h.Class("stack"), h.Button(f.T("back-to-the-configured-pace")))),
	}
}

func (f *frame) paceField(one paceField) h.Node {
	every, perDay := f.T("one-create-every"), f.T("creates-a-day-at-most")
	if one.Kind == string(pacing.Invite) {
		every, perDay = f.T("one-invitation-every"), f.T("invitations-a-day-at-most")
	}
	limit := h.Group{}
	if n := one.Configured.PerDay; n > 0 {
		limit = h.Group{h.Number("max", n), h.Number("placeholder", n)}
	}
	return row(
		h.Label(every, space, input(one.Kind+"Every", one.Every, h.Placeholder(one.Configured.Every), maxLength(20), unhelped())),
		h.Label(perDay, space, blank(one.Kind+"PerDay", h.Type("number"), h.Min("1"), limit, h.If(one.PerDay > 0, h.Number("value", one.PerDay)))))
}

// move returns the form that moves the groups that wait only for this instance; nothing if there are none.
func (i instanceView) move(f *frame) h.Node {
	if len(i.Others) == 0 || i.Card.Alone == 0 {
		return nil
	}
	return post("/bulk", h.Class("stack"), hidden("query", filterOf("instance", i.Card.Name, "status", "queued")),
		f.field("move-what-waits-for-it", choose("to", plain(i.Others, ""))),
		row(h.Button(h.Name("action"), h.Value("move"), f.T("move"), h.Text(" ("), num(i.Card.Alone), h.Text(")")), space, soft(f.T("a-dry-run-comes-first"))))
}

func (i instanceView) facts(f *frame) h.Node {
	c := i.Card
	return h.Dl(h.Class("facts wide2"),
		f.fact("pools", tags(c.Pools)),
		f.fact("pace-of-creates", f.paceOf(c.Pace.Create)),
		f.fact("pace-of-invitations", f.paceOf(c.Pace.Invite)),
		f.slowed(c.Slowed),
		h.If(!c.StillUnderWay().Zero(), f.fact("under-way", f.tell(c.StillUnderWay()))),
		f.fact("through-with-all", f.at(timeOf(c.EtaAt))),
		f.fact("last-seen", f.rel(timeOf(c.LastSeenAt))),
	)
}

func (f *frame) paceOf(pace view.Pace) h.Node {
	return h.Group{f.T("one-every", pace.Every), h.If(pace.PerDay > 0, h.Group{h.Text(", "), f.T("a-day", pace.PerDay)})}
}

func (f *frame) slowed(s *view.Slowed) h.Node {
	if s == nil {
		return nil
	}
	all := h.Group{f.rel(s.At)}
	if s.Until != nil {
		all = append(all, h.Text(", "), f.T("until-2"), space, f.at(*s.Until))
	}
	if s.Reason != "" {
		all = append(all, h.Text(": "), veil(s.Reason))
	}
	return f.fact("slowed-down", all, space, soft(h.Text("("), f.T("configured-creates-every-invitations-every", s.Configured.Create.Every, s.Configured.Invite.Every), h.Text(")")))
}
