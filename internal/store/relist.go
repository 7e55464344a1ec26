package store

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
)

// relist rewrites a list of the index whose key held something else. It reads every record, which
// costs a minute for a million of them.
func (ix *Index) relist(ctx context.Context, key string) error {
	if !strings.HasPrefix(key, index) && !strings.HasPrefix(key, prefix+"nm:") && !strings.HasPrefix(key, prefix+"who:") {
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
	_, err = ix.pipeline(ctx, []*redis.Script{relistScript}, func(p redis.Pipeliner) error {
		for _, g := range groups {
			score, in := listsOf(g)[key]
			if ix.relistSearch(ctx, p, key, g) {
				continue
			}
			switch {
			case in:
				relistScript.EvalSha(ctx, p, []string{heldKey}, shortID(g.ID), g.Rev, key, score)
			case key == batchesKey && g.BatchID != "":
				p.ZAdd(ctx, key, redis.Z{Member: g.BatchID})
			case key == runningKey && g.BatchID != "": // those that are over leave it when the sweeper looks
				p.ZAdd(ctx, key, redis.Z{Member: g.BatchID})
			case key == refsKey && g.ExternalRef != "":
				p.ZAdd(ctx, key, redis.Z{Member: g.ExternalRef + "\x00" + shortID(g.ID)})
			}
		}
		return nil
	})
	return err
}

// relistSearch puts a group into a list by which it is searched, and reports whether the key is of one.
func (ix *Index) relistSearch(ctx context.Context, p redis.Pipeliner, key string, g *group.Group) bool {
	switch {
	case strings.HasPrefix(key, prefix+"nm:"):
		for _, e := range nameEntries(g) {
			if e.key == key {
				p.ZAdd(ctx, key, redis.Z{Member: e.member})
			}
		}
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

// listsOf are the lists of the index that have a group, with its score there.
func listsOf(g *group.Group) map[string]int64 {
	lists := map[string]int64{index + "st:" + string(g.Status): 0}
	if g.Status == group.Queued {
		lists[lineKey(place(g), g.Priority)] = 0
	} else {
		lists[index+"in:"+place(g)+":"+string(g.Status)] = 0
	}
	if g.BatchID != "" {
		lists[index+"ba:"+g.BatchID+":"+string(g.Status)] = 0
	}
	if fault := faults.Of(g); fault != "" {
		lists[index+"fa:"+fault] = 0
	}
	if g.Status.Ended() {
		lists[index+"fin"] = millis(g.FinishedAt)
	}
	if !g.Watch.At.IsZero() {
		lists[watchKey] = millis(g.Watch.At)
	}
	return lists
}

// relistScript puts a group into a list, if the index has not moved it on meanwhile.
// KEYS[1] what the index holds of each group; ARGV id, revision, list, score; returns 1 put, 0 not.
var relistScript = redis.NewScript(`
local held = redis.call("HGET", KEYS[1], ARGV[1])
if not held or string.match(held, "^(%d+)|") ~= ARGV[2] then return 0 end
redis.call("ZADD", ARGV[3], ARGV[4], ARGV[1])
return 1`)
