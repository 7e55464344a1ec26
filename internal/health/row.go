package health

import (
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
)

// row is what the keeper knows of one instance. A worker has one for each of thousands.
type row struct {
	name     string
	state    state
	nextRead time.Duration // since the keeper's epoch
	doubted  int64         // the latest doubt that this worker has acted on, in ms
	changed  time.Duration // the latest change by this worker itself, since the keeper's epoch; 0 is never
}

// state is the state of an instance at the last look or report. The zero value is that before the first look.
type state struct {
	mark      store.Mark // of what the store has; zero after a report
	health    provider.Health
	since     int64 // in ms, as doubtedAt; 0 is never
	doubtedAt int64
	number    string // the key of the number behind it; "" while that is not known
	looked    bool
	bounds    *bounds // nil for most
}

// bounds are the limits that a person has set.
type bounds struct {
	pause   *store.Pause
	slowing *store.Slowing
}

// row finds an instance; nil for one that this worker does not run. k is locked.
func (k *Keeper) row(name string) *row {
	at, ok := slices.BinarySearchFunc(k.rows, name, func(r row, name string) int { return strings.Compare(r.name, name) })
	if !ok {
		return nil
	}
	return &k.rows[at]
}

// stateOf is what is known of an instance.
func (k *Keeper) stateOf(name string) state {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if r := k.row(name); r != nil {
		return r.state
	}
	return state{}
}

// millis is a moment in ms; 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// put stores a state; k is locked.
func (k *Keeper) put(r *row, s state) {
	was := r.state
	if was.looked && was.health != provider.Ready {
		k.shut--
	}
	if s.health != provider.Ready {
		k.shut++
	}
	if !was.slowing().Equal(s.slowing()) {
		k.slowed++
	}
	s.looked = true
	r.state = s
}

// pause is a person's pause; nil for none.
func (s state) pause() *store.Pause {
	if s.bounds == nil {
		return nil
	}
	return s.bounds.pause
}

// slowing is a person's slower pace; nil for none.
func (s state) slowing() *store.Slowing {
	if s.bounds == nil {
		return nil
	}
	return s.bounds.slowing
}
