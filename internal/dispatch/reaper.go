package dispatch

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/queue"
)

const (
	// silentFor is how long no server must have said that it works on a task before its worker is taken for
	// dead. Servers say so every 5 s, so one that has just begun has not yet.
	silentFor = 7 * time.Second
	// unlooked is how long no worker must have looked before all begins from the start: an outage of Redis
	// silences every server, whose signs of life lapse after 10 s.
	unlooked = 8 * time.Second
)

// reaper lets the tasks of workers that died be delivered again, under ids of their own: asynq gives the
// first ones back after 55 to 120 s, and nothing about that can be configured (asynq #1030). One worker at
// a time looks, and what it saw is in the store: where workers are killed every few seconds, none lives
// long enough to see a silence by its own eyes.
//
// A worker that was only slow may still be in a call when its task is delivered again, and the first
// task comes again too. That is what the store's journal is for.
type reaper struct {
	*shared

	buried map[string]bool // that were delivered again
}

const (
	// buryingFor is how long one worker may take to bury a task: it can die itself, or lose Redis.
	buryingFor = 10 * time.Second
	// buriedFor is how long the others leave it buried without hearing of the one who did it: until asynq has
	// mostly given it back.
	buriedFor = 3 * time.Minute
)

func (r *reaper) run(ctx context.Context) {
	tick := time.NewTicker(r.opts.Reap)
	defer tick.Stop()
	failing := false
	for {
		err := r.pass(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			r.opts.Log.Warn().EmbedObject(event.ReapingFailed).Err(err).Msg("reaping failed")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pass looks at the tasks that servers have taken, if no other worker does.
func (r *reaper) pass(ctx context.Context) error {
	mine, err := r.opts.Store.Presence.Lead(ctx, "reap", r.opts.Worker, r.opts.Reap*4/5)
	if err != nil || !mine {
		return err
	}
	held, err := r.opts.Queue.Active(ctx)
	if err != nil {
		return err
	}
	now, err := r.opts.Store.Now(ctx)
	if err != nil {
		return err
	}
	was, looked, err := r.opts.Store.Lines.Silent(ctx)
	if err != nil {
		return err
	}
	if now.Sub(looked) > unlooked {
		was = nil
	}
	silent, buried := map[string]time.Time{}, map[string]bool{}
	for _, t := range held {
		if _, here := r.running.Load(t.ID); here || t.Alive {
			continue
		}
		since, known := was[t.ID]
		if !known {
			since = now
		}
		silent[t.ID] = since
		if now.Sub(since) < silentFor {
			continue
		}
		if buried[t.ID], err = r.bury(ctx, t, since); err != nil {
			r.opts.Log.Warn().EmbedObject(event.TaskNotTakenOver).Err(err).Str("task", t.ID).Msg("dead worker's task not taken")
		}
	}
	r.buried = buried
	return r.opts.Store.Lines.NoteSilent(ctx, silent, now)
}

// bury does with a dead worker's task what OnDeath says, and keeps others from doing it again for as long as
// the task is silent.
func (r *reaper) bury(ctx context.Context, t queue.Held, since time.Time) (buried bool, err error) {
	lead := func(term time.Duration) (bool, error) {
		return r.opts.Store.Presence.Lead(ctx, "bury:"+t.ID, r.opts.Worker, term)
	}
	if r.buried[t.ID] {
		_, err := lead(buriedFor)
		return true, err
	}
	// Another worker may have seen to it, or be about to.
	if mine, err := lead(buryingFor); err != nil || !mine {
		return false, err
	}
	// A worker that died after it had delivered the task again, perhaps of that very task, has told the death.
	keep, err := r.opts.Queue.Redelivered(ctx, t)
	if err == nil && !keep {
		keep, err = r.opts.OnDeath(ctx, t.ID, since)
		r.counts.deaths.Add(1)
	}
	if err != nil {
		return false, err
	}
	log := r.opts.Log.Warn().Str("task", t.ID).Str("queue", t.Queue)
	if keep {
		if err := r.opts.Queue.Redeliver(ctx, t); err != nil {
			return false, err
		}
		log.EmbedObject(event.TaskDeliveredAgain).Msg("dead worker's task redelivered")
	} else {
		log.EmbedObject(event.TaskAbandoned).Msg("dead worker's task abandoned")
	}
	_, err = lead(buriedFor)
	return true, err
}
