// Package shard divides instances among workers. Every worker computes it by itself from the list of
// those that live, and all that have the same list come to the same result: nobody hands out work,
// and nothing is to be elected or kept.
//
// Two workers that see different lists for a moment may both run an instance, or neither may. Both
// is harmless: its pace, the one create in flight and the journal hold over all workers, which is
// how several workers run the same instances where nothing is divided. Neither ends with the next
// look at the list.
package shard

import (
	"cmp"
	"container/heap"
	"hash/fnv"
	"slices"
)

// Worker is one that takes a share.
type Worker struct {
	ID   string
	Most int // instances; less than one takes none
}

// Divide says which instances each worker takes, by its ID, and which are left because nobody has
// room. The order of the arguments does not matter; names and IDs are each given once. The results
// are sorted.
//
// It is rendezvous hashing with a bounded load: the name of an instance and the ID of a worker
// together give a score, an instance goes to the worker with which it has the highest, and a full
// worker keeps those with the highest scores. So a worker that goes moves nobody but its own, and
// one that comes takes its share and moves nobody between others, as long as no limit is reached.
// Where limits are reached more may move; but an instance never loses its place to a worker that
// came, and none moves then but to where it scores higher.
func Divide(instances []string, workers []Worker) (taken map[string][]string, left []string) {
	d := division{names: instances, hashes: make([]uint64, len(instances)), asked: make([]bid, len(instances))}
	for i, name := range instances {
		d.hashes[i] = hash(name)
	}
	for _, w := range workers {
		d.houses = append(d.houses, &house{division: &d, Worker: w, hash: hash(w.ID)})
	}
	for i := range instances {
		// Whom a worker cannot keep asks the next one; that can be another than who came.
		for guest := i; guest >= 0; {
			h := d.next(guest)
			if h == nil {
				left = append(left, instances[guest])
				break
			}
			guest = h.take(guest)
		}
	}
	taken = make(map[string][]string, len(workers))
	for _, h := range d.houses {
		names := make([]string, len(h.guests))
		for n, i := range h.guests {
			names[n] = instances[i]
		}
		slices.Sort(names)
		taken[h.ID] = names
	}
	slices.Sort(left)
	return taken, left
}

// division is one under way. It is the deferred acceptance of Gale and Shapley: its result does not
// depend on who asks first.
type division struct {
	names  []string
	hashes []uint64
	asked  []bid // the latest worker that each instance has asked
	houses []*house
}

// bid is how much an instance and a worker suit each other. IDs decide where scores are equal.
type bid struct {
	score uint64
	id    string
	made  bool
}

func (b bid) compare(other bid) int {
	return cmp.Or(cmp.Compare(b.score, other.score), cmp.Compare(b.id, other.id))
}

// next is the best worker that an instance has not asked yet; nil after the last.
func (d *division) next(guest int) (best *house) {
	last := d.asked[guest]
	var most bid
	for _, h := range d.houses {
		b := bid{score: mix(d.hashes[guest] ^ h.hash), id: h.ID, made: true}
		if last.made && b.compare(last) >= 0 || best != nil && b.compare(most) <= 0 {
			continue
		}
		best, most = h, b
	}
	d.asked[guest] = most
	return best
}

// house is a worker with the instances that it would take so far: a heap, the first to go on top.
type house struct {
	*division
	Worker

	hash   uint64
	guests []int
}

// take lets an instance in and returns whom there is no room for, -1 for nobody.
func (h *house) take(guest int) int {
	if len(h.guests) < h.Most {
		heap.Push(h, guest)
		return -1
	}
	if h.Most < 1 || !h.before(h.guests[0], guest) {
		return guest
	}
	out := h.guests[0]
	h.guests[0] = guest
	heap.Fix(h, 0)
	return out
}

// before says that a suits the worker less than b.
func (h *house) before(a, b int) bool {
	x, y := mix(h.hashes[a]^h.hash), mix(h.hashes[b]^h.hash)
	return x < y || x == y && h.names[a] < h.names[b]
}

func (h *house) Len() int           { return len(h.guests) }
func (h *house) Less(i, j int) bool { return h.before(h.guests[i], h.guests[j]) }
func (h *house) Swap(i, j int)      { h.guests[i], h.guests[j] = h.guests[j], h.guests[i] }
func (h *house) Push(guest any)     { h.guests = append(h.guests, guest.(int)) }

// Pop implements heap.Interface.
func (h *house) Pop() any {
	last := h.guests[len(h.guests)-1]
	h.guests = h.guests[:len(h.guests)-1]
	return last
}

func hash(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	return mix(h.Sum64())
}

// mix spreads a number over all bits, as splitmix64 does: names that differ in their last letter
// alone differ little in FNV.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
