package app

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/redisconn"
)

// announceEvery is how often the instances are announced again, in beats.
const announceEvery = 5

// settled is how long signs of life must have come through before they are believed to be all there
// are: after a break of Redis all have lapsed, and each worker would take the others for dead.
const settled = 2 * ledger.BeatEvery

// beat shows at once and then every few seconds that this worker lives, and what it runs. Others
// take over what a worker held that shows up no more, and so does this one.
func (a *App) beat(ctx context.Context) error {
	if err := a.ledger.Beat(ctx, a.sign()); err != nil {
		return err
	}
	a.turn.Lock()
	err := a.settle(ctx, true)
	a.turn.Unlock()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(ledger.BeatEvery)
		defer tick.Stop()
		var missed time.Time
		for n := 1; ; {
			select {
			case <-tick.C:
				n++
			case <-a.gathered:
			case <-ctx.Done():
				return
			}
			err := a.ledger.Beat(ctx, a.sign())
			if err != nil {
				missed = time.Now()
			} else if time.Since(missed) >= settled {
				err = a.again(ctx, n%announceEvery == 0)
			}
			if ctx.Err() == nil {
				a.heard(err)
			}
		}
	}()
	a.began(func(ctx context.Context) error {
		stop()
		<-done
		return a.ledger.Gone(context.WithoutCancel(ctx), a.self.ID)
	})
	return nil
}

// again divides again, and announces again when it is time to.
func (a *App) again(ctx context.Context, announce bool) error {
	a.turn.Lock()
	defer a.turn.Unlock()
	err := a.settle(ctx, false)
	if err == nil && announce {
		err = a.announce(ctx)
	}
	a.lament()
	return err
}

// gatheredNow makes the next beat come at once.
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
		a.opts.Log.Info().Msg("Redis takes work again")
	default:
		a.opts.Log.Error().Str("error", redisconn.Explain(err)).
			Msg("Redis takes no work: nothing is begun, calls under way are written down as soon as it does, and then all goes on by itself")
	}
}

// announce tells what this worker runs, and what nobody has room for if that is its job.
func (a *App) announce(ctx context.Context) error {
	a.mu.Lock()
	all, p, leaving := a.built.announced, a.part, a.leaving
	a.mu.Unlock()
	if leaving && p.among != nil {
		return nil // somebody else has them by now
	}
	now, err := a.ledger.Now(ctx)
	if err != nil {
		return err
	}
	takes := map[string]map[pacing.Kind]time.Duration{}
	for _, lane := range a.lanes.Status().Each {
		if takes[lane.Instance] == nil {
			takes[lane.Instance] = map[pacing.Kind]time.Duration{}
		}
		takes[lane.Instance][pacing.Kind(lane.Kind)] = lane.Takes
	}
	var held, left []ledger.Announcement
	for _, one := range all {
		one.SeenAt, one.By, one.Takes = now, a.self.ID, takes[one.Name]
		if p.has(one.Name) {
			held = append(held, one)
		} else if p.left[one.Name] {
			left = append(left, one)
		}
	}
	if err := a.ledger.Announce(ctx, held); err != nil {
		return err
	}
	return a.announceLeft(ctx, left, p, now)
}
