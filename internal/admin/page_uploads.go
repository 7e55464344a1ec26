package admin

import (
	"cmp"
	"strconv"

	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/store"
)

func (v uploadView) page(f *frame) h.Node {
	form := v.Form
	return h.Group{
		crumbs(link("/batches", f.T("batches"))),
		h.H1(f.T("upload-title")),
		alarm(v.Error),
		post("/batches/new", h.Class("stack"), h.EncType("multipart/form-data"), h.DataFlag("drop"), h.Data("max", strconv.Itoa(v.Bytes())), h.Data("large", f.word("upload-large", v.Max)),
			f.field("upload-batch", input("batch", v.Batch, maxLength(200), unhelped())),
			f.rules(v.Rules),
			check("autoInvite", "1", form.Invite, f.T("edit-auto-invite")),
			check("update", "1", form.Update, f.T("upload-update")),
			check("strict", "1", form.Strict, f.T("upload-strict")),
			h.Details(h.If(v.Error != "", h.Open()), h.Summary(f.T("upload-more")), h.Div(h.Class("stack"),
				f.field("upload-sheet", input("sheet", form.Sheet, maxLength(255), unhelped())),
				f.field("upload-rows", choose("oneRowIs",
					option("", false, f.T("upload-columns")),
					option("group", form.OneRowIs == "group", f.T("a-group")),
					option("person", form.OneRowIs == "person", f.T("a-person")))),
				f.field("upload-dates", choose("dates",
					option("", false, f.T("upload-dates-none")),
					option("dmy", form.Dates == "dmy", f.T("upload-dates-dmy")),
					option("mdy", form.Dates == "mdy", f.T("upload-dates-mdy")))),
				f.field("upload-encoding", input("encoding", form.Encoding, maxLength(40), unhelped())))),
			h.Label(h.Class("drop"), f.T("upload-file"), space,
				h.Input(h.Type("file"), h.Name("file"), h.Required(), h.Accept(".csv,.tsv,.txt,.xlsx,.xlsm,.ods,.json,.ndjson,.jsonl"))),
			p("soft", f.T("upload-drag"), space, f.T("upload-most", v.Max)),
			h.Button(h.Class("primary"), f.T("plan-look"))),
	}
}

func (v uploadingView) page(f *frame) h.Node {
	u := v.Upload
	v.Plan, v.Outcome = cmp.Or(v.Plan, &planView{}), cmp.Or(v.Outcome, &planView{})
	return h.Group{
		crumbs(link("/batches", f.T("batches")), h.Text(" · "), link("/batches/new", f.T("upload-title"))),
		h.H1(veil(u.Batch)),
		live("upload", polled(v.Working),
			alarm(f.said(v.Cut())),
			v.stage(f),
			h.If(u.BatchID != "", h.P(buttonTo(path("batches", u.BatchID), f.T("upload-batch-link")))),
			h.If(!v.Working && u.Stage != store.UploadPlanned && u.Stage != store.UploadDone, p("note", f.T("upload-silent"))),
			v.actions(f)),
	}
}

// stage shows the progress of the upload.
func (v uploadingView) stage(f *frame) h.Node {
	u := v.Upload
	headline := func(children ...h.Node) h.Node {
		return h.P(h.Class("headline"), h.Role("status"), h.Group(children))
	}
	switch u.Stage {
	case store.UploadPlanning:
		return headline(f.T("upload-reading", u.Rows))
	case store.UploadPlanned:
		return section("plan", f.T("plan-title"), f.plan(v.Plan), h.If(!v.Useful(), p("note", f.T("upload-nothing"))))
	case store.UploadRunning:
		return h.Group{headline(f.T("upload-running", u.Rows, v.Plan.Total)), f.progress(v.Width)}
	default:
		return h.Group{
			headline(f.T("upload-done", v.Outcome.Created),
				h.If(v.Outcome.Existed > 0, h.Group{space, f.T("plan-existed", v.Outcome.Existed), h.Text(".")}),
				h.If(v.Outcome.Updated > 0, h.Group{space, f.T("upload-updated", v.Outcome.Updated), h.Text(".")}),
				h.If(v.Outcome.Invalid > 0, h.Group{space, mark("badtext", f.T("plan-invalid", v.Outcome.Invalid), h.Text("."))})),
			f.outcomes(v.Outcome),
		}
	}
}

func (v uploadingView) actions(f *frame) h.Node {
	u := v.Upload
	if v.Working || u.Stage == store.UploadDone {
		return nil
	}
	planned := u.Stage == store.UploadPlanned
	run := h.Group{f.T("upload-go-on")}
	if planned {
		run = h.Group{f.T("upload-do"), h.Text(" ("), num(v.Plan.Created), h.Text(")")}
	}
	return row(
		h.If(v.Useful() || !planned, post(path("uploads", u.ID, "run"), hidden("since", string(u.Stage)), h.Button(h.Class("primary"), run))),
		post(path("uploads", u.ID, "drop"), h.Button(f.T("upload-drop"))), space, soft(f.T("upload-kept")))
}
