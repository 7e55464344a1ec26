package health

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

const (
	// readings is how many states are being read at the same time.
	readings = 256
	// full is the pause before readings that found no free place are tried again.
	full = 20 * time.Millisecond
	// between is the shortest mean time from one reading to the next, whatever the number of instances. With
	// shorter ones a worker of very many instances would spend a core on their states.
	between = 30 * time.Millisecond
)

// soon is how long until the state of an instance that cannot work is read again: half of the
// time for which it could not work, at least an eighth of Shut and at most Shut.
func (k *Keeper) soon(s state) time.Duration {
	return min(max(time.Since(time.UnixMilli(s.since))/2, k.Shut/8), k.Shut)
}

// readDue reads the states of these instances whose time has come, each in a goroutine of its own: a provider that
// hangs must not keep the others from being read. It reports whether it ran out of places.
func (k *Keeper) readDue(ctx context.Context, names []string) (more bool) {
	now := time.Since(k.epoch)
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		r := k.row(name)
		if r == nil {
			continue // it went meanwhile
		}
		if len(k.free) == cap(k.free) {
			return true
		}
		s := r.state
		if s.doubtedAt > r.doubted {
			// Another worker may have the job of this period, or have begun its reading before the doubt. So
			// the doubt is a job of its own, for the first worker that takes it.
			r.doubted = s.doubtedAt
			k.begin(ctx, r.name, "state:"+name+":"+strconv.FormatInt(s.doubtedAt, 10), k.Every)
			continue
		}
		if now < r.nextRead {
			continue
		}
		every, job := max(k.Every, between*time.Duration(len(k.rows))), "state:"+name
		if s.looked && s.health != provider.Ready {
			// A job of its own: the job of the last reading while all was well is held for a minute, perhaps
			// by a dead worker.
			every, job = max(k.soon(s), between*time.Duration(k.shut)), job+":shut"
		}
		r.nextRead = now + every
		if every > k.Every { // spread over the period: otherwise all would be read at the same time each time
			r.nextRead = now + every/2 + rand.N(every)
		}
		k.begin(ctx, r.name, job, every)
	}
	return false
}

// begin reads a state in a goroutine of its own; the caller has seen that there is a place. k is locked.
func (k *Keeper) begin(ctx context.Context, name, job string, every time.Duration) {
	connect := k.connect
	k.free <- struct{}{}
	k.reading.Go(func() {
		defer func() { <-k.free }()
		k.read(ctx, name, connect, job, every)
	})
}

// read reads one state, unless another worker has done this job within its period.
func (k *Keeper) read(ctx context.Context, name string, connect func(string) provider.Provider, job string, every time.Duration) {
	mine, err := k.Presence.Lead(ctx, job, k.Worker, every*9/10)
	if err != nil || !mine {
		return
	}
	p := connect(name)
	if p == nil {
		return // it went meanwhile
	}
	s, err := p.State(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return
		}
		e := provider.AsError(err)
		k.Error(ctx, name, e.Phrase())
		if s = (provider.State{Health: e.Health, Reason: e.Said()}); e.Health == "" {
			// An unreadable state does not stop the instance: its calls will show whether it works.
			s = provider.State{Health: provider.UnknownState, Reason: say.Phrase{Code: say.StateUnread, Why: []say.Phrase{e.Said()}}}
		}
	}
	if s.Health == provider.Ready {
		if err := k.readNumber(ctx, name, p); err != nil {
			s = provider.State{Health: provider.Starting, Reason: say.Phrase{Code: say.NumberUnread, Why: []say.Phrase{provider.AsError(err).Said()}}}
		}
	}
	k.Report(ctx, name, s)
}
