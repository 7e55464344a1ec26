package agent

import "sync"

// mostKept is how many values a kept holds. A client works on few at a time.
const mostKept = 100

// kept holds the latest values by their keys.
type kept[V any] struct {
	mu    sync.Mutex
	all   map[string]V
	order []string
}

func (k *kept[V]) put(key string, v V) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[string]V{}
	}
	if _, there := k.all[key]; !there {
		k.order = append(k.order, key)
	}
	k.all[key] = v
	if len(k.order) > mostKept {
		delete(k.all, k.order[0])
		k.order = k.order[1:]
	}
}

// take is get, once.
func (k *kept[V]) take(key string) (V, bool) {
	v, ok := k.get(key)
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.all, key)
	return v, ok
}

func (k *kept[V]) get(key string) (V, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.all[key]
	return v, ok
}
