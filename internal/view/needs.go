package view

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// NeedKind is what a need is about.
type NeedKind string

// The kinds of needs.
const (
	NeedInstance NeedKind = "instance" // an instance that will not work again without a person, or that no worker has
	NeedPool     NeedKind = "pool"     // a pool that no instance serves
	NeedReview   NeedKind = "review"   // groups on which a person must decide
	NeedFault    NeedKind = "fault"    // groups with the same fault
)

// Need is one thing that a person must see to, and what waits for it.
type Need struct {
	Kind  NeedKind      `json:"kind"`
	Name  string        `json:"name,omitempty"`  // of the instance or the pool
	State InstanceWorst `json:"state,omitempty"` // of an instance that a worker has announced
	Fault string        `json:"fault,omitempty"`
	store.Behind

	// Together is how many instances with the same trouble the need stands for; 0 for a need that stands for itself.
	Together int `json:"-"`

	instance *Instance
	own      store.Behind            // what waits for the instance alone
	shared   map[string]store.Behind // what waits for each of its pools in which no instance works
}

// Words name a need, its cause, the reason and the remedy; nil for those it does not have.
type Words struct{ Title, Cause, Why, Do say.Speech }

// Words returns the texts of the need.
func (n Need) Words() Words {
	switch {
	case n.Kind == NeedReview:
		return Words{Title: say.Code("uncertain-groups-wait-for-a"), Why: say.Code("a-create-had-no-clear-answer")}
	case n.Kind == NeedPool:
		return Words{Title: say.Code("no-instance-serves-the-pool"), Why: say.Code("its-groups-wait-for-an-instance"), Do: say.Code("start-a-worker-that-serves-the-pool")}
	case n.Kind == NeedFault:
		code, key := faults.Parse(n.Fault)
		what := faults.CodeOf(code)
		if cause, ok := faults.Lookup(key); ok {
			return Words{Title: what.Title, Cause: cause.Title, Why: cause.Why, Do: cause.Remedy}
		}
		return Words{Title: what.Title, Why: what.Why, Do: what.Remedy}
	case n.instance == nil:
		return Words{Title: say.Code("no-worker-serves-it"), Why: say.Code("no-running-worker-has-this"), Do: say.Code("start-a-worker-that-has")}
	}
	title, why, do := n.instance.Explain()
	if n.Together > 0 {
		why = nil // each has its own
	}
	return Words{Title: title, Why: why, Do: do}
}

// Fault counts the groups with one fault.
type Fault struct {
	Key string // as faults.Of says it
	store.Behind
}

// attention is what the needs are computed from.
type attention struct {
	waiting store.Waiting
	faults  []Fault             // those that hold up the most people first
	pools   map[string][]string // instances by pool
	known   map[string]*instanceRow
}

func (r *Reader) attention(ctx context.Context, s *snapshot) (attention, error) {
	a := attention{pools: s.pools, known: s.instances}
	var err error
	if a.waiting, err = r.store.Index.Waiting(ctx, r.pools...); err != nil {
		return a, err
	}
	a.faults, err = r.faults(ctx, a.waiting)
	return a, err
}

// Faults returns the faults, those that hold up the most people first.
func (r *Reader) Faults(ctx context.Context) ([]Fault, error) {
	waiting, err := r.store.Index.Waiting(ctx, r.pools...)
	if err != nil {
		return nil, err
	}
	return r.faults(ctx, waiting)
}

func (r *Reader) faults(ctx context.Context, waiting store.Waiting) ([]Fault, error) {
	counts, err := r.store.Index.Faults(ctx, r.pools...)
	if err != nil {
		return nil, err
	}
	all := make([]Fault, 0, len(counts))
	for fault, n := range counts {
		if n > 0 {
			all = append(all, Fault{fault, store.Behind{Groups: n, People: waiting.Faults[fault]}})
		}
	}
	slices.SortFunc(all, func(a, b Fault) int {
		return cmp.Or(byPeople(a.Behind, b.Behind), strings.Compare(a.Key, b.Key))
	})
	return all, nil
}

// byPeople sorts by the people that wait, then by the groups, most first.
func byPeople(a, b store.Behind) int {
	return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(b.Groups, a.Groups))
}

