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

// hold shuts every instance, if the installation as a whole makes no paced call.
func (s *snapshot) hold(i store.Installation) {
	until, _ := i.Held()
	for _, one := range s.instances {
		one.held, one.heldUntil, one.heldSince = Held(i), until, i.LostAt
		if i.Loss == "" && i.Doubt != nil {
			one.heldSince = i.Doubt.To
		}
	}
}

// servedFor is how long a worker's announcement of an instance is believed. Workers repeat it every
// few seconds.
const servedFor = time.Minute

// snapshot is the installation at one moment: all that is needed to say why something does not move.
type snapshot struct {
	now       time.Time
	instances map[string]*instanceRow
	names     []string              // of the instances, sorted
	pools     map[string][]string   // instances by pool, sorted
	lines     map[string]store.Line // by name
	paused    map[string]bool       // queues that asynq's own tools have paused
	invites   inviteRate

	foreseen *forecast                    // once it was asked for
	shutIn   map[string]int               // by pool: its instances that create nothing, of those that were asked about
	starts   map[string]map[int]time.Time // by queue: when its n-th create starts, of those that expect was told
}

// instanceRow is one instance in a snapshot.
type instanceRow struct {
	store.Instance // with the pace in force
	pace           pacing.View
	configured     Paces
	served         bool       // a living worker has it in its configuration
	unknownTo      string     // a living worker that has not; "" where all have
	held           say.Phrase // why the whole installation makes no paced call; zero while it does
	heldUntil      time.Time  // zero: until a person decides
	heldSince      time.Time
	pausedQueues   []string // by asynq's own tools; they hold every instance
}

// paused says that a person has stopped the instance, as either of the two keys tells it: the reason
// is written before the stop, and the stop is lifted before the reason.
func (s *instanceRow) paused() bool { return s.Pause != nil || s.pace.Paused }

// pausedUntil is when the pause ends: the pacer's word where it has one, as it holds the calls. It is zero until a
// person ends it.
func (s *instanceRow) pausedUntil() time.Time {
	if s.pace.Paused {
		return s.pace.PausedUntil
	}
	return s.Pause.Until
}

// newSnapshot puts together what was read.
func newSnapshot(now time.Time, instances map[string]*store.Instance, views []pacing.View, workers []store.Worker, unknown map[string]string) *snapshot {
	s := &snapshot{
		now: now, instances: make(map[string]*instanceRow, len(instances)), pools: map[string][]string{},
		names: slices.Sorted(maps.Keys(instances)), lines: map[string]store.Line{},
		shutIn: map[string]int{},
	}
	for name, i := range instances {
		row := &instanceRow{Instance: *i, served: len(workers) > 0 && now.Sub(i.SeenAt) < servedFor, unknownTo: unknown[name]}
		// All that is foreseen from here on is foreseen at the pace in force.
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

// sooner is a view of a kind whose slower pace ends before the next call that it allows: that one comes with the
// end, or when the configured pace allows it.
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

// lineNames are the lines whose lengths a snapshot needs.
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

// targets are the instances and their pools, as what groups can be asked of.
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

// state is the instance's state as its document names it, why, and until when. What a person did
// comes first, then what makes a reading stale, then what the provider said, then the rest.
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

// since is when that began which state tells; zero where nothing noted the moment. Of an instance that
// works nothing does: the last reading of its state knows of no pause, rest or worker before it.
func (s *instanceRow) since() time.Time {
	switch {
	case !s.held.Zero():
		return s.heldSince
	case s.Pause != nil:
		return s.Pause.At
	case s.paused(), s.unknownTo != "", s.served && len(s.pausedQueues) > 0:
		return time.Time{}
	case !s.served:
		return s.SeenAt
	case s.Open() && !s.pace.Rest.Until.IsZero():
		return s.pace.Rest.Since
	case s.Health == provider.Ready:
		return time.Time{}
	default:
		return s.Since
	}
}

// usableAt is when the instance's state will let it work, as far as is known: the snapshot's now if it
// does already. ok is false when there is no estimate.
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

// may is when the next call of a kind may start.
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

// of is the instances that may take what a target asks for.
func (s *snapshot) of(t tasks.Target) []string {
	if t.Pool != "" {
		return s.pools[t.Pool]
	}
	if s.instances[t.Instance] == nil {
		return nil
	}
	return []string{t.Instance}
}

// waiting is how many tasks stand in a line.
func (s *snapshot) waiting(line string) int { return s.lines[line].Waiting() }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
