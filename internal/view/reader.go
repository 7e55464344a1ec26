package view

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// Reader composes documents. It is safe for concurrent use and holds no state.
type Reader struct {
	store *store.Store
	pacer *pacing.Pacer
	queue *queue.Queue
	pools []string // whose groups it shows; empty for all
}

// New makes a reader.
func New(st *store.Store, p *pacing.Pacer, q *queue.Queue) *Reader {
	return &Reader{store: st, pacer: p, queue: q}
}

// Within returns a reader that shows only some pools: their groups, the batches that have some, and the instances
// that serve them. Without pools it shows everything.
func (r *Reader) Within(pools []string) *Reader {
	some := *r
	some.pools = pools
	return &some
}

// Mine reports whether the reader shows a group.
func (r *Reader) Mine(g *group.Group) bool {
	return len(r.pools) == 0 || slices.Contains(r.pools, g.Target.Pool)
}

// show reads one group. It fails with store.ErrNotFound.
func (r *Reader) show(ctx context.Context, id string) (*group.Group, error) {
	g, err := r.store.Records.Show(ctx, id)
	if err == nil && !r.Mine(g) {
		return nil, fmt.Errorf("group %s: %w", id, store.ErrNotFound)
	}
	return g, err
}

// Has fails with store.ErrNotFound for a group that the reader does not show.
func (r *Reader) Has(ctx context.Context, id string) error {
	_, err := r.show(ctx, id)
	return err
}

// reading is a snapshot with what only the documents need.
type reading struct {
	*snapshot
	workers []store.Worker
	groups  map[group.Status]int
	whole   store.Installation
	members map[group.MemberStatus]int
	queues  map[string]queue.Counts
}

// read reads the whole installation, in a handful of round trips whatever its size.
func (r *Reader) read(ctx context.Context) (*reading, error) {
	instances, err := r.store.Presence.Instances(ctx)
	if err != nil {
		return nil, err
	}
	return r.fetch(ctx, instances)
}

// readFor reads only the instances that some groups wait for: a request for one group must not read ten thousand
// instances. If a group waits for a pool, readFor reads everything, because any instance of the pool may take it.
func (r *Reader) readFor(ctx context.Context, groups []*group.Group) (*reading, error) {
	var names []string
	for _, g := range groups {
		switch {
		case g.Status.Ended(), g.Status == group.Unreadable:
		case g.Status != group.Queued:
			names = append(names, g.Instance)
		case g.Target.Pool != "":
			return r.read(ctx)
		default:
			names = append(names, g.Target.Instance)
		}
	}
	slices.Sort(names)
	return r.readNamed(ctx, slices.Compact(names))
}

// readNamed reads only some instances, unless a group waits for a pool that one of them serves: then their work
// depends on others, and it reads everything.
func (r *Reader) readNamed(ctx context.Context, names []string) (*reading, error) {
	instances, err := r.store.Presence.InstancesNamed(ctx, names)
	if err != nil {
		return nil, err
	}
	some, err := r.fetch(ctx, instances)
	if err != nil {
		return nil, err
	}
	for pool := range some.pools {
		for _, p := range priorities {
			if some.waiting(tasks.Target{Pool: pool}.Line(p)) > 0 {
				return r.read(ctx)
			}
		}
	}
	return some, nil
}

// fetch reads the state of some instances, and what all instances share.
func (r *Reader) fetch(ctx context.Context, instances map[string]*store.Instance) (*reading, error) {
	now, err := r.store.Now(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the clock: %w", err)
	}
	all := &reading{}
	if all.workers, err = r.store.Presence.Workers(ctx); err != nil {
		return nil, err
	}
	if all.groups, all.members, err = r.store.Index.Totals(ctx); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(instances))
	for name := range instances {
		names = append(names, name)
	}
	if all.whole, err = r.store.Installation(ctx); err != nil {
		return nil, err
	}
	var views []pacing.View
	if all.whole.Blocked == "" { // otherwise it may be unknown whose paces to look at
		if views, err = r.pacer.Views(ctx, names...); err != nil {
			return nil, err
		}
	}
	unknown, err := r.store.Presence.UnknownTo(ctx, all.workers, names)
	if err != nil {
		return nil, err
	}
	all.snapshot = newSnapshot(now, instances, views, all.workers, unknown)
	all.invites = rateOf(all.members)
	if all.lines, err = r.lines(ctx, all.snapshot); err != nil {
		return nil, err
	}
	all.queues, err = r.queue.Counts(ctx)
	if blocked, ok := errors.AsType[*queue.BlockedError](err); ok {
		all.whole.Blocked, err = blocked.Key, nil
	}
	if err != nil {
		return nil, err
	}
	all.pauses(all.queues)
	all.hold(all.whole)
	return all, nil
}

