package producercmd

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
)

// look is how often --wait and watch look again.
const look = time.Second

// ending is how the groups of a create stand.
type ending struct {
	counts map[group.Status]int
	until  time.Time
}

// open is how many groups will still move by themselves. A review waits for a person: waiting for
// it could take for ever, so it counts as an end that is not done.
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

// await waits until a batch's groups and some others have ended, and shows how far they are.
func (r *rooms) await(ctx context.Context, batchID string, ids []string) (ending, error) {
	others, err := r.outside(ctx, batchID, ids)
	if err != nil {
		return ending{}, err
	}
	progress := r.Progress("groups ended")
	defer progress.Stop()
	tick := time.NewTicker(look)
	defer tick.Stop()
	ended := map[group.Status]int{} // of the others
	before := -1
	for {
		e := ending{counts: map[group.Status]int{}}
		if batchID != "" {
			b, err := r.status.Batch(ctx, batchID)
			if err != nil {
				return e, err
			}
			for s, n := range b.Counts {
				e.counts[s] += n
			}
			if b.EtaAt != nil {
				e.until = *b.EtaAt
			}
		}
		if others, err = r.stillOpen(ctx, others, ended, e.counts); err != nil {
			return e, err
		}
		if e.open() == 0 {
			return e, nil
		}
		done := e.total() - e.open()
		if before < 0 {
			before = done
		}
		note := ""
		if e.until.IsZero() {
			if note, err = r.whyStuck(ctx, batchID, others); err != nil {
				return e, err
			}
		}
		progress.Set(cli.Step{
			Done: done, Before: before, Total: e.total(), Until: e.until, Note: note,
			Failed: e.counts[group.Failed] + e.counts[group.Cancelled] + e.counts[group.Review],
		})
		select {
		case <-tick.C:
		case <-ctx.Done():
			return e, context.Cause(ctx)
		}
	}
}

// whyStuck is what one of the open groups waits for, when nobody can say how long that takes.
func (r *rooms) whyStuck(ctx context.Context, batchID string, others []string) (string, error) {
	var docs []group.Document
	var err error
	if batchID != "" {
		docs, _, err = r.status.Groups(ctx, ledger.Filter{BatchID: batchID, Statuses: moving, OldestFirst: true}, "", 1)
	}
	if err == nil && len(docs) == 0 && len(others) > 0 {
		var groups []*group.Group
		if groups, err = r.ledger.LoadAll(ctx, others[:1]); err == nil {
			docs, err = r.status.Describe(ctx, groups)
		}
	}
	if err != nil || len(docs) == 0 || docs[0].WaitingFor == "" {
		return "", err
	}
	return "waits for " + docs[0].WaitingFor, nil
}

// outside are the groups that the batch does not hold: rows that existed before, in an earlier one.
func (r *rooms) outside(ctx context.Context, batchID string, ids []string) ([]string, error) {
	var others []string
	for some := range slices.Chunk(ids, 500) {
		groups, err := r.ledger.LoadAll(ctx, some)
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

// stillOpen counts groups by their state into counts and returns those that have not ended.
func (r *rooms) stillOpen(ctx context.Context, ids []string, ended, counts map[group.Status]int) ([]string, error) {
	var open []string
	for some := range slices.Chunk(ids, 500) {
		groups, err := r.ledger.LoadAll(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			if g.Status.Ended() {
				ended[g.Status]++
				continue
			}
			counts[g.Status]++
			open = append(open, g.ID)
		}
	}
	for s, n := range ended {
		counts[s] += n
	}
	return open, nil
}
