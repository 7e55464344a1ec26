package lane

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

const (
	// pollHealth is how often a gate before work looks again at what nobody announces: Health.Open,
	// and the handler of its task.
	pollHealth = time.Second
	// pollIdle is how often one without work looks again. Whoever finds work stirs it.
	pollIdle = time.Minute
	// askAgain is the longest a denial is believed. A rest can be ended, a pace changed or a slot
	// given back without the bell being heard.
	askAgain = 30 * time.Second
	// pickUp is how long a fetched task may take to reach its handler; the heartbeater, which may
	// be talking to Redis, has to note it first (asynq processor.go:198, heartbeat.go:134).
	pickUp = 5 * time.Second
	// staleAfter is how long a round may have waited and still fetch. asynq reckons a task's lease of
	// 30 s from when the round began (internal/rdb/rdb.go:253), and writes nothing about a task whose
	// lease is over (processor.go:285): after a longer wait it begins a new round.
	staleAfter = time.Second
)

// gate stands before the dequeue of one lane. Its rounds come from asynq's single fetching
// goroutine: one probe per queue, most urgent first, until one yields a task.
//
// A round begins with waiting, here and not in asynq, until a task may be there and may be run. So
// an idle lane, or one that must not go on, costs nothing, and a woken one looks at once.
type gate struct {
	instance string
	kind     pacing.Kind // of the paced queues; "" if there are none
	pacer    Pacer
	health   Health
	log      zerolog.Logger

	board  *board
	queues []*entry // most urgent first
	first  int      // index of the first paced queue; those from there on are paced

	stirred chan struct{}   // something may have changed
	ctx     context.Context // ends when the lane takes nothing new
	quit    context.CancelFunc

	lead  lead
	takes mean // how long a paced task keeps the lane, all waiting apart

	// Of the present round; only asynq's fetching goroutine knows them.
	stale bool // it has waited too long to fetch
	shut  bool // a queue was passed over because the gate was shut: less urgent ones must not go before it

	mu       sync.Mutex
	pace     pacing.Pace // as configured
	asked    pacing.Pace // the one in force when a slot was asked for last
	denied   *pacing.Denied
	until    time.Time     // until when nobody is asked
	failing  bool          // the pacer could not be asked the last time
	wakes    uint64        // so that a denial asked for before a wake does not outlive it
	slot     *pacing.Slot  // taken in this round, no task yet
	hand     *hand         // of the fetched task, on the way to its handler
	inFlight atomic.Bool   // a paced task is between dequeue and the end of its handler
	ended    time.Time     // when the last one's handler ended
	waited   time.Duration // and how long rounds have waited since
}

// hand is a slot on the way from the dequeue to the handler.
type hand struct {
	slot    *pacing.Slot
	fetched time.Time
	getting time.Duration // how long it took to get it after the last one, the waiting apart
	timer   *time.Timer
}

// newGate makes a gate for queues that need a slot (paced) or do not (free), each most urgent first.
func newGate(instance string, kind pacing.Kind, pace pacing.Pace, o Options, b *board, free, paced []string) *gate {
	g := &gate{
		instance: instance, kind: kind, pace: pace, pacer: o.Pacer, health: o.Health,
		log: o.Log, board: b, first: len(free), stirred: make(chan struct{}, 1),
	}
	g.ctx, g.quit = context.WithCancel(context.Background())
	g.queues = b.join(g, slices.Concat(free, paced))
	return g
}

// stir makes the gate look again at once.
func (g *gate) stir() {
	select {
	case g.stirred <- struct{}{}:
	default:
	}
}

// wake is stir for somebody who knows that a denial is out of date.
func (g *gate) wake() {
	g.mu.Lock()
	g.until = time.Time{}
	g.wakes++
	g.mu.Unlock()
	g.stir()
}

// setPace changes the pace from the next slot on.
func (g *gate) setPace(p pacing.Pace) {
	g.mu.Lock()
	g.pace = p
	g.mu.Unlock()
	g.wake()
}

// inForce is the pace that holds now.
func (g *gate) inForce() pacing.Pace {
	g.mu.Lock()
	configured := g.pace
	g.mu.Unlock()
	return g.health.Pace(g.instance, g.kind, configured)
}

// paced says whether tasks of a queue need a slot.
func (g *gate) paced(queue string) bool {
	return g.index(queue) >= g.first
}

// index is the place of a queue in the rounds; for a foreign one -1, which is before any paced one.
func (g *gate) index(queue string) int {
	return slices.IndexFunc(g.queues, func(e *entry) bool { return e.name == queue })
}

// dequeue is one probe of asynq's round.
func (g *gate) dequeue(ctx context.Context, queue string, run func() *redis.Cmd) *redis.Cmd {
	i := g.index(queue)
	if i < 0 {
		return run()
	}
	if i == 0 {
		begun := time.Now()
		g.await()
		g.shut = false
		g.stale = time.Since(begun) > staleAfter
		g.hasWaited(begun)
	}
	if g.stale {
		return empty(ctx)
	}
	cmd := g.probe(ctx, i, run)
	switch err := cmd.Err(); {
	case err == nil: // a task: the round is over, and its slot is on the way
	case unknownScript(err): // asynq asks the same again with the script's source
	case i == len(g.queues)-1, err != redis.Nil: //nolint:errorlint // go-redis returns it bare, asynq compares it so
		g.endRound()
	}
	return cmd
}

