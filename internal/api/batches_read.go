package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/view"
)

func (a *API) addBatches() {
	a.describeUpload(add(a, operation{
		method: http.MethodPost, path: "/v1/batches", id: "createBatch", tag: "batches", role: auth.Operator, pools: true, creates: true, does: audit.CreateBatch, long: true,
		summary: "Ask for many groups", status: http.StatusAccepted,
		problems: []int{http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
		about: "The body may be of any size; it is taken a row at a time, and a bad row is reported while the others go on. One row is at most 1 MiB.\n\n" +
			"The same rows under the same name are the same groups, so after an interruption send the same body again: only the missing rows are added. " +
			"Of a body that broke off, what was read is accepted; the problem says how much in its `batch`.\n\n" +
			"With dryRun nothing is written, and the answer is the plan.",
	}, a.createBatch))
	add(a, operation{
		method: http.MethodGet, path: "/v1/batches", id: "listBatches", tag: "batches", role: auth.Viewer, pools: true, summary: "List batches, newest first",
	}, a.listBatches)
	add(a, operation{
		method: http.MethodGet, path: "/v1/batches/{id}", id: "getBatch", tag: "batches", role: auth.Viewer, pools: true,
		summary: "Show one batch", problems: []int{http.StatusNotFound},
	}, a.getBatch)
	op := add(a, operation{
		method: http.MethodGet, path: "/v1/batches/{id}/export", id: "exportBatch", tag: "batches", role: auth.Viewer, pools: true, long: true, session: true,
		summary: "Export a batch, with what happened to each row", problems: []int{http.StatusNotFound}, many: "only",
		about: "The groups in the order they were accepted. What happened stands in columns (keys) that begin with rollcall_, which createBatch ignores: failures can be corrected and sent again.",
	}, a.exportBatch)
	for _, p := range op.Parameters {
		if p.Name == "only" {
			p.Description = "Only groups in one of these states: several by commas, or by giving the parameter several times."
			p.Schema = &huma.Schema{Type: huma.TypeArray, Items: choice(group.Statuses...)}
		}
	}
	r := a.huma.OpenAPI().Components.Schemas
	answersWith(op, http.StatusOK, "The rows.", map[string]*huma.MediaType{"text/csv": csvFile(r), "application/x-ndjson": ndjsonFile(r)})
}

// describeUpload documents a batch's body and its answers, which huma does not handle.
func (a *API) describeUpload(op *huma.Operation) {
	r := a.huma.OpenAPI().Components.Schemas
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json":     {Schema: r.Schema(reflect.TypeFor[BatchRequest](), true, "")},
		"application/x-ndjson": ndjsonFile(r),
		"text/csv":             csvFile(r),
		xlsxType:               file(r, "XLSXFile", "A workbook. Its sheet is read like a CSV."),
		odsType:                file(r, "ODSFile", "A workbook. Its sheet is read like a CSV."),
	}}
	answersWith(op, http.StatusAccepted, "The outcome of the rows.", map[string]*huma.MediaType{
		"application/json": {Schema: r.Schema(reflect.TypeFor[Batched](), true, "")},
	})
	location(op, "batch")
	answersWith(op, http.StatusOK, "With dryRun: the plan.", map[string]*huma.MediaType{
		"application/json": {Schema: r.Schema(reflect.TypeFor[Planned](), true, "")},
	})
}

func ndjsonFile(r huma.Registry) *huma.MediaType {
	return file(r, "NDJSONFile", "One group (GroupRequest) a line.")
}

func csvFile(r huma.Registry) *huma.MediaType {
	return file(r, "CSVFile", "A header and one group, or one person, a line. docs/spreadsheets.md lists the columns.")
}

type batchList struct {
	Items      []group.BatchDocument `json:"items"`
	NextCursor string                `json:"nextCursor"`
}

func (a *API) listBatches(ctx context.Context, in *Page) (*answered[batchList], error) {
	docs, next, err := a.shown(ctx).Batches(ctx, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return &answered[batchList]{batchList{Items: append([]group.BatchDocument{}, docs...), NextCursor: next}}, nil
}

// BatchID names a batch.
type BatchID struct {
	ID string `path:"id" doc:"The batch's id or name. If several batches have the name, the latest."`
}

func (b BatchID) mine(ctx context.Context, a *API) error {
	_, err := a.shown(ctx).BatchRecord(ctx, b.ID)
	return noBatch(b.ID, err)
}

func (a *API) getBatch(ctx context.Context, in *BatchID) (*answered[group.BatchDocument], error) {
	doc, err := a.shown(ctx).Batch(ctx, in.ID)
	if err != nil {
		return nil, noBatch(in.ID, err)
	}
	return &answered[group.BatchDocument]{doc}, nil
}

func noBatch(id string, err error) error {
	return unknown(err, "There is no batch %q.", id)
}

type exportInput struct {
	raw
	BatchID
	Format   string   `query:"format" enum:"csv,ndjson" default:"csv" doc:"csv or ndjson."`
	Only     []string `query:"only,explode"`
	For      string   `query:"for" doc:"The program that opens the CSV: excel- and its country, as excel-br. Without it, the cells are separated as in the file of the batch."`
	OneRowIs string   `query:"oneRowIs" enum:"group,person" default:"group" doc:"What a row is."`
}

func (a *API) exportBatch(ctx context.Context, in *exportInput) (*written, error) {
	only, err := statuses("query.only", in.Only)
	if err != nil {
		return nil, err
	}
	b, err := a.shown(ctx).BatchRecord(ctx, in.ID)
	if err != nil {
		return nil, noBatch(in.ID, err)
	}
	what := view.Exporting{Batch: b, Only: only, PerPerson: in.OneRowIs == "person", Form: intake.Form{Format: in.Format}}
	if in.For != "" {
		form, known := intake.FormFor(in.For)
		if !known || in.Format != intake.CSV {
			return nil, invalid("query.for", "", "for goes with CSV and is excel- and a country's two letters, for example excel-br.")
		}
		what.Form = form
	}
	if veiled(ctx) {
		what.Show, what.ShowName = Veil, phone.MaskName
	} else {
		a.Control.Audit.Saw(ctx, audit.About{Subjects: []string{b.ID}, Detail: say.Phrase{Code: say.AuditSeen, Kind: "export"}})
	}
	ctx, done := a.untilClosing(ctx)
	defer done()
	kind := "text/csv; charset=utf-8; header=present"
	if in.Format == intake.NDJSON {
		kind = "application/x-ndjson"
	}
	h := in.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.%s"`, b.ID, in.Format))
	out := a.newPatient(in.w)
	if _, err := a.shown(ctx).Export(ctx, out, what); err != nil {
		h.Del("Content-Disposition")
		return nil, err
	}
	return writes(func() {})
}
