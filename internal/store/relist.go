package store

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// relist rewrites a list of the index whose key held something else, and puts every group into the lists of
// its state again. It reads every record.
func (ix *Index) relist(ctx context.Context, key string) error {
	if !strings.HasPrefix(key, index) && !strings.HasPrefix(key, wordsKey) && !strings.HasPrefix(key, prefix+"who:") {
		return nil
	}
	var ids []string
	if err := ix.entries(ctx, func(id, _ string) error {
		if ids = append(ids, id); len(ids) < 500 {
			return nil
		}
		err := ix.relistSome(ctx, key, ids)
		ids = nil
		return err
	}); err != nil {
		return err
	}
	return ix.relistSome(ctx, key, ids)
}

func (ix *Index) relistSome(ctx context.Context, key string, ids []string) error {
	groups, _, err := ix.records.LoadEach(ctx, ids)
	if err != nil {
		return err
	}
	var indexed []*redis.Cmd
	_, err = ix.pipeline(ctx, []*redis.Script{indexScript, namesScript}, func(p redis.Pipeliner) error {
		indexed = queueIndex(ctx, p, groups, true)
		for _, g := range groups {
			switch {
			case ix.relistSearch(ctx, p, key, g):
			case key == batchesKey && g.BatchID != "":
				p.ZAdd(ctx, key, redis.Z{Member: g.BatchID})
			case g.Target.Pool != "" && key == poolBatchesKey(g.Target.Pool) && g.BatchID != "":
				p.ZAdd(ctx, key, redis.Z{Member: g.BatchID})
			case key == runningKey && g.BatchID != "": // the sweeper removes those that are over
				p.ZAdd(ctx, key, redis.Z{Member: g.BatchID})
			case key == refsKey && g.ExternalRef != "":
				p.ZAdd(ctx, key, redis.Z{Member: g.ExternalRef + "\x00" + shortID(g.ID)})
			}
		}
		return nil
	})
	ix.brokenAll(ctx, indexed)
	return err
}

// relistSearch puts a group into the search list at key, and reports whether key is a search list.
func (ix *Index) relistSearch(ctx context.Context, p redis.Pipeliner, key string, g *group.Group) bool {
	switch {
	case strings.HasPrefix(key, wordsKey):
		queueNames(ctx, p, g)
		return true
	case strings.HasPrefix(key, prefix+"who:"):
		for _, who := range personKeys(g) {
			sum := ix.person(who)
			for layer := firstLayer; layer <= lastLayer; layer += 2 {
				if bucketKey(bucketOf(sum, layer), layer) == key {
					p.RPush(ctx, key, string(headOf(sum))+shortID(g.ID))
				}
			}
		}
		return true
	}
	return false
}
