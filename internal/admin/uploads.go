package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// uploadForm is how a file is read, as its sender chose.
type uploadForm struct {
	File     string         `json:"file,omitempty"` // its name
	Region   string         `json:"region,omitempty"`
	To       string         `json:"to,omitempty"`
	Priority tasks.Priority `json:"priority,omitempty"`
	Sheet    string         `json:"sheet,omitempty"`
	OneRowIs string         `json:"oneRowIs,omitempty"`
	Dates    string         `json:"dates,omitempty"`
	Encoding string         `json:"encoding,omitempty"`
	Strict   bool           `json:"strict,omitempty"`
	Update   bool           `json:"update,omitempty"`
	Invite   bool           `json:"invite,omitempty"`
	Pools    []string       `json:"pools,omitempty"` // the pools of the sender's key
}

// uploadView is the form that sends a file.
type uploadView struct {
	Form  uploadForm
	Batch string
	Rules rulesView
	Max   int    // MiB of a file
	Error string // what was wrong with the file or the values
}

// uploadingView is an upload and its progress.
type uploadingView struct {
	Upload  store.Upload
	File    string
	Working bool
	Plan    *planView
	Outcome *planView
	Width   int
}

// Cut returns why the stage was cut short.
func (u uploadingView) Cut() say.Phrase { return say.Phrase(u.Upload.Error) }

// Useful reports whether the plan would change anything.
func (u uploadingView) Useful() bool { return u.Plan != nil && u.Plan.Created+u.Plan.Updated > 0 }

// Bytes returns how large a file may be.
func (uploadView) Bytes() int { return store.MaxUploadBytes }

// uploads is the work of this process on files that it plans or accepts.
type uploads struct {
	mu     sync.Mutex
	closed bool
	work   sync.WaitGroup
	cancel context.CancelCauseFunc
	end    context.Context //nolint:containedctx // of the process, not of a request
}

var errClosing = errors.New("the server is shutting down")

// Close ends the work on uploads: the rows that were read stay accepted, and the upload says that it was cut
// short.
func (p *Page) Close() {
	p.uploads.mu.Lock()
	p.uploads.closed = true
	p.uploads.mu.Unlock()
	p.uploads.cancel(errClosing)
	p.uploads.work.Wait()
}

// settleFor is how long a request waits for the work that it began, so that the answer shows the outcome of a short file.
const settleFor = 2 * time.Second

