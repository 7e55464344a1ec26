package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"sync/atomic"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/health"
	"github.com/rollcallhq/rollcall/internal/store"
)

// kindsEach is how many kinds of calls an instance makes: creates and invitations.
const kindsEach = 2

// digestOf stands for the names of a worker's instances, which are sorted.
func digestOf(names []string) string {
	sum := sha256.New()
	for i, name := range names {
		if i > 0 {
			name = "\n" + name
		}
		_, _ = io.WriteString(sum, name) // never fails
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// sign is the worker's sign of life as it is to be now.
func (a *App) sign() store.Worker {
	self := a.self
	a.mu.Lock()
	defer a.mu.Unlock()
	self.Lanes, self.Knows, self.Leaving = kindsEach*len(a.roster.names), a.roster.digest, a.leaving
	return self
}

// open is the health of the instances, as the dispatcher asks for it: any worker may get a task of any
// instance, so one that some worker does not know makes no call.
type open struct {
	*health.Keeper
	unknownTo atomic.Pointer[map[string]string] // the worker, by instance
}

// Open implements dispatch.Health.
func (o *open) Open(instance string) bool {
	if unknown := o.unknownTo.Load(); unknown != nil && (*unknown)[instance] != "" {
		return false
	}
	return o.Keeper.Open(instance)
}

// compare finds out which instances some living worker does not know.
func (a *App) compare(ctx context.Context) error {
	workers, err := a.store.Presence.Workers(ctx)
	if err != nil {
		return err
	}
	unknown, err := a.store.Presence.UnknownTo(ctx, workers, a.instances().names)
	if err != nil {
		return err
	}
	a.told.met(workers)
	was := a.open.unknownTo.Swap(&unknown)
	if before := was != nil && len(*was) > 0; len(unknown) > 0 && !before {
		a.opts.Log.Warn().EmbedObject(event.InstancesUnknown).Int("instances", len(unknown)).Str("worker", anyOf(unknown)).
			Msg("instances unknown to a worker")
	} else if before && len(unknown) == 0 {
		a.opts.Log.Info().EmbedObject(event.InstancesKnownAgain).Msg("instances known to all workers")
	}
	return nil
}

func anyOf(unknown map[string]string) string {
	for _, worker := range unknown {
		return worker
	}
	return ""
}

// gather lets the other workers compare at once.
func (a *App) gather(ctx context.Context) {
	if err := a.queue.Gather(ctx); err != nil { // they notice it with their next signs of life
		a.opts.Log.Debug().EmbedObject(event.WorkersNotTold).Err(err).Msg("workers not notified")
	}
}

// leave says that this worker takes nothing any more, while the calls under way here end. It shows signs of
// life until they have: the journal must not take them for a dead one's.
func (a *App) leave(ctx context.Context) error {
	a.mu.Lock()
	a.leaving = true
	a.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	if err := a.store.Presence.Beat(ctx, a.sign()); err != nil {
		a.opts.Log.Debug().EmbedObject(event.LeavingNotTold).Err(err).Msg("leave not announced")
	}
	a.gather(ctx)
	return nil
}
