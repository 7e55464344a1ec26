package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
)

// announceEvery is how often the instances are announced again.
const announceEvery = 5 * store.BeatEvery

// settled is how long signs of life must have come through before they are believed to be all there
// are: after a break of Redis all have lapsed, and each worker would take the others for dead.
const settled = 2 * store.BeatEvery

// beat shows at once and then every few seconds that this worker lives, and what it runs. Others
// take over what a worker held that shows up no more, and so does this one.
func (a *App) beat(ctx context.Context) error {
	if err := a.attend(ctx); err != nil {
		return err
	}
	if err := a.store.Presence.Beat(ctx, a.sign()); err != nil {
		return err
	}
	if err := errors.Join(a.keeper.Look(ctx), a.compare(ctx), a.announce(ctx)); err != nil {
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

// keepBeating does nothing else, so that nothing keeps it from beating.
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
		err := a.store.Presence.Beat(ctx, a.sign())
		if ctx.Err() != nil {
			return
		}
		a.heard(err)
		if err != nil {
			missed = time.Now()
		}
		a.deceived.Store(time.Since(missed) < settled)
		a.gatheredNow()
	}
}

// keepComparing compares with each sign of life and when a worker comes or goes, and announces every few
// of them.
func (a *App) keepComparing(ctx context.Context) {
	announced, failing := time.Now(), false
	for {
		select {
		case <-a.gathered:
		case <-ctx.Done():
			return
		}
		if a.deceived.Load() {
			continue
		}
		err := a.compare(ctx)
		if err == nil && time.Since(announced) >= announceEvery {
			if err = a.announce(ctx); err == nil {
				announced = time.Now()
			}
		}
		if err != nil && !failing && ctx.Err() == nil {
			a.opts.Log.Warn().EmbedObject(event.InstancesNotCompared).Str("error", redisconn.Explain(err)).Msg("instances not compared")
		}
		failing = err != nil
	}
}

// gatheredNow makes the worker compare at once.
func (a *App) gatheredNow() {
	select {
	case a.gathered <- struct{}{}:
	default:
	}
}

// heard keeps what became of the latest sign of life, for /readyz, and says each trouble once, with
// its remedy: a Redis that takes no writes is noticed here first.
func (a *App) heard(err error) {
	before := a.deaf.Swap(&err)
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

// announce tells what this worker knows.
func (a *App) announce(ctx context.Context) error {
	a.mu.Lock()
	all, digest := a.built.announced, a.knows
	a.mu.Unlock()
	now, err := a.store.Now(ctx)
	if err != nil {
		return err
	}
	known := make([]store.Announcement, len(all))
	names := make([]string, len(all))
	for i, one := range all {
		one.SeenAt, one.By, one.Takes, one.Allowed = now, a.self.ID, map[pacing.Kind]time.Duration{}, map[pacing.Kind]int{}
		for _, kind := range []pacing.Kind{pacing.Create, pacing.Invite} {
			if took := a.tasks.Takes(one.Name, kind); took > 0 {
				one.Takes[kind] = took
			}
			configured := one.Create
			if kind == pacing.Invite {
				configured = one.Invite
			}
			inForce, _ := a.keeper.Pace(one.Name, kind, configured)
			one.Allowed[kind] = inForce.MostADay()
		}
		known[i], names[i] = one, one.Name
	}
	if err := a.store.Presence.Know(ctx, digest, names); err != nil {
		return err
	}
	return a.store.Presence.Announce(ctx, known)
}
