package view

import (
	"maps"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// hold marks every instance as held while the whole installation makes no paced calls.
func (s *snapshot) hold(i store.Installation) {
	until, _ := i.Held()
	for _, one := range s.instances {
		one.held, one.heldUntil, one.heldSince = Held(i), until, i.LostAt
		if i.Loss == "" && i.Doubt != nil {
			one.heldSince = i.Doubt.To
		}
	}
}

// servedFor is how long an instance counts as served after the latest heartbeat of its worker, which sends one every
// few seconds.
const servedFor = time.Minute

// snapshot is the installation at one moment: all that is needed to say why a group or an instance waits.
type snapshot struct {
	now       time.Time
	instances map[string]*instanceRow
	names     []string              // of the instances, sorted
	pools     map[string][]string   // instances by pool, sorted
	lines     map[string]store.Line // by name
	paused    map[string]bool       // queues that asynq's own tools have paused
	invites   inviteRate

	foreseen *forecast                    // nil until first used
	shutIn   map[string]int               // by pool: how many of its instances make no creates; filled by shutOf
	starts   map[string]map[int]time.Time // by line: when its n-th create starts; filled by expect
}

// instanceRow is one instance in a snapshot.
type instanceRow struct {
	store.Instance // with the pace in force
	pace           pacing.View
	configured     Paces
	served         bool       // a running worker has the instance in its configuration
	unknownTo      string     // a running worker without it; "" if all have it
	held           say.Phrase // why the whole installation makes no paced calls; zero if it makes them
	heldUntil      time.Time  // zero: until a person decides
	heldSince      time.Time
	pausedQueues   []string // queues that asynq's own tools have paused, which hold every instance
}

// paused reports whether a person has paused the instance. Either of two keys says so. The pacer's pause is written
// before the reason and lifted before it, so for a moment there may be only one of the two.
func (s *instanceRow) paused() bool { return s.Pause != nil || s.pace.Paused }

// pausedUntil returns when the pause ends; zero means when a person ends it. The pacer's time comes first, because
// the pacer holds the calls.
func (s *instanceRow) pausedUntil() time.Time {
	if s.pace.Paused {
		return s.pace.PausedUntil
	}
	return s.Pause.Until
}

// newSnapshot makes a snapshot of what was read.
func newSnapshot(now time.Time, instances map[string]*store.Instance, views []pacing.View, workers []store.Worker, unknown map[string]string) *snapshot {
	s := &snapshot{
		now: now, instances: make(map[string]*instanceRow, len(instances)), pools: map[string][]string{},
		names: slices.Sorted(maps.Keys(instances)), lines: map[string]store.Line{},
		shutIn: map[string]int{},
	}
	for name, i := range instances {
		row := &instanceRow{Instance: *i, served: len(workers) > 0 && now.Sub(i.SeenAt) < servedFor, unknownTo: unknown[name]}
		// All estimates use the pace in force.
		row.Create, row.Invite = i.Pace(pacing.Create), i.Pace(pacing.Invite)
		row.configured = Paces{Create: paceDocument(i.Create), Invite: paceDocument(i.Invite)}
		s.instances[name] = row
	}
	for _, v := range views {
		if row := s.instances[v.Instance]; row != nil {
			v.Create, v.Invite = v.Create.Under(row.Create), v.Invite.Under(row.Invite)
			if row.Slowing != nil && !row.Slowing.Until.IsZero() {
				own := instances[v.Instance]
				v.Create = sooner(v.Create, own.Create, row.Create, row.Slowing.Until)
				v.Invite = sooner(v.Invite, own.Invite, row.Invite, row.Slowing.Until)
			}
			row.pace = v
		}
	}
	for _, name := range s.names {
		for _, pool := range instances[name].Pools {
			s.pools[pool] = append(s.pools[pool], name)
		}
	}
	return s
}

// sooner corrects the next call of a view whose slower pace ends before that call: the call may start at that end, or
// when the configured pace allows it, whichever is later.
func sooner(v pacing.KindView, configured, slower pacing.Pace, until time.Time) pacing.KindView {
	if !v.Next.After(until) {
		return v
	}
	switch {
	case v.Reason == pacing.ReasonPace || v.Reason == pacing.ReasonBusy:
		v.Next = latest(until, v.Next.Add(configured.Every-slower.Every))
	case v.Reason == pacing.ReasonDayCap && (configured.PerDay == 0 || v.Today < configured.PerDay):
		v.Next = until
	}
	return v
}

// lineNames returns the lines whose lengths a snapshot needs.
func (s *snapshot) lineNames() []string {
	var all []string
	for _, t := range s.targets() {
		all = append(all, targetLines(t)...)
	}
	for _, name := range s.names {
		all = append(all, tasks.InviteLine(name))
	}
	return all
}

// targets returns the instances and their pools as targets of groups.
func (s *snapshot) targets() []tasks.Target {
	var all []tasks.Target
	for _, name := range s.names {
		all = append(all, tasks.Target{Instance: name})
	}
	for pool := range s.pools {
		all = append(all, tasks.Target{Pool: pool})
	}
	return all
}

// priorities, most urgent first.
var priorities = []tasks.Priority{tasks.High, tasks.Normal, tasks.Low}

// state returns the instance's state as its document shows it, the reason, and its end. The first that applies decides:
// a hold of the installation, a pause, no worker, a worker without the instance, a paused queue, a rest of both kinds of
// call, what the provider said.
func (s *instanceRow) state() (provider.Health, say.Phrase, time.Time) {
	switch {
	case !s.held.Zero():
		return provider.Paused, s.held, s.heldUntil
	case s.paused() && s.Pause == nil:
		return provider.Paused, say.Phrase{}, s.pausedUntil()
	case s.paused():
		return provider.Paused, s.Pause.Said(), s.pausedUntil()
	case !s.served:
		return provider.UnknownState, say.Phrase{Code: say.NoWorker}, time.Time{}
	case s.unknownTo != "":
		return provider.UnknownState, say.Phrase{Code: say.UnknownWorker, Place: s.unknownTo}, time.Time{}
	case len(s.pausedQueues) > 0:
		return provider.Paused, queuesPaused(s.pausedQueues), time.Time{}
	}
	health, reason, until := s.Instance.State()
	if rests := s.rests(); s.Open() && len(rests) > 0 && rests[0].Kind == "" {
		return restState(health, rests[0].Cause), rests[0].Reason(), rests[0].Until
	}
	if health == provider.Ready {
		reason = s.kindsHeld()
	}
	return health, reason, until
}

// since returns when the instance's state began; zero if that is unknown. It is unknown for every ready instance, because
// the latest reading says nothing about an earlier pause, rest or missing worker.
func (s *instanceRow) since() time.Time {
	switch {
	case !s.held.Zero():
		return s.heldSince
	case s.Pause != nil:
		return s.Pause.At
	case s.paused():
		return time.Time{}
	case !s.served:
		return s.SeenAt
	case s.unknownTo != "", len(s.pausedQueues) > 0:
		return time.Time{}
	case s.Open() && !s.pace.Rest.Until.IsZero():
		return s.pace.Rest.Since
	case s.Health == provider.Ready:
		return time.Time{}
	default:
		return s.Since
	}
}

// usableAt estimates when the instance's state allows work again: s.now if it already does. ok is false when there is
// no estimate.
func (s *snapshot) usableAt(i *instanceRow) (at time.Time, ok bool) {
	if i == nil || !i.served || i.unknownTo != "" || !i.held.Zero() && i.heldUntil.IsZero() {
		return time.Time{}, false
	}
	if i.paused() {
		until := latest(i.pausedUntil(), i.heldUntil)
		return until, !i.pausedUntil().IsZero() && i.Working()
	}
	if !i.held.Zero() && i.Open() {
		return i.heldUntil, true
	}
	if i.Open() {
		return s.now, true
	}
	_, _, until := i.Instance.State()
	return until, until.After(s.now)
}

// may returns when the next call of a kind may start; ok is false when there is no estimate.
func (s *snapshot) may(i *instanceRow, kind pacing.Kind) (at time.Time, ok bool) {
	at, ok = s.usableAt(i)
	if !ok || s.paused[tasks.CallQueue] {
		return time.Time{}, false
	}
	return latest(at, i.view(kind).Next), true
}

func (s *instanceRow) view(kind pacing.Kind) pacing.KindView {
	if kind == pacing.Invite {
		return s.pace.Invite
	}
	return s.pace.Create
}

func (s *instanceRow) paceOf(kind pacing.Kind) pacing.Pace {
	if kind == pacing.Invite {
		return s.Invite
	}
	return s.Create
}

// of returns the instances that may take the groups of a target.
func (s *snapshot) of(t tasks.Target) []string {
	if t.Pool != "" {
		return s.pools[t.Pool]
	}
	if s.instances[t.Instance] == nil {
		return nil
	}
	return []string{t.Instance}
}

// waiting returns how many tasks wait in a line.
func (s *snapshot) waiting(line string) int { return s.lines[line].Waiting() }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
