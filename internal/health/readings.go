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
	// maxReadings is how many states are read at the same time.
	maxReadings = 256
	// slotPause is the pause before readings that found no free slot are tried again.
	slotPause = 20 * time.Millisecond
	// spacing is the shortest mean time between two readings, whatever the number of instances. With less, a
	// worker of very many instances would spend a core on their states.
	spacing = 30 * time.Millisecond
)

// soon returns how long to wait before the next reading of an instance that is not ready: half of the time since its
// state changed, but at least an eighth of Shut and at most Shut.
func (k *Keeper) soon(s state) time.Duration {
	return min(max(time.Since(time.UnixMilli(s.since))/2, k.Shut/8), k.Shut)
}

// readDue reads the states of those named instances that are due, each in a goroutine of its own, so that a provider
// that hangs does not hold up the others. more is true if there was no free slot for some of them.
func (k *Keeper) readDue(ctx context.Context, names []string) (more bool) {
	now := time.Since(k.epoch)
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		r := k.row(name)
		if r == nil {
			continue // removed meanwhile
		}
		if len(k.slots) == cap(k.slots) {
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
		every, job := max(k.Every, spacing*time.Duration(len(k.rows))), "state:"+name
		if s.known && s.health != provider.Ready {
			// A job of its own: a worker, perhaps a dead one, holds the other job for most of Every.
			every, job = max(k.soon(s), spacing*time.Duration(k.shut)), job+":shut"
		}
		r.nextRead = now + every
		if every > k.Every { // spread over the period, or all would be read together each time
			r.nextRead = now + every/2 + rand.N(every)
		}
		k.begin(ctx, r.name, job, every)
	}
	return false
}

// begin reads a state in a goroutine of its own. The caller holds k.mu and has seen a free slot.
func (k *Keeper) begin(ctx context.Context, name, job string, every time.Duration) {
	connect := k.connect
	k.slots <- struct{}{}
	k.reading.Go(func() {
		defer func() { <-k.slots }()
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
		return // removed meanwhile
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
