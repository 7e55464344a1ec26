package lane

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// twoBeats is the least lease of a live worker's task after two missed beats: asynq extends it to
	// 30 s every 5 s (internal/rdb/rdb.go:26, server.go:521), so a live one has at least 25.
	twoBeats = 18 * time.Second
	// claimFor is how long a reaper may take to ask OnDeath. A reaper that dies lapses likewise.
	claimFor = 30 * time.Second
	// steadyFor is how long Redis must have been readable before anybody is called dead: after an
	// outage all leases look like it until their owners have beaten again.
	steadyFor = 11 * time.Second
	// orphanFor is how long a task must have been active without a lease.
	orphanFor = 30 * time.Second
)

// reaper gives back the tasks of workers that died. asynq's own recoverer needs 55 to 120 s for that
// and nothing about it can be configured (asynq #1030); also it tells nobody (recoverer.go:97).
//
// A worker that was only slow may still be in a call when its task is given back. That is what the
// store's journal is for.
type reaper struct {
	*shared
	watch   *watch
	orphans map[orphan]time.Time // when each was first seen
}

type orphan struct{ queue, id string }

func (r *reaper) run(ctx context.Context) {
	tick := time.NewTicker(r.opts.Reap)
	defer tick.Stop()
	r.orphans = make(map[orphan]time.Time)
	for {
		r.pass(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pass looks at each queue that has active tasks.
func (r *reaper) pass(ctx context.Context) {
	if r.watch.steady() < steadyFor {
		return
	}
	for _, e := range r.board.all() {
		if e.active.Load() == 0 {
			continue
		}
		if err := r.reap(ctx, e.name); err != nil && ctx.Err() == nil {
			r.opts.Log.Warn().Err(err).Str("queue", e.name).Msg("dead workers' tasks cannot be given back")
		}
		if err := r.adopt(ctx, e.name); err != nil && ctx.Err() == nil {
			r.opts.Log.Warn().Err(err).Str("queue", e.name).Msg("orphaned tasks cannot be given back")
		}
	}
}

// reap gives back what has missed two beats.
func (r *reaper) reap(ctx context.Context, queue string) error {
	lease := []string{key(queue, "lease")}
	ids, err := silent.Run(ctx, r.opts.Redis, lease, seconds(twoBeats)).StringSlice()
	if err != nil {
		return fmt.Errorf("list silent tasks: %w", err)
	}
	for _, id := range ids {
		if _, mine := r.running.Load(id); mine {
			continue // its handler runs in this very process; only its heartbeat is late
		}
		score, err := claim.Run(ctx, r.opts.Redis, lease, id, seconds(twoBeats), seconds(claimFor)).Text()
		if err == redis.Nil { //nolint:errorlint // go-redis returns it bare
			continue // a beat, or another reaper, was faster
		}
		if err != nil {
			return fmt.Errorf("claim task %s: %w", id, err)
		}
		if err := r.bury(ctx, queue, id, score); err != nil {
			return err
		}
	}
	return nil
}

// bury does with a claimed task what OnDeath says.
func (r *reaper) bury(ctx context.Context, queue, id, score string) error {
	keep, err := r.opts.OnDeath(ctx, id)
	if err != nil {
		return fmt.Errorf("note the death of task %s: %w", id, err)
	}
	r.counts.deaths.Add(1)
	log := r.opts.Log.Warn().Str("task", id).Str("queue", queue)
	if !keep {
		if err := drop.Run(ctx, r.opts.Redis, []string{key(queue, "active"), key(queue, "lease"), key(queue, "t:"+id)}, id, score).Err(); err != nil {
			return fmt.Errorf("drop task %s: %w", id, err)
		}
		log.Msg("a worker died while working on this task; it is not tried again")
		return nil
	}
	back, err := r.giveBack(ctx, queue, id, score)
	if err == nil && back {
		log.Msg("a worker died while working on this task; it was given back")
	}
	return err
}

// adopt gives back active tasks without a lease, which asynq never looks at (asynq #1144).
func (r *reaper) adopt(ctx context.Context, queue string) error {
	ids, err := r.watch.queue.Orphans(ctx, queue)
	if err != nil {
		return err
	}
	seen := make(map[orphan]bool, len(ids))
	for _, id := range ids {
		o := orphan{queue, id}
		seen[o] = true
		since, known := r.orphans[o]
		if !known {
			r.orphans[o] = time.Now()
			continue
		}
		if _, mine := r.running.Load(id); mine || time.Since(since) < orphanFor {
			continue
		}
		back, err := r.giveBack(ctx, queue, id, "none")
		if err != nil {
			return err
		}
		if back {
			r.opts.Log.Warn().Str("task", id).Str("queue", queue).Msg("a task was active without a lease; it was given back")
		}
	}
	maps.DeleteFunc(r.orphans, func(o orphan, _ time.Time) bool { return o.queue == queue && !seen[o] })
	return nil
}

// giveBack returns a task to the head of its queue if its lease still is the given one.
func (s *shared) giveBack(ctx context.Context, queue, id, lease string) (bool, error) {
	keys := []string{key(queue, "active"), key(queue, "lease"), key(queue, "pending"), key(queue, "t:"+id)}
	n, err := giveBack.Run(ctx, s.opts.Redis, keys, id, lease).Int()
	if err != nil {
		return false, fmt.Errorf("give back task %s: %w", id, err)
	}
	if n == 1 {
		s.board.ring(queue)
	}
	return n > 0, nil
}

func seconds(d time.Duration) int { return int(d / time.Second) }
