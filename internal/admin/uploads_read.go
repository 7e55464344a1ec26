package admin

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"github.com/rollcallhq/rollcall/internal/admission"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// reading is an upload that is being read.
type reading struct {
	page  *Page
	u     store.Upload
	form  uploadForm
	rules enqueue.Rules
	input admission.Input
	rows  atomic.Int64
}

// read returns an upload with the choices of its sender, ready to be read.
func (p *Page) read(u store.Upload) (*reading, error) {
	r := &reading{page: p, u: u}
	if err := json.Unmarshal(u.Form, &r.form); err != nil {
		return nil, err
	}
	r.rules = enqueue.Rules{Region: r.form.Region, Strict: r.form.Strict, Update: r.form.Update, Pools: r.form.Pools}
	r.input = admission.Input{Priority: r.form.Priority, AutoInvite: &r.form.Invite}
	if r.form.To != "" {
		r.input.To = targetOf(r.form.To)
	}
	return r, nil
}

func (r *reading) options() intake.Options {
	return intake.Options{
		Name: r.form.File, Region: r.form.Region, Regions: r.page.Regions, Target: r.input.To, Encoding: r.form.Encoding, OneRowIs: r.form.OneRowIs,
		Sheet: r.form.Sheet, Dates: r.form.Dates, Warn: r.input.Warn,
	}
}

// beatEvery is how often an upload that is being read stores its progress.
const beatEvery = time.Second

// beating stores the progress of the reading until done is called.
func (r *reading) beating(ctx context.Context) (done func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		every := time.NewTicker(beatEvery)
		defer every.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-every.C:
			}
			batch := ""
			if r.u.Stage == store.UploadRunning {
				batch, _ = r.page.Store.Index.BatchID(ctx, r.u.Batch) // no batch exists before the first row
			}
			// A failure does no harm: the next one follows in time.
			_, _ = r.page.Store.Trail.ChangeUpload(ctx, r.u.ID, func(u *store.Upload) error {
				u.Rows, u.BatchID = int(r.rows.Load()), batch
				return nil
			})
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// planUpload finds out what a file would do.
func (p *Page) planUpload(ctx context.Context, u store.Upload) error {
	r, err := p.read(u)
	if err != nil {
		return err
	}
	done := r.beating(ctx)
	plan, err := p.planRows(ctx, u.Batch, r.rules, &r.input, intake.Read(ctx, p.Store.Trail.OpenUpload(ctx, u), r.options()), func() { r.rows.Add(1) })
	done()
	return r.end(ctx, err, func(u *store.Upload) error {
		u.Stage = store.UploadPlanned
		u.Plan, err = json.Marshal(plan)
		return err
	})
}

// takeUpload accepts a file, as `rollcall-producer create` does.
func (p *Page) takeUpload(ctx context.Context, u store.Upload) error {
	r, err := p.read(u)
	if err != nil {
		return err
	}
	done := r.beating(ctx)
	outcome := &planView{}
	rows := r.input.Rows(ctx, intake.Read(ctx, p.Store.Trail.OpenUpload(ctx, u), r.options()))
	sum, err := p.Enqueue.CreateBatch(ctx, u.Batch, r.rules, rows, func(res enqueue.Result) error {
		r.rows.Add(1)
		outcome.add(res)
		return nil
	})
	done()
	outcome.sum(sum, r.input.Warned(sum.Warnings))
	ctx = context.WithoutCancel(ctx)
	if err == nil || outcome.Total > 0 {
		p.Control.Audit.Did(ctx, audit.CreateBatch, audit.OfBatch(outcome.BatchID, u.Batch, outcome.Created, outcome.Existed, outcome.Updated, outcome.Invalid), err)
	}
	return r.end(ctx, err, func(u *store.Upload) error {
		u.Stage, u.Rows, u.BatchID = store.UploadDone, outcome.Total, outcome.BatchID
		u.Outcome, err = json.Marshal(outcome)
		return err
	})
}

// end stores how a stage ended: well, or cut short by an error, which it returns.
func (r *reading) end(ctx context.Context, cut error, well func(*store.Upload) error) error {
	_, err := r.page.Store.Trail.ChangeUpload(context.WithoutCancel(ctx), r.u.ID, func(u *store.Upload) error {
		if cut == nil {
			return well(u)
		}
		u.Rows, u.Error = int(r.rows.Load()), say.Kept(cutShort(cut))
		return nil
	})
	return errors.Join(cut, err)
}

// cutShort returns why a stage was cut short.
func cutShort(err error) say.Phrase {
	unusable, isUnusable := errors.AsType[*intake.Unusable](err)
	long, isLong := errors.AsType[*intake.TooLong](err)
	switch {
	case errors.Is(err, errClosing):
		return say.Phrase{Code: "upload-closing"}
	case isUnusable:
		return unusable.Said()
	case isLong:
		return long.Said()
	}
	if told, known := redisconn.Told(err); known {
		return say.Phrase{Code: say.Sentence, Why: []say.Phrase{told}}
	}
	why := say.OfError(err)
	why.Text = phone.Mask(why.Text)
	return say.Phrase{Code: say.Sentence, Why: []say.Phrase{why}}
}
