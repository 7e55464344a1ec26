package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/tasks"
)

// Queued counts the groups that wait for their create, by line.
func (ix *Index) Queued(ctx context.Context, targets []tasks.Target, priorities []tasks.Priority) (map[string]int, error) {
	used, err := ix.used(ctx, targets)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]*redis.IntCmd, len(used)*len(priorities))
	_, err = ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, t := range used {
			for _, priority := range priorities {
				counts[t.Line(priority)] = p.ZCard(ctx, lineKey(t.String(), priority))
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count the groups of %d targets: %w", len(targets), err)
	}
	queued := make(map[string]int)
	for line, n := range counts {
		if n.Val() > 0 {
			queued[line] = int(n.Val())
		}
	}
	return queued, nil
}

// used returns the targets with groups that are queued or in progress: of hundreds of targets, most have none.
func (ix *Index) used(ctx context.Context, targets []tasks.Target) ([]tasks.Target, error) {
	if len(targets) == 0 {
		return nil, nil
	}
	fields := make([]string, len(targets))
	for i, t := range targets {
		fields[i] = "gr:" + t.String()
	}
	key := waitingKey("")
	groups, err := ix.rdb.HMGet(ctx, key, fields...).Result()
	if wrongType(err) {
		return targets, ix.tolerate(ctx, key, err)
	}
	if err != nil {
		return nil, fmt.Errorf("look which of %d targets have groups: %w", len(targets), err)
	}
	used := make([]tasks.Target, 0, len(targets))
	for i, t := range targets {
		if groups[i] != nil {
			used = append(used, t)
		}
	}
	return used, nil
}

// Ahead counts, for each group, the earlier groups of its priority that wait for the same instance or pool. It is -1
// for a group that does not wait for its create.
func (ix *Index) Ahead(ctx context.Context, groups []*group.Group) ([]int, error) {
	ahead := make([]int, len(groups))
	if len(groups) == 0 {
		return ahead, nil
	}
	ranks := make([]*redis.IntCmd, len(groups))
	_, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, g := range groups {
			ranks[i] = p.ZRank(ctx, lineKey(place(g), g.Priority), shortID(g.ID))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("rank %d groups: %w", len(groups), err)
	}
	for i, rank := range ranks {
		n, err := rank.Result()
		switch {
		case errors.Is(err, redis.Nil), wrongType(err):
			n = -1
		case err != nil:
			return nil, fmt.Errorf("rank %s: %w", groups[i].ID, err)
		}
		ahead[i] = int(n)
	}
	return ahead, nil
}
