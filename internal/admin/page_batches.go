package admin

import (
	"slices"
	"time"

	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

func (v batchesView) page(f *frame) h.Node {
	next := ""
	if v.Next != "" {
		next = list("/batches", "cursor", v.Next)
	}
	return h.Group{
		h.H1(f.T("batches")),
		h.If(f.Operator(), h.P(buttonTo("/batches/new", f.T("upload-title")))),
		live("batches", f.batchRows(v.Batches, "no-batch-yet-bring-one")),
		further(next, f.T("older")),
	}
}

// batchRows returns a table of batches, or the text empty if there are none.
func (f *frame) batchRows(all []batchLine, empty say.Code) h.Node {
	if len(all) == 0 {
		return p("empty", f.T(empty))
	}
	return f.table("rows", f.word("table-of-batches"),
		h.Group{f.th("batch"), f.th("status"), f.th("progress"), f.th("ended", "n"), f.th("failed-2", "n"), f.th("review", "n"), f.th("finish", "t")},
		h.TBody(h.Map(all, f.batchRow)))
}

func (f *frame) batchRow(b batchLine) h.Node {
	finish := none(f.T("no-estimate-yet"))
	switch {
	case b.FinishedAt != nil:
		finish = h.Group{f.T("done"), space, f.rel(*b.FinishedAt)}
	case b.EtaAt != nil:
		finish = h.Group{f.T("about-2"), space, f.at(*b.EtaAt)}
	}
	return tr(h.Data("key", b.ID),
		td("name", link(path("batches", b.ID), veil(b.Name))),
		h.Td(f.batchStatus(b)),
		h.Td(f.progress(b.Width())),
		f.labelled("n", "ended", num(b.Ended), soft(h.Text(" / "), num(b.Total))),
		f.labelled("n", "failed-2", unless0("badtext", b.Failed)),
		f.labelled("n", "review", unless0("warntext", b.Review)),
		td("t", finish),
	)
}

func (f *frame) batchStatus(b batchLine) h.Node {
	return badge(tones[string(b.Worst)], f.T(say.Code(b.Word())))
}

func (v batchView) page(f *frame) h.Node {
	b := v.Batch
	return h.Group{
		crumbs(link("/batches", f.T("batches"))),
		h.H1(veil(b.Name)),
		live("head", v.headline(f), f.progress(b.Width()), v.outcomes(f)),
		h.Div(h.Class("columns"),
			section("funnel", f.T("people"), h.Table(h.Class("funnel"), h.Data("live", "funnel"), h.TBody(h.Map(v.Steps, f.funnelStep)))),
			section("statuses", f.T("by-status"), h.Ul(h.Class("inline"), h.Data("live", "people"), h.Map(v.People, func(l peopleLine) h.Node {
				return h.Li(h.B(num(l.N)), space, f.member(l.Status))
			})))),
		v.export(f),
		v.waiting(f),
		v.invalid(f),
		section("groups", link(list("/groups", "batch", b.ID), f.T("groups")), live("groups", f.groupTable(v.Groups))),
		v.webhookEvents(f),
	}
}

func (v batchView) headline(f *frame) h.Node {
	b := v.Batch
	finish := h.Node(f.finish("all-done-about", b.EtaAt))
	if b.FinishedAt != nil {
		finish = h.Group{f.T("done"), space, f.at(*b.FinishedAt)}
	}
	return p("headline", f.batchStatus(b), space, num(b.Ended), h.Text(" / "), num(b.Total), space, f.T("groups-have-ended"), h.Text(", "), finish)
}

// finish shows when all is done, as a part of a sentence, or that there is no estimate yet.
func (f *frame) finish(about say.Code, eta *time.Time) h.Node {
	if eta == nil {
		return f.T("no-estimate-yet")
	}
	return h.Group{f.T(about), space, f.at(*eta)}
}

func (v batchView) outcomes(f *frame) h.Node {
	b := v.Batch
	return h.Ul(h.Class("totals"),
		h.Map(v.Outcomes, func(o outcome) h.Node {
			return h.Li(link(list("/groups", "batch", b.ID, "status", string(o.Status)), h.B(num(o.N)), space, f.status(string(o.Status))))
		}),
		h.If(b.InvalidRows > 0, h.Li(h.B(num(b.InvalidRows)), space, badge("warn", f.T("invalid-rows")))))
}

func (f *frame) funnelStep(s funnelStep) h.Node {
	share := percent(s.N, s.Of)
	return tr(
		h.Th(h.Scope("row"), f.T(s.Name)),
		td("n", num(s.N)),
		h.Td(progressBar(share, h.Aria("hidden", "true"))),
		td("n soft", h.Textf("%d %%", share)),
		td("why", f.T(s.Meaning)))
}

// export returns the files of the batch, and the retry of what failed.
func (v batchView) export(f *frame) h.Node {
	id := v.Batch.ID
	return row(
		h.Form(h.Method("get"), h.Action(path("v1", "batches", id, "export")),
			h.Button(f.T("all-as-csv")),
			h.If(v.Mendable > 0, h.Group{space, h.Button(h.Name("only"), h.Value("failed"), f.T("failures-as-csv"), h.Text(" ("), num(v.Mendable), h.Text(")"))}), space,
			f.field("one-row-is", choose("oneRowIs", option("group", false, f.T("a-group")), option("person", false, f.T("a-person")))), space,
			f.field("cells", choose("for", option("", false, f.T("as-the-batch-came")), option("excel-br", false, f.T("for-excel-with")), option("excel-us", false, f.T("for-excel-with-2"))))),
		h.If(f.Operator() && v.Mendable > 0, h.Group{
			post("/bulk", hidden("query", filterOf("batch", id, "status", "failed")), h.Button(h.Name("action"), h.Value("retry"), h.Class("primary"), f.T("retry-the-failed"))),
			soft(f.T("the-file-can-be-corrected")),
		}))
}

// waiting returns what can be done with the groups that wait.
func (v batchView) waiting(f *frame) h.Node {
	if !f.Operator() || v.Waiting == 0 {
		return nil
	}
	return h.Div(h.Class("row bulk"),
		post("/bulk", hidden("query", filterOf("batch", v.Batch.ID, "status", "queued")), h.Button(h.Name("action"), h.Value("cancel"), f.T("cancel-what-waits"), h.Text(" ("), num(v.Waiting), h.Text(")"))),
		f.moveTo(v.Move), space, soft(f.T("a-dry-run-comes-first")))
}

// invalid returns the rows that were not accepted.
func (v batchView) invalid(f *frame) h.Node {
	i := v.Invalid
	if len(i.Rows) == 0 {
		return nil
	}
	lines := slices.ContainsFunc(i.Rows, func(r invalidRow) bool { return r.Line != 0 })
	return section("invalid", h.Group{f.T("invalid-rows-title"), space, soft(num(i.Of))},
		live("invalid",
			f.table("rows", f.word("table-of-invalid-rows"), h.Group{f.th("plan-row", "n"), h.If(lines, f.th("plan-line", "n")), f.th("column"), f.th("plan-why")},
				h.TBody(h.Map(i.Rows, func(r invalidRow) h.Node {
					return tr(f.labelled("n", "plan-row", h.Textf("%d", r.Row)), h.If(lines, f.labelled("n", "plan-line", h.Text(lineText(r.Line)))), h.Td(h.Code(veil(r.Field))), td("why", f.tell(r.Said())))
				}))),
			h.If(i.More() > 0, p("soft", f.T("plan-more", i.More())))),
		h.P(buttonTo(path("batches", v.Batch.ID, "invalid.csv"), f.T("invalid-rows-csv", i.Kept)), space, soft(f.T("invalid-rows-kept"))))
}

func (v batchView) webhookEvents(f *frame) h.Node {
	if !v.Told {
		return nil
	}
	notices := p("empty", f.T("the-receivers-are-told-when"))
	if len(v.Notices) > 0 {
		notices = f.noticeRows(v.Notices)
	}
	return section("webhook-events", f.T("webhook-events"), live("webhook-events", notices))
}

// noticeRows returns webhook events and their delivery to each receiver.
func (f *frame) noticeRows(all []noticeLine) h.Node {
	return f.table("rows", f.word("table-of-webhook-events"),
		h.Group{f.th("event"), f.th("delivery"), f.th("tries", "n"), f.th("answer"), f.th("when", "t")},
		h.TBody(h.Map(all, func(n noticeLine) h.Node {
			return h.Group{
				h.If(len(n.Deliveries) == 0, tr(h.Td(h.Code(h.Text(n.Type))), h.Td(h.ColSpan("3"), none(f.T("no-receiver-wants-it"))), td("t", f.rel(n.At)))),
				h.Map(n.Deliveries, func(d store.Delivery) h.Node {
					return tr(
						h.Td(h.Code(h.Text(n.Type))),
						h.Td(h.Text(d.Host), space, f.state(string(d.State))),
						td("n", h.Textf("%d", d.Tries)),
						h.Td(f.answered(d.Status, d.Reason)),
						td("t", f.rel(n.At)))
				}),
				h.If(n.Failed && f.Operator(), tr(h.Td(h.ColSpan("5"), post(path("deliveries", n.ID, "replay"), hidden("back", f.Path),
					h.Button(f.T("send-again"), space, hide(h.Text(n.Type))))))),
			}
		})))
}

// answered returns how a receiver answered.
func (f *frame) answered(status int, reason say.Phrase) h.Node {
	return h.Group{h.If(status != 0, h.Textf("HTTP %d ", status)), f.tell(reason)}
}
