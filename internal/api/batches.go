package api

import (
	"context"
	"errors"
	"iter"
	"maps"
	"mime"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/admission"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// formats has the formats of a batch's body, by content type.
var formats = map[string]string{
	"application/json":     intake.JSON,
	"application/x-ndjson": intake.NDJSON,
	"text/csv":             intake.CSV,
	xlsxType:               intake.XLSX,
	"application/vnd.ms-excel.sheet.macroenabled.12": intake.XLSX, // its macros are ignored
	odsType: intake.ODS,
}

// The content types of workbooks.
const (
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	odsType  = "application/vnd.oasis.opendocument.spreadsheet"
)

const formatNames = "application/json, application/x-ndjson, text/csv, " + xlsxType + " or " + odsType

type batchInput struct {
	raw
	Reading
	Name         string `query:"name" default:"api" maxLength:"200" doc:"The batch's name: the same rows under the same name are the same groups. Without it: api."`
	DryRun       bool   `query:"dryRun" doc:"Answer what would be created and when it would be over; fetch the photos; write nothing."`
	CheckNumbers bool   `query:"checkNumbers" doc:"With dryRun: ask the network who is on WhatsApp, through the instances of the server's configuration."`
	OneRowIs     string `query:"oneRowIs" enum:"group,person" doc:"What a line of a table is. Without it: as its columns say."`
	Sheet        string `query:"sheet" maxLength:"255" doc:"The sheet of a workbook. Without it: the first visible one."`
	Dates        string `query:"dates" enum:"dmy,mdy" doc:"Whether the day or the month comes first in dates such as 03/04/2026. Without it such a date is an error."`
	AllRows      bool   `query:"allRows" doc:"Report the created rows too, not only the others."`
	Instance     string `query:"instance" doc:"The instance for rows that name neither instance nor pool."`
	Pool         string `query:"pool" doc:"The pool for rows that name neither instance nor pool."`
	Priority     string `query:"priority" enum:"high,normal,low" doc:"The priority of rows that name none."`
	AutoInvite   string `query:"autoInvite" enum:"true,false" doc:"Whether to invite people who cannot be added, for rows that do not say so."`
}

// Batched is the answer to a batch: the outcome of its rows.
type Batched struct {
	enqueue.Summary

	Rows []enqueue.Result `json:"rows" doc:"The rows that were not created, or not with all of their people; with allRows all rows."`
}

func (a *API) createBatch(ctx context.Context, in *batchInput) (*written, error) {
	rules, err := in.rules(ctx)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if in.CheckNumbers && a.CheckNumbers == nil {
		return nil, invalid("query.checkNumbers", "", "This server's configuration has no instances to ask through. Give it the workers' file, or leave checkNumbers out.")
	}
	if err := in.place(rules); err != nil {
		return nil, err
	}
	format, charset, p := formatOf(in.r)
	if p != nil {
		return nil, p
	}
	unknown, err := a.Enqueue.CheckTarget(ctx, in.Instance, in.Pool)
	if err != nil {
		return nil, err
	}
	if unknown != nil {
		return nil, invalid("query."+unknown.Field, string(unknown.Code), "%s", unknown.Message)
	}
	run := &batchRun{api: a, in: in, rules: rules, report: rows{all: in.AllRows, blind: auth.Of(ctx).OnlyCreate}, input: in.defaults()}
	if in.DryRun && a.Photos != nil {
		run.input.Photos = photo.NewChecks(a.Photos, a.PoolPhotos)
	}
	defer run.report.close()
	if err := run.do(ctx, format, charset); err != nil {
		return nil, err
	}
	// Write here and not in huma: the report is deleted when this function returns.
	return writes(func() {})
}

// place refuses the instance or pool of the query if the key may not use it. If the key has only one pool, place sets
// that pool.
func (in *batchInput) place(rules enqueue.Rules) error {
	if in.Instance == "" && in.Pool == "" && len(rules.Pools) != 1 {
		return nil // each row names its own
	}
	to := tasks.GroupRequest{Instance: in.Instance, Pool: in.Pool}
	if bad := rules.Place(&to); bad != nil {
		return invalid("query."+bad.Field, string(bad.Code), "%s", bad.Message)
	}
	in.Pool = to.Pool
	return nil
}

// check refuses contradictory parameters before anything is read.
func (in *batchInput) check() error {
	if wrong := group.WrongBatchName(in.Name); !wrong.Zero() {
		return invalid("query.name", "", "%s", wrong)
	}
	switch {
	case in.CheckNumbers && !in.DryRun:
		return invalid("query.checkNumbers", "", "checkNumbers goes with dryRun: workers check all numbers anyway before they create a group.")
	case in.Instance != "" && in.Pool != "":
		return invalid("query.pool", "", "Both instance and pool are given. Keep one: an instance is one number, a pool is any of several.")
	}
	return nil
}

func formatOf(r *http.Request) (format, charset string, _ *Problem) {
	if p := encodingOf(r); p != nil {
		return "", "", p
	}
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	format, known := formats[media]
	if err != nil || !known {
		return "", "", wrongType(formatNames)
	}
	charset = parameters["charset"]
	if _, known := intake.KnownEncoding(charset); charset != "" && !known {
		return "", "", wrongType(formatNames + ", with a charset such as utf-8, windows-1252 or windows-1251")
	}
	return format, charset, nil
}

// batchRun is one upload of a batch.
type batchRun struct {
	api    *API
	in     *batchInput
	rules  enqueue.Rules
	report rows
	input  admission.Input
}

// defaults returns the values for rows that do not have their own.
func (in *batchInput) defaults() admission.Input {
	rows := admission.Input{To: tasks.Target{Instance: in.Instance, Pool: in.Pool}, Priority: tasks.Priority(in.Priority)}
	if in.AutoInvite != "" {
		yes := in.AutoInvite == "true"
		rows.AutoInvite = &yes
	}
	return rows
}

// do reads the body as far as it arrives, and answers.
func (b *batchRun) do(ctx context.Context, format, charset string) error {
	body := b.api.newUpload(b.in.w, b.in.r)
	input := b.input.Rows(ctx, intake.Read(context.WithoutCancel(ctx), body, intake.Options{
		Format: format, Encoding: charset, Region: b.in.Region, Regions: b.api.Regions, Target: b.input.To, OneRowIs: b.in.OneRowIs, Sheet: b.in.Sheet, Dates: b.in.Dates,
		Warn: b.input.Warn,
	}))
	doc, err := b.run(ctx, input)
	body.close()
	sum := doc.summary()
	if !b.in.DryRun && (err == nil || sum.Total > 0) {
		b.api.Control.Audit.Did(ctx, audit.CreateBatch, audit.OfBatch(sum.BatchID, b.in.Name, sum.Created, sum.Existed, sum.Updated, sum.Invalid), err)
	}
	switch cut := body.problem(); {
	case cut != nil:
		return b.cutShort(cut, sum)
	case err != nil:
		return b.failed(ctx, err, sum)
	case b.input.Broken != nil:
		p := ofRow(b.input.Broken)
		return b.cutShort(p, sum)
	}
	status := http.StatusAccepted
	if b.in.DryRun {
		status = http.StatusOK
	} else {
		b.in.w.Header().Set("Location", "/v1/batches/"+sum.BatchID)
	}
	return b.report.write(b.in.w, status, "application/json", doc, nil)
}

// outcome is the head of an answer: a summary or a plan.
type outcome interface{ summary() enqueue.Summary }

type summed struct{ enqueue.Summary }

func (s summed) summary() enqueue.Summary { return s.Summary }

func (b *batchRun) run(ctx context.Context, input iter.Seq2[enqueue.Row, error]) (outcome, error) {
	if b.in.DryRun {
		return b.plan(ctx, input)
	}
	// When a client leaves, its body ends there. The complete rows before that are accepted.
	sum, err := b.api.Enqueue.CreateBatch(context.WithoutCancel(ctx), b.in.Name, b.rules, input, b.report.add)
	sum.Warnings = b.input.Warned(sum.Warnings)
	return summed{sum}, err
}

// cutShort answers that only a part was read, and how much of it was accepted.
func (b *batchRun) cutShort(p *Problem, sum enqueue.Summary) error {
	p.Detail = phone.Mask(p.Detail)
	switch {
	case b.in.DryRun:
		p.Detail += " " + were(sum.Total, "row") + " read before; nothing was written, as dryRun asked."
	case sum.Created+sum.Existed+sum.Updated == 0:
		p.Detail += " No group was accepted. Send the whole body again."
	default:
		p.Detail += " Of the " + plural(sum.Total, "row") + " read before, " + were(sum.Created, "group") + " created and " +
			plural(sum.Existed, "group") + " existed: they stay. Send the whole body again under the same name, and only the missing rows are added."
	}
	ans := answerOf(b.in.r.Context())
	ans.err = p.cause
	maps.Copy(b.in.w.Header(), p.header)
	return b.report.write(b.in.w, p.Status, problemType, sum, p.finished(b.in.r.Context()))
}

// failed answers an error that the connection did not cause.
func (b *batchRun) failed(ctx context.Context, err error, sum enqueue.Summary) error {
	var p *Problem
	unusable, isUnusable := errors.AsType[*intake.Unusable](err)
	long, isLong := errors.AsType[*intake.TooLong](err)
	switch {
	case isUnusable:
		p = invalid("body", "", "%s", unusable)
	case isLong:
		p = problem(http.StatusRequestEntityTooLarge, "%s", long)
	default:
		p = b.api.ofError(ctx, err)
	}
	if sum.Total == 0 {
		return p
	}
	return b.cutShort(p, sum)
}
