package ledger

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"

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
	//go:embed tell.lua
	tellSource string

	indexScript  = redis.NewScript(indexSource)
	forgetScript = redis.NewScript(forgetSource)
	tellScript   = redis.NewScript(tellSource)
)

// heldKey is the index's own copy of every group's summary.
const heldKey = index + "held"

// keepEvents is how many events the stream keeps, about: a reader that was away longer reads the
// lists again.
const keepEvents = 100_000

// Place is where a group stands in the index: with its instance, or with its pool while no
// instance has taken it.
func place(g *group.Group) string {
	if g.Instance != "" {
		return g.Instance
	}
	return g.Target.String()
}

// lineKey has the queued groups of a priority that wait for an instance or a pool.
func lineKey(place string, p tasks.Priority) string {
	return index + "line:" + place + ":" + string(p)
}

// linesOf are all that wait for an instance.
func linesOf(place string) []string {
	return []string{lineKey(place, tasks.High), lineKey(place, tasks.Normal), lineKey(place, tasks.Low)}
}

// indexTogether is how many moves of groups one run of the script takes: Redis does nothing else meanwhile.
const indexTogether = 100

// indexArgs are what the script takes for one group.
func indexArgs(g *group.Group) []any {
	return []any{
		shortID(g.ID), g.Rev, string(g.Status), place(g), g.BatchID, memberCounts(g),
		millis(g.FinishedAt), millis(g.Watch.At), string(g.Priority),
		shorten(group.BatchIDPrefix, g.BatchID), heldBatch(g.BatchID), faults.Of(g),
	}
}

// indexing queues one run of the script for some moves of groups, at most indexTogether.
func indexing(ctx context.Context, p redis.Pipeliner, moves [][]any) {
	args := append(make([]any, 0, 2+12*len(moves)), index, keepEvents)
	for _, m := range moves {
		args = append(args, m...)
	}
	indexScript.EvalSha(ctx, p, []string{heldKey}, args...)
}

// memberCounts are a group's members by status, in MemberStatuses' order.
func memberCounts(g *group.Group) string {
	counts := make([]int, len(group.MemberStatuses))
	for i := range g.Members {
		counts[slices.Index(group.MemberStatuses, g.Members[i].Status)]++
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

// Repair brings the index up to the record, whatever a crash left out, and returns the group.
// ErrNotFound means that the index knows a group whose acceptance was cut before it was recorded,
// and so before anybody was told that it succeeded: Forget it when it is old enough.
func (l *Ledger) Repair(ctx context.Context, id string) (*group.Group, error) {
	g, err := l.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	return g, l.project(g).wait(ctx)
}

// Totals are the numbers of groups and members by state, over the whole installation.
func (l *Ledger) Totals(ctx context.Context) (groups map[group.Status]int, members map[group.MemberStatus]int, err error) {
	fields, err := l.rdb.HGetAll(ctx, index+"n").Result()
	if err != nil {
		return nil, nil, fmt.Errorf("count the groups: %w", err)
	}
	groups, members = countsOf(fields)
	return groups, members, nil
}

// countsOf reads the counters of the index or of a batch.
func countsOf(fields map[string]string) (map[group.Status]int, map[group.MemberStatus]int) {
	groups := make(map[group.Status]int, len(group.Statuses))
	for _, s := range group.Statuses {
		groups[s], _ = strconv.Atoi(fields["g:"+string(s)])
	}
	members := make(map[group.MemberStatus]int, len(group.MemberStatuses))
	for i, s := range group.MemberStatuses {
		members[s], _ = strconv.Atoi(fields["m"+strconv.Itoa(i)])
	}
	return groups, members
}

// Indexed lists ids that the index shows in a state, oldest first, after one of them.
func (l *Ledger) Indexed(ctx context.Context, s group.Status, after string, n int) ([]string, error) {
	from := "-"
	if after != "" {
		from = "(" + shortID(after)
	}
	ids, err := l.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: index + "st:" + string(s), Start: from, Stop: "+", ByLex: true, Count: int64(n),
	}).Result()
	if err != nil {
		return nil, fmt.Errorf("list the %s groups: %w", s, err)
	}
	return longIDs(ids), nil
}
