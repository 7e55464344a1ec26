// Package sweep finishes what a crash interrupted, so that no group waits for ever. One worker at a time sweeps. A pass
// checks a bounded number of groups in each state, and the next pass continues after them, so that a backlog of
// millions costs no more per pass than a small one.
//
// For every group that has not ended the sweeper updates the index from the record and queues the missing tasks. Both do
// nothing if all is well, so the sweeper need not know what was interrupted. Ended groups are marked before they are
// opened again, and groups with a later reading are in a list of their own. From the lines the sweeper removes tasks
// that no group needs.
package sweep

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/panics"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// queues is what the sweeper needs of asynq.
type queues interface {
	PutMissing(ctx context.Context, ts ...tasks.Task) ([]tasks.Task, error)
	Hasten(ctx context.Context, t tasks.Task) (replaced bool, err error)
	Remove(ctx context.Context, t tasks.Task) error
	Archived(ctx context.Context, n int) ([]queue.Parked, error)
	DeleteArchived(ctx context.Context, p queue.Parked) error
	PutAgain(ctx context.Context, t tasks.Task) (bool, error)
	Register(ctx context.Context) ([]string, error)
	Counts(ctx context.Context) (map[string]queue.Counts, error)
}

// Config of a sweeper. All fields but Every and AuditKeep are required.
type Config struct {
	Store    *store.Store
	Queue    queues
	Schedule group.Schedule
	Worker   string
	// AuditKeep is how long the audit log's entries are kept. Defaults to a year.
	AuditKeep time.Duration
	// Every is the pause between two passes. Defaults to 15s.
	Every time.Duration
	Log   zerolog.Logger
}

// Sweeper sweeps until it is stopped.
type Sweeper struct {
	Config
	after map[group.Status]string // where the next pass continues
	skip  int                     // the same for the overdue readings
	walk  *store.Walk             // the same for the tasks in lines
	held  map[string]bool         // queues whose pause by asynq's own tools is logged
	old   map[string]time.Time    // by instance: beginning of the pause without an end that is logged
	stop  context.CancelFunc
	done  chan struct{}
}

const (
	slice   = 200  // groups in one round trip
	perPass = 1000 // groups of one state in one pass
	// grace is how old an index entry without a record must be before it is removed: until then its producer may still
	// write the record.
	grace = 10 * time.Minute
	// overdue is how late a reading must be to count as lost: until then its task may still be queued.
	overdue = time.Minute
)

// New makes a sweeper. It starts nothing.
func New(c Config) *Sweeper {
	if c.Every == 0 {
		c.Every = 15 * time.Second
	}
	if c.AuditKeep == 0 {
		c.AuditKeep = 365 * 24 * time.Hour
	}
	return &Sweeper{Config: c, after: map[group.Status]string{}, walk: c.Store.Lines.Walk(), held: map[string]bool{}, old: map[string]time.Time{}}
}

// Start begins sweeping.
func (s *Sweeper) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		tick := time.NewTicker(s.Every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if err := s.Pass(ctx); err != nil && ctx.Err() == nil {
				s.Log.Warn().EmbedObject(event.SweepCutShort).Err(err).Msg("sweep cut short")
			}
		}
	}()
}

// Stop ends the sweeping and waits for it.
func (s *Sweeper) Stop() {
	if s.stop != nil {
		s.stop()
		<-s.done
	}
}

// Pass does one pass, if no other worker does.
func (s *Sweeper) Pass(ctx context.Context) (err error) {
	defer panics.Catch(&err)
	lead, err := s.Store.Presence.Lead(ctx, "sweep", s.Worker, 2*s.Every)
	if err != nil || !lead {
		return err
	}
	return errors.Join(s.repair(ctx), s.pauses(ctx), s.endings(ctx), s.parked(ctx), s.reopened(ctx), s.edits(ctx), s.lines(ctx), s.groups(ctx), s.readings(ctx), s.batches(ctx), s.retention(ctx), s.Store.People.ForgetChecks(ctx), s.Store.Trail.TrimAudit(ctx, s.AuditKeep))
}

// repair rebuilds unreadable entries from the records. It comes first, because the rest of the pass reads the index.
func (s *Sweeper) repair(ctx context.Context) error {
	mended, err := s.Store.Mend(ctx)
	for _, u := range mended {
		s.Log.Warn().EmbedObject(event.UnreadableRebuilt).Str("kind", string(u.Kind)).Str("id", u.ID).Msg("unreadable entry rebuilt")
	}
	return err
}

