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

// beat shows at once and then every few seconds that this worker lives, and what it runs. Others
// take over what a worker held that shows up no more.
func (a *App) beat(ctx context.Context) error {
	if err := a.announce(ctx); err != nil {
		return err
	}
	if err := a.ledger.Beat(ctx, a.self); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(ledger.BeatEvery)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			self := a.self
			self.Lanes = a.lanes.Lanes()
			err := a.ledger.Beat(ctx, self)
			if err == nil && n%announceEvery == 0 {
				err = a.announce(ctx)
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

func (a *App) announce(ctx context.Context) error {
	a.mu.Lock()
	as := append([]ledger.Announcement(nil), a.announced...)
	a.mu.Unlock()
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
	for i := range as {
		as[i].SeenAt, as[i].Takes = now, takes[as[i].Name]
	}
	return a.ledger.Announce(ctx, as)
}