// await returns when some queue may be worth a probe, or the lane is to stop.
func (g *gate) await() {
	for {
		next := g.worthwhile()
		if next <= 0 {
			return
		}
		timer := time.NewTimer(next)
		select {
		case <-g.stirred:
		case <-timer.C:
		case <-g.ctx.Done():
		}
		timer.Stop()
	}
}

// hasWaited counts a round's waiting, as far as no task was in flight.
func (g *gate) hasWaited(since time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended.After(since) {
		since = g.ended
	}
	g.waited += time.Since(since)
}

// worthwhile is how long until a probe could make sense; 0 is now.
func (g *gate) worthwhile() time.Duration {
	if g.ctx.Err() != nil {
		return 0
	}
	for i, e := range g.queues {
		if !e.maybe.Load() {
			continue
		}
		if i < g.first {
			return 0
		}
		return min(pollHealth, g.closedFor())
	}
	return pollIdle
}

// closedFor is how long paced queues stay shut at least; 0 is open, as far as is known here.
func (g *gate) closedFor() time.Duration {
	if g.inFlight.Load() || !g.health.Open(g.instance) {
		return pollHealth
	}
	pace := g.inForce()
	g.mu.Lock()
	defer g.mu.Unlock()
	if pace != g.asked {
		return 0 // what was denied at another pace says nothing
	}
	return max(time.Until(g.until), 0)
}

// probe lets the script through if the queue may hold something and its task could be run.
func (g *gate) probe(ctx context.Context, i int, run func() *redis.Cmd) *redis.Cmd {
	e := g.queues[i]
	paced := i >= g.first
	if g.ctx.Err() != nil || !e.maybe.Load() || paced && g.shut {
		return empty(ctx)
	}
	if paced && g.closedFor() > 0 {
		g.shut = true
		return empty(ctx)
	}
	e.probing.Lock()
	defer e.probing.Unlock()
	if !e.maybe.Load() {
		return empty(ctx)
	}
	if paced && !g.holdSlot() {
		g.shut = true
		return empty(ctx)
	}
	rings := e.rings.Load()
	cmd := run()
	switch err := cmd.Err(); {
	case err == nil && paced:
		g.handOver()
	case err == redis.Nil: //nolint:errorlint // as above
		g.board.emptied(e, rings)
	}
	return cmd
}

// holdSlot makes sure that this round has a slot.
func (g *gate) holdSlot() bool {
	pace := g.inForce()
	g.mu.Lock()
	slot, wakes := g.slot, g.wakes
	g.mu.Unlock()
	if slot != nil {
		return slot.Valid()
	}
	slot, denied, err := g.pacer.Take(g.ctx, g.instance, g.kind, pace, g.lead.of(pace))
	g.mu.Lock()
	defer g.mu.Unlock()
	if pace != g.asked {
		g.until = time.Time{} // it was for another pace
	}
	g.slot, g.denied, g.asked = slot, denied, pace
	defer func() { g.failing = err != nil }()
	switch {
	case err != nil:
		// Once a lane: a thousand of them would ask and fail a thousand times a second.
		if g.ctx.Err() == nil && !g.failing {
			g.log.Warn().Err(err).Str("instance", g.instance).Msg("no slot can be asked for")
		}
		g.until = time.Now().Add(pollHealth)
	case denied != nil && wakes == g.wakes:
		g.until = time.Now().Add(min(denied.Wait, askAgain))
	}
	return slot != nil
}

// handOver sends the round's slot with its task.
func (g *gate) handOver() {
	g.inFlight.Store(true)
	g.mu.Lock()
	defer g.mu.Unlock()
	h := &hand{slot: g.slot, fetched: time.Now()}
	if !g.ended.IsZero() {
		h.getting = max(0, h.fetched.Sub(g.ended)-g.waited)
	}
	g.waited = 0
	g.slot, g.hand = nil, h
	// A message that asynq cannot decode reaches no handler (internal/rdb/rdb.go:268).
	h.timer = time.AfterFunc(pickUp, func() {
		g.mu.Lock()
		mine := g.hand == h
		if mine {
			g.hand = nil
		}
		g.mu.Unlock()
		if mine {
			g.giveBack(h.slot)
			g.done()
		}
	})
}

// collect is the handler's side of handOver; nil if there was none.
func (g *gate) collect() *hand {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.hand
	g.hand = nil
	if h != nil {
		h.timer.Stop()
	}
	return h
}

// done says that the paced task is no longer in flight.
func (g *gate) done() {
	g.mu.Lock()
	g.ended, g.waited = time.Now(), 0
	g.mu.Unlock()
	g.inFlight.Store(false)
	g.stir()
}

// hold shuts the paced queues for a moment: a task has just come back from there.
func (g *gate) hold(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.until) {
		g.until = until
	}
}

// endRound gives back a slot for which no queue had a task.
func (g *gate) endRound() {
	g.mu.Lock()
	slot := g.slot
	g.slot = nil
	g.mu.Unlock()
	g.giveBack(slot)
}

func (g *gate) giveBack(slot *pacing.Slot) {
	if slot == nil {
		return
	}
	// A slot that cannot be given back lapses with its lease.
	if err := slot.GiveBack(context.WithoutCancel(g.ctx)); err != nil {
		g.log.Warn().Err(err).Str("instance", g.instance).Msg("an unused slot could not be given back")
	}
}