// parked deletes the tasks that asynq has archived because a worker could not read them, for example an older worker in
// the middle of a deploy. Until then their ids are taken, and putting the task again does nothing. The rest of the pass
// queues what a group needs, in a form that can be read.
func (s *Sweeper) parked(ctx context.Context) error {
	parked, err := s.Queue.Archived(ctx, slice)
	faults := []error{err} // a fault in one queue does not affect the others
	for _, p := range parked {
		if err := s.Queue.DeleteArchived(ctx, p); err != nil {
			faults = append(faults, err)
			continue
		}
		s.Log.Warn().EmbedObject(event.ParkedTaskRemoved).Str("task", p.ID).Str("type", string(p.Type)).Str("queue", p.Queue).Msg("parked task removed")
	}
	return errors.Join(faults...)
}

// groups pushes some of the groups in each state that has not ended, and continues in the next pass.
func (s *Sweeper) groups(ctx context.Context) error {
	var faults []error
	for _, status := range group.Statuses {
		if status.Ended() {
			continue
		}
		for range perPass / slice {
			ids, err := s.Store.Index.Indexed(ctx, status, s.after[status], slice)
			if err != nil {
				faults = append(faults, err)
				break
			}
			if err := s.push(ctx, status, ids); err != nil {
				faults = append(faults, err)
			}
			if len(ids) < slice {
				s.after[status] = "" // the end: from the oldest again
				break
			}
			s.after[status] = ids[len(ids)-1]
		}
	}
	return errors.Join(faults...)
}

// cut is how old the mark of a reopened group or of an edit must be: until then its writer may still finish.
const cut = time.Minute

// reopened updates the index for groups that were opened again. The rest of the pass then finds those whose index entry
// was missing.
func (s *Sweeper) reopened(ctx context.Context) error {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return err
	}
	for range perPass / slice {
		if more, err := s.Store.Index.Reopened(ctx, now.Add(-cut), slice); err != nil || !more {
			return err
		}
	}
	return nil
}

// edits finishes interrupted edits. The rest of the pass queues the groups that they make.
func (s *Sweeper) edits(ctx context.Context) error {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return err
	}
	n, err := s.Store.Records.MendEdits(ctx, now.Add(-cut))
	if n > 0 {
		s.Log.Warn().EmbedObject(event.CutEditMended).Int("edits", n).Msg("cut edits finished")
	}
	return err
}

// readings queues the overdue set-up steps and readings of groups. Most of these groups are done, so only the index of
// overdue readings finds them.
func (s *Sweeper) readings(ctx context.Context) error {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for range perPass / slice {
		ids, err := s.Store.Index.Overdue(ctx, now.Add(-overdue), s.skip, slice)
		if err != nil {
			return err
		}
		groups, err := s.Store.Records.LoadAll(ctx, ids)
		if err != nil {
			return err
		}
		var next []tasks.Task
		faults = append(faults, s.Store.Index.Refresh(ctx, groups...))
		for _, g := range groups {
			steps := append(g.NextSetup(), g.NextReading()...)
			next = append(next, steps...)
			faults = append(faults, s.hasten(ctx, g, steps, now))
		}
		_, err = s.put(ctx, next)
		faults = append(faults, err)
		if len(ids) < slice {
			s.skip = 0
			break
		}
		s.skip += slice
	}
	return errors.Join(faults...)
}

// put queues tasks, and returns those that were missing. If one cannot be queued, the others still are.
func (s *Sweeper) put(ctx context.Context, next []tasks.Task) ([]tasks.Task, error) {
	missing, err := s.Queue.PutMissing(ctx, next...)
	if !store.IsWrongType(err) || len(next) < 2 {
		return missing, err
	}
	var faults []error
	for _, t := range next {
		one, err := s.Queue.PutMissing(ctx, t)
		missing = append(missing, one...)
		faults = append(faults, err)
	}
	return missing, errors.Join(faults...)
}

// late is how overdue a task must be for hasten to run it: asynq uses its servers' clocks, and a clock that was set
// forward delays the tasks that it schedules by as much.
const late = 30 * time.Second

