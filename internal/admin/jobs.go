package admin

import (
	"net/http"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// jobSilence is how long a job may make no progress before the page says that no process works on it.
const jobSilence = 15 * time.Second

// jobView is a job and its progress.
type jobView struct {
	Job     store.Job
	To      string
	State   operate.BulkState
	Silent  bool // no server and no worker works on it now
	Skipped []operate.Skipped
	Width   int
	Groups  string // address of the list of its groups; "" for a filter that the page does not have
}

func jobViewOf(j store.Job, now time.Time) jobView {
	action := operate.BulkAction(j.Action)
	view := jobView{
		Job: j, To: toOf(operate.Bulk{Action: action, To: j.To}), State: operate.StateOf(j),
		Skipped: operate.SkippedOf(j.Skipped), Width: 100,
	}
	if view.Going() {
		view.Silent = now.Sub(j.At) > jobSilence
		if j.Total > 0 {
			view.Width = min(99, 100*j.Settled()/j.Total)
		}
	}
	if f := j.Filter; f.After.IsZero() && f.Before.IsZero() && len(f.Pools) < 2 {
		view.Groups = "/groups?" + query{
			Statuses: f.Statuses, Batch: f.BatchID, Instance: f.Instance, Pool: strings.Join(f.Pools, ""), Name: f.Name, Ref: f.ExternalRef, Person: f.PersonToken, Fault: f.Fault,
		}.Values().Encode()
	}
	return view
}

// Going reports whether the job is still running.
func (j jobView) Going() bool { return j.State == operate.BulkRunning }

// Aborting reports whether the job was asked to end and still runs.
func (j jobView) Aborting() bool { return j.Going() && !j.Job.Aborted.IsZero() }

func (p *Page) job(v *visit) error {
	j, err := p.Store.Trail.Job(v.ctx(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	view := jobViewOf(j, v.now)
	return v.show(http.StatusOK, v.tongue().title("job", v.tongue().deed(operate.BulkAction(j.Action))), view)
}

// jobsView are the jobs of the last week.
type jobsView struct {
	Jobs []jobView
	Next string
}

func (p *Page) jobs(v *visit) error {
	jobs, next, err := p.Store.Trail.Jobs(v.ctx(), v.r.URL.Query().Get("cursor"), pageSize)
	if err != nil {
		return err
	}
	view := jobsView{Next: next}
	for _, j := range jobs {
		if operate.OfPools(j, v.who.Pools) {
			view.Jobs = append(view.Jobs, jobViewOf(j, v.now))
		}
	}
	return v.show(http.StatusOK, say.Code("jobs"), view)
}

func (p *Page) abortJob(v *visit) error {
	id := v.r.PathValue("id")
	if _, err := p.Control.AbortBulk(v.ctx(), id); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/jobs/"+id, http.StatusSeeOther)
	return nil
}
