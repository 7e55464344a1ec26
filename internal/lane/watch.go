package lane

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/queue"
)

// watch looks at all queues of all lanes in one round trip, every interval, and moves what has
// become due. So idle lanes cost one pipeline a second however many there are, and nothing waits
// longer than that even if every ring of the bell is lost.
type watch struct {
	rdb   redis.UniversalClient
	queue *queue.Queue
	board *board
	clock *clock
	every time.Duration
	log   zerolog.Logger

	// since is when Redis began to be heard without a break, nil after a bad look. It holds the
	// monotonic clock, so that setting the other one makes no break longer or shorter.
	since atomic.Pointer[time.Time]
}

// unheard is how long nobody may have reached Redis before it counts as a break. It is less than
// the 5 s between two beats of a lease, so what is no break has cost a lease one beat at most.
const unheard = 4 * time.Second

// clockEvery is how often Redis's clock is read: in that time an unruled clock drifts by
// milliseconds.
const clockEvery = 30 * time.Second

func (w *watch) run(ctx context.Context) {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	due := time.NewTimer(0)
	defer due.Stop()
	asked := time.Now()
	w.look(ctx)
	for {
		due.Reset(w.nextDue())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if time.Since(asked) > clockEvery && w.clock.ask(ctx, w.rdb) == nil {
				asked = time.Now()
			}
			w.look(ctx)
		case <-due.C:
			w.forward(ctx)
		case <-w.board.nudge:
		}
	}
}

// look reads all queues.
func (w *watch) look(ctx context.Context) {
	entries := w.board.all()
	names := make([]string, len(entries))
	rings := make([]uint64, len(entries))
	for i, e := range entries {
		names[i], rings[i] = e.name, e.rings.Load()
	}
	glances, err := w.queue.Glances(ctx, names)
	if err != nil {
		if ctx.Err() == nil && w.since.Swap(nil) != nil {
			w.log.Warn().Err(err).Msg("Redis cannot be read; lanes go on when it can")
		}
		return
	}
	steady, err := heard.Run(ctx, w.rdb, []string{heardKey}, unheard.Milliseconds()).Int64()
	if err != nil {
		w.since.Store(nil)
		return
	}
	since := time.Now().Add(-time.Duration(steady) * time.Millisecond)
	w.since.Store(&since)
	for i, e := range entries {
		g := glances[e.name]
		e.active.Store(int64(g.Active))
		if g.Pending == 0 {
			w.board.emptied(e, rings[i])
		} else if !e.maybe.Load() {
			w.board.ring(e.name)
		}
		if g.NextDue.IsZero() {
			e.due.Store(0)
		} else {
			e.due.Store(w.clock.due(g.NextDue).UnixNano())
		}
	}
}

// steady is how long Redis has been readable without a break, by whichever workers there were: one
// that has just been started, because others like it are killed every few seconds, knows it too.
func (w *watch) steady() time.Duration {
	since := w.since.Load()
	if since == nil {
		return 0
	}
	return time.Since(*since)
}

// nextDue is how long until the first task of any queue becomes due.
func (w *watch) nextDue() time.Duration {
	wait := time.Hour
	for _, e := range w.board.all() {
		if due := e.due.Load(); due != 0 {
			wait = min(wait, time.Until(time.Unix(0, due)))
		}
	}
	// Redis's clock decides; ours may be some milliseconds ahead of it.
	return max(wait, 10*time.Millisecond)
}

// forward moves the due tasks of each queue to pending. Redis's clock decides what is due; the next
// look, or the one here, says what is left.
func (w *watch) forward(ctx context.Context) {
	now := time.Now().UnixNano()
	for _, e := range w.board.all() {
		if due := e.due.Load(); due == 0 || due > now {
			continue
		}
		e.due.Store(0)
		keys := []string{key(e.name, "scheduled"), key(e.name, "retry"), key(e.name, "pending")}
		moved, err := forward.Run(ctx, w.rdb, keys, key(e.name, "t:")).Int()
		if err != nil {
			continue
		}
		if moved > 0 {
			w.board.ring(e.name)
		}
		if glances, err := w.queue.Glances(ctx, []string{e.name}); err == nil && !glances[e.name].NextDue.IsZero() {
			w.board.note(e.name, w.clock.due(glances[e.name].NextDue))
		}
	}
}
