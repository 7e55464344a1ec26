package callback

import (
	"crypto/sha256"
	"sync"
)

// maxRefused bounds the memory of repetitions.
const maxRefused = 10_000

// repetitions are the webhooks that were answered with 503 and forwarded: when the provider repeats one, it must not be
// forwarded again. Past maxRefused it forgets all of them, and receivers may get some twice.
type repetitions struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]bool
}

// first reports whether a webhook is no repetition of one that was answered with 503. again says that this one is
// answered so too.
func (r *repetitions) first(instance string, body []byte, again bool) bool {
	key := sha256.Sum256(append([]byte(instance+"\x00"), body...))
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.all[key]
	switch {
	case !again:
		delete(r.all, key)
	case r.all == nil, len(r.all) >= maxRefused:
		r.all = map[[sha256.Size]byte]bool{key: true}
	default:
		r.all[key] = true
	}
	return !known
}
