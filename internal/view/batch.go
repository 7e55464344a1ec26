package view

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// lastOnes is how many of a batch's newest waiting groups are read to estimate its end: enough to include the last
// one of every target in an ordinary file. Several batches share that number, down to fewestLast for each.
const (
	lastOnes   = 100
	fewestLast = 5
)

// Batch returns one batch's document, by its id or name. It fails with store.ErrNotFound.
func (r *Reader) Batch(ctx context.Context, idOrName string) (group.BatchDocument, error) {
	b, err := r.BatchRecord(ctx, idOrName)
	if err != nil {
		return group.BatchDocument{}, err
	}
	docs, err := r.batches(ctx, []*group.Batch{b}, nil)
	if err != nil {
		return group.BatchDocument{}, err
	}
	return docs[0], nil
}

// BatchRecord returns one batch by its id or name, narrowed to what the reader shows: of a name, the latest batch that
// it shows. It fails with store.ErrNotFound.
func (r *Reader) BatchRecord(ctx context.Context, idOrName string) (*group.Batch, error) {
	if len(r.pools) == 0 {
		return r.store.Index.Batch(ctx, idOrName)
	}
	for id, err := range r.store.Index.BatchesNamed(ctx, idOrName) { // the newest may be another tenant's
		if err != nil {
			return nil, err
		}
		b, err := r.store.Index.Batch(ctx, id)
		if errors.Is(err, store.ErrNotFound) { // forgotten in between
			continue
		}
		if err != nil {
			return nil, err
		}
		if some := r.within([]*group.Batch{b}); len(some) > 0 {
			return some[0], nil
		}
		if id == idOrName {
			break
		}
	}
	return nil, fmt.Errorf("batch %q: %w", idOrName, store.ErrNotFound)
}

// BatchID returns the id of the batch that BatchRecord returns for a name. It returns an id as it is.
func (r *Reader) BatchID(ctx context.Context, idOrName string) (string, error) {
	if len(r.pools) == 0 || strings.HasPrefix(idOrName, group.BatchIDPrefix) {
		return r.store.Index.BatchID(ctx, idOrName)
	}
	b, err := r.BatchRecord(ctx, idOrName)
	if err != nil {
		return "", err
	}
	return b.ID, nil
}

// within narrows batches to what the reader shows.
func (r *Reader) within(batches []*group.Batch) []*group.Batch {
	if len(r.pools) == 0 {
		return batches
	}
	some := make([]*group.Batch, 0, len(batches))
	for _, b := range batches {
		if part, ok := b.Within(r.pools); ok {
			some = append(some, part)
		}
	}
	return some
}

// Batches returns one page of documents, newest first.
func (r *Reader) Batches(ctx context.Context, cursor string, limit int) ([]group.BatchDocument, string, error) {
	batches, next, err := r.store.Index.Batches(ctx, cursor, limit, r.pools...)
	if err != nil {
		return nil, "", err
	}
	docs, err := r.batches(ctx, r.within(batches), nil)
	return docs, next, err
}

// batches renders batches. It reads a snapshot if s is nil and one of them is running.
func (r *Reader) batches(ctx context.Context, batches []*group.Batch, s *snapshot) ([]group.BatchDocument, error) {
	docs := make([]group.BatchDocument, len(batches))
	var running []*group.Batch
	for i, b := range batches {
		if docs[i] = b.Document(time.Time{}); b.FinishedAt.IsZero() && !b.Unreadable {
			running = append(running, b)
		}
	}
	if len(running) == 0 {
		return docs, nil
	}
	last, err := r.lastGroups(ctx, running)
	if err != nil {
		return nil, err
	}
	var all []placed
	var groups []*group.Group
	for _, some := range last {
		for _, one := range some {
			all, groups = append(all, one), append(groups, one.Group)
		}
	}
	if s == nil {
		some, err := r.readFor(ctx, groups)
		if err != nil {
			return nil, err
		}
		s = some.snapshot
	}
	s.expect(all)
	for i, b := range batches {
		if b.FinishedAt.IsZero() && !b.Unreadable {
			docs[i] = b.Document(s.end(b, last[b.ID]))
		}
	}
	return docs, nil
}

// placed is a group with its position.
type placed struct {
	*group.Group
	position
}

// lastGroups returns, by batch id, the groups that decide when each batch is over: the last one in each line, and
// the newest ones that are being created, verified or invited.
func (r *Reader) lastGroups(ctx context.Context, batches []*group.Batch) (map[string][]placed, error) {
	var lists []store.Filter
	for _, b := range batches {
		for _, s := range []group.Status{group.Queued, group.Creating, group.Verifying, group.Inviting} {
			if b.Counts[s] > 0 {
				lists = append(lists, store.Filter{BatchID: b.ID, Pools: r.pools, Statuses: []group.Status{s}})
			}
		}
	}
	found, err := r.store.Index.Newest(ctx, lists, max(lastOnes/len(batches), fewestLast))
	if err != nil {
		return nil, err
	}
	var groups []*group.Group
	for i, of := range lists {
		found[i] = slices.DeleteFunc(found[i], func(g *group.Group) bool { return g.Status == group.Unreadable })
		if of.Statuses[0] == group.Queued {
			found[i] = newestOfEach(found[i])
		}
		groups = append(groups, found[i]...)
	}
	at, err := r.positions(ctx, groups)
	if err != nil {
		return nil, err
	}
	last := make(map[string][]placed, len(batches))
	for i, g := range groups {
		last[g.BatchID] = append(last[g.BatchID], placed{g, at[i]})
	}
	return last, nil
}

// newestOfEach keeps the newest group of each line. The groups come newest first.
func newestOfEach(groups []*group.Group) []*group.Group {
	seen := map[string]bool{}
	return slices.DeleteFunc(groups, func(g *group.Group) bool {
		q := g.Target.Line(g.Priority)
		known := seen[q]
		seen[q] = true
		return known
	})
}

// end estimates when a running batch will be over: after its last create, the roll call of that group, and the
// invitations that are queued or expected. It is zero when there is no estimate, and while one of its groups waits
// for a person's decision.
func (s *snapshot) end(b *group.Batch, last []placed) time.Time {
	if b.Counts[group.Review] > 0 || len(last) == 0 {
		return time.Time{}
	}
	end := s.now
	involved := map[string]bool{}
	for _, g := range last {
		_, until := s.wait(g.Group, g.position)
		if until.IsZero() {
			return time.Time{}
		}
		if g.Status != group.Inviting || !g.Called {
			until = until.Add(s.rollLook(s.whoTakes(g.Group)))
		}
		end = latest(end, until)
		for _, name := range s.whoTakes(g.Group) {
			involved[name] = true
		}
	}
	more := s.invites.expect(b.Members[group.Pending])
	if more == 0 && b.Members[group.InviteQueued] == 0 {
		return end
	}
	invites, stuck := s.invitesDone(s.among(involved), more)
	if stuck {
		return time.Time{}
	}
	return latest(end, invites)
}

// whoTakes returns the instances that may create a group: its own, or any of its pool.
func (s *snapshot) whoTakes(g *group.Group) []string {
	if g.Instance != "" {
		return []string{g.Instance}
	}
	return s.of(g.Target)
}

// among returns the names of a set, sorted.
func (s *snapshot) among(set map[string]bool) []string {
	return slices.DeleteFunc(slices.Clone(s.names), func(name string) bool { return !set[name] })
}
