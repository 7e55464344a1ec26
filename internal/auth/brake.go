package auth

import (
	"net/netip"
	"sync"
	"time"
)

const (
	freeWrong    = 5                // wrong secrets that a source may send without a pause
	firstPause   = time.Second      // pause after the next wrong secret; each further one doubles it
	longestPause = 5 * time.Minute  // longest pause of a source
	forgetWrong  = 15 * time.Minute // a source's count starts at zero after this time without a wrong secret
	wrongMinute  = 300              // wrong secrets that all sources together may send in a minute
	knownSources = 10_000           // maximum of sources remembered for a right secret
)

// brake slows down guessing of secrets. After freeWrong wrong secrets a source must pause, longer with each further
// one. After wrongMinute wrong secrets of all sources every source must wait for the end of the minute, except those
// that have sent a right secret. That limit and knownSources bound the brake's memory.
type brake struct {
	mu     sync.Mutex
	wrong  map[netip.Prefix]*tries
	right  map[netip.Prefix]bool
	minute time.Time
	count  int // wrong secrets since minute
}

type tries struct {
	n           int
	last        time.Time
	pausedUntil time.Time
}

// pause returns how long a source must still wait before its next secret is checked.
func (b *brake) pause(source netip.Prefix, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	var wait time.Duration
	if t := b.wrong[source]; t != nil {
		wait = t.pausedUntil.Sub(now)
	}
	if b.count >= wrongMinute && !b.right[source] {
		wait = max(wait, b.minute.Add(time.Minute).Sub(now))
	}
	return max(wait, 0)
}

// failed counts a wrong secret of a source.
func (b *brake) failed(source netip.Prefix, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.wrong[source]; t != nil && now.Before(t.pausedUntil) {
		return // the source pauses already, and must not use up the limit of all sources
	}
	if now.Sub(b.minute) >= time.Minute {
		b.minute, b.count = now, 0
		for s, t := range b.wrong {
			if now.Sub(t.last) >= forgetWrong {
				delete(b.wrong, s)
			}
		}
	}
	if b.count++; b.count > wrongMinute && !b.right[source] {
		return // the limit of all sources makes it wait
	}
	t := b.wrong[source]
	if t == nil || now.Sub(t.last) >= forgetWrong {
		t = &tries{}
		if b.wrong == nil {
			b.wrong = map[netip.Prefix]*tries{}
		}
		b.wrong[source] = t
	}
	t.n, t.last = t.n+1, now
	if over := t.n - freeWrong; over > 0 {
		t.pausedUntil = now.Add(min(firstPause<<min(over-1, 20), longestPause))
	}
}

// passed notes that a source had a right secret.
func (b *brake) passed(source netip.Prefix) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.right == nil {
		b.right = map[netip.Prefix]bool{}
	}
	if len(b.right) < knownSources {
		b.right[source] = true
	}
}