// hasten runs the overdue tasks of a group that wait in no line.
func (s *Sweeper) hasten(ctx context.Context, g *group.Group, next []tasks.Task, now time.Time) error {
	var faults []error
	for _, t := range next {
		due := t.At
		if g.Wait.Until.After(due) {
			due = g.Wait.Until
		}
		if t.Line != "" || t.At.IsZero() || now.Sub(due) < late {
			continue
		}
		replaced, err := s.Queue.Hasten(ctx, t)
		s.tellReplaced(t, replaced)
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// Replace queues the task of a group under another id, because asynq has it and can never run it.
func (s *Sweeper) Replace(ctx context.Context, taskID string) error {
	g, err := s.Store.Records.Load(ctx, tasks.GroupOf(taskID))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, t := range s.Schedule.Next(g) {
		if tasks.SameWork(t.ID, taskID) {
			replaced, err := s.Queue.PutAgain(ctx, t)
			s.tellReplaced(t, replaced)
			return err
		}
	}
	return nil
}

// tellReplaced logs that a task was replaced.
func (s *Sweeper) tellReplaced(t tasks.Task, replaced bool) {
	if replaced {
		s.Log.Warn().EmbedObject(event.BrokenTaskReplaced).Str("task", t.ID).Str("queue", t.Queue()).Msg("broken task replaced")
	}
}

// settled is how long a group must be unchanged before its missing task is logged: until then the task may still be on
// its way to the queue.
const settled = time.Minute

// push updates the index and queues the missing tasks of some groups that the index lists under status.
func (s *Sweeper) push(ctx context.Context, status group.Status, ids []string) error {
	groups, unreadable, err := s.Store.Records.LoadEach(ctx, ids)
	if err != nil {
		return err
	}
	var faults []error
	found := make(map[string]bool, len(groups))
	for id := range unreadable {
		found[id] = true
	}
	faults = append(faults, s.Store.Index.Refresh(ctx, groups...))
	now, err := s.Store.Now(ctx) // this machine's clock may be hours off
	if err != nil {
		return err
	}
	var next []tasks.Task
	for _, g := range groups {
		found[g.ID] = true
		if g.Arrived() {
			settled, err := s.Store.Records.Update(ctx, g.ID, (*group.Group).Settle)
			if err != nil && !errors.Is(err, group.ErrState) {
				faults = append(faults, err)
				continue
			}
			g = settled
		}
		steps := s.Schedule.Next(g)
		next = append(next, steps...)
		faults = append(faults, s.hasten(ctx, g, steps, now))
	}
	unchanged := make(map[string]bool)
	for _, g := range groups {
		unchanged[g.ID] = now.Sub(g.UpdatedAt) > settled
	}
	for _, id := range ids {
		if made, ok := group.MadeAt(id); !found[id] && ok && now.Sub(made) > grace {
			s.Log.Warn().EmbedObject(event.CutAcceptanceRemoved).Str("group", id).Msg("cut acceptance removed")
			faults = append(faults, s.Store.Records.ForgetCut(ctx, id))
		}
	}
	missing, err := s.put(ctx, next)
	for _, t := range missing {
		if unchanged[tasks.GroupOf(t.ID)] {
			s.Log.Warn().EmbedObject(event.MissingTaskPut).Str("task", t.ID).Str("type", string(t.Type)).Str("queue", t.Queue()).Str("group", tasks.GroupOf(t.ID)).Msg("missing task queued again")
		}
	}
	return errors.Join(errors.Join(faults...), s.Store.Index.DropListed(ctx, status, ids), err)
}

// batches ends the batches that dead producers left open, and deletes old ones.
func (s *Sweeper) batches(ctx context.Context) error {
	running, err := s.Store.Index.RunningBatches(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, id := range running {
		faults = append(faults, s.Store.Index.SettleBatch(ctx, id))
	}
	return errors.Join(errors.Join(faults...), s.Store.Index.ForgetBatches(ctx, slice))
}

// retention deletes the groups whose retention is over.
func (s *Sweeper) retention(ctx context.Context) error {
	var faults []error
	for kept := 0; ; {
		ids, err := s.Store.Records.Expired(ctx, kept, slice)
		if err != nil {
			return errors.Join(append(faults, err)...)
		}
		for _, id := range ids {
			forgotten, err := s.Store.Records.ForgetExpired(ctx, id)
			if !forgotten {
				kept++
			}
			if !errors.Is(err, store.ErrUnreadable) { // the list of unreadable entries has it
				faults = append(faults, err)
			}
		}
		if len(ids) < slice || ctx.Err() != nil {
			return errors.Join(faults...)
		}
	}
}
