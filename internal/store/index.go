package store

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/tasks"
)

var (
	//go:embed index.lua
	indexSource string
	//go:embed forget.lua
	forgetSource string
	//go:embed counters.lua
	countersSource string

	indexScript  = redis.NewScript(countersSource + indexSource)
	forgetScript = redis.NewScript(countersSource + forgetSource)
)

// heldKey is the index's own copy of every group's summary.
const heldKey = index + "held"

// keepEvents is roughly how many events the stream keeps. A reader that missed more reads the lists again.
const keepEvents = 100_000

// place returns where a group stands in the index: with its instance, or with its pool while no
// instance has taken it.
func place(g *group.Group) string {
	if g.Instance != "" {
		return g.Instance
	}
	return g.Target.String()
}

// lineKey returns the key of the queued groups of a priority that wait for an instance or a pool.
func lineKey(place string, p tasks.Priority) string {
	return index + "line:" + place + ":" + string(p)
}

// linesOf returns the keys of all queued groups that wait for an instance or a pool.
func linesOf(place string) []string {
	return []string{lineKey(place, tasks.High), lineKey(place, tasks.Normal), lineKey(place, tasks.Low)}
}

const (
	// indexTogether is how many groups one run of the script takes: Redis does nothing else meanwhile.
	indexTogether = 100
	indexEach     = 13 // arguments of the script for each group
)

// indexArgs returns what the script takes for one group.
func indexArgs(g *group.Group) []any {
	return []any{
		shortID(g.ID), g.Rev, string(g.Status), place(g), g.BatchID, memberCounts(g),
		millis(g.FinishedAt), millis(g.DueAt()), string(g.Priority),
		shorten(group.BatchIDPrefix, g.BatchID), heldBatch(g.BatchID), faults.Of(g), g.Target.Pool,
	}
}

// queueIndex queues the index's update to many groups. again also rewrites the lists of groups whose revision the
// index already holds.
func queueIndex(ctx context.Context, p redis.Pipeliner, groups []*group.Group, again bool) []*redis.Cmd {
	var cmds []*redis.Cmd
	for some := range slices.Chunk(groups, indexTogether) {
		args := append(make([]any, 0, 3+indexEach*len(some)), index, keepEvents, "")
		if again {
			args[2] = "again"
		}
		for _, g := range some {
			args = append(args, indexArgs(g)...)
		}
		cmds = append(cmds, indexScript.EvalSha(ctx, p, []string{heldKey}, args...))
	}
	return cmds
}

// broken notes what a script found broken, and reports whether the script did anything.
func (c *core) broken(ctx context.Context, cmd *redis.Cmd) (did bool, err error) {
	n, err := c.brokenCount(ctx, cmd)
	return n > 0, err
}

// brokenAll notes what scripts found broken. It ignores their errors: the pipeline has returned them.
func (c *core) brokenAll(ctx context.Context, cmds []*redis.Cmd) {
	for _, cmd := range cmds {
		_, _ = c.broken(ctx, cmd)
	}
}

// brokenCount notes what a script found broken, and returns how much the script did.
func (c *core) brokenCount(ctx context.Context, cmd *redis.Cmd) (int, error) {
	answer, err := cmd.Slice()
	if err != nil {
		return 0, err
	}
	for i := 1; i+1 < len(answer); i += 2 {
		key, _ := answer[i].(string)
		field, _ := answer[i+1].(string)
		f := familyOf(key)
		if f == nil {
			continue
		}
		why := errForm
		if field == "" {
			why = errType
		}
		_ = c.unreadable(ctx, f.kind, f.idOf(key, field), why)
	}
	n, _ := answer[0].(int64)
	return int(n), nil
}

// memberCounts returns the numbers of a group's requested people by status, in MemberStatuses' order, without staff.
func memberCounts(g *group.Group) string {
	counts := make([]int, len(group.MemberStatuses))
	for i := range g.Members {
		if !g.Members[i].Staff {
			counts[slices.Index(group.MemberStatuses, g.Members[i].Status)]++
		}
	}
	for len(counts) > 1 && counts[len(counts)-1] == 0 {
		counts = counts[:len(counts)-1]
	}
	text := make([]byte, 0, 3*len(counts))
	for i, n := range counts {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, int64(n), 10)
	}
	return string(text)
}

// Totals returns the numbers of groups and members by state: of the given pools, or, without pools, of the whole
// installation.
func (ix *Index) Totals(ctx context.Context, pools ...string) (groups map[group.Status]int, members map[group.MemberStatus]int, err error) {
	sums, err := ix.sums(ctx, countsKey, pools)
	if err != nil {
		return nil, nil, fmt.Errorf("count the groups: %w", err)
	}
	groups, members = countsOf(sums, "")
	return groups, members, nil
}

// countsOf reads the counters of the index or of a batch. The head is "" or a pool of a batch and a slash.
func countsOf(fields map[string]int64, head string) (map[group.Status]int, map[group.MemberStatus]int) {
	groups := make(map[group.Status]int, len(group.Statuses))
	for _, s := range group.Statuses {
		groups[s] = max(0, int(fields[head+"g:"+string(s)]))
	}
	members := make(map[group.MemberStatus]int, len(group.MemberStatuses))
	for i, s := range group.MemberStatuses {
		members[s] = max(0, int(fields[head+"m"+strconv.Itoa(i)]))
	}
	return groups, members
}

// Indexed lists up to n ids that the index shows in a state, oldest first, after one of them.
func (ix *Index) Indexed(ctx context.Context, s group.Status, after string, n int) ([]string, error) {
	from := "-"
	if after != "" {
		from = "(" + shortID(after)
	}
	key := index + "st:" + string(s)
	ids, err := ix.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{Key: key, Start: from, Stop: "+", ByLex: true, Count: int64(n)}).Result()
	if wrongType(err) { // a caller that goes through all states continues with the others
		_ = ix.unreadable(ctx, KindList, strings.TrimPrefix(key, prefix), err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the %s groups: %w", s, err)
	}
	return longIDs(ids), nil
}
