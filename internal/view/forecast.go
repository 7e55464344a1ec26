package view

import (
	"maps"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

// typicalCall is how long a provider usually takes for a call where no worker has measured it.
const typicalCall = time.Second

// call is how long a call keeps an instance from the next one. It matters only where the pace is quicker than
// that. Without a measured call, the pace counts.
func (s *instanceRow) call(kind pacing.Kind) time.Duration {
	took, pace := s.Takes[kind], s.paceOf(kind)
	switch {
	case took > 0:
		return took
	case pace.Every > 0:
		return min(typicalCall, pace.Every)
	}
	return typicalCall
}

// usualRollLook is when a new group is read for the last time where no worker has announced it.
const usualRollLook = time.Minute

// rollLook is when the groups that some instances create are read for the last time, at the latest.
func (s *snapshot) rollLook(names []string) time.Duration {
	longest, known := time.Duration(0), false
	for _, name := range names {
		if i := s.instances[name]; i != nil && i.RollLook > 0 {
			longest, known = max(longest, i.RollLook), true
		}
	}
	if !known {
		return usualRollLook
	}
	return longest
}

// forecast is what each instance has done before each queue gets its turn, if nothing goes wrong.
// Lines have their turn as the dispatcher goes through them: by priority, an instance's own before its pools'.
type forecast struct {
	own   map[string]int            // by queue of an instance: creates it makes before
	pools map[string]map[string]int // by queue of a pool and instance: creates each makes before
	total map[string]int            // by instance: all creates that wait now
	tasks int                       // how many creates wait in all these queues
	end   time.Time                 // start of the last create; zero when there is none
	stuck bool                      // something waits for an instance without an estimate of when it works
}

// forecast plays the queues through, once.
func (s *snapshot) forecast() *forecast {
	if s.foreseen != nil {
		return s.foreseen
	}
	f := &forecast{own: map[string]int{}, pools: map[string]map[string]int{}, total: map[string]int{}}
	for _, p := range priorities {
		for _, name := range s.names {
			q := tasks.Target{Instance: name}.Line(p)
			f.own[q] = f.total[name]
			f.play(s, []string{name}, q)
		}
		for _, pool := range slices.Sorted(maps.Keys(s.pools)) {
			q := tasks.Target{Pool: pool}.Line(p)
			f.pools[q] = maps.Clone(f.total)
			f.play(s, s.pools[pool], q)
		}
	}
	s.foreseen = f
	return f
}

// play lets some instances take all that waits in a queue.
func (f *forecast) play(s *snapshot, instances []string, q string) {
	n := s.waiting(q)
	if n == 0 {
		return
	}
	f.tasks += n
	if s.paused[tasks.CallQueue] { // what waits behind it in other queues goes first
		f.stuck = true
		return
	}
	able, outlooks := s.outlooks(instances, pacing.Create, f.total)
	end, shares := pacing.Drain(outlooks, n)
	if end.IsZero() {
		f.stuck = true
	}
	f.end = latest(latest(f.end, end), s.lines[q].NextDue)
	for i, name := range able {
		f.total[name] += shares[i]
	}
}

// outlooks are those of the instances that can work, after each has made some calls.
func (s *snapshot) outlooks(instances []string, kind pacing.Kind, made map[string]int) (able []string, all []pacing.Outlook) {
	for _, name := range instances {
		i := s.instances[name]
		next, ok := s.may(i, kind)
		if !ok {
			continue
		}
		o := pacing.Outlook{
			Now: s.now, Pace: i.paceOf(kind), Next: next, Today: i.view(kind).Today, DayEnd: i.view(kind).DayEnd, Made: made[name], Call: i.call(kind),
		}
		if kind == pacing.Invite {
			o.Quiet, o.Zone = i.Quiet, i.quietZone()
		}
		able, all = append(able, name), append(all, o)
	}
	return able, all
}

// quietZone is the zone of the instance's quiet hours. Where each person has their own it is UTC's:
// the hours are as many there, only not the same.
func (s *instanceRow) quietZone() *time.Location {
	if zone, err := time.LoadLocation(s.QuietZone); err == nil {
		return zone
	}
	return time.UTC
}

// creates is when the n-th create (from 1) of those that wait for a target with a priority will
// start. It is zero when there is no estimate.
func (s *snapshot) creates(t tasks.Target, p tasks.Priority, n int) time.Time {
	if at, ok := s.starts[t.Line(p)][n]; ok {
		return at
	}
	return pacing.Starts(s.takers(t, p), []int{n})[0]
}

// takers are the outlooks of those who create what waits for a target with a priority, when its turn
// has come.
func (s *snapshot) takers(t tasks.Target, p tasks.Priority) []pacing.Outlook {
	f := s.forecast()
	q := t.Line(p)
	if s.paused[tasks.CallQueue] {
		return nil
	}
	made := f.pools[q]
	if t.Pool == "" {
		made = map[string]int{t.Instance: f.own[q]}
	}
	_, outlooks := s.outlooks(s.of(t), pacing.Create, made)
	return outlooks
}

// expect foresees the creates of many groups in one go for each queue: a page of a pool's groups
// would otherwise play all its instances through again for each.
func (s *snapshot) expect(groups []placed) {
	type line struct {
		target   tasks.Target
		priority tasks.Priority
		ns       []int
	}
	lines := map[string]*line{}
	for _, g := range groups {
		if g.Status != group.Queued {
			continue
		}
		q := g.Target.Line(g.Priority)
		if lines[q] == nil {
			lines[q] = &line{target: g.Target, priority: g.Priority}
		}
		lines[q].ns = append(lines[q].ns, s.before(g.Group, g.position)+1)
	}
	s.starts = make(map[string]map[int]time.Time, len(lines))
	for q, l := range lines {
		slices.Sort(l.ns)
		s.starts[q] = make(map[int]time.Time, len(l.ns))
		for i, at := range pacing.Starts(s.takers(l.target, l.priority), l.ns) {
			s.starts[q][l.ns[i]] = at
		}
	}
}

// invitesDone is when instances will have sent what is queued for them and so many more, which no
// instance has yet: an instance invites into the groups that it creates, so they fall to each by its
// share of the creates. It is zero when there are no invitations, or no estimate; stuck
// tells the two apart.
func (s *snapshot) invitesDone(instances []string, more int) (at time.Time, stuck bool) {
	shares, all := s.forecast().total, 0
	for _, name := range instances {
		all += shares[name]
	}
	for _, name := range instances {
		n := s.waiting(tasks.InviteLine(name))
		if all > 0 {
			n += more * shares[name] / all
		} else {
			n += more / len(instances)
		}
		if n == 0 {
			continue
		}
		_, outlooks := s.outlooks([]string{name}, pacing.Invite, nil)
		end, _ := pacing.Drain(outlooks, n)
		if end.IsZero() {
			return time.Time{}, true
		}
		at = latest(at, end)
	}
	return at, false
}

// over is when everything that waits now will be over; zero when nothing waits or there is no estimate, as
// while a group waits for a person's decision.
func (s *snapshot) over(groups map[group.Status]int, pending int) time.Time {
	f := s.forecast()
	invites, stuck := s.invitesDone(s.names, s.invites.expect(pending))
	open := groups[group.Queued] + groups[group.Creating] + groups[group.Verifying] + groups[group.Inviting]
	// Groups without a task in these queues wait for an instance or a pool that no worker serves.
	if f.stuck || stuck || open == 0 || f.tasks < groups[group.Queued] || groups[group.Review] > 0 {
		return time.Time{}
	}
	end := latest(f.end, s.now).Add(s.rollLook(s.names))
	return latest(end, invites)
}

// overWith is over, or later: not all is over before each batch is, and there is no estimate of the whole
// without one of each part.
func (s *snapshot) overWith(over time.Time, batches []group.BatchDocument) time.Time {
	for _, b := range batches {
		switch {
		case over.IsZero(), b.FinishedAt != nil, b.Worst == group.Worst(group.Unreadable):
		case b.EtaAt == nil:
			return time.Time{}
		default:
			over = latest(over, *b.EtaAt)
		}
	}
	return over
}

// instanceOver is when an instance will be through with what waits for it and its share of what waits
// for its pools; zero when nothing waits or there is no estimate.
func (s *snapshot) instanceOver(name string) time.Time {
	var end time.Time
	if n := s.forecast().total[name]; n > 0 {
		_, outlooks := s.outlooks([]string{name}, pacing.Create, nil)
		if end, _ = pacing.Drain(outlooks, n); end.IsZero() {
			return end
		}
		end = end.Add(s.rollLook([]string{name}))
	}
	invites, stuck := s.invitesDone([]string{name}, 0)
	if stuck {
		return time.Time{}
	}
	return latest(end, invites)
}

// inviteRate is which share of the people turns out to need an invitation.
type inviteRate float64

// enough is how many people must have been called before their share means anything.
const enough = 20

// rateOf learns the share from the people whose roll was called, by their states now.
func rateOf(members map[group.MemberStatus]int) inviteRate {
	invited := members[group.InviteQueued] + members[group.Invited] + members[group.Joined] +
		members[group.InviteFailed] + members[group.InviteUnknown] + members[group.Requested]
	called := invited + members[group.Added] + members[group.NotAdded] + members[group.Unidentified]
	if called < enough {
		return 0
	}
	return inviteRate(invited) / inviteRate(called)
}

func (r inviteRate) expect(pending int) int { return int(float64(r) * float64(pending)) }
