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
	// leaseFor is how long the lease holds without a renewal, renewEvery how often the leader renews it, and
	// askLead how often the other workers try to take it. Without a leader nothing is dispatched. Two leaders for
	// a moment do no harm, because slots and permits are in Redis.
	leaseFor   = 4 * time.Second
	renewEvery = time.Second
	askLead    = 500 * time.Millisecond
	// pollEvery is how often the leader polls for what the bell does not announce: expired permits, lost messages of
	// the bell, queues that tools have paused or that a foreign value blocks.
	pollEvery = time.Second
	// pollHealth is how often a turn that has work is tried while its instance cannot work.
	pollHealth = time.Second
	// changeLag is how long this process may take to read a change that the bell has announced: it reads paces every
	// second. Until then a denial may be for the old pace.
	changeLag = 3 * time.Second
	// askAgain is the longest that a denial holds. The end of a rest, a changed pace or a returned slot may not
	// reach the leader over the bell.
	askAgain = 30 * time.Second
	// permitFor is how long a dispatched task may take to reach its step. The task's grant holds equally long.
	permitFor = 10 * time.Second
	// asksAtOnce is how many turns are tried at the same time.
	asksAtOnce = 8
	// stillActive is the pause before the retry of a task that asynq still shows as active.
	stillActive = 100 * time.Millisecond
	// maxMissing is how many tasks one slot may skip because asynq does not have them.
	maxMissing = 16
)

// job is the name of the dispatcher's lease.
const job = "dispatch"

// dispatcher dispatches tasks while this process is the leader.
type dispatcher struct {
	*shared

	set chan struct{} // the roster has changed

	turns   *turns
	answers chan answer
	asking  int
	until   time.Time // end of the lease
	failing bool      // the latest try of a turn ended with an error
	blocked string    // the key of asynq's that holds another type of value; "" for none
	cursor  uint64    // of the poll of all lines
}

// answer is the result of one try of a turn.
type answer struct {
	turn   *turn
	lines  []string        // of the turn when the try began
	rings  []int           // how often each of these lines had been rung when the try began
	due    []time.Duration // time until the first task of each line that was read; negative for an empty line
	gone   bool            // a task was dispatched
	back   []string        // lines that get a task back soon
	denied *pacing.Denied
	ends   time.Time // when the pace in force ends; zero for never
	err    error
}

func newDispatcher(s *shared) *dispatcher {
	return &dispatcher{
		shared: s, set: make(chan struct{}, 1), answers: make(chan answer, asksAtOnce),
	}
}

// run leads whenever no other worker does, until ctx ends. Then it gives up the lease.
func (d *dispatcher) run(ctx context.Context) {
	tick := time.NewTicker(askLead)
	defer tick.Stop()
	for ctx.Err() == nil {
		if d.lead(ctx) {
			d.dispatch(ctx)
			d.leads.Store(false)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-d.rung: // dropped: only the leader needs it
		case <-d.set: // a new leader reads the roster anyway
		}
	}
	d.resign()
}

// lead takes or renews the lease, and reports whether this process leads.
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
	_ = d.opts.Store.Presence.Resign(ctx, job, d.opts.Worker) // after an error the lease expires
}

// dispatch dispatches tasks until the lease is lost or ctx ends.
func (d *dispatcher) dispatch(ctx context.Context) {
	d.turns = newTurns(d.roster.Load())
	d.leads.Store(true)
	d.pollAll(ctx)
	d.opts.Log.Info().EmbedObject(event.Dispatching).Int("instances", len(d.turns.roster.rows)).Msg("dispatching started")
	defer d.dropAnswers()
	poll, renew := time.NewTicker(pollEvery), time.NewTicker(renewEvery)
	defer poll.Stop()
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
			d.pollAll(ctx)
		case <-poll.C:
			d.poll(ctx)
		case <-renew.C:
			if !d.lead(ctx) {
				d.until = time.Time{}
			}
		}
	}
}

