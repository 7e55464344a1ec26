package app

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/ledger"
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
			if err != nil && ctx.Err() == nil {
				a.opts.Log.Warn().Err(err).Msg("Redis did not take this worker's sign of life")
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

func (a *App) announce(ctx context.Context) error {
	a.mu.Lock()
	as := append([]ledger.Announcement(nil), a.announced...)
	a.mu.Unlock()
	now, err := a.ledger.Now(ctx)
	if err != nil {
		return err
	}
	for i := range as {
		as[i].SeenAt = now
	}
	return a.ledger.Announce(ctx, as)
}
