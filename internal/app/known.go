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

// digestOf returns a hash of the sorted names of a worker's instances.
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

// heartbeat returns what this worker's next heartbeat says.
func (a *App) heartbeat() store.Worker {
	self := a.self
	a.mu.Lock()
	defer a.mu.Unlock()
	self.Lanes, self.Knows, self.Leaving = kindsEach*len(a.roster.names), a.roster.digest, a.leaving
	return self
}

// open tells the dispatcher which instances may make calls. Any worker may get a task of any instance, so an instance
// that some worker does not know makes no call.
type open struct {
	*health.Keeper
	unknownTo atomic.Pointer[map[string]string] // by instance: a worker that does not know it
}

// Open implements dispatch.Health.
func (o *open) Open(instance string) bool {
	if unknown := o.unknownTo.Load(); unknown != nil && (*unknown)[instance] != "" {
		return false
	}
	return o.Keeper.Open(instance)
}

// compare finds the instances that some living worker does not know.
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

// gather makes the other workers compare at once.
func (a *App) gather(ctx context.Context) {
	if err := a.queue.Gather(ctx); err != nil { // their next heartbeats show it
		a.opts.Log.Debug().EmbedObject(event.WorkersNotTold).Err(err).Msg("workers not notified")
	}
}

// leave announces that this worker takes no new work while its calls under way end. Its heartbeats go on until then, so
// that the journal does not treat the calls as a dead worker's.
func (a *App) leave(ctx context.Context) error {
	a.mu.Lock()
	a.leaving = true
	a.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	if err := a.store.Presence.Beat(ctx, a.heartbeat()); err != nil {
		a.opts.Log.Debug().EmbedObject(event.LeavingNotTold).Err(err).Msg("leave not announced")
	}
	a.gather(ctx)
	return nil
}
