package dispatch

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/queue"
)

const (
	// silentFor is how long a task must be without a server's heartbeat before its worker counts as dead. Servers
	// send one every 5 s, so a task that has just begun has none yet.
	silentFor = 7 * time.Second
	// staleAfter is how old the latest pass may be before its observations are dropped: an outage of Redis silences
	// every server, because their heartbeats expire after 10 s.
	staleAfter = 8 * time.Second
)

// reaper delivers the tasks of dead workers again, under new ids: asynq itself returns the original tasks after
// 55 to 120 s, which cannot be configured (asynq #1030). One worker at a time reaps. It keeps its observations in
// the store, because workers that are killed every few seconds do not live long enough to see a task silent for
// silentFor.
//
// A worker that was only slow may still be in a call when its task is delivered again, and the original task
// returns too. The store's journal keeps the call from being repeated.
type reaper struct {
	*shared

	// takenOver has, by id, the start of the silence of each task that this worker has taken over. The start tells this
	// silence from a later one of the same task: another worker may lead when this one ends.
	takenOver map[string]time.Time
}

const (
	// takeOverFor is how long one worker may take over a task before another one tries: the first can die or lose
	// Redis.
	takeOverFor = 10 * time.Second
	// takenOverFor is how long other workers leave a task alone after it was taken over. By then asynq has usually
	// returned the original task.
	takenOverFor = 3 * time.Minute
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

// pass checks the tasks that servers have taken, if no other worker does.
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
	if now.Sub(looked) > staleAfter {
		was = nil
	}
	silent, takenOver := map[string]time.Time{}, map[string]time.Time{}
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
		done, err := r.takeOver(ctx, t, since)
		if done {
			takenOver[t.ID] = since
		}
		if err != nil {
			r.opts.Log.Warn().EmbedObject(event.TaskNotTakenOver).Err(err).Str("task", t.ID).Msg("dead worker's task not taken")
		}
	}
	r.takenOver = takenOver
	return r.opts.Store.Lines.NoteSilent(ctx, silent, now)
}

// takeOver delivers a dead worker's task again or abandons it, as OnDeath decides, and keeps other workers from doing
// the same while the task is silent.
func (r *reaper) takeOver(ctx context.Context, t queue.Held, since time.Time) (takenOver bool, err error) {
	lead := func(term time.Duration) (bool, error) {
		return r.opts.Store.Presence.Lead(ctx, "bury:"+t.ID, r.opts.Worker, term)
	}
	if r.takenOver[t.ID].Equal(since) {
		_, err := lead(takenOverFor)
		return true, err
	}
	// Another worker may have taken it over, or be doing so.
	if mine, err := lead(takeOverFor); err != nil || !mine {
		return false, err
	}
	// If the task was already delivered again, by a worker that died right after, OnDeath knows of the death.
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
	_, err = lead(takenOverFor)
	return true, err
}
