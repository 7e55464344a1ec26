package enqueue

import (
	"context"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// kin finds the group of an earlier run that a row means after its name or key was corrected. It indexes
// every group of the batch that exists or may still be created, by name and by people. A run reads it once, at
// the first row that the batch does not have.
type kin struct {
	seed   maphash.Seed
	groups []relative
	names  map[uint64][]int32 // by folded name
	loose  map[uint64][]int32 // by the letters and digits of the name
	of     map[uint64]int32   // the only group of a person, or shared
	many   map[uint64][]int32 // all groups of a shared person, sorted
	whole  map[uint64][]int32 // the groups in many in which all people are shared
	sets   map[uint64][]int32 // groups by the set of all their people
	seen   map[string]bool    // groups that a row of this run has matched already
}

// relative is one group of the batch.
type relative struct {
	id     string
	keyed  bool
	people int32
	shared int32 // people who are in other groups of the batch too
}

// shared marks a person who is in several groups of the batch, and so does not identify one. As the index of a group it
// means no group.
const shared = -1

// readKin reads the groups of all batches with this name, only those in pools if any are given. It returns nil if no
// batch has the name.
func readKin(ctx context.Context, st *store.Store, batch string, pools []string, seen map[string]bool) (*kin, error) {
	var k *kin
	for id, err := range st.Index.BatchesNamed(ctx, batch) {
		if err != nil {
			return nil, err
		}
		if k == nil {
			k = &kin{
				seed: maphash.MakeSeed(), names: map[uint64][]int32{}, loose: map[uint64][]int32{},
				of: map[uint64]int32{}, many: map[uint64][]int32{}, whole: map[uint64][]int32{}, sets: map[uint64][]int32{}, seen: seen,
			}
		}
		for cursor := ""; ; {
			groups, next, err := st.Index.List(ctx, store.Filter{BatchID: id, Pools: pools, OldestFirst: true}, cursor, chunkRows)
			if err != nil {
				return nil, err
			}
			for _, g := range groups {
				if !g.Replaceable() {
					k.add(g)
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	if k == nil {
		return nil, nil
	}
	for person, groups := range k.many {
		for _, at := range groups {
			if r := k.groups[at]; r.people == r.shared {
				k.whole[person] = append(k.whole[person], at)
			}
		}
	}
	return k, nil
}

func (k *kin) add(g *group.Group) {
	at := int32(len(k.groups)) //nolint:gosec // a batch has a million groups at most
	k.groups = append(k.groups, relative{id: g.ID, keyed: g.Key != ""})
	r := &k.groups[at]
	k.names[k.hash(group.FoldName(g.Name))] = append(k.names[k.hash(group.FoldName(g.Name))], at)
	k.loose[k.hash(letters(g.Name))] = append(k.loose[k.hash(letters(g.Name))], at)
	for i := range g.Members {
		m := &g.Members[i]
		keys := append(m.Identity().Keys(), m.Number.Identity().Keys()...)
		if len(keys) == 0 || m.Staff {
			continue
		}
		r.people++
		isShared := false
		for _, key := range keys {
			h := k.hash(key)
			switch other, known := k.of[h]; {
			case !known:
				k.of[h] = at
			case other == at:
			default:
				isShared = true
				if other != shared {
					k.groups[other].shared++
					k.of[h], k.many[h] = shared, []int32{other}
				}
				if all := k.many[h]; all[len(all)-1] != at {
					k.many[h] = append(all, at)
				}
			}
		}
		if isShared {
			r.shared++
		}
	}
	set := k.setOf(g)
	k.sets[set] = append(k.sets[set], at)
}

// found is the group that a row means; the zero value means no group.
type found struct {
	id    string
	named bool // by the row's name (group.SameName), and the row has no key of its own
}

// find returns the group that a row means despite a new name or key. It skips groups that an earlier row of this
// run has matched: two rows of one run are two groups. If another run has recorded the row meanwhile, it returns that
// group, whose id is the row's.
func (k *kin) find(g *group.Group) found {
	free := func(at int32) bool {
		return !k.seen[k.groups[at].id] && (g.Key == "" || !k.groups[at].keyed)
	}
	same := k.names[k.hash(group.FoldName(g.Name))]
	if slices.ContainsFunc(same, func(at int32) bool { return k.groups[at].id == g.ID }) {
		return found{id: g.ID}
	}
	for _, at := range same {
		if free(at) {
			return found{k.groups[at].id, g.Key == ""}
		}
	}
	persons := k.persons(g)
	for _, at := range k.loose[k.hash(letters(g.Name))] {
		if free(at) && slices.ContainsFunc(persons, func(p uint64) bool { return k.has(at, p) }) {
			return found{id: k.groups[at].id}
		}
	}
	if g.Key != "" { // a row with its own key is its own request
		return found{}
	}
	for _, at := range k.sets[k.setOf(g)] {
		if free(at) {
			return found{id: k.groups[at].id}
		}
	}
	if at := k.majority(persons, free); at != shared {
		return found{id: k.groups[at].id}
	}
	return found{}
}

// majority returns a group that has more than half of the row's people, if they are also more than half of the group's
// people. It returns shared if there is none. A person of several groups, such as a teacher, counts only if the row or
// the group has no other people.
func (k *kin) majority(persons []uint64, free func(int32) bool) int32 {
	people := int32(len(persons)) //nolint:gosec // a row has 2,046 people at most
	mine := people
	for _, p := range persons {
		if k.of[p] == shared {
			mine--
		}
	}
	own, common := map[int32]int32{}, map[int32]int32{}
	for _, p := range persons {
		at, known := k.of[p]
		switch {
		case !known:
			continue
		case at != shared:
			own[at]++
			common[at]++
			continue
		}
		among := k.whole[p]
		if mine == 0 {
			among = k.many[p]
		}
		for _, at := range among {
			common[at]++
		}
	}
	for at, n := range own {
		if r := k.groups[at]; free(at) && 2*n > max(mine, r.people-r.shared) {
			return at
		}
	}
	best := int32(shared)
	for at, n := range common {
		if r := k.groups[at]; free(at) && (mine == 0 || r.people == r.shared) && 2*n > max(people, r.people) && (best == shared || at < best) {
			best = at
		}
	}
	return best
}

// has reports whether a person is in a group.
func (k *kin) has(at int32, person uint64) bool {
	only, known := k.of[person]
	if !known || only != shared {
		return known && only == at
	}
	_, in := slices.BinarySearch(k.many[person], at)
	return in
}

// persons returns a hashed key for each of the row's people: a key that the batch has, otherwise the person's first.
func (k *kin) persons(g *group.Group) []uint64 {
	persons := make([]uint64, 0, len(g.Members))
	for i := range g.Members {
		keys := g.Members[i].Identity().Keys()
		if len(keys) == 0 {
			continue
		}
		person := k.hash(keys[0])
		for _, key := range keys {
			if _, known := k.of[k.hash(key)]; known {
				person = k.hash(key)
				break
			}
		}
		persons = append(persons, person)
	}
	return persons
}

func (k *kin) setOf(g *group.Group) uint64 {
	people := make([]string, 0, len(g.Members))
	for i := range g.Members {
		if keys := g.Members[i].Identity().Keys(); len(keys) > 0 && !g.Members[i].Staff {
			people = append(people, keys[0])
		}
	}
	slices.Sort(people)
	return k.hash(strings.Join(people, " "))
}

func (k *kin) hash(s string) uint64 { return maphash.String(k.seed, s) }

// letters returns a name without what a correction often changes: case, accents, spaces and symbols.
func letters(name string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(name))
	if plain == "" { // a name of symbols only is compared unchanged
		return name
	}
	return plain
}
