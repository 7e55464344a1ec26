package store

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// Candidates reads the ids that a filter's lists hold behind an id, or from the oldest on, at most n. Which of
// them match is for Matching to say.
func (ix *Index) Candidates(ctx context.Context, f Filter, after string, n int) ([]string, error) {
	f.OldestFirst = true
	from, to := f.bounds()
	if after != "" {
		from = "(" + after
	}
	return ix.ids(ctx, f, from, to, n)
}

// Matching reads those of some groups that match a filter as they stand now, in the order of the ids.
func (ix *Index) Matching(ctx context.Context, f Filter, ids []string) ([]*group.Group, error) {
	all, err := ix.records.show(ctx, ids)
	if err != nil {
		return nil, err
	}
	matching := all[:0]
	for _, g := range all {
		if f.match(g) {
			matching = append(matching, g)
		}
	}
	return matching, nil
}

// Count is how many groups match, told by the lengths of lists.
type Count struct {
	Total int
	// ByStatus is nil where the lists are not divided by status.
	ByStatus map[group.Status]int
	// AtMost says that fewer groups can match: the filter asks for more than one list tells.
	AtMost bool
}

// Count counts the groups that match. It reads no record.
func (ix *Index) Count(ctx context.Context, f Filter) (Count, error) {
	from, to := f.bounds()
	if f.Fault == "" && f.whole() {
		ids, err := ix.Candidates(ctx, f, "", MostOutcomes)
		return Count{Total: len(ids), AtMost: true}, err
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
