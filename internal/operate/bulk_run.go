package operate

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/panics"
	"github.com/rollcallhq/rollcall/internal/store"
)

// RunnerConfig is what a Runner works with. Control and Name are required.
type RunnerConfig struct {
	Control *Control
	// Name is unique to this process: an earlier process on this machine had another one.
	Name string
	// Rate is how many groups are changed a second, over all jobs. Defaults to DefaultBulkRate.
	Rate int
	// Poll is how often the runner asks whether there is a job. Defaults to 1 s.
	Poll time.Duration
	// Ended is called with each job that this process ends. Cut is called with the error that interrupts the work,
	// once until the work goes on: it is tried again with every poll. Both default to nothing.
	Ended func(store.Job)
	Cut   func(error)
}

// DefaultBulkRate is far below what one process could change, so that jobs do not slow down the dispatch.
const DefaultBulkRate = 250

const (
	bulkLead = "bulk"
	// bulkLease is how long a killed process keeps the others from its jobs.
	bulkLease = 10 * time.Second
	renewLead = 3 * time.Second
	// bulkSlice is how many groups are under way at a time: an abort finishes them, and the process that takes
	// a job over looks at them again.
	bulkSlice = 50
	// bulkAhead is how many candidates are read at once.
	bulkAhead = 5000
	// lookRate is how many groups are read in the time of one change.
	lookRate = 20
	// checkTarget is how often the target of a move is checked.
	checkTarget = 10 * time.Second
	// bulkSkew is how far the clocks of producers may be ahead of Redis'.
	bulkSkew = time.Minute
	// resignFor bounds the last writes of a runner that stops.
	resignFor = 5 * time.Second
)

// Runner does the jobs of an installation. Every server and worker has one, and one of them leads at a time:
// it does a slice of each open job in turn, so that a large one does not hold up a small one. When it is
// killed, its lease expires and another goes on after the latest slice.
//
// Each group is changed once. The groups of a slice are stored with their rounds before the first is changed,
// and a change is made only in that round: a process that takes over sees by the round which of them have been changed.
type Runner struct {
	RunnerConfig
	wake chan struct{}
	stop context.CancelFunc
	done chan struct{}

	held    map[string]*heldJob
	leadsTo time.Time // the lease is renewed by then
}

// heldJob is a job that this process has taken.
type heldJob struct {
	store.Job
	ahead   []store.Candidate // read from the cursor, not yet used
	behind  string            // the cursor after them
	target  time.Time         // when the target of a move was last checked
	resumed bool              // another process or an earlier try may have changed groups of Open
}

// NewRunner makes a Runner. It starts nothing.
func NewRunner(c RunnerConfig) *Runner {
	if c.Rate == 0 {
		c.Rate = DefaultBulkRate
	}
	if c.Poll == 0 {
		c.Poll = time.Second
	}
	if c.Ended == nil {
		c.Ended = func(store.Job) {}
	}
	if c.Cut == nil {
		c.Cut = func(error) {}
	}
	return &Runner{RunnerConfig: c, wake: make(chan struct{}, 1), held: map[string]*heldJob{}}
}

// Start begins to look for jobs.
func (r *Runner) Start(ctx context.Context) {
	ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.done = make(chan struct{})
	go func() {
		defer close(r.done)
		defer r.resign(ctx)
		tick := time.NewTicker(r.Poll)
		defer tick.Stop()
		failing := false
		for {
			err := r.turns(ctx)
			if err != nil && ctx.Err() == nil {
				clear(r.held) // read the jobs from Redis again
				if !failing {
					r.Cut(err)
				}
			}
			failing = err != nil
			select {
			case <-tick.C:
			case <-r.wake:
			case <-ctx.Done():
				return
			}
		}
	}()
}

// Stop ends the work between two groups and waits for it. Another process goes on at once.
func (r *Runner) Stop() {
	if r.stop != nil {
		r.stop()
		<-r.done
	}
}

// Wake lets the runner look for a job now.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default: // it is about to look
	}
}

// turns does slices of the open jobs while there are any and this process leads.
func (r *Runner) turns(ctx context.Context) (err error) {
	defer panics.Catch(&err)
	for ctx.Err() == nil {
		ids, err := r.Control.Store.Trail.OpenJobs(ctx)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			r.resign(ctx)
			return nil
		}
		if leads, err := r.lead(ctx); err != nil || !leads {
			return err
		}
		var faults []error
		worked := false
		for _, id := range ids {
			more, err := r.turn(ctx, id)
			worked = worked || more
			if err != nil {
				delete(r.held, id)
				faults = append(faults, err)
			}
		}
		if len(faults) > 0 || !worked {
			return errors.Join(faults...)
		}
	}
	return nil
}

// lead takes or renews the lease of the jobs, and reports whether this process holds it.
func (r *Runner) lead(ctx context.Context) (bool, error) {
	if time.Now().Before(r.leadsTo) {
		return true, nil
	}
	asked := time.Now()
	leads, err := r.Control.Store.Presence.Lead(ctx, bulkLead, r.Name, bulkLease)
	if err != nil || !leads {
		r.leadsTo = time.Time{}
		clear(r.held)
		return false, err
	}
	r.leadsTo = asked.Add(renewLead)
	return true, nil
}

func (r *Runner) resign(ctx context.Context) {
	clear(r.held)
	if r.leadsTo.IsZero() {
		return
	}
	r.leadsTo = time.Time{}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), resignFor)
	defer cancel()
	_ = r.Control.Store.Presence.Resign(ctx, bulkLead, r.Name) // otherwise the lease expires
}

