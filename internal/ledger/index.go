package ledger

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

var (
	//go:embed index.lua
	indexSource string
	//go:embed forget.lua
	forgetSource string

	indexScript  = redis.NewScript(indexSource)
	forgetScript = redis.NewScript(forgetSource)
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

func indexArgs(g *group.Group) []any {
	counts := make([]int, len(group.MemberStatuses))
	at := make(map[group.MemberStatus]int, len(counts))
	for i, s := range group.MemberStatuses {
		at[s] = i
	}
	for i := range g.Members {
		counts[at[g.Members[i].Status]]++
	}
	var b strings.Builder
	for i, n := range counts {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(n))
	}
	return []any{index, g.ID, g.Rev, string(g.Status), place(g), g.BatchID, b.String(), millis(g.FinishedAt), keepEvents, millis(g.Watch.At), string(g.Priority)}
}

// project brings the index up to a group's revision.
func (l *Ledger) project(ctx context.Context, g *group.Group) error {
	if err := indexScript.Run(ctx, l.rdb, []string{heldKey}, indexArgs(g)...).Err(); err != nil {
		return fmt.Errorf("index %s: %w", g.ID, err)
	}
	return nil
}

// Repair brings the index up to the record, whatever a crash left out, and returns the group.
// ErrNotFound means that the index knows a group whose acceptance was cut before it was recorded,
// and so before anybody was told that it succeeded: Forget it when it is old enough.
func (l *Ledger) Repair(ctx context.Context, id string) (*group.Group, error) {
	g, err := l.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	return g, l.project(ctx, g)
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
		from = "(" + after
	}
	ids, err := l.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: index + "st:" + string(s), Start: from, Stop: "+", ByLex: true, Count: int64(n),
	}).Result()
	if err != nil {
		return nil, fmt.Errorf("list the %s groups: %w", s, err)
	}
	return ids, nil
}
