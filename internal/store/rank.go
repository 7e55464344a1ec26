package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// Ahead says of each group how many groups of its priority that wait for the same instance or pool
// were accepted before it. It is -1 for a group that does not wait for its create.
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
