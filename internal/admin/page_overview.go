package admin

import (
	"maps"
	"slices"

	"github.com/rollcallhq/rollcall/internal/group"
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

func (o overviewView) page(f *frame) h.Node {
	return h.Group{
		live("sentence", o.sentence(f)),
		live("first", o.first(f)),
		live("totals", h.Ul(h.Class("totals"), h.Map(slices.Sorted(maps.Keys(o.Groups)), func(s group.Status) h.Node { return o.total(f, s) }))),
		live("installation", o.installation(f)),
		live("needs", o.needs(f)),
		section("instances", h.Group{link("/instances", f.T("instances")), h.If(len(o.States) > 0, h.Group{space, soft(num(o.All))})}, o.instances(f)),
		section("batches", link("/batches", f.T("batches")), live("batches", f.batchRows(o.Batches, "no-batch-yet-bring-one"))),
		h.If(!f.Bound(), section("workers", f.T("workers"), live("workers", o.workers(f)))),
	}
}

// sentence shows the whole installation in one sentence.
func (o overviewView) sentence(f *frame) h.Node {
	s := o.Sentence
	all := h.Group{}
	if !s.Held.Zero() {
		all = append(all, mark("alarm", f.tell(s.Held)), h.Text(". "))
	}
	if s.Idle() {
		all = append(all, f.T("nothing-is-waiting"))
	} else {
		all = append(all, f.T("waiting", s.Waiting), h.Text(", "), f.T("running", s.Running))
		if s.Next != nil {
			all = append(all, h.Text(", "), f.T("next-group"), space, f.rel(*s.Next))
		}
		all = append(all, h.Text(", "), f.finish("all-done-about", s.Done))
	}
	if s.Needing > 0 || s.Review > 0 {
		all = append(all, mark("alarm",
			h.If(s.Idle(), space), h.If(!s.Idle(), h.Text("; ")),
			h.If(s.Needing > 0, link("#needs", f.T("1-instance-needs-you", s.Needing))),
			h.If(s.Needing > 0 && s.Review > 0, h.Text(", ")),
			h.If(s.Review > 0, link("/review", f.T("1-group-waits-for-your", s.Review)))))
	}
	return h.H1(h.Class("sentence"), all, h.If(!s.Idle(), h.Text(".")))
}

// first says how to begin, until the first group is requested.
func (o overviewView) first(f *frame) h.Node {
	switch {
	case !o.Empty():
		return nil
	case f.Operator():
		return section("first", f.T("first-title"), p("lead", f.T("first-what")),
			p("row", h.A(h.Class("button primary"), h.Href("/batches/new"), f.T("upload-title")), space, buttonTo("/groups/new", f.T("create-title"))))
	default:
		return section("first", f.T("first-title"), p("lead", f.T("first-viewer")))
	}
}

func (o overviewView) total(f *frame, s group.Status) h.Node {
	n := o.Groups[s]
	if n == 0 {
		return nil
	}
	return h.Li(link(list("/groups", "status", string(s)), h.B(num(n)), space, f.status(string(s))))
}

// installation says what Redis lost, and lets an admin decide.
func (o overviewView) installation(f *frame) h.Node {
	if !o.Broken() {
		return nil
	}
	why := h.Group{f.tell(o.Whole.Reason), h.Text(".")}
	if o.Whole.Until != nil {
		why = append(why, space, f.T("until"), space, f.at(*o.Whole.Until), h.Text("."))
	}
	decide := p("soft", f.T("an-admin-can-decide-this"))
	switch {
	case o.Whole.Cause == view.CauseBlocked: // the sentence says what to do
		decide = nil
	case f.Admin() && o.Lost():
		decide = post("/installation/recover", hidden("since", lossOf(o.Whole)), hidden("action", "startOver"), h.Button(f.T("start-over-on-this-redis")))
	case f.Admin():
		decide = post("/installation/recover", hidden("since", lossOf(o.Whole)), hidden("action", "current"), h.Button(f.T("nothing-was-lost-create-without")))
	}
	return section("installation", f.T("installation"), p("why", why), decide)
}

func (o overviewView) needs(f *frame) h.Node {
	if len(o.Needs) == 0 {
		return nil
	}
	return section("needs", f.T("what-needs-you"), f.needs(o.Needs), h.If(o.More > 0, h.P(link("/problems", f.T("more-needs", o.More)))))
}

// needs returns what a person must see to.
func (f *frame) needs(all []need) h.Node {
	return h.Ul(h.Class("needs"), h.Map(all, func(n need) h.Node {
		cause := f.said(n.Cause)
		return h.Li(h.Class("need "+n.Tone), h.Data("key", n.Name+f.said(n.Title)+cause),
			h.Div(
				h.P(
					h.B(h.If(n.Name != "", h.Text(n.Name+": ")), h.If(n.Together > 0, h.Group{f.T("n-instances", n.Together), h.Text(": ")}), f.tell(n.Title), h.If(cause != "", h.Text(": "+cause))),
					h.If(n.People > 0, h.Group{space, mark("count", h.Text("· "), f.T("n-people-wait", n.People))}),
					h.If(n.Groups > 0, h.Group{space, mark("count", h.Text("· "), f.T("group", n.Groups))})),
				f.why(n.Why), f.do(n.Do)),
			buttonTo(n.Link, f.T(n.Press), hide(h.Text(" "+n.Name+" "), f.tell(n.Title), h.If(cause != "", h.Text(" "+cause)))))
	}))
}

// why and do return a reason and what helps; nothing for nil.
func (f *frame) why(s say.Speech) h.Node { return f.saidIn("why", s) }
func (f *frame) do(s say.Speech) h.Node  { return f.saidIn("do", s) }

func (f *frame) saidIn(class string, s say.Speech) h.Node {
	text := f.said(s)
	if text == "" {
		return nil
	}
	return p(class, h.Text(text))
}

func (o overviewView) instances(f *frame) h.Node {
	switch {
	case len(o.States) > 0:
		return live("states", f.states(o.States))
	case len(o.Cards) == 0:
		return h.Div(h.Class("cards brief"), h.Data("live", "cards"), p("empty", f.T("no-worker-has-announced-an")))
	default:
		return h.Div(h.Class("cards brief"), h.Data("live", "cards"), h.Map(o.Cards, f.card))
	}
}

func (o overviewView) workers(f *frame) h.Node {
	if len(o.Workers) == 0 {
		return p("empty", f.T("no-worker-is-running-nothing"))
	}
	return h.Ul(h.Class("inline"), h.Map(o.Workers, func(w store.Worker) h.Node {
		return h.Li(h.Data("key", w.ID), h.B(h.Text(w.Host)), space, soft(f.T("lane", w.Lanes), h.Text(", "), f.T("since"), space, f.rel(w.StartedAt)))
	}))
}
