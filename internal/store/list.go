package store

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
)

// Filter says which groups a list holds. Zero fields do not filter; all that are set must match.
//
// A filter that is stored names a person by PersonToken: Person, which has a number, is left out.
type Filter struct {
	Statuses    []group.Status `json:"statuses,omitempty"`
	BatchID     string         `json:"batch,omitempty"`
	Instance    string         `json:"instance,omitempty"`
	Pools       []string       `json:"pools,omitempty"` // asked of one of them; with another filter, see List
	Person      phone.Identity `json:"-"`
	PersonToken string         `json:"person,omitempty"` // a person by People.PersonToken, for URLs that must not hold a number
	ExternalRef string         `json:"ref,omitempty"`
	Name        string         `json:"name,omitempty"`  // begins the group's name, or one of its words
	Fault       string         `json:"fault,omitempty"` // a code of faults.Of
	After       time.Time      `json:"after,omitzero"`  // created at or after
	Before      time.Time      `json:"before,omitzero"` // created before
	// OldestFirst lists in the order of acceptance; otherwise the newest come first.
	OldestFirst bool `json:"-"`
}

// ErrCursor says that a cursor came from no list.
var ErrCursor = errors.New("this is not a cursor that a list gave out")

// A list by batch, instance, fault or name also holds groups of other pools. A page of some pools reads at most this
// many stretches of such a list.
const (
	maxStretches = 20
	stretchPages = 20 // length of a stretch, in pages
)

// List reads one page. The cursor is the next of the previous page, or "" for the first page. If f filters by name, or
// by pools together with batch, instance or fault, a page may have fewer than limit groups, or none, and still a next
// page. The cost of a page does not depend on the number of groups. A filter by person or reference reads all ids under
// it; a filter by name reads the index by name; any other filter is a range of sorted sets, ordered by id and so by
// time. Groups accepted meanwhile do not shift the pages. If very many groups match by name, those whose names are
// first in the alphabet come first.
func (ix *Index) List(ctx context.Context, f Filter, cursor string, limit int) (groups []*group.Group, next string, err error) {
	if f.byName() {
		return ix.listNamed(ctx, f, cursor, limit)
	}
	last, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || cursor != "" && !strings.HasPrefix(string(last), group.IDPrefix) {
		return nil, "", ErrCursor
	}
	from, to := f.behind(string(last))
	want := limit + 1
	if f.mixed() {
		want *= stretchPages
	}
	for stretch := 1; ; stretch++ {
		ids, err := ix.ids(ctx, f, from, to, want)
		if err != nil {
			return nil, "", err
		}
		some := ids
		if f.mixed() {
			if some, _, err = ix.fitting(ctx, f, shortIDs(ids), limit+1); err != nil {
				return nil, "", err
			}
			some = longIDs(some)
		}
		page, err := ix.records.show(ctx, some)
		if err != nil {
			return nil, "", err
		}
		for _, g := range page {
			if !f.match(g) {
				continue
			}
			if len(groups) == limit {
				last := groups[limit-1].ID
				return groups, base64.RawURLEncoding.EncodeToString([]byte(last)), nil
			}
			groups = append(groups, g)
		}
		passed := ids
		if len(some) > limit { // those after the last of them were not checked
			passed = some
		} else if len(ids) < want {
			return groups, "", nil
		}
		last := passed[len(passed)-1]
		if f.mixed() && stretch == maxStretches {
			return groups, base64.RawURLEncoding.EncodeToString([]byte(last)), nil
		}
		if f.OldestFirst {
			from = "(" + last
		} else {
			to = "(" + last
		}
	}
}

