package view

import (
	"maps"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

// typicalCall is how long a provider usually takes for a call that no worker has measured.
const typicalCall = time.Second

// call estimates how long a call keeps an instance from the next one. The estimate matters only if the interval of
// the pace is shorter. Without a measurement it is typicalCall, or the interval of the pace if that is shorter.
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

// usualRollLook is how long after its create a group is read for the last time, if no worker has announced that.
const usualRollLook = time.Minute

// rollLook returns how long after their create the groups of some instances are read for the last time: the
// longest of them.
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

// forecast is how many creates each instance makes before each line gets its turn, if nothing goes wrong. Lines
// take turns in the dispatcher's order: by priority, an instance's own before its pools'.
type forecast struct {
	own   map[string]int            // by line of an instance: creates that the instance makes before this line
	pools map[string]map[string]int // by line of a pool, by instance: creates that the instance makes before this line
	total map[string]int            // by instance: all creates that wait now
	tasks int                       // how many creates wait in all these lines
	end   time.Time                 // start of the last create; zero when there is none
	stuck bool                      // something waits for an instance without an estimate of when it works
}

// forecast simulates all lines once and keeps the result.
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

// play simulates how the instances share out everything that waits in a line.
func (f *forecast) play(s *snapshot, instances []string, q string) {
	n := s.waiting(q)
	if n == 0 {
		return
	}
	f.tasks += n
	if s.paused[tasks.CallQueue] { // no create starts until a person resumes the queue
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

// outlooks returns the instances that can work, and the outlook of each after the calls in made.
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

// quietZone returns the zone of the instance's quiet hours. If each person has their own zone, it returns UTC as an
// approximation: a day has the same number of quiet hours there.
func (s *instanceRow) quietZone() *time.Location {
	if zone, err := time.LoadLocation(s.QuietZone); err == nil {
		return zone
	}
	return time.UTC
}

// creates estimates when the n-th create (from 1) of those that wait for a target with a priority will start. It
// is zero when there is no estimate.
func (s *snapshot) creates(t tasks.Target, p tasks.Priority, n int) time.Time {
	if at, ok := s.starts[t.Line(p)][n]; ok {
		return at
	}
	return pacing.Starts(s.takers(t, p), []int{n})[0]
}

// takers returns the outlooks of the instances that will create the groups waiting for a target with a priority, as of
// the time when that line gets its turn.
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

// expect estimates the creates of many groups with one simulation per line. Otherwise a page of a pool's groups
// would simulate all its instances again for each group.
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

// invitesDone estimates when the instances will have sent the invitations queued for them and a further number, more,
// that are not yet queued for any instance. An instance invites into the groups that it creates, so its share of the
// creates is its share of these. The time is zero when there are no invitations or no estimate; stuck means no
// estimate.
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

// over estimates when everything that waits now will be done; zero when nothing waits or there is no estimate, for
// example while a group waits for a person's decision.
func (s *snapshot) over(groups map[group.Status]int, pending int) time.Time {
	f := s.forecast()
	invites, stuck := s.invitesDone(s.names, s.invites.expect(pending))
	open := groups[group.Queued] + groups[group.Creating] + groups[group.Verifying] + groups[group.Inviting]
	// Groups that are in none of these lines wait for an instance or a pool that no worker serves.
	if f.stuck || stuck || open == 0 || f.tasks < groups[group.Queued] || groups[group.Review] > 0 {
		return time.Time{}
	}
	end := latest(f.end, s.now).Add(s.rollLook(s.names))
	return latest(end, invites)
}

// overWith returns over, or the latest estimate of the batches if that is later. It is zero when a running batch
// has no estimate.
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

// instanceOver estimates when an instance will be done with what waits for it and its share of what waits for its
// pools; zero when nothing waits or there is no estimate.
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

// inviteRate is the share of people who need an invitation.
type inviteRate float64

// enough is how many people a roll call must have covered before their share counts.
const enough = 20

// rateOf computes the share from the present states of the people whom a roll call has covered.
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
