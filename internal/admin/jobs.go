package admin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// A job outlives the request that began it, so that its progress can be watched from any page. One
// that its server took with it shows no sign of life any more: what it did stays done, and beginning
// it again does the rest.
const (
	jobPrefix   = "job_"
	jobSaves    = 500 * time.Millisecond // how often its progress is kept
	jobSilence  = 15 * time.Second       // after that it is taken for dead
	jobChecksAt = 50                     // groups between two looks whether it shall stop
)

// begin starts a job.
func (p *Page) begin(v *visit, f store.Filter, plan bulkView) (string, error) {
	now, err := p.Store.Now(v.ctx())
	if err != nil {
		return "", err
	}
	j := store.Job{
		ID: jobPrefix + uuid.Must(uuid.NewV7()).String(), What: plan.Kind.Word, To: plan.Kind.To, Query: plan.Encoded, By: v.name(),
		Total: plan.Will, Begun: now, At: now, Skipped: map[string]int{},
	}
	if err := p.Store.Trail.SaveJob(v.ctx(), j); err != nil {
		return "", err
	}
	// It belongs to nobody's request any more, and ends with the page.
	ctx := context.WithoutCancel(v.ctx())
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(p.closing, cancel)
	p.work.Go(func() {
		defer cancel()
		defer stop()
		p.run(ctx, plan.Kind, f, j)
	})
	return j.ID, nil
}

// run does a job to its end.
func (p *Page) run(ctx context.Context, kind bulkKind, f store.Filter, j store.Job) {
	within, flush := p.Control.Audit.Gather(ctx)
	saved := time.Now()
	n := 0
	err := p.eachOf(within, f, func(g *group.Group) error {
		if n++; n%jobChecksAt == 0 {
			if stopped, err := p.Store.Trail.JobStopped(ctx, j.ID); err != nil || stopped {
				return errors.Join(err, errStopped)
			}
		}
		now, err := kind.do(within, g.ID)
		switch {
		case err == nil:
			j.Done++
		case errors.Is(err, group.ErrState), errors.Is(err, audit.ErrRefused):
			if now != nil {
				j.Skipped[whyNot(now.Status, err)]++
			}
		case errors.Is(err, store.ErrUnreadable):
			j.Skipped[string(group.Unreadable)]++
		case errors.Is(err, store.ErrNotFound):
			j.Skipped[whyGone]++
		default:
			return err
		}
		if time.Since(saved) >= jobSaves {
			saved = time.Now()
			p.keep(ctx, &j)
		}
		return ctx.Err()
	})
	flush()
	switch {
	case errors.Is(err, errStopped):
		j.Stopped = true
	case err != nil:
		j.Error = phone.Mask(err.Error())
	}
	// The last word is kept also when the server is going down.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if now, err := p.Store.Now(last); err == nil {
		j.Ended = now
	}
	p.keep(last, &j)
	p.Log.Info().EmbedObject(event.BulkJobEnded).Str("job", j.ID).Str("action", j.What).Int("done", j.Done).Int("of", j.Total).Str("error", j.Error).Msg("bulk job ended")
}

// keep saves how far a job is. A Redis that does not take it costs a look at the progress.
func (p *Page) keep(ctx context.Context, j *store.Job) {
	if now, err := p.Store.Now(ctx); err == nil {
		j.At = now
	}
	if err := p.Store.Trail.SaveJob(ctx, *j); err != nil && ctx.Err() == nil {
		p.Log.Warn().EmbedObject(event.BulkJobProgressLost).Err(err).Str("job", j.ID).Msg("bulk job progress not stored")
	}
}

// jobView is how far a job is.
type jobView struct {
	Job         store.Job
	Kind        bulkKind
	Interrupted bool
	Skipped     []skipped
	Width       int
}

// Going says that the job is not over.
func (j jobView) Going() bool { return j.Job.Ended.IsZero() && !j.Interrupted }

func (p *Page) job(v *visit) error {
	j, err := p.Store.Trail.Job(v.ctx(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	kind, err := p.bulkKind(j.What, j.To)
	if err != nil {
		return err
	}
	view := jobView{Job: j, Kind: kind, Interrupted: j.Ended.IsZero() && v.now.Sub(j.At) > jobSilence, Width: 100}
	if j.Total > 0 && j.Ended.IsZero() {
		view.Width = min(99, 100*j.Done/j.Total)
	}
	view.Skipped = skips(j.Skipped)
	return v.show("job", http.StatusOK, say.Code("job"), view)
}

func (p *Page) stopJob(v *visit) error {
	id := v.r.PathValue("id")
	if _, err := p.Store.Trail.Job(v.ctx(), id); err != nil {
		return err
	}
	if err := p.Store.Trail.StopJob(v.ctx(), id); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/jobs/"+id, http.StatusSeeOther)
	return nil
}