// beside runs work that may outlive its request, and waits up to settleFor. It returns the error of work that
// ended in that time.
func (p *Page) beside(v *visit, do func(ctx context.Context) error) error {
	p.uploads.mu.Lock()
	closed := p.uploads.closed
	if !closed {
		p.uploads.work.Add(1)
	}
	p.uploads.mu.Unlock()
	if closed {
		return errClosing
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(v.ctx()))
	stop := context.AfterFunc(p.uploads.end, func() { cancel(context.Cause(p.uploads.end)) })
	done := make(chan error, 1)
	go func() {
		defer p.uploads.work.Done()
		defer cancel(nil)
		defer stop()
		done <- do(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(settleFor):
	case <-v.ctx().Done():
	}
	return nil
}

func (p *Page) uploadForm(v *visit) error {
	view := uploadView{Form: uploadForm{Invite: true}, Max: store.MaxUploadBytes >> 20}
	if _, err := p.readRules(v, &view.Rules); err != nil {
		return err
	}
	return v.show(http.StatusOK, say.Code("upload-title"), view)
}

// uploadPattern is the pattern of the only action with a file in its form.
const uploadPattern = "POST /batches/new"

// send stores a file and plans it. It creates nothing.
func (p *Page) send(v *visit) error {
	view := uploadView{Max: store.MaxUploadBytes >> 20}
	u, file, err := p.receive(v)
	// The file may have used up the time of the request, and the sender may be gone. What follows has a time of its own.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx()), handleFor)
	defer cancel()
	v.r = v.r.WithContext(ctx)
	wrong, ruleErr := p.readUpload(v, &view)
	if err = errors.Join(err, ruleErr); err != nil {
		return p.wrongUpload(v, view, u, err)
	}
	view.Form.File, view.Batch = file, cmp.Or(view.Batch, file)
	if why := group.WrongBatchName(view.Batch); !why.Zero() && wrong == nil {
		wrong = tasks.NewRowError(tasks.BadField, "batch", why)
	}
	if wrong != nil {
		return p.wrongUpload(v, view, u, wrong)
	}
	form, err := json.Marshal(view.Form)
	if err != nil {
		return err
	}
	if u, err = p.Store.Trail.ChangeUpload(v.ctx(), u.ID, func(u *store.Upload) error { u.Batch, u.Form = view.Batch, form; return nil }); err != nil {
		return err
	}
	err = p.beside(v, func(ctx context.Context) error { return p.planUpload(ctx, u) })
	if _, unusable := errors.AsType[*intake.Unusable](err); unusable {
		return p.wrongUpload(v, view, u, err)
	}
	return v.toUpload(u.ID) // its page shows any other error
}

func (v *visit) toUpload(id string) error {
	http.Redirect(v.w, v.r, "/uploads/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

// handleFor is how long a request may take once its file is there.
const handleFor = 30 * time.Second

var errNoFile = errors.New("no file was sent")

// receive reads the form, and stores its file.
func (p *Page) receive(v *visit) (u store.Upload, file string, err error) {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return u, "", failed(http.StatusBadRequest, "the-form-cannot-be-read", "go-back-and-send-it")
	}
	control := http.NewResponseController(v.w)
	_ = control.SetWriteDeadline(time.Time{}) // the answer comes after the file, however long that takes
	v.r.Body = &steady{v.r.Body, control}
	defer func() { _ = control.SetWriteDeadline(time.Now().Add(time.Minute)) }()
	ctx := context.WithoutCancel(v.ctx()) // a file may take longer than other requests
	left := int64(maxForm)
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF) && u.ID == "":
			return u, "", errNoFile
		case errors.Is(err, io.EOF):
			return u, file, nil
		case err != nil:
			return u, file, failed(http.StatusBadRequest, "the-form-cannot-be-read", "go-back-and-send-it")
		}
		if part.FormName() == "file" && part.FileName() != "" && u.ID == "" {
			file = part.FileName()
			if u, err = p.Store.Trail.AddUpload(ctx, store.Upload{By: v.name()}, part); err != nil {
				u.ID = "" // nothing was stored
				// A browser shows the answer only after it has sent the whole file. A file far over the limit is
				// cut off.
				_, _ = io.Copy(io.Discard, io.LimitReader(part, 4*store.MaxUploadBytes))
				return u, file, err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, left+1))
		if left -= int64(len(value)); err != nil || left < 0 {
			return u, file, failed(http.StatusBadRequest, "the-form-cannot-be-read", "go-back-and-send-it")
		}
		v.r.PostForm.Add(part.FormName(), string(value))
	}
}

// steady is a body that may take any time, as long as some bytes arrive each minute.
type steady struct {
	io.ReadCloser

	control *http.ResponseController
}

func (s *steady) Read(b []byte) (int, error) {
	_ = s.control.SetReadDeadline(time.Now().Add(time.Minute))
	return s.ReadCloser.Read(b)
}

// readUpload reads the values beside the file.
func (p *Page) readUpload(v *visit, view *uploadView) (*tasks.RowError, error) {
	wrong, err := p.readRules(v, &view.Rules)
	value := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
	view.Batch = value("batch")
	view.Form = uploadForm{
		Region: view.Rules.Region, To: view.Rules.To, Priority: view.Rules.Priority, Sheet: value("sheet"), OneRowIs: value("oneRowIs"), Dates: value("dates"),
		Encoding: value("encoding"), Strict: value("strict") != "", Update: value("update") != "", Invite: value("autoInvite") != "", Pools: v.who.Pools,
	}
	bad := func(field string, why say.Code) {
		wrong = tasks.NewRowError(tasks.BadField, field, say.Phrase{Code: why})
	}
	if _, known := intake.KnownEncoding(view.Form.Encoding); view.Form.Encoding != "" && !known {
		bad("encoding", say.InputEncoding)
	}
	switch view.Form.Dates {
	case "", intake.DayFirst, intake.MonthFirst:
	default:
		bad("dates", say.InputDates)
	}
	switch view.Form.OneRowIs {
	case "", "group", "person":
	default:
		bad("oneRowIs", say.InputRows)
	}
	return wrong, err
}

