package bench

import (
	"time"
)

// happen handles one event.
func (p *play) happen(e event) {
	switch e.kind {
	case batchComes:
		if p.ahead[e.n] > 0 {
			p.at(p.producer.serve(p.now, p.Costs.Row.times(rowsOnce).Own), rowsReach, e)
		}
	case rowsReach:
		p.at(p.atRedis(p.Costs.Row.times(rowsOnce)), rowsAreIn, e)
	case rowsAreIn:
		p.rowsIn(e)
	case prepare:
		if e.turn%2 == 0 {
			if p.taken == p.accepted {
				p.idle = append(p.idle, e.turn)
				return
			}
			p.taken++
		}
		half := p.Costs.Group.times(0.5)
		p.at(p.worker(e).serve(p.now, half.Own), ask, e)
	case ask:
		p.at(max(p.atRedis(p.Costs.Group.times(0.5)), p.turns[e.turn].may), start, e)
	case start:
		p.start(e)
	case ended:
		l := &p.turns[e.turn]
		l.book.Used(p.wall(l.sent), time.Duration(l.took)*time.Microsecond, l.pace)
		p.at(p.worker(e).serve(p.now, p.Costs.Group.times(0.5).Own), settle, e)
	case settle:
		p.at(p.atRedis(p.Costs.Group.times(0.5)), settled, e)
	case settled:
		p.settled(e)
	case read:
		p.at(p.worker(e).serve(p.now, p.Costs.Read.Own), readAtRedis, e)
	case readAtRedis:
		p.atRedis(p.Costs.Read)
		p.read(e)
	}
}

func (p *play) at(at int64, kind int8, e event) {
	e.at, e.kind = at, kind
	p.events.push(e)
}

func (p *play) atRedis(c Cost) int64 {
	p.commands += c.Commands
	return p.redis.serve(p.now, c.Redis)
}

// worker returns the worker that runs the event's instance.
func (p *play) worker(e event) *station { return &p.workers[int(e.turn/2)%p.Workers] }

// rowsIn puts some rows of a batch into the pool, and wakes one idle turn for each row while there are any.
func (p *play) rowsIn(e event) {
	rows := min(p.ahead[e.n], rowsOnce)
	p.ahead[e.n] -= rows
	p.toCome -= rows
	p.accepted += int(rows)
	woken := min(len(p.idle), int(rows))
	for _, turn := range p.idle[:woken] {
		p.turns[turn].pending = false
		p.wake(turn)
	}
	p.idle = p.idle[woken:]
	if p.ahead[e.n] > 0 {
		p.at(p.now, batchComes, e)
	} else {
		p.foresee()
	}
}

// wake schedules when a turn looks for work and prepares its next call: a little before the call may start.
func (p *play) wake(turn int32) {
	l := &p.turns[turn]
	l.busy = true
	l.may = max(p.now, p.since(l.book.View(p.wall(p.now)).Next))
	l.woke = max(p.now, l.may-l.lead)
	p.events.push(event{at: l.woke, kind: prepare, turn: turn})
}

// start makes the call, or tries again when the pace allows it.
func (p *play) start(e event) {
	l := &p.turns[e.turn]
	u := p.random.Float64()
	granted, wait := l.book.Take(p.wall(p.now), l.pace, u)
	if !granted {
		p.at(p.now+max(wait.Microseconds(), 1), start, e)
		return
	}
	// The lead is a quarter more than steps usually take to prepare, as in internal/dispatch.
	if prepared := p.now - l.woke; p.now > l.may {
		l.lead = min(max((4*l.lead+prepared*5/4)/5, 20_000), 5_000_000)
	}
	delay := p.now - l.may
	p.delays = append(p.delays, int32(min(delay, 1<<30))) //nolint:gosec // bounded
	p.played.DelayMost = max(p.played.DelayMost, time.Duration(delay)*time.Microsecond)
	if t := p.wall(p.now); t.Hour() > 0 || t.Minute() >= 10 {
		p.played.DelayByDay = max(p.played.DelayByDay, time.Duration(delay)*time.Microsecond)
	}
	arrived := p.now + 1_000 + p.random.Int64N(100_000) // the way to the provider
	if l.sent > 0 {
		if arrived-l.arrived < l.pace.Every.Microseconds() {
			p.played.Violations++
		}
		if l.pending && p.wall(l.sent).YearDay() == p.wall(p.now).YearDay() {
			p.allowed += float64(l.pace.Every.Microseconds()) * (1 + l.pace.Jitter*l.u)
			p.used += float64(p.now - l.sent)
		}
	}
	if e.turn%2 == 0 {
		p.starts = append(p.starts, p.now)
		p.played.Creates++
	} else {
		p.played.Invites++
	}
	l.sent, l.arrived, l.u = p.now, arrived, u
	l.took = int64((0.3 + 1.4*p.random.Float64()) * float64(time.Second.Microseconds()))
	p.at(p.now+l.took, ended, e)
}

// settled schedules the group's first reading, and goes on with the next group or invitation.
func (p *play) settled(e event) {
	l := &p.turns[e.turn]
	if e.turn%2 == 1 {
		l.queued--
		p.goOn(e.turn, l.queued > 0)
		return
	}
	missing := int32(0)
	for range people {
		if p.random.Float64() < needed {
			missing++
		}
	}
	p.missing += int(missing)
	p.events.push(event{at: l.sent + l.took + p.schedule.RollLooks[0].Microseconds(), kind: read, turn: e.turn, n: missing})
	p.goOn(e.turn, p.accepted > p.taken)
}

func (p *play) goOn(turn int32, work bool) {
	l := &p.turns[turn]
	if l.busy, l.pending = false, work; work || turn%2 == 0 {
		p.wake(turn)
	}
}

// read handles one reading of a group. The looks of its roll call come first, then those that find who followed an
// invitation.
func (p *play) read(e event) {
	p.played.Reads++
	rolls := len(p.schedule.RollLooks)
	if e.n == 0 || int(e.look) == rolls+len(p.schedule.JoinLooks)-1 {
		return
	}
	next := e
	next.look++
	switch {
	case int(next.look) < rolls:
		p.at(p.now+(p.schedule.RollLooks[next.look]-p.schedule.RollLooks[e.look]).Microseconds(), read, next)
		return
	case int(e.look) == rolls-1: // the last look decides
		p.at(p.now+p.schedule.JoinLooks[0].Microseconds(), read, next)
	default:
		p.at(p.now+(p.schedule.JoinLooks[int(next.look)-rolls]-p.schedule.JoinLooks[int(e.look)-rolls]).Microseconds(), read, next)
		return
	}
	inviter := e.turn + 1
	l := &p.turns[inviter]
	l.queued += int(e.n)
	if !l.busy {
		l.pending = false
		p.wake(inviter)
	}
}