// dropAnswers waits for the tries under way and drops their answers.
func (d *dispatcher) dropAnswers() {
	for ; d.asking > 0; d.asking-- {
		<-d.answers
	}
}

// begin starts a try of each turn that is due, and returns how long until the next turn is due.
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

// ask takes a slot and dispatches the first task of the lines with it.
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
	for range maxMissing {
		var id string
		if id, a.due, a.err = d.opts.Store.Lines.Take(ctx, lines, permit, permitFor); a.err != nil || id == "" {
			break
		}
		err := d.opts.Queue.Run(ctx, callQueue, id)
		if err == nil {
			a.gone = true
			return a
		}
		if !errors.Is(err, queue.ErrMissing) && !errors.Is(err, queue.ErrActive) && !errors.Is(err, queue.ErrBroken) {
			a.err = err // the permit expires, and the task returns to its line
			break
		}
		if a.err = d.leaveOut(ctx, id, err, &a); a.err != nil {
			break
		}
	}
	if err := d.opts.Pacer.Return(context.WithoutCancel(ctx), grant, key.kind); err != nil { // the slot expires
		d.opts.Log.Debug().EmbedObject(event.SlotNotReturned).Err(err).Str("instance", key.instance).Msg("unused slot not returned")
	}
	return a
}

// leaveOut takes back the permit of a task that cannot be dispatched:
//
//   - If asynq can never run the task, OnBroken queues it under another id.
//   - If asynq does not have the task, nothing more is done. The sweeper queues it again if its group needs it.
//   - If asynq shows the task as active, leaveOut puts it back into its line, to be tried again in a moment. Its
//     handler may be about to do the same. If the handler is dead, redeliveries of the task may be scheduled without
//     standing in the line, so leaveOut puts those into it too.
func (d *dispatcher) leaveOut(ctx context.Context, id string, why error, a *answer) error {
	d.opts.Log.Debug().EmbedObject(event.TaskLeftOut).Err(why).Str("task", id).Msg("task left out")
	if errors.Is(why, queue.ErrBroken) {
		if err := d.opts.OnBroken(ctx, id); err != nil {
			return err
		}
	}
	permit, err := d.opts.Store.Lines.Claim(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil, !errors.Is(why, queue.ErrActive):
		return err
	}
	now, err := d.opts.Store.Now(ctx)
	if err != nil {
		return err
	}
	a.back = append(a.back, permit.Line)
	back := []tasks.Task{{ID: id, Line: permit.Line, At: now.Add(stillActive)}}
	again, err := d.opts.Queue.WaitingAgain(ctx, callQueue, id)
	for _, id := range again {
		back = append(back, tasks.Task{ID: id, Line: permit.Line})
	}
	_, putErr := d.opts.Store.Lines.Put(ctx, back...)
	return errors.Join(putErr, err)
}

// take applies the answer of a try and plans the turn again.
func (d *dispatcher) take(a answer) {
	d.asking--
	now := time.Now()
	is := a.turn
	is.asking = false
	if d.turns.byKey[is.turnKey] != is {
		return // its instance was removed meanwhile
	}
	switch {
	case a.err != nil:
		if !d.failing {
			d.opts.Log.Warn().EmbedObject(event.DispatchFailing).Err(a.err).Str("instance", is.instance).Str("kind", string(is.kind)).Msg("dispatch failing")
		}
		is.notBefore = now.Add(pollHealth)
	case a.denied != nil && now.Sub(is.woken) < changeLag:
		is.notBefore = now.Add(min(a.denied.Wait, pollHealth))
	case a.denied != nil:
		is.notBefore = now.Add(min(a.denied.Wait, askAgain))
	case a.gone:
		is.notBefore = now.Add(permitFor) // the bell announces the call's end sooner
	}
	if a.denied != nil && a.ends.After(now) && a.ends.Before(is.notBefore) {
		is.notBefore = a.ends // the denial is for a pace that ends sooner
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

// hear applies a message of the bell.
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
