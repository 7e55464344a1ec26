package auth

import (
	"net/netip"
	"sync"
	"time"
)

const (
	freeWrong    = 5                // wrong secrets of a source before it is slowed down
	firstPause   = time.Second      // then; each further one doubles it
	longestPause = 5 * time.Minute  // at most
	forgetWrong  = 15 * time.Minute // without a wrong secret
	wrongMinute  = 300              // wrong secrets of all sources in a minute
	knownSources = 10_000           // with a right secret that are remembered, at most
)

// brake slows down guessing of secrets. After several wrong secrets a source must pause, longer with each further
// one; all sources together have a number of wrong secrets per minute, which also bounds the brake's memory. A
// source that was right once is exempt from that common bound.
type brake struct {
	mu     sync.Mutex
	wrong  map[netip.Prefix]*tries
	right  map[netip.Prefix]bool
	minute time.Time
	count  int // wrong secrets of the minute
}

type tries struct {
	n      int
	last   time.Time
	paused time.Time // until
}

// pause returns how long a source must still wait before its next secret is checked.
func (b *brake) pause(source netip.Prefix, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	var wait time.Duration
	if t := b.wrong[source]; t != nil {
		wait = t.paused.Sub(now)
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
	if t := b.wrong[source]; t != nil && now.Before(t.paused) {
		return // it is slowed down already, and must not use up the common bound
	}
	if now.Sub(b.minute) >= time.Minute {
		b.minute, b.count = now, 0
		for s, t := range b.wrong {
			if now.Sub(t.last) >= forgetWrong {
				delete(b.wrong, s)
			}
		}
	}
	if b.count++; b.count > wrongMinute {
		return // the common bound pauses it
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
		t.paused = now.Add(min(firstPause<<min(over-1, 20), longestPause))
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
