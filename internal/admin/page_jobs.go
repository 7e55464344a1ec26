package admin

import (
	"strconv"

	"github.com/rollcallhq/rollcall/internal/group"
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

func (v jobsView) page(f *frame) h.Node {
	next := ""
	if v.Next != "" {
		next = list("/jobs", "cursor", v.Next)
	}
	return h.Group{
		h.H1(f.T("jobs")),
		p("soft", f.T("jobs-are-kept-a-week")),
		live("jobs", v.table(f)),
		further(next, f.T("older")),
	}
}

func (v jobsView) table(f *frame) h.Node {
	if len(v.Jobs) == 0 {
		return p("empty", f.T("no-job-yet"))
	}
	return f.table("rows", f.word("table-of-jobs"),
		h.Group{f.th("job"), f.th("status"), f.th("done", "n"), f.th("key"), f.th("begun", "t")},
		h.TBody(h.Map(v.Jobs, func(j jobView) h.Node {
			return tr(h.Data("key", j.Job.ID),
				h.Td(link(path("jobs", j.Job.ID), f.jobName(operate.BulkAction(j.Job.Action), j.To))),
				h.Td(f.jobState(j)),
				td("n", num(j.Job.Done), h.Text(" / "), num(j.Job.Total)),
				h.Td(h.Text(j.Job.By)),
				td("t", f.rel(j.Job.Begun)))
		})))
}

// jobName names an action and, for a move, its target.
func (f *frame) jobName(action operate.BulkAction, to string) h.Node {
	return h.Group{h.Text(f.deed(action)), h.If(to != "", h.Text(" → "+to))}
}

func (f *frame) jobState(j jobView) h.Node {
	if j.Aborting() {
		return badge("warn", f.T("aborting"))
	}
	return badge(tones[string(j.State)], kept(f, "job", j.State))
}

func (j jobView) page(f *frame) h.Node {
	return h.Group{
		crumbs(link("/jobs", f.T("jobs"))),
		h.H1(f.jobName(operate.BulkAction(j.Job.Action), j.To)),
		live("job", polled(j.Going()),
			p("headline", f.jobState(j), space, num(j.Job.Done), h.Text(" / "), num(j.Job.Total),
				h.If(j.Job.By != "", h.Group{h.Text(" · "), f.T("by"), h.Text(" " + j.Job.By)}), h.Text(" · "), f.rel(j.Job.Begun)),
			h.If(j.Silent, p("note", f.T("no-process-works-on-it"))),
			h.If(j.Job.Error == "noTarget", p("note", f.T("its-target-is-gone"))),
			f.progress(j.Width),
			h.If(j.Job.Action == string(operate.BulkRetry), f.retried(j.Job)),
			f.skipped(j.Skipped, "left-as-they-are"),
			h.If(j.Job.Failed > 0, p("note", h.B(num(j.Job.Failed)), space, f.T("could-not-be-changed"))),
			h.If(j.Going() && !j.Aborting() && f.Operator(), post(path("jobs", j.Job.ID, "abort"), h.Button(h.Class("danger"), f.T("abort")), space, soft(f.T("what-is-done-stays-done"))))),
		h.If(j.Groups != "", h.P(link(j.Groups, f.T("the-groups")))),
	}
}

// retried counts the groups that a retry has enqueued, the reviews that it has opened again and the groups that it has
// found to exist. It returns nil if there is no group of the last two kinds.
func (f *frame) retried(j store.Job) h.Node {
	review, exists := j.DoneAs[string(group.Review)], j.DoneAs[string(group.Inviting)]
	if review+exists == 0 {
		return nil
	}
	return p("note",
		f.T("are-put-back-into", j.Done-review-exists),
		h.If(review > 0, h.Group{h.Text(", "), f.T("reviews-are-open-again", review)}),
		h.If(exists > 0, h.Group{h.Text(", "), f.T("exist-and-go-on", exists)}))
}

// polled makes the page's script fetch this part again and again as long as on is true.
func polled(on bool) h.Node { return h.If(on, h.Data("poll", "1")) }

// skipped lists how many groups stay as they are, per state.
func (f *frame) skipped(all []operate.Skipped, because say.Code) h.Node {
	if len(all) == 0 {
		return nil
	}
	return h.Ul(h.Class("inline"), h.Map(all, func(s operate.Skipped) h.Node {
		return h.Li(h.B(num(s.N)), space, f.T(because), space, badge(tones[string(s.Reason)], kept(f, "status", s.Reason)))
	}))
}

func (v bulkView) page(f *frame) h.Node {
	would := f.T("would-be-moved", v.Plan.Done)
	switch v.Action {
	case operate.BulkCancel:
		would = f.T("would-be-cancelled", v.Plan.Done)
	case operate.BulkRetry:
		review, exists := v.Plan.DoneAs[string(group.Review)], v.Plan.DoneAs[string(group.Inviting)]
		would = h.Group{
			f.T("would-be-put-back-into", v.Plan.Done-review-exists),
			h.If(review > 0, h.Group{h.Text(", "), f.T("reviews-would-open-again", review)}),
			h.If(exists > 0, h.Group{h.Text(", "), f.T("exist-and-would-be-taken", exists)}),
		}
	}
	end := h.Node(h.Text("."))
	if len(v.Skipped) > 0 {
		end = h.Group{h.Text(", "), f.T("not")}
	}
	return h.Group{
		h.H1(f.jobName(v.Action, v.To), h.Text(": "), f.T("dry-run")),
		p("lead", f.T("group-matches", v.Plan.Total), space, h.B(would), end),
		f.skipped(v.Skipped, "because-the-state-does-not"),
		h.If(v.Plan.AtMost, p("note", f.T("so-many-at-most"))),
		h.If(v.Mistyped, alarm(f.word("the-number-does-not-match"))),
		h.If(v.Differs, alarm(f.word("create-differs"))),
		v.run(f),
	}
}

// run returns the button that starts the job, and the link back.
func (v bulkView) run(f *frame) h.Node {
	back := "/groups?" + v.Encoded
	if v.Plan.Done == 0 {
		return h.P(buttonTo(back, f.T("back-to-the-list")))
	}
	class := "primary"
	if v.Action == operate.BulkCancel {
		class = "danger"
	}
	return post("/bulk/run", h.Class("stack"), hidden("query", v.Encoded), hidden("action", string(v.Action)), hidden("to", v.To), hidden("shown", strconv.Itoa(v.Plan.Done)),
		h.If(v.Typed, h.Label(f.T("type-to-confirm", v.Plan.Done), space, blank("confirm", h.InputMode("numeric"), unhelped(), h.Required(), h.Pattern("[0-9 ]+")))),
		row(h.Button(h.Class(class), f.T(v.Name), h.Text(" ("), num(v.Plan.Done), h.Text(")")), space, link(back, f.T("do-nothing"))))
}