// Newest reads the n newest groups of each of several lists, which filter by batch, instance, state or fault
// only, in two round trips.
func (ix *Index) Newest(ctx context.Context, lists []Filter, n int) ([][]*group.Group, error) {
	var owner []int // of each set
	var sets []string
	cmds, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, f := range lists {
			for _, set := range f.sets() {
				owner, sets = append(owner, i), append(sets, set)
				p.ZRangeArgs(ctx, redis.ZRangeArgs{Key: set, Start: "+", Stop: "-", ByLex: true, Rev: true, Count: int64(n)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the newest groups: %w", err)
	}
	each, all := make([][]string, len(lists)), []string(nil)
	for k, cmd := range cmds {
		ix.listRead(ctx, sets[k], cmd)
		each[owner[k]] = append(each[owner[k]], cmd.(*redis.StringSliceCmd).Val()...)
	}
	for i, f := range lists {
		each[i] = f.window(longIDs(each[i]), "", "", n)
		all = append(all, each[i]...)
	}
	loaded, err := ix.records.show(ctx, all)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*group.Group, len(loaded))
	for _, g := range loaded {
		byID[g.ID] = g
	}
	groups := make([][]*group.Group, len(lists))
	for i, f := range lists {
		for _, id := range each[i] {
			if g := byID[id]; g != nil && f.match(g) {
				groups[i] = append(groups[i], g)
			}
		}
	}
	return groups, nil
}

// LoadAll reads many groups in one round trip. It leaves out those that do not exist, and those that cannot be read,
// which LoadEach notes.
func (rs *Records) LoadAll(ctx context.Context, ids []string) ([]*group.Group, error) {
	groups, _, err := rs.LoadEach(ctx, ids)
	return groups, err
}

// listRead notes a list that a command could not read, because its key holds another type.
func (ix *Index) listRead(ctx context.Context, key string, cmd redis.Cmder) {
	if err := cmd.Err(); wrongType(err) {
		_ = ix.unreadable(ctx, KindList, strings.TrimPrefix(key, prefix), err)
	}
}

// LoadEach is LoadAll for callers that must know which groups cannot be read: a newer version may have
// written them, for example. It notes them.
func (rs *Records) LoadEach(ctx context.Context, ids []string) (groups []*group.Group, unreadable map[string]error, err error) {
	if len(ids) == 0 {
		return nil, nil, nil
	}
	cmds, err := rs.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, id := range ids {
			p.Get(ctx, recordKey(id))
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("load %d groups: %w", len(ids), err)
	}
	groups, unreadable = make([]*group.Group, 0, len(ids)), make(map[string]error)
	for i, cmd := range cmds {
		value, err := cmd.(*redis.StringCmd).Result()
		if errors.Is(err, redis.Nil) {
			continue
		}
		var g *group.Group
		if err == nil {
			g, err = rs.crypt.openRecord(ctx, ids[i], value)
		}
		if wrongType(err) || errors.Is(err, ErrUnreadable) {
			unreadable[ids[i]] = rs.unreadable(ctx, KindGroup, ids[i], err)
			continue
		}
		if err != nil { // Redis did not give the data keys
			return nil, nil, fmt.Errorf("load %s: %w", ids[i], err)
		}
		groups = append(groups, g)
	}
	return groups, unreadable, nil
}

// sets returns the smallest sorted sets whose union holds every match of the filter.
func (f Filter) sets() []string {
	statuses := f.Statuses
	if len(statuses) == 0 {
		statuses = group.Statuses
	}
	sets := make([]string, len(statuses))
	for i, s := range statuses {
		switch {
		case f.Fault != "":
			return []string{index + "fa:" + f.Fault}
		case f.BatchID != "":
			sets[i] = index + "ba:" + f.BatchID + ":" + string(s)
		case f.Instance != "" && s == group.Queued:
			lines := linesOf(f.Instance)
			sets[i] = lines[0]
			sets = append(sets, lines[1:]...)
		case len(f.Pools) > 0 && f.Instance == "":
			sets[i] = index + "in:pool:" + f.Pools[0] + ":" + string(s)
			for _, pool := range f.Pools[1:] {
				sets = append(sets, index+"in:pool:"+pool+":"+string(s))
			}
			if s == group.Queued {
				for _, pool := range f.Pools {
					sets = append(sets, linesOf("pool:"+pool)...)
				}
			}
		case f.Instance != "":
			sets[i] = index + "in:" + f.Instance + ":" + string(s)
		default:
			sets[i] = index + "st:" + string(s)
		}
	}
	return sets
}

// ids reads up to n ids between two lexical bounds, in the filter's order.
func (ix *Index) ids(ctx context.Context, f Filter, from, to string, n int) ([]string, error) {
	if f.whole() {
		short, err := ix.lookUp(ctx, f)
		if err != nil {
			return nil, err
		}
		short, _, err = ix.fitting(ctx, f, f.window(short, shortBound(from), shortBound(to), len(short)), n)
		return longIDs(short), err
	}
	sets := f.sets()
	first, last := from, to
	if !f.OldestFirst {
		first, last = to, from // as ZRANGE … REV wants them; go-redis does not turn them round
	}
	first, last = shortBound(first), shortBound(last)
	cmds, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, set := range sets {
			args := redis.ZRangeArgs{Key: set, Start: first, Stop: last, ByLex: true, Rev: !f.OldestFirst, Count: int64(n)}
			p.ZRangeArgs(ctx, args)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	var ids []string
	for k, cmd := range cmds {
		ix.listRead(ctx, sets[k], cmd)
		ids = append(ids, cmd.(*redis.StringSliceCmd).Val()...)
	}
	return f.window(longIDs(ids), "", "", n), nil
}

// whole reports whether List reads all ids under the filter's person or reference, and filters those.
func (f Filter) whole() bool {
	return !f.Person.Zero() || f.PersonToken != "" || f.ExternalRef != ""
}

// byName reports whether List reads the index by name.
func (f Filter) byName() bool { return f.Name != "" && !f.whole() }

// mixed reports whether the filter's lists also hold groups of other pools, so that List reads them by stretches.
func (f Filter) mixed() bool {
	return len(f.Pools) > 0 && !f.whole() && (f.Fault != "" || f.BatchID != "" || f.Instance != "")
}

// lookUp reads the short ids of all groups under the filter's person or reference.
func (ix *Index) lookUp(ctx context.Context, f Filter) ([]string, error) {
	switch {
	case !f.Person.Zero():
		ids, err := ix.idsOfPerson(ctx, f.Person)
		if err != nil || len(ids) > 0 {
			return ids, err
		}
		if renewed, err := ix.renewed(ctx); err != nil || !renewed {
			return nil, err
		}
		return ix.idsOfPerson(ctx, f.Person)
	case f.PersonToken != "":
		return ix.idsOfToken(ctx, f.PersonToken)
	default:
		return ix.idsUnder(ctx, refsKey, f.ExternalRef+"\x00")
	}
}

func (ix *Index) idsOfPerson(ctx context.Context, who phone.Identity) ([]string, error) {
	var ids []string
	for _, key := range who.Keys() {
		found, err := ix.idsOfHashed(ctx, ix.person(key))
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	return ids, nil
}

// heldTogether is how many groups are looked up in the index at once.
const heldTogether = 5_000

// fitting returns the first n groups that fit the filter by what the index holds, and those after them. It includes a
// group whose entry is missing or damaged: the record decides.
func (ix *Index) fitting(ctx context.Context, f Filter, ids []string, n int) (some, behind []string, err error) {
	if len(f.Statuses) == 0 && len(f.Pools) == 0 && f.BatchID == "" && f.Instance == "" && f.Fault == "" {
		n = min(n, len(ids))
		return ids[:n], ids[n:], nil
	}
	for at := 0; at < len(ids); at += heldTogether {
		stretch := ids[at:min(at+heldTogether, len(ids))]
		values, err := ix.rdb.HMGet(ctx, heldKey, stretch...).Result()
		if err = ix.tolerate(ctx, heldKey, err); err != nil {
			return nil, nil, fmt.Errorf("look groups up in the index: %w", err)
		}
		for i, id := range stretch {
			text := ""
			if i < len(values) {
				text, _ = values[i].(string)
			}
			if h, ok := parseHeld(text); ok && !f.fits(h) {
				continue
			}
			if some = append(some, id); len(some) == n {
				return some, ids[at+i+1:], nil
			}
		}
	}
	return some, nil, nil
}

// fits reports whether a filter matches what the index holds of a group.
func (f Filter) fits(h held) bool {
	return (len(f.Statuses) == 0 || slices.Contains(f.Statuses, h.status)) &&
		(len(f.Pools) == 0 || slices.Contains(f.Pools, h.pool)) &&
		(f.BatchID == "" || f.BatchID == h.batch) &&
		(f.Instance == "" || f.Instance == h.place) &&
		(f.Fault == "" || f.Fault == h.fault)
}

// idsUnder reads the short ids that follow a head in a sorted set of "<head><short id>".
func (ix *Index) idsUnder(ctx context.Context, set, head string) ([]string, error) {
	found, err := ix.rdb.ZRangeArgs(ctx, under(set, head)).Result()
	if wrongType(err) {
		return nil, ix.unreadable(ctx, KindList, strings.TrimPrefix(set, prefix), err)
	}
	if err != nil {
		return nil, fmt.Errorf("look up groups: %w", err)
	}
	for i := range found {
		found[i] = found[i][len(head):]
	}
	return found, nil
}

// under returns the range of the entries that begin with head.
func under(set, head string) redis.ZRangeArgs {
	return redis.ZRangeArgs{Key: set, Start: "[" + head, Stop: "(" + head + "\xff", ByLex: true}
}

// match reports whether a group that was read matches the filter. The sets apply only a part of the filter, and the
// group's state may have changed since they were read.
func (f Filter) match(g *group.Group) bool {
	if g.Status == group.Unreadable { // all that is known is what the index has
		return f.mine(g) && (len(f.Statuses) == 0 || g.Was == "" || slices.Contains(f.Statuses, g.Was)) && (f.BatchID == "" || g.BatchID == "" || g.BatchID == f.BatchID)
	}
	return f.mine(g) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, g.Status)) &&
		(f.BatchID == "" || g.BatchID == f.BatchID) &&
		(f.Instance == "" || g.Instance == f.Instance) &&
		(f.ExternalRef == "" || g.ExternalRef == f.ExternalRef) &&
		(f.Name == "" || NameHas(g.Name, f.Name)) &&
		(f.Fault == "" || faults.Of(g) == f.Fault)
}

// mine reports whether a group was asked of one of the filter's pools.
func (f Filter) mine(g *group.Group) bool {
	return len(f.Pools) == 0 || slices.Contains(f.Pools, g.Target.Pool)
}
