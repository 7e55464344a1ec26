package agent

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

func TestKeptPut_AKeyThatIsPutAgainIsTheLatest(t *testing.T) {
	t.Parallel()
	var k kept[int]
	k.put("a", 1)
	for i := range maxKept - 1 {
		k.put(strconv.Itoa(i), i)
	}
	k.put("a", 2)
	k.put("new", 3)
	if v, ok := k.get("a"); !ok || v != 2 {
		t.Errorf("got %d, %t for the key that was put again, want 2", v, ok)
	}
	if v, ok := k.get("0"); ok {
		t.Errorf("got %d for the oldest key, want no value", v)
	}
}

func TestKeptTake_GivesAValueToOneCallerOnly(t *testing.T) {
	t.Parallel()
	var k kept[int]
	taken := make([]atomic.Int32, 100_000) // by value: how many callers got it
	var over atomic.Bool
	var takers sync.WaitGroup
	for range 4 {
		takers.Go(func() {
			for !over.Load() {
				if v, ok := k.take("a"); ok {
					taken[v].Add(1)
				}
			}
		})
	}
	for v := range taken {
		k.put("a", v)
	}
	over.Store(true)
	takers.Wait()
	for v := range taken {
		if n := taken[v].Load(); n > 1 {
			t.Fatalf("%d callers got the value %d, want at most one", n, v)
		}
	}
}
