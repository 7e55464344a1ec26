package callback

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// maxRefused is how many webhooks are remembered at most.
	maxRefused = 10_000
	// repeatsFor is how long a provider repeats a webhook: a day at most.
	repeatsFor = 24 * time.Hour
)

// repetitions are the webhooks that were answered with 503 and forwarded, with the time of the latest answer: when the
// provider repeats one, it must not be forwarded again. Past maxRefused it forgets all of them, and receivers may get
// some twice.
type repetitions struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]time.Time
}

// first reports whether a webhook does not repeat one that was answered with 503. again says that this one gets 503
// too.
func (r *repetitions) first(instance string, body []byte, again bool, now time.Time) bool {
	key := sha256.Sum256(append([]byte(instance+"\x00"), body...))
	r.mu.Lock()
	defer r.mu.Unlock()
	at, known := r.all[key]
	switch {
	case !again:
		delete(r.all, key)
	case r.all == nil, !known && len(r.all) >= maxRefused:
		r.all = map[[sha256.Size]byte]time.Time{key: now}
	default:
		r.all[key] = now
	}
	return !known || now.Sub(at) > repeatsFor
}
