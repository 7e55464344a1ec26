package callback

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// maxRefused is the maximum number of webhooks that are remembered.
	maxRefused = 10_000
	// repeatsFor is the maximum time for which a provider repeats a webhook.
	repeatsFor = 24 * time.Hour
)

// repetitions has the webhooks that were answered with 503 and forwarded, with the time of the latest answer, so that a
// webhook that the provider repeats is not forwarded again. Beyond maxRefused it forgets all of them, and receivers may
// get some twice.
type repetitions struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]time.Time
}

// first reports whether a webhook is new, and not the repetition of one that was answered with 503. again says that
// this one gets 503 too.
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
