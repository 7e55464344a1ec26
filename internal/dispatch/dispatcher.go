package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	// leaseFor is how long a leader that is not heard of leads on, renewEvery how often it shows up, and
	// askLead how often the others ask whether one is missing. While none leads, nothing is let go; that two
	// may lead for a moment does no harm, since slots and permits are in Redis.
	leaseFor   = 4 * time.Second
	renewEvery = time.Second
	askLead    = 500 * time.Millisecond
	// lookEvery is how often the leader looks at what is not announced: lapsed permits, rings of the bell
	// that were lost, queues that tools have paused.
	lookEvery = time.Second
	// pollHealth is how often a turn with work is looked at whose instance cannot work now.
	pollHealth = time.Second
	// believed is how long a change may take to be known here that was rung: a pace is looked at each second.
	believed = 3 * time.Second
	// askAgain is the longest a denial is believed. A rest can be ended, a pace changed or a slot
	// given back without the bell being heard.
	askAgain = 30 * time.Second
	// permitFor is how long a task that was let go may take to reach its step. It is as long as its grant.
	permitFor = 10 * time.Second
	// asksAtOnce is how many turns are looked at at the same time.
	asksAtOnce = 8
	// stillActive is when a task is tried again that a worker had not given back yet.
	stillActive = 100 * time.Millisecond
	// mostMissing is how many tasks that asynq does not have are passed over with one slot.
	mostMissing = 16
)

// job is what the leader leads.
const job = "dispatch"

// dispatcher lets tasks go, while it leads.
type dispatcher struct {
	*shared

	set chan struct{} // the roster has changed

	turns   *turns
	answers chan answer
	asking  int
	until   time.Time // it leads until then, unless it renews that
	failing bool      // the latest turn could not be looked at
	cursor  uint64    // of the look at all lines
}

// answer is what became of looking at a turn.
type answer struct {
	turn   *turn
	lines  []string        // that it had when it was asked
	rings  []int           // of them, then
	due    []time.Duration // of its lines, as far as they were looked at
	gone   bool            // a task was let go
	back   []string        // lines of tasks that stand there again soon
	denied *pacing.Denied
	ends   time.Time // of the pace that it was asked with; zero for none
	err    error
}

func newDispatcher(s *shared) *dispatcher {
	return &dispatcher{
		shared: s, set: make(chan struct{}, 1), answers: make(chan answer, asksAtOnce),
	}
}

// run leads whenever no other worker does, until ctx ends. Then another may lead at once.
func (d *dispatcher) run(ctx context.Context) {
	tick := time.NewTicker(askLead)
	defer tick.Stop()
	for ctx.Err() == nil {
		if d.lead(ctx) {
			d.reign(ctx)
			d.leads.Store(false)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-d.rung: // for the leader
		case <-d.set: // it reads the roster when it leads
		}
	}
	d.resign()
}

// lead asks to lead, or to lead on.
func (d *dispatcher) lead(ctx context.Context) bool {
	asked := time.Now()
	lead, err := d.opts.Store.Presence.Lead(ctx, job, d.opts.Worker, leaseFor)
	if err != nil {
		return time.Now().Before(d.until)
	}
	d.until = time.Time{}
	if lead {
		d.until = asked.Add(leaseFor * 9 / 10)
	}
	return lead
}

func (d *dispatcher) resign() {
	if !time.Now().Before(d.until) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = d.opts.Store.Presence.Resign(ctx, job, d.opts.Worker) // unheard, the lease lapses
}