// turn does one slice of a job. It reports whether it did one.
func (r *Runner) turn(ctx context.Context, id string) (bool, error) {
	h := r.held[id]
	if h == nil {
		j, err := r.Control.Store.Trail.TakeJob(ctx, id, r.Name)
		switch {
		case errors.Is(err, store.ErrJobEnded), errors.Is(err, store.ErrNotFound): // the process that ended it stopped before it closed it, or its record has expired
			return false, r.Control.Store.Trail.CloseJob(ctx, id)
		case errors.Is(err, store.ErrUnreadable): // the store has noted it; a newer version may be able to read it
			return false, nil
		case err != nil:
			return false, err
		}
		h = &heldJob{Job: j, resumed: true}
		r.held[id] = h
	}
	if err := r.slice(ctx, h); err != nil {
		return false, err
	}
	if h.Ended.IsZero() {
		return true, nil
	}
	delete(r.held, id)
	r.Ended(h.Job)
	return true, r.Control.Store.Trail.CloseJob(ctx, id)
}

// slice changes the groups under way, then stores their outcomes together with the next groups.
func (r *Runner) slice(ctx context.Context, h *heldJob) error {
	began := time.Now()
	outcomes, err := r.change(ctx, h)
	if err != nil {
		return err
	}
	cost := time.Duration(len(outcomes)) * time.Second / time.Duration(r.Rate)
	next := follow{walked: true}
	end := !h.Aborted.IsZero()
	if !end && !h.Walked {
		if next, err = r.next(ctx, h); err != nil {
			return err
		}
		end = next.error != ""
		outcomes = append(outcomes, next.skipped...)
		cost += time.Duration(len(next.skipped)) * time.Second / time.Duration(lookRate*r.Rate)
	}
	now, err := r.Control.Store.Now(ctx)
	if err != nil {
		return err
	}
	kept := make([]store.JobOutcome, len(outcomes))
	for i, o := range outcomes {
		kept[i] = o.stored()
	}
	settled, err := r.Control.Store.Trail.SettleJob(ctx, h.ID, r.Name, kept, func(j *store.Job) {
		for _, o := range outcomes {
			switch o.Outcome {
			case OutcomeDone:
				j.Done++
				if j.DoneAs == nil {
					j.DoneAs = map[string]int{}
				}
				j.DoneAs[o.As]++
			case OutcomeFailed:
				j.Failed++
			default:
				if j.Skipped == nil {
					j.Skipped = map[string]int{}
				}
				j.Skipped[string(o.Reason)]++
			}
		}
		j.At, j.Open, j.Error = now, next.open, next.error
		if next.cursor != "" {
			j.Cursor = next.cursor
		}
		j.Walked = j.Walked || next.walked
		j.Total = max(j.Total, j.Settled()+len(j.Open))
		// An abort that came in the meantime ends it before the next groups.
		if end = end || len(j.Open) == 0 && j.Walked; end || !j.Aborted.IsZero() {
			j.Ended, j.Open = now, nil
			if j.Aborted.IsZero() && j.Error == "" {
				j.Total = j.Settled()
			}
		}
	})
	if err != nil {
		return err
	}
	h.Job, h.resumed = settled, false
	if pause := cost - time.Since(began); pause > 0 && h.Ended.IsZero() {
		wait := time.NewTimer(pause)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-ctx.Done():
		}
	}
	return nil
}

// follow is what comes after the groups under way.
type follow struct {
	open    []store.OpenGroup
	skipped []BulkOutcome
	cursor  string
	walked  bool
	error   string
}

// next reads the next candidates. Those that the action refuses in their present state are skipped here.
func (r *Runner) next(ctx context.Context, h *heldJob) (follow, error) {
	if h.Action == string(BulkMove) && time.Since(h.target) > checkTarget {
		err := r.Control.CheckTarget(ctx, h.To)
		if errors.Is(err, ErrTarget) {
			return follow{walked: true, error: ErrNoJobTarget}, nil
		}
		if err != nil {
			return follow{}, err
		}
		h.target = time.Now()
	}
	f := h.Filter
	if latest := h.Begun.Add(bulkSkew); f.Before.IsZero() || f.Before.After(latest) {
		f.Before = latest
	}
	ix := r.Control.Store.Index
	if len(h.ahead) == 0 {
		var err error
		if h.ahead, h.behind, err = ix.Candidates(ctx, f, h.Cursor, bulkAhead); err != nil {
			return follow{}, err
		}
	}
	n := min(bulkSlice, len(h.ahead))
	if n == 0 {
		return follow{cursor: h.behind, walked: h.behind == ""}, nil
	}
	some := h.ahead[:n]
	groups, err := ix.Matching(ctx, f, some)
	if err != nil {
		return follow{}, err
	}
	now, err := r.Control.Store.Now(ctx)
	if err != nil {
		return follow{}, err
	}
	h.ahead = h.ahead[n:]
	next := follow{cursor: some[n-1].Cursor()}
	for _, g := range groups {
		if g.Status != group.Unreadable && g.CreatedAt.After(h.Begun) {
			continue // accepted after the job began
		}
		was := g.Status
		round := g.Round
		if err := actOn(BulkAction(h.Action), h.To, g, now); err != nil {
			next.skipped = append(next.skipped, BulkOutcome{ID: g.ID, Outcome: OutcomeSkipped, Reason: reasonOf(BulkAction(h.Action), was, err)})
			continue
		}
		next.open = append(next.open, store.OpenGroup{ID: g.ID, Round: round, As: string(g.Status)})
	}
	return next, nil
}
