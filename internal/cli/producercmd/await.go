package producercmd

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

// pollEvery is how often --wait and watch poll.
const pollEvery = time.Second

// ending counts the groups of a create by state.
type ending struct {
	counts map[group.Status]int
	missed int       // people who are neither in their group nor invited
	until  time.Time // the batch's estimated end; zero if there is no estimate
}

// open counts the groups that still move without a person. A group in review waits for a decision, so --wait counts it
// as ended, but not as done.
func (e ending) open() int {
	n := 0
	for s, count := range e.counts {
		if !s.Ended() && s != group.Review {
			n += count
		}
	}
	return n
}

func (e ending) total() int {
	n := 0
	for _, count := range e.counts {
		n += count
	}
	return n
}

func (e ending) notDone() int { return e.total() - e.counts[group.Done] }

// await waits until the groups of a batch and those of ids have ended, and shows their progress. While
// Redis is away it waits for Redis.
func (r *rooms) await(ctx context.Context, batchID string, ids []string) (ending, error) {
	progress := r.Progress("groups ended")
	defer progress.Stop()
	w := &waiting{rooms: r, batchID: batchID, ended: map[group.Status]int{}, before: -1}
	if _, err := r.outlast(ctx, progress.Say, func() (err error) {
		w.others, err = r.outside(ctx, batchID, ids)
		return err
	}); err != nil {
		return ending{}, err
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		var e ending
		if _, err := r.outlast(ctx, progress.Say, func() (err error) {
			e, err = w.poll(ctx, progress)
			return err
		}); err != nil || e.open() == 0 {
			return e, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return e, context.Cause(ctx)
		}
	}
}

// waiting holds the groups that await waits for.
type waiting struct {
	*rooms
	batchID string
	others  []string             // groups outside the batch that have not ended
	ended   map[group.Status]int // how many groups outside the batch have ended, by state
	missed  int                  // people of those ended groups who are neither in their group nor invited
	before  int                  // how many had ended when the waiting began; -1 before the first poll
}

// poll reads the states of the groups and shows their progress. After an error it may be repeated.
func (w *waiting) poll(ctx context.Context, progress *cli.Progress) (ending, error) {
	e := ending{counts: map[group.Status]int{}}
	if w.batchID != "" {
		b, err := w.status.Batch(ctx, w.batchID)
		if err != nil {
			return e, err
		}
		for s, n := range b.Counts {
			e.counts[s] += n
		}
		e.missed = group.MissedOut(b.MemberCounts)
		if b.EtaAt != nil {
			e.until = *b.EtaAt
		}
	}
	if err := w.countOthers(ctx, &e); err != nil || e.open() == 0 {
		return e, err
	}
	done := e.total() - e.open()
	if w.before < 0 {
		w.before = done
	}
	note := ""
	if e.until.IsZero() {
		why, err := w.whyStuck(ctx, w.batchID, w.others)
		if err != nil {
			return e, err
		}
		note = view.Forecast(nil).String() + why
	}
	progress.Set(cli.Step{
		Done: done, Before: w.before, Total: e.total(), Until: e.until, Paced: true, Note: note,
		Failed: e.counts[group.Failed] + e.counts[group.Cancelled] + e.counts[group.Review],
	})
	return e, nil
}

// whyStuck returns the text that follows "no estimate yet": what one of the open groups waits for.
func (r *rooms) whyStuck(ctx context.Context, batchID string, others []string) (string, error) {
	var docs []group.Document
	var err error
	if batchID != "" {
		docs, _, err = r.status.Groups(ctx, store.Filter{BatchID: batchID, Statuses: moving, OldestFirst: true}, "", 1)
	}
	if err == nil && len(docs) == 0 && len(others) > 0 {
		var groups []*group.Group
		if groups, err = r.store.Records.LoadAll(ctx, others[:1]); err == nil {
			docs, err = r.status.Describe(ctx, groups)
		}
	}
	if err != nil || len(docs) == 0 || docs[0].WaitingFor.Zero() {
		return "", err
	}
	return ": waits for " + docs[0].WaitingFor.String(), nil
}

// outside returns the ids of the groups that are not in the batch: those of rows whose groups existed before.
func (r *rooms) outside(ctx context.Context, batchID string, ids []string) ([]string, error) {
	var others []string
	for some := range slices.Chunk(ids, 500) {
		groups, err := r.store.Records.LoadAll(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			if g.BatchID != batchID || batchID == "" {
				others = append(others, g.ID)
			}
		}
	}
	slices.Sort(others)
	return slices.Compact(others), nil
}

// countOthers adds the groups outside the batch to e, and forgets those that have ended: they no longer move.
func (w *waiting) countOthers(ctx context.Context, e *ending) error {
	var all []*group.Group
	for some := range slices.Chunk(w.others, 500) {
		groups, err := w.store.Records.LoadAll(ctx, some)
		if err != nil {
			return err
		}
		all = append(all, groups...)
	}
	w.others = w.others[:0]
	for _, g := range all {
		if g.Status.Ended() {
			w.ended[g.Status]++
			w.missed += group.MissedOut(g.Counts())
			continue
		}
		e.counts[g.Status]++
		w.others = append(w.others, g.ID)
	}
	for s, n := range w.ended {
		e.counts[s] += n
	}
	e.missed += w.missed
	return nil
}