// reign lets tasks go until the lease is lost, or ctx ends.
func (d *dispatcher) reign(ctx context.Context) {
	d.turns = newTurns(d.roster.Load())
	d.leads.Store(true)
	d.lookAtAll(ctx)
	d.opts.Log.Info().EmbedObject(event.Dispatching).Int("instances", len(d.turns.roster.rows)).Msg("dispatching started")
	defer d.settleAsks()
	look, renew := time.NewTicker(lookEvery), time.NewTicker(renewEvery)
	defer look.Stop()
	defer renew.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	for ctx.Err() == nil {
		now := time.Now()
		if !now.Before(d.until) && !d.lead(ctx) {
			d.opts.Log.Info().EmbedObject(event.DispatchingEnded).Msg("dispatching ended")
			return
		}
		next.Reset(d.begin(ctx, now))
		select {
		case <-ctx.Done():
		case <-next.C:
		case a := <-d.answers:
			d.take(a)
		case r := <-d.rung:
			d.hear(r)
		case <-d.set:
			d.turns.set(d.roster.Load(), time.Now())
			d.lookAtAll(ctx)
		case <-look.C:
			d.look(ctx)
		case <-renew.C:
			if !d.lead(ctx) {
				d.until = time.Time{}
			}
		}
	}
}

// settleAsks waits for what is being asked; the pictures it belongs to are over.
func (d *dispatcher) settleAsks() {
	for ; d.asking > 0; d.asking-- {
		<-d.answers
	}
}

// begin looks at the turns whose time has come, and says when the next one's comes.
func (d *dispatcher) begin(ctx context.Context, now time.Time) time.Duration {
	for d.asking < asksAtOnce {
		is := d.turns.pop(now)
		if is == nil {
			return d.turns.next(now)
		}
		if due, holds := d.turns.due(is); !holds || due.After(now) {
			d.turns.plan(is)
			continue
		}
		if d.paused.Load() || !d.opts.Health.Open(is.instance) {
			is.notBefore = now.Add(pollHealth)
			d.turns.plan(is)
			continue
		}
		is.asking, is.stirred = true, false
		d.asking++
		rings := make([]int, len(is.lines))
		for i, name := range is.lines {
			if l := d.turns.lines[name]; l != nil {
				rings[i] = l.rings
			}
		}
		pace, ends := d.opts.Health.Pace(is.instance, is.kind, is.pace)
		lead := leadOf(is.lead.value(), pace)
		key, lines := is.turnKey, is.lines
		d.runners.run(func() {
			a := d.ask(ctx, key, lines, pace, lead)
			a.turn, a.lines, a.rings, a.ends = is, lines, rings, ends
			d.answers <- a
		})
	}
	return time.Hour // an answer comes first
}

// ask takes a slot and lets the head of the lines go with it.
func (d *dispatcher) ask(ctx context.Context, key turnKey, lines []string, pace pacing.Pace, lead time.Duration) (a answer) {
	grant, err := d.opts.Pacer.NewGrant(ctx, key.instance)
	if err != nil {
		a.err = err
		return a
	}
	if a.denied, a.err = d.opts.Pacer.Take(ctx, grant, key.instance, key.kind, pace, lead); a.err != nil || a.denied != nil {
		return a
	}
	permit := store.Permit{Instance: key.instance, Kind: key.kind, Grant: grant}
	for range mostMissing {
		var id string
		if id, a.due, a.err = d.opts.Store.Lines.Take(ctx, lines, permit, permitFor); a.err != nil || id == "" {
			break
		}
		err := d.opts.Queue.Run(ctx, callQueue, id)
		if err == nil {
			a.gone = true
			return a
		}
		if !errors.Is(err, queue.ErrMissing) && !errors.Is(err, queue.ErrActive) {
			a.err = err // the permit lapses, and the task is in its line again
			break
		}
		if a.err = d.leaveOut(ctx, id, err, &a); a.err != nil {
			break
		}
	}
	if err := d.opts.Pacer.Return(context.WithoutCancel(ctx), grant, key.kind); err != nil { // it lapses
		d.opts.Log.Debug().EmbedObject(event.SlotNotReturned).Err(err).Str("instance", key.instance).Msg("unused slot not returned")
	}
	return a
}

