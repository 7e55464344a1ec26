package store

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcallhq/rollcall/internal/group"
)

// window returns at most n of the ids within the bounds, in the filter's order, without duplicates.
func (f Filter) window(ids []string, from, to string, n int) []string {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	ids = slices.DeleteFunc(ids, func(id string) bool {
		return below(id, from) || above(id, to)
	})
	if !f.OldestFirst {
		slices.Reverse(ids)
	}
	return ids[:min(n, len(ids))]
}

// below and above compare an id with a bound of Redis' lexical ranges: "[x" includes x, "(x" does not, "-" and
// "+" are the ends.
func below(id, from string) bool {
	if from == "" || from == "-" {
		return false
	}
	return id < from[1:] || from[0] == '(' && id == from[1:]
}

func above(id, to string) bool {
	if to == "" || to == "+" {
		return false
	}
	return id > to[1:] || to[0] == '(' && id == to[1:]
}

// bounds returns the filter's times as bounds of ids: an id begins with its time.
func (f Filter) bounds() (from, to string) {
	from, to = "-", "+"
	if !f.After.IsZero() {
		from = "[" + firstID(f.After)
	}
	if !f.Before.IsZero() {
		to = "(" + firstID(f.Before)
	}
	return from, to
}

// behind returns the bounds of the groups after last in the filter's order; for "" the bounds of all groups.
func (f Filter) behind(last string) (from, to string) {
	from, to = f.bounds()
	switch {
	case last == "":
	case f.OldestFirst:
		from = "(" + last
	default:
		to = "(" + last
	}
	return from, to
}

// shortBound returns a bound for a list of short ids.
func shortBound(bound string) string { return bound[:1] + shortID(bound[1:]) }

// firstID returns the smallest id of a millisecond.
func firstID(t time.Time) string {
	ms := uint64(max(t.UnixMilli(), 0)) // no group is older
	var u uuid.UUID
	for i := range 6 {
		u[i] = byte(ms >> (8 * (5 - i))) //nolint:gosec // byte by byte
	}
	return group.IDPrefix + u.String()
}