// lines returns how much waits in each line. The count comes from the index, because a group waits until its create
// begins, even after its task was dispatched.
func (r *Reader) lines(ctx context.Context, s *snapshot) (map[string]store.Line, error) {
	all, err := r.store.Lines.Lengths(ctx, s.lineNames())
	if err != nil {
		return nil, err
	}
	targets := s.targets()
	queued, err := r.store.Index.Queued(ctx, targets, priorities)
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		for _, p := range priorities {
			line := all[t.Line(p)]
			line.Ready = max(0, queued[t.Line(p)]-line.Later)
			all[t.Line(p)] = line
		}
	}
	return all, nil
}

// Group returns one group's document. For a record that cannot be read, the document says so. It fails with
// store.ErrNotFound.
func (r *Reader) Group(ctx context.Context, id string) (group.Document, error) {
	g, err := r.show(ctx, id)
	if err != nil {
		return group.Document{}, err
	}
	docs, err := r.Describe(ctx, []*group.Group{g})
	if err != nil {
		return group.Document{}, err
	}
	return docs[0], nil
}

// Groups returns one page of documents, in the order of store.Index.List.
func (r *Reader) Groups(ctx context.Context, f store.Filter, cursor string, limit int) (docs []group.Document, next string, err error) {
	asked := f.Pools
	f.Pools = r.pools
	if len(asked) > 0 {
		if f.Pools = slices.DeleteFunc(slices.Clone(asked), func(p string) bool { return !r.mine(p) }); len(f.Pools) == 0 {
			return []group.Document{}, "", nil
		}
	}
	groups, next, err := r.store.Index.List(ctx, f, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	docs, err = r.Describe(ctx, groups)
	return docs, next, err
}

// Describe renders groups that were loaded, with what each waits for and until when.
func (r *Reader) Describe(ctx context.Context, groups []*group.Group) ([]group.Document, error) {
	docs := make([]group.Document, len(groups))
	for i, g := range groups {
		docs[i] = g.Document()
		docs[i].WaitingFor, docs[i].EtaAt = say.Phrase{}, nil
	}
	still := func(g *group.Group) bool { return g.Status.Ended() || g.Status == group.Unreadable }
	if !slices.ContainsFunc(groups, func(g *group.Group) bool { return !still(g) }) {
		return docs, nil
	}
	snapshot, err := r.readFor(ctx, groups)
	if err != nil {
		return nil, err
	}
	at, err := r.positions(ctx, groups)
	if err != nil {
		return nil, err
	}
	line := make([]placed, 0, len(groups))
	for i, g := range groups {
		if g.Status != group.Unreadable {
			line = append(line, placed{g, at[i]})
		}
	}
	snapshot.expect(line)
	for i, g := range groups {
		if g.Status == group.Unreadable {
			continue
		}
		why, until := snapshot.wait(g, at[i])
		docs[i].WaitingFor, docs[i].EtaAt, docs[i].WaitingSince = why, moment(until), moment(snapshot.waitsSince(g))
	}
	return docs, nil
}

// positions returns where groups stand in line, and when their readings are due.
func (r *Reader) positions(ctx context.Context, groups []*group.Group) ([]position, error) {
	var queued, read []int
	var line []*group.Group
	var readings []tasks.Task
	for i, g := range groups {
		switch {
		case g.Status == group.Queued:
			queued, line = append(queued, i), append(line, g)
		case g.Status == group.Verifying:
			read, readings = append(read, i), append(readings, tasks.Verify(g.ID, latestCall(g).N, g.UpdatedAt))
		case g.Status == group.Inviting && !g.Called:
			read, readings = append(read, i), append(readings, tasks.RollCall(g.ID, g.UpdatedAt))
		}
	}
	ahead, err := r.store.Index.Ahead(ctx, line)
	if err != nil {
		return nil, err
	}
	due, err := r.queue.Due(ctx, readings)
	if err != nil {
		return nil, err
	}
	at := make([]position, len(groups))
	for n, i := range queued {
		at[i].ahead = max(0, ahead[n])
	}
	for n, i := range read {
		at[i].due = due[n]
	}
	return at, nil
}