// leaveOut takes back the permit of a task that cannot be let go. The sweeper puts a task that asynq does not
// have again, if its group needs it. A task that is worked on may be on its way back into its line: asynq learns
// of that last, so the task stands there again in a moment.
func (d *dispatcher) leaveOut(ctx context.Context, id string, why error, a *answer) error {
	d.opts.Log.Debug().EmbedObject(event.TaskLeftOut).Err(why).Str("task", id).Msg("task left out")
	permit, err := d.opts.Store.Lines.Claim(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil, errors.Is(why, queue.ErrMissing):
		return err
	}
	now, err := d.opts.Store.Now(ctx)
	if err != nil {
		return err
	}
	a.back = append(a.back, permit.Line)
	_, err = d.opts.Store.Lines.Put(ctx, tasks.Task{ID: id, Line: permit.Line, At: now.Add(stillActive)})
	return err
}

// take takes in an answer.
func (d *dispatcher) take(a answer) {
	d.asking--
	now := time.Now()
	is := a.turn
	is.asking = false
	if d.turns.byKey[is.turnKey] != is {
		return // it is gone meanwhile
	}
	switch {
	case a.err != nil:
		if !d.failing {
			d.opts.Log.Warn().EmbedObject(event.DispatchFailing).Err(a.err).Str("instance", is.instance).Str("kind", string(is.kind)).Msg("dispatch failing")
		}
		is.notBefore = now.Add(pollHealth)
	case a.denied != nil && now.Sub(is.woken) < believed:
		is.notBefore = now.Add(min(a.denied.Wait, pollHealth))
	case a.denied != nil:
		is.notBefore = now.Add(min(a.denied.Wait, askAgain))
	case a.gone:
		is.notBefore = now.Add(permitFor) // its end is heard sooner
	}
	if a.denied != nil && a.ends.After(now) && a.ends.Before(is.notBefore) {
		is.notBefore = a.ends // it was told to wait for a pace that ends sooner
	}
	d.failing = a.err != nil
	for i, due := range a.due {
		l := d.turns.lines[a.lines[i]]
		if l == nil && due >= 0 {
			l = d.turns.line(a.lines[i])
		}
		if l == nil || l.rings != a.rings[i] {
			continue
		}
		l.holds = due >= 0
		l.due = time.Time{}
		if due > 0 {
			l.due = now.Add(due)
		}
	}
	if is.stirred {
		is.notBefore = now
	}
	for _, name := range a.back {
		d.turns.found(name, now.Add(stillActive))
	}
	d.turns.plan(is)
}

// hear takes in what was rung.
func (d *dispatcher) hear(r queue.Rung) {
	now := time.Now()
	for _, name := range r.Lines {
		d.turns.ring(name)
	}
	for _, name := range r.Instances {
		for _, kind := range []pacing.Kind{pacing.Create, pacing.Invite} {
			key := turnKey{name, kind}
			if is := d.turns.turn(key); is != nil {
				is.woken = now
			}
			d.turns.wake(key, now)
		}
	}
	for _, f := range r.Freed {
		key := turnKey{f.Instance, pacing.Kind(f.Kind)}
		is := d.turns.turn(key)
		switch {
		case is == nil:
		case f.Prepared == queue.Unused && !is.asking:
			is.notBefore = now.Add(pollHealth)
			d.turns.plan(is)
		default:
			if f.Prepared > 0 {
				is.lead.observe(f.Prepared)
			}
			d.turns.wake(key, now)
		}
	}
}

// lookAtAll looks at everything once. An instance that it does not find holds nothing.
func (d *dispatcher) lookAtAll(ctx context.Context) {
	d.cursor = 0
	for d.look(ctx) && d.cursor != 0 {
	}
}

// look finds what is not announced, and reports whether it could. What it misses it finds later.
func (d *dispatcher) look(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, leaseFor)
	defer cancel()
	counts, err := d.opts.Queue.Counts(ctx)
	if err != nil {
		return false // asking tells it
	}
	d.paused.Store(counts[callQueue].Paused)
	back, err := d.opts.Store.Lines.Lapse(ctx)
	if err != nil {
		return false
	}
	for _, name := range back {
		d.turns.ring(name)
	}
	due, cursor, err := d.opts.Store.Lines.Due(ctx, d.cursor)
	if err != nil {
		return false
	}
	d.cursor = cursor
	for name, at := range due {
		d.turns.found(name, at)
	}
	return true
}
