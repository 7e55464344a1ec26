package agent

import (
	"slices"
	"sync"
)

// maxKept is the maximum of values that a kept holds. A client works on few at a time.
const maxKept = 100

// kept holds the values that were put last, by key.
type kept[V any] struct {
	mu    sync.Mutex
	all   map[string]V
	order []string // keys, the one that was put last at the end; it may have keys that were taken
}

func (k *kept[V]) put(key string, v V) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[string]V{}
	}
	k.order = append(slices.DeleteFunc(k.order, func(old string) bool { return old == key }), key)
	k.all[key] = v
	if len(k.order) > maxKept {
		delete(k.all, k.order[0])
		k.order = k.order[1:]
	}
}

// take returns a value and removes it, so that of several callers one gets it.
func (k *kept[V]) take(key string) (V, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.all[key]
	delete(k.all, key)
	return v, ok
}

func (k *kept[V]) get(key string) (V, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.all[key]
	return v, ok
}
