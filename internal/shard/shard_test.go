package shard

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// world draws names and workers; roomy ones never reach their limit.
func world(t *rapid.T, roomy bool) (instances []string, workers []Worker) {
	instances = rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9-]{1,6}`), 0, 60, rapid.ID).Draw(t, "instances")
	ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,4}-[0-9]{1,2}`), 1, 8, rapid.ID).Draw(t, "workers")
	for _, id := range ids {
		most := len(instances)
		if !roomy {
			most = rapid.IntRange(0, 20).Draw(t, "most of "+id)
		}
		workers = append(workers, Worker{ID: id, Most: most})
	}
	return instances, workers
}

// homes is who has each instance.
func homes(instances []string, workers []Worker) map[string]string {
	taken, _ := Divide(instances, workers)
	all := map[string]string{}
	for id, names := range taken {
		for _, name := range names {
			all[name] = id
		}
	}
	return all
}

func TestEveryInstanceHasExactlyOneWorkerWhileThereIsRoom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		instances, workers := world(t, false)
		taken, left := Divide(instances, workers)
		room := 0
		got := slices.Clone(left)
		for _, w := range workers {
			if n := len(taken[w.ID]); n > w.Most {
				t.Errorf("%s takes %d, its limit is %d", w.ID, n, w.Most)
			}
			room += w.Most
			got = append(got, taken[w.ID]...)
		}
		slices.Sort(got)
		if want := slices.Sorted(slices.Values(instances)); !slices.Equal(got, want) {
			t.Errorf("taken and left are %v, want each of %v once", got, want)
		}
		if want := max(0, len(instances)-room); len(left) != want {
			t.Errorf("%d are left of %d with room for %d", len(left), len(instances), room)
		}
	})
}

func TestTheDivisionDoesNotDependOnTheOrderOfItsInputs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		instances, workers := world(t, false)
		taken, left := Divide(instances, workers)
		again, leftAgain := Divide(rapid.Permutation(instances).Draw(t, "instances in another order"), rapid.Permutation(workers).Draw(t, "workers in another order"))
		if diff := cmp.Diff(taken, again); diff != "" || !slices.Equal(left, leftAgain) {
			t.Errorf("taken %s; left %v and %v", diff, left, leftAgain)
		}
	})
}

func TestAWorkerThatComesOrGoesMovesOnlyItsOwnWhileNoLimitIsReached(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		instances, workers := world(t, true)
		with := homes(instances, workers)
		for name, home := range homes(instances, workers[1:]) {
			if with[name] != home && with[name] != workers[0].ID {
				t.Errorf("%s is at %s with %s, and at %s without", name, with[name], workers[0].ID, home)
			}
		}
	})
}

func TestNobodyLosesAPlaceToAWorkerThatComes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		instances, workers := world(t, false)
		before, after := homes(instances, workers[1:]), homes(instances, workers)
		score := func(name, worker string) uint64 { return mix(hash(name) ^ hash(worker)) }
		for name, was := range before {
			is := after[name]
			if is == "" {
				t.Errorf("%s was at %s and has no room any more", name, was)
			} else if is != was && score(name, is) < score(name, was) {
				t.Errorf("%s moved from %s to %s, where it scores lower", name, was, is)
			}
		}
	})
}

func TestSharesAreAboutEqualWhereNoLimitIsReached(t *testing.T) {
	t.Parallel()
	var instances []string
	for n := range 10_000 {
		instances = append(instances, fmt.Sprintf("number-%05d", n))
	}
	var workers []Worker
	for n := range 5 {
		workers = append(workers, Worker{ID: fmt.Sprintf("host-%d-1234abcd", n), Most: 10_000})
	}
	taken, _ := Divide(instances, workers)
	for id, names := range taken {
		if len(names) < 1_850 || len(names) > 2_150 { // 2,000, and nearly four standard deviations
			t.Errorf("%s takes %d of 10,000 among five", id, len(names))
		}
	}
}

func TestTheDivisionOfTodayIsThatOfTomorrow(t *testing.T) {
	t.Parallel()
	// Workers of two versions divide among themselves while one replaces the other.
	taken, left := Divide([]string{"alpha", "beta", "gamma", "delta", "epsilon"}, []Worker{{"one", 2}, {"two", 2}})
	all := slices.Sorted(maps.Keys(taken))
	if got, want := fmt.Sprint(all, taken["one"], taken["two"], left), "[one two] [delta gamma] [alpha beta] [epsilon]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkDivide(b *testing.B) {
	for _, size := range []struct{ instances, workers int }{{10_000, 5}, {100_000, 50}} {
		var instances []string
		for n := range size.instances {
			instances = append(instances, fmt.Sprintf("number-%06d", n))
		}
		var workers []Worker
		for n := range size.workers {
			workers = append(workers, Worker{ID: fmt.Sprintf("host-%d", n), Most: 2_000})
		}
		b.Run(fmt.Sprintf("%d_among_%d", size.instances, size.workers), func(b *testing.B) {
			for b.Loop() {
				Divide(instances, workers)
			}
		})
	}
}
