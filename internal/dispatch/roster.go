package dispatch

import (
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

// roster holds the instances of a configuration, sorted by name. It stores equal terms once: there may be thousands of
// instances, and most of them are idle.
type roster struct{ rows []row }

// row is one instance.
type row struct {
	name string
	*terms
}

// terms are the pools and the configured paces of an instance.
type terms struct {
	pools          []string
	create, invite pacing.Pace
}

func rosterOf(instances []Instance) *roster {
	type key struct {
		pools          string
		create, invite pacing.Pace
	}
	r, known := &roster{rows: make([]row, len(instances))}, map[key]*terms{}
	for i := range instances {
		one := &instances[i]
		k := key{strings.Join(one.Pools, " "), one.Create, one.Invite}
		if known[k] == nil {
			known[k] = &terms{one.Pools, one.Create, one.Invite}
		}
		r.rows[i] = row{one.Name, known[k]}
	}
	slices.SortFunc(r.rows, func(a, b row) int { return strings.Compare(a.name, b.name) })
	return r
}

// of returns an instance by its name; ok is false if the roster lacks it.
func (r *roster) of(name string) (found row, ok bool) {
	at, ok := slices.BinarySearchFunc(r.rows, name, func(one row, name string) int { return strings.Compare(one.name, name) })
	if !ok {
		return row{}, false
	}
	return r.rows[at], true
}

// serving returns the keys of the turns that take tasks from a line.
func (r *roster) serving(line string) (keys []turnKey) {
	kind, rest, _ := strings.Cut(line, ":")
	if kind == string(pacing.Invite) {
		if _, ok := r.of(rest); ok {
			keys = append(keys, turnKey{rest, pacing.Invite})
		}
		return keys
	}
	place, _, _ := strings.Cut(strings.TrimPrefix(rest, poolPrefix), ":")
	if !strings.HasPrefix(rest, poolPrefix) {
		if _, ok := r.of(place); ok {
			keys = append(keys, turnKey{place, pacing.Create})
		}
		return keys
	}
	for _, one := range r.rows {
		if slices.Contains(one.pools, place) {
			keys = append(keys, turnKey{one.name, pacing.Create})
		}
	}
	return keys
}

// poolPrefix follows the kind in the name of a pool's line. No instance can be named pool.
const poolPrefix = "pool:"

// pace returns the configured pace of a kind.
func (t *terms) pace(kind pacing.Kind) pacing.Pace {
	if kind == pacing.Create {
		return t.create
	}
	return t.invite
}

// lines returns the lines that a kind of call takes tasks from, most urgent first.
func (one row) lines(kind pacing.Kind) []string {
	if kind == pacing.Create {
		return tasks.CreateLines(one.name, one.pools)
	}
	return []string{tasks.InviteLine(one.name)}
}
