package health

import (
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
)

// row is what the keeper knows of one instance. It is small, because a worker may have thousands of them.
type row struct {
	name     string
	state    state
	nextRead time.Duration // since the keeper's epoch
	doubted  int64         // the latest doubt that this worker has acted on, in ms
	changed  time.Duration // since the keeper's epoch: this worker's own latest change; 0 is never
}

// state is the state of an instance after the latest refresh or report. It is zero until the first one.
type state struct {
	mark      store.Mark // of the stored version; zero after a report
	health    provider.Health
	since     int64   // when health changed, in ms; 0 is never
	doubtedAt int64   // in ms; 0 is never
	number    string  // the key of the number behind the instance; "" while it is not known
	known     bool    // after the first refresh or report
	bounds    *bounds // nil for most
}

// bounds are the limits that a person has set.
type bounds struct {
	pause   *store.Pause
	slowing *store.Slowing
}

// row returns the row of an instance, or nil if this worker does not run it. The caller holds k.mu.
func (k *Keeper) row(name string) *row {
	at, ok := slices.BinarySearchFunc(k.rows, name, func(r row, name string) int { return strings.Compare(r.name, name) })
	if !ok {
		return nil
	}
	return &k.rows[at]
}

// stateOf returns the state of an instance, or a zero state if this worker does not run it.
func (k *Keeper) stateOf(name string) state {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if r := k.row(name); r != nil {
		return r.state
	}
	return state{}
}

// millis returns t in milliseconds, or 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// put replaces the state of a row and counts the changes. The caller holds k.mu.
func (k *Keeper) put(r *row, s state) {
	was := r.state
	if was.known && was.health != provider.Ready {
		k.shut--
	}
	if s.health != provider.Ready {
		k.shut++
	}
	if !was.slowing().Equal(s.slowing()) {
		k.slowed++
	}
	s.known = true
	r.state = s
}

// pause returns the pause that a person has set, or nil.
func (s state) pause() *store.Pause {
	if s.bounds == nil {
		return nil
	}
	return s.bounds.pause
}

// slowing returns the slower pace that a person has set, or nil.
func (s state) slowing() *store.Slowing {
	if s.bounds == nil {
		return nil
	}
	return s.bounds.slowing
}
