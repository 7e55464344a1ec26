package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// Candidate is a group that may match a filter. Matching decides whether it does.
type Candidate struct {
	ID string

	from string // the stretch in which a search by name found it
}

// Cursor returns the cursor of what comes after the candidate.
func (c Candidate) Cursor() string {
	if c.from == "" {
		return c.ID
	}
	return position{c.from, c.ID}.String()
}

// Candidates reads at most n groups of a filter's lists, the oldest first, from the beginning or after a cursor. next
// is the cursor of what follows, or "" at the end. A call may find no groups and still return a next cursor. If very
// many groups match by name, the oldest do not come first.
func (ix *Index) Candidates(ctx context.Context, f Filter, cursor string, n int) (found []Candidate, next string, err error) {
	f.OldestFirst = true
	if f.byName() {
		return ix.candidatesNamed(ctx, f, cursor, n)
	}
	from, to := f.behind(cursor)
	ids, err := ix.ids(ctx, f, from, to, n)
	for _, id := range ids {
		found = append(found, Candidate{ID: id})
	}
	if len(ids) == n {
		next = ids[n-1]
	}
	return found, next, err
}

func (ix *Index) candidatesNamed(ctx context.Context, f Filter, cursor string, n int) (found []Candidate, next string, err error) {
	at, err := f.position(cursor)
	if err != nil {
		return nil, "", err
	}
	for range maxStretches {
		ids, behind, err := ix.stretch(ctx, f, at)
		if err != nil {
			return nil, "", err
		}
		some, _, err := ix.fitting(ctx, f, ids, n-len(found))
		if err != nil {
			return nil, "", err
		}
		for _, id := range longIDs(some) {
			found = append(found, Candidate{id, at.from})
		}
		if len(found) == n {
			return found, found[n-1].Cursor(), nil
		}
		if behind == "" {
			return found, "", nil
		}
		at = position{from: behind}
	}
	return found, at.String(), nil
}

// Matching reads the candidates whose records match a filter now, in the order of some.
func (ix *Index) Matching(ctx context.Context, f Filter, some []Candidate) ([]*group.Group, error) {
	ids, from := make([]string, len(some)), make(map[string]string, len(some))
	for i, c := range some {
		ids[i], from[c.ID] = c.ID, c.from
	}
	all, err := ix.records.show(ctx, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(g *group.Group) bool { return !f.match(g) || !f.foundFrom(from[g.ID], g) }), nil
}

// Count is how many groups match a filter, by the lengths of lists.
type Count struct {
	Total int
	// ByStatus is nil if the lists are not divided by status.
	ByStatus map[group.Status]int
	// AtMost says that fewer groups may match: the lists do not apply the whole filter.
	AtMost bool
}

// Count counts the groups that match. It reads no record.
func (ix *Index) Count(ctx context.Context, f Filter) (Count, error) {
	from, to := f.bounds()
	if f.byName() || f.Fault == "" && f.whole() {
		return ix.countCandidates(ctx, f)
	}
	if f.Fault != "" {
		n, err := ix.rdb.ZLexCount(ctx, f.sets()[0], shortBound(from), shortBound(to)).Result()
		if err = ix.tolerate(ctx, f.sets()[0], err); err != nil {
			return Count{}, fmt.Errorf("count groups: %w", err)
		}
		return Count{Total: int(n), AtMost: true}, nil
	}
	c := Count{ByStatus: map[group.Status]int{}, AtMost: len(f.Pools) > 0 && (f.BatchID != "" || f.Instance != "") || f.BatchID != "" && f.Instance != ""}
	statuses := f.Statuses
	if len(statuses) == 0 {
		statuses = group.Statuses
	}
	var of []group.Status // of each command
	cmds, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		of = of[:0]
		for _, s := range statuses {
			one := f
			one.Statuses = []group.Status{s}
			for _, set := range one.sets() {
				of = append(of, s)
				p.ZLexCount(ctx, set, shortBound(from), shortBound(to))
			}
		}
		return nil
	})
	if err != nil {
		return Count{}, fmt.Errorf("count groups: %w", err)
	}
	for i, cmd := range cmds {
		n := int(cmd.(*redis.IntCmd).Val())
		c.ByStatus[of[i]] += n
		c.Total += n
	}
	return c, nil
}

// countCandidates counts a filter's candidates, up to MaxOutcomes of them. Its time grows with their number.
func (ix *Index) countCandidates(ctx context.Context, f Filter) (Count, error) {
	c := Count{AtMost: true}
	for cursor := ""; ; {
		found, next, err := ix.Candidates(ctx, f, cursor, MaxOutcomes-c.Total)
		if c.Total += len(found); err != nil || next == "" || c.Total == MaxOutcomes {
			return c, err
		}
		cursor = next
	}
}
