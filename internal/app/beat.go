package app

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
)

const (
	// tellEvery is how often a worker announces what is new about its instances.
	tellEvery = 5 * store.BeatEvery
	// announceEvery is how often a worker announces all its instances again, with the limits of a new day.
	announceEvery = 10 * time.Minute
)

// settled is how long heartbeats must have succeeded before a missing one means a dead worker: after an outage of Redis
// all heartbeats have expired.
const settled = 2 * store.BeatEvery

// beat sends this worker's heartbeat at once, and then every few seconds. Other workers take over the work of a worker
// whose heartbeat has expired.
func (a *App) beat(ctx context.Context) error {
	if err := a.attend(ctx); err != nil {
		return err
	}
	if err := a.store.Presence.Beat(ctx, a.heartbeat()); err != nil {
		return err
	}
	if err := errors.Join(a.keeper.RefreshAll(ctx), a.compare(ctx), a.announce(ctx)); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var loops sync.WaitGroup
	loops.Go(func() { a.keepBeating(ctx) })
	loops.Go(func() { a.keepComparing(ctx) })
	loops.Go(func() { a.keepAttending(ctx) })
	a.began(func(ctx context.Context) error {
		stop()
		loops.Wait()
		return a.store.Presence.Gone(context.WithoutCancel(ctx), a.self.ID)
	})
	return nil
}

// keepBeating sends the heartbeats. All that could delay one runs in the other loops.
func (a *App) keepBeating(ctx context.Context) {
	tick := time.NewTicker(store.BeatEvery)
	defer tick.Stop()
	var missed time.Time
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		err := a.store.Presence.Beat(ctx, a.heartbeat())
		if ctx.Err() != nil {
			return
		}
		a.noteBeat(err)
		if err != nil {
			missed = time.Now()
		}
		a.heartbeatsStale.Store(time.Since(missed) < settled)
		a.gatheredNow()
	}
}

// keepComparing calls compare after each heartbeat and when a worker starts or stops. Every few heartbeats it calls
// tell.
func (a *App) keepComparing(ctx context.Context) {
	latest, failing := time.Now(), false
	for {
		select {
		case <-a.gathered:
		case <-ctx.Done():
			return
		}
		if a.heartbeatsStale.Load() {
			continue
		}
		err := a.compare(ctx)
		if err == nil && (a.told.missed() || time.Since(latest) >= tellEvery) {
			if err = a.tell(ctx); err == nil {
				latest = time.Now()
			}
		}
		if err != nil && !failing && ctx.Err() == nil {
			a.opts.Log.Warn().EmbedObject(event.InstancesNotCompared).Str("error", redisconn.Explain(err)).Msg("instances not compared")
		}
		failing = err != nil
	}
}

// gatheredNow makes keepComparing compare at once.
func (a *App) gatheredNow() {
	select {
	case a.gathered <- struct{}{}:
	default:
	}
}

// noteBeat stores the result of the latest heartbeat, for /readyz, and logs each fault once, with its remedy. This is
// where a Redis that refuses writes shows first.
func (a *App) noteBeat(err error) {
	before := a.lastBeat.Swap(&err)
	is, was := redisconn.Classify(err), redisconn.NoFault
	if before != nil {
		was = redisconn.Classify(*before)
	}
	switch {
	case is == was:
	case err == nil:
		a.opts.Log.Info().EmbedObject(event.RedisRecovered).Msg("Redis is writable again")
	default:
		a.opts.Log.Error().EmbedObject(event.RedisRefuses).Str("error", redisconn.Explain(err)).
			Msg("Redis is not writable")
	}
}

// told is what this worker has announced of its instances, and which workers there were.
type told struct {
	mu      sync.Mutex
	at      time.Time         // when all instances were last announced
	seenAt  time.Time         // the same moment by Redis' clock
	slowed  uint64            // the keeper's count at that moment
	workers map[string]string // by id: digest of each worker's instances at the latest comparison
	changed bool              // a worker has stopped or changed its instances since that moment
}

// met records the workers of a comparison.
func (t *told) met(workers []store.Worker) {
	now := make(map[string]string, len(workers))
	for _, w := range workers {
		now[w.ID] = w.Knows
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, knew := range t.workers {
		if now[id] != knew {
			t.changed = true
		}
	}
	t.workers = now
}

// missed reports whether instances may have lost the worker that announced them.
func (t *told) missed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changed
}

// latest returns when all instances were last announced, by Redis' clock.
func (t *told) latest() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seenAt
}

// due reports whether all instances must be announced.
func (t *told) due(slowed uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changed || t.slowed != slowed || time.Since(t.at) >= announceEvery
}

// tell announces all instances if that is due, and otherwise only what is new: how long calls take. It also asks Redis
// which workers have left: a worker that started and stopped between two comparisons is in neither of them, but it may
// have been the last to announce the instances.
func (a *App) tell(ctx context.Context) error {
	r := a.instances()
	left, err := a.store.Presence.LeftSince(ctx, a.told.latest())
	if err != nil {
		return err
	}
	announced, err := a.store.Presence.Announced(ctx)
	if err != nil {
		return err
	}
	if left || announced < int64(len(r.names)) || a.told.due(a.keeper.Slowed()) {
		return a.announce(ctx)
	}
	if err := a.store.Presence.Know(ctx, r.digest, r.names); err != nil {
		return err
	}
	return a.store.Presence.Took(ctx, a.tasks.TakesNow())
}

// announce announces all instances of this worker.
func (a *App) announce(ctx context.Context) error {
	r := a.instances()
	slowed := a.keeper.Slowed()
	now, err := a.store.Now(ctx)
	if err != nil {
		return err
	}
	if err := a.store.Presence.Know(ctx, r.digest, r.names); err != nil {
		return err
	}
	if err := a.store.Presence.AnnounceEach(ctx, a.announcements(r, now)); err != nil {
		return err
	}
	a.told.mu.Lock()
	defer a.told.mu.Unlock()
	a.told.at, a.told.seenAt, a.told.slowed, a.told.changed = time.Now(), now, slowed, false
	return nil
}

// announcements yields the announcement of each instance. All of them share the same maps, so copy what you keep.
func (a *App) announcements(r *roster, now time.Time) iter.Seq[store.Announcement] {
	return func(yield func(store.Announcement) bool) {
		takes, allowed := map[pacing.Kind]time.Duration{}, map[pacing.Kind]int{}
		for at, name := range r.names {
			one := r.rows[at].announced
			one.Name, one.SeenAt, one.By, one.Takes, one.Allowed = name, now, a.self.ID, takes, allowed
			for kind, configured := range map[pacing.Kind]pacing.Pace{pacing.Create: one.Create, pacing.Invite: one.Invite} {
				takes[kind] = a.tasks.Takes(name, kind)
				inForce, _ := a.keeper.Pace(name, kind, configured)
				allowed[kind] = inForce.MaxPerDay()
			}
			if !yield(one) {
				return
			}
		}
	}
}
