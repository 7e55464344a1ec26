package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/tasks"
)

// Waiting counts the people who wait, and what they wait for. A person waits until the group or the person's part in
// it has ended; every person of a failed group waits too. The people whom a pool adds to its groups are not counted.
type Waiting struct {
	Statuses map[group.Status]int    // people, by the state of their group
	Targets  map[tasks.Target]Behind // queued or under way, by the instance of the group, or by its target while it has none
	Faults   map[string]int          // people of groups that failed or are in review, by fault
}

// Behind is how much waits for one instance or pool.
type Behind struct {
	Groups int `json:"groups"`
	People int `json:"people"`
}

// Plus returns the sum of both.
func (b Behind) Plus(c Behind) Behind { return Behind{b.Groups + c.Groups, b.People + c.People} }

// Waiting counts who waits in the groups of some pools, or, without pools, of the whole installation.
func (ix *Index) Waiting(ctx context.Context, pools ...string) (Waiting, error) {
	sums, err := ix.sums(ctx, waitingKey, pools)
	if err != nil {
		return Waiting{}, fmt.Errorf("count who waits: %w", err)
	}
	w := Waiting{Statuses: map[group.Status]int{}, Targets: map[tasks.Target]Behind{}, Faults: map[string]int{}}
	for field, sum := range sums {
		what, of, _ := strings.Cut(field, ":")
		n := max(0, int(sum))
		target := tasks.Target{Instance: of}
		if pool, ok := strings.CutPrefix(of, "pool:"); ok {
			target = tasks.Target{Pool: pool}
		}
		switch what {
		case "st":
			w.Statuses[group.Status(of)] = n
		case "fa":
			w.Faults[of] = n
		case "gr":
			w.Targets[target] = w.Targets[target].Plus(Behind{Groups: n})
		case "at":
			w.Targets[target] = w.Targets[target].Plus(Behind{People: n})
		}
	}
	return w, nil
}

// Faults returns how many groups failed or are in review with each fault: groups of some pools, or, without pools, of
// the whole installation.
func (ix *Index) Faults(ctx context.Context, pools ...string) (map[string]int, error) {
	sums, err := ix.sums(ctx, faultsKey, pools)
	if err != nil {
		return nil, fmt.Errorf("count the faults: %w", err)
	}
	counts := make(map[string]int, len(sums))
	for fault, n := range sums {
		counts[fault] = int(n)
	}
	return counts, nil
}

// sums adds up the counters of some pools, or reads those of the whole installation.
func (ix *Index) sums(ctx context.Context, key func(pool string) string, pools []string) (map[string]int64, error) {
	keys := []string{key("")}
	if len(pools) > 0 {
		keys = nil
		for _, pool := range pools {
			keys = append(keys, key(pool))
		}
	}
	cmds, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, key := range keys {
			p.HGetAll(ctx, key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	sums := map[string]int64{}
	for i, cmd := range cmds {
		fields, err := cmd.(*redis.MapStringStringCmd).Result()
		if err = ix.tolerate(ctx, keys[i], err); err != nil { // the sweeper counts again
			return nil, err
		}
		for field, n := range ix.numbers(ctx, KindCounter, strings.TrimPrefix(keys[i], prefix), fields) {
			sums[field] += n
		}
	}
	return sums, nil
}

// attention calls fn for each counter of faults and of waiting people, with what a group adds to it, as counters.lua
// does.
func (h held) attention(fn func(key, field string, n int64)) {
	pools := []string{""}
	if h.pool != "" {
		pools = append(pools, h.pool)
	}
	var n int64
	for i, members := range h.members {
		if h.status == group.Failed || !group.MemberStatuses[i].Ended() {
			n += members
		}
	}
	moves := !h.status.Ended() && h.status != group.Review
	for _, pool := range pools {
		if h.fault != "" {
			fn(faultsKey(pool), h.fault, 1)
		}
		if moves {
			fn(waitingKey(pool), "gr:"+h.place, 1)
		}
		if n == 0 || h.status == group.Done || h.status == group.Cancelled {
			continue
		}
		fn(waitingKey(pool), "st:"+string(h.status), n)
		if moves {
			fn(waitingKey(pool), "at:"+h.place, n)
		}
		if h.fault != "" {
			fn(waitingKey(pool), "fa:"+h.fault, n)
		}
	}
}

// recountAttention rewrites the counters of faults and of waiting people from what the index holds.
func (ix *Index) recountAttention(ctx context.Context) error {
	return ix.fromEntries(ctx, func() (func(redis.Pipeliner), error) {
		counts := map[string]map[string]int64{waitingKey(""): {}, faultsKey(""): {}}
		err := ix.entries(ctx, func(id, text string) error {
			h, ok := parseHeld(text)
			if !ok { // the repair of this entry counts everything again
				_ = ix.unreadable(ctx, KindIndex, id, errForm)
				return nil
			}
			for _, key := range []string{waitingKey(h.pool), faultsKey(h.pool)} { // even a pool to which no group adds
				if counts[key] == nil {
					counts[key] = map[string]int64{}
				}
			}
			h.attention(func(key, field string, n int64) {
				counts[key][field] += n
			})
			return nil
		})
		return func(p redis.Pipeliner) {
			for key, fields := range counts {
				p.Del(ctx, key)
				for field, n := range fields {
					p.HSet(ctx, key, field, n)
				}
			}
		}, err
	})
}