// wrongUpload shows the form again with what is wrong with the file or the values. The file is dropped.
func (p *Page) wrongUpload(v *visit, view uploadView, u store.Upload, err error) error {
	if u.ID != "" {
		if dropped := p.Store.Trail.DropUpload(v.ctx(), u.ID); dropped != nil {
			return dropped
		}
	}
	status := http.StatusUnprocessableEntity
	row, isRow := errors.AsType[*tasks.RowError](err)
	unusable, isUnusable := errors.AsType[*intake.Unusable](err)
	switch {
	case errors.Is(err, errNoFile):
		view.Error = v.tongue().text("upload-choose")
	case errors.Is(err, store.ErrUploadSize):
		status, view.Error = http.StatusRequestEntityTooLarge, v.tongue().text("upload-large", store.MaxUploadBytes>>20)
	case errors.Is(err, store.ErrUploads):
		status, view.Error = http.StatusServiceUnavailable, v.tongue().text("upload-full", store.MaxUploads)
	case isRow:
		view.Error = v.sentence(row)
	case isUnusable:
		view.Error = v.tongue().voice(v.now).Say(unusable.Said())
	default:
		return err
	}
	return v.show(status, say.Code("upload-title"), view)
}

// upload shows the progress of an upload.
func (p *Page) upload(v *visit) error {
	u, err := p.Store.Trail.Upload(v.ctx(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	if len(u.Form) == 0 { // the file is still arriving
		return store.ErrNotFound
	}
	var form uploadForm
	view := uploadingView{Upload: u, Working: u.Working(v.now), Width: 100}
	if err := json.Unmarshal(u.Form, &form); err != nil {
		return err
	}
	view.File = form.File
	for _, part := range []struct {
		from json.RawMessage
		to   **planView
	}{{u.Plan, &view.Plan}, {u.Outcome, &view.Outcome}} {
		if len(part.from) > 0 {
			if err := json.Unmarshal(part.from, part.to); err != nil {
				return err
			}
		}
	}
	if u.Stage == store.UploadRunning && view.Plan != nil && view.Plan.Total > 0 {
		view.Width = min(99, 100*u.Rows/view.Plan.Total)
	}
	return v.show(http.StatusOK, say.Words(u.Batch), view)
}

var errWorking = errors.New("it is worked on, or done")

// runUpload accepts what was planned, or resumes what was cut short.
func (p *Page) runUpload(v *visit) error {
	id := v.r.PathValue("id")
	u, err := p.Store.Trail.ChangeUpload(v.ctx(), id, func(u *store.Upload) error {
		if u.Working(v.now) || u.Stage == store.UploadDone {
			return errWorking
		}
		if v.outdated(string(u.Stage)) { // *Go on* under a plan that was cut must not run a plan that was not shown
			return errOutdated
		}
		if u.Stage != store.UploadPlanning {
			u.Stage = store.UploadRunning
		}
		u.Error, u.Rows = say.Kept{}, 0
		return nil
	})
	if err != nil && !errors.Is(err, errWorking) {
		return err
	}
	if err == nil {
		_ = p.beside(v, func(ctx context.Context) error { // the upload keeps the error
			if u.Stage == store.UploadPlanning {
				return p.planUpload(ctx, u)
			}
			return p.takeUpload(ctx, u)
		})
	}
	return v.toUpload(id)
}

// dropUpload deletes a file that no process is working on.
func (p *Page) dropUpload(v *visit) error {
	u, err := p.Store.Trail.Upload(v.ctx(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	if u.Working(v.now) {
		return v.toUpload(u.ID)
	}
	if err := p.Store.Trail.DropUpload(v.ctx(), u.ID); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/batches", http.StatusSeeOther)
	return nil
}
