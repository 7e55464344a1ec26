package app

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

// attendEvery is how often a worker compares what it remembers of the installation with Redis.
const attendEvery = time.Second

// standing is the result of the latest comparison.
type standing struct {
	held   atomic.Pointer[say.Phrase] // why paced calls are held; nil if they are not
	failed bool                       // the comparison failed
}

// keepAttending calls attend every second, until ctx ends.
func (a *App) keepAttending(ctx context.Context) {
	tick := time.NewTicker(attendEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		err := a.attend(ctx)
		if err != nil && !a.standing.failed && ctx.Err() == nil {
			a.opts.Log.Warn().EmbedObject(event.InstallationUnread).Str("error", redisconn.Explain(err)).Msg("installation not compared")
		}
		a.standing.failed = err != nil
	}
}

// attend compares what this worker remembers of the installation with Redis, and holds or releases the paced calls.
func (a *App) attend(ctx context.Context) error {
	i, verdict, news, err := a.store.Attend(ctx, false, a.steps.Settled())
	if err != nil {
		return err
	}
	if verdict == store.Undecided {
		alone, err := a.alone(ctx)
		if err != nil {
			return err
		}
		if alone {
			if i, verdict, news, err = a.store.Attend(ctx, true, a.steps.Settled()); err != nil {
				return err
			}
		}
	}
	if err := a.webhooks.Rekey(); err != nil {
		return err
	}
	a.hold(i, verdict)
	if news {
		a.tellStanding(ctx, i, verdict)
	}
	return nil
}

// alone reports whether no other worker has a heartbeat.
func (a *App) alone(ctx context.Context) (bool, error) {
	workers, err := a.store.Presence.Workers(ctx)
	if err != nil {
		return false, err
	}
	for _, w := range workers {
		if w.ID != a.self.ID {
			return false, nil
		}
	}
	return true, nil
}

// hold holds or releases the paced calls.
func (a *App) hold(i store.Installation, verdict store.Verdict) {
	why := view.Held(i)
	if verdict == store.Undecided {
		why = say.Phrase{Code: say.DoubtUndecided}
	}
	was := a.standing.held.Load()
	switch {
	case !why.Zero():
		a.standing.held.Store(&why)
	default:
		a.standing.held.Store(nil)
	}
	a.keeper.Hold(!why.Zero())
	if was != nil && why.Zero() {
		a.opts.Log.Info().EmbedObject(event.InstallationReleased).Str("installation", i.ID).Msg("creates and invitations resumed")
	}
}

// tellStanding logs a new verdict. Unless the installation is new, it also publishes an event for each instance.
func (a *App) tellStanding(ctx context.Context, i store.Installation, verdict store.Verdict) {
	log := a.opts.Log.With().Str("installation", i.ID).Int64("epoch", i.Epoch).Logger()
	switch verdict {
	case store.New:
		log.Info().EmbedObject(event.InstallationNew).Msg("new installation")
		return
	case store.Lost:
		log.Error().EmbedObject(event.InstallationLost).Str("loss", string(i.Loss)).Strs("lost", i.Lost()).Str("why", view.Held(i).String()).
			Msg("Redis lost this installation")
	default:
		log.Error().EmbedObject(event.InstallationDoubted).Time("from", i.Doubt.From).Time("to", i.Doubt.To).Str("why", view.Doubt(i).String()).
			Msg("Redis may lack recent calls")
	}
	for _, name := range a.instances().names {
		if err := a.store.Presence.TellHeld(ctx, name); err != nil {
			a.opts.Log.Debug().EmbedObject(event.StateNotTold).Err(err).Str("instance", name).Msg("instance state not published")
			return
		}
	}
}