// needs returns what a person must see to; the need that holds up the most people comes first.
func (d Document) needs(a attention) []Need {
	all := []Need{}
	if d.Sentence().Held.Zero() { // while the whole installation is held, no instance and no pool has a need of its own
		all = append(all, instanceNeeds(d.Instances, a, Instance.NeedsAPerson)...)
		for target, behind := range a.waiting.Targets {
			switch {
			case target.Pool != "" && len(a.pools[target.Pool]) == 0:
				all = append(all, Need{Kind: NeedPool, Name: target.Pool, Behind: behind})
			case target.Instance != "" && a.known[target.Instance] == nil:
				all = append(all, Need{Kind: NeedInstance, Name: target.Instance, Behind: behind, own: behind})
			}
		}
	}
	if n := d.Groups[group.Review]; n > 0 {
		all = append(all, Need{Kind: NeedReview, Behind: store.Behind{Groups: n, People: a.waiting.Statuses[group.Review]}})
	}
	for _, f := range a.faults {
		if code, _ := faults.Parse(f.Key); !faults.Undecided(code) { // all undecided groups are one need already
			all = append(all, Need{Kind: NeedFault, Fault: f.Key, Behind: f.Behind})
		}
	}
	sortNeeds(all)
	return all
}

func sortNeeds(all []Need) {
	slices.SortStableFunc(all, func(a, b Need) int {
		return cmp.Or(byPeople(a.Behind, b.Behind), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Name+a.Fault, b.Name+b.Fault))
	})
}

// Troubled returns the needs of the instances for which troubled is true, with what waits until they work again:
// their own groups, and those of their pools in which no instance works.
func (r *Reader) Troubled(ctx context.Context, troubled func(Instance) bool) ([]Need, error) {
	all, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	a, err := r.attention(ctx, all.snapshot)
	if err != nil {
		return nil, err
	}
	needs := instanceNeeds(r.documents(all.snapshot), a, troubled)
	sortNeeds(needs)
	return needs, nil
}

func instanceNeeds(instances []Instance, a attention, troubled func(Instance) bool) []Need {
	works := map[string]bool{}
	for i := range instances {
		if !instances[i].NeedsAPerson() {
			for _, pool := range instances[i].Pools {
				works[pool] = true
			}
		}
	}
	var all []Need
	for i := range instances {
		in := &instances[i]
		if !troubled(*in) {
			continue
		}
		n := Need{
			Kind: NeedInstance, Name: in.Name, State: in.Worst, instance: in,
			own: a.waiting.Targets[tasks.Target{Instance: in.Name}], shared: map[string]store.Behind{},
		}
		n.Behind = n.own
		for _, pool := range in.Pools {
			if !works[pool] {
				n.shared[pool] = a.waiting.Targets[tasks.Target{Pool: pool}]
				n.Behind = n.Plus(n.shared[pool])
			}
		}
		all = append(all, n)
	}
	return all
}

// sameNeeds is how many instances with the same trouble keep a need each. More of them share one need.
const sameNeeds = 3

// Together merges many instances with the same trouble into one need. Groups that wait for a pool of several of them
// count once.
func Together(needs []Need) []Need {
	type trouble struct {
		state InstanceWorst
		title say.Speech
	}
	same := map[trouble][]Need{}
	of := func(n Need) trouble {
		t := trouble{state: n.State}
		t.title, _ = n.Words().Title.(say.Code)
		return t
	}
	for _, n := range needs {
		if n.Kind == NeedInstance {
			same[of(n)] = append(same[of(n)], n)
		}
	}
	var all []Need
	for _, n := range needs {
		if n.Kind != NeedInstance {
			all = append(all, n)
			continue
		}
		some := same[of(n)]
		switch {
		case len(some) <= sameNeeds:
			all = append(all, n)
		case some[0].Name == n.Name:
			all = append(all, together(some))
		}
	}
	sortNeeds(all)
	return all
}

func together(some []Need) Need {
	one := Need{Kind: NeedInstance, State: some[0].State, Together: len(some), instance: some[0].instance}
	counted := map[string]bool{}
	for _, n := range some {
		one.Behind = one.Plus(n.own)
		for pool, behind := range n.shared {
			if !counted[pool] {
				counted[pool] = true
				one.Behind = one.Plus(behind)
			}
		}
	}
	return one
}
