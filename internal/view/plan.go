package view

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Planned is how many groups would be added for a target.
type Planned struct {
	Target    tasks.Target
	Priority  tasks.Priority
	Groups    int
	NotBefore time.Time // the latest notBefore of these groups; zero when all may begin
}

// Prospect is the outcome that a plan can expect.
type Prospect struct {
	// EtaAt is when all of it would be done, after what waits already. It is zero when there is
	// nothing to do or no estimate.
	EtaAt time.Time
	// Bottleneck says what sets the duration, and what more instances would change; zero when there is nothing to
	// do.
	Bottleneck say.Phrase
	// Instances are the groups that each instance would create, if nothing goes wrong.
	Instances map[string]int
}

// Plan estimates groups that are not accepted yet, as if they were queued after all that waits. people is how many
// people they have.
func (r *Reader) Plan(ctx context.Context, plan []Planned, people int) (Prospect, error) {
	all, err := r.read(ctx)
	if err != nil {
		return Prospect{}, err
	}
	return all.plan(plan, people), nil
}

func (s *snapshot) plan(plan []Planned, people int) Prospect {
	plan = slices.DeleteFunc(slices.Clone(plan), func(p Planned) bool { return p.Groups == 0 })
	p := Prospect{Instances: map[string]int{}}
	if len(plan) == 0 {
		return p
	}
	with := s.with(plan)
	before, after := s.forecast().total, with.forecast().total
	for name, n := range after {
		if n > before[name] {
			p.Instances[name] = n - before[name]
		}
	}
	last, ok := with.planEnd(plan, people)
	if !ok {
		p.Bottleneck = say.Phrase{Code: say.PlanStuck, Why: because(with.obstacleOf(plan))}
		return p
	}
	p.EtaAt = last.at
	p.Bottleneck = with.bottleneck(last, plan, people)
	return p
}

// with returns the snapshot as it would be with the planned groups in their lines.
func (s *snapshot) with(plan []Planned) *snapshot {
	then := *s
	then.foreseen, then.lines = nil, maps.Clone(s.lines)
	for _, p := range plan {
		q := p.Target.Line(p.Priority)
		l := then.lines[q]
		l.Ready += p.Groups
		then.lines[q] = l
	}
	return &then
}

// ending is when a plan is over, and what ends last.
type ending struct {
	at     time.Time
	kind   pacing.Kind
	names  []string     // the instances that do it
	target tasks.Target // whose creates end last
	waits  bool         // notBefore sets the end, not the pace
}

// planEnd estimates when planned groups would be done. The snapshot must have them in its lines. It returns false
// when there is no estimate.
func (s *snapshot) planEnd(plan []Planned, people int) (ending, bool) {
	var last ending
	involved := map[string]bool{}
	for _, p := range plan {
		q := p.Target.Line(p.Priority)
		at := s.creates(p.Target, p.Priority, s.waiting(q))
		if at.IsZero() {
			return ending{}, false
		}
		names := s.of(p.Target)
		waits := p.NotBefore.After(at)
		if at = latest(at, p.NotBefore).Add(s.rollLook(names)); at.After(last.at) {
			last = ending{at: at, kind: pacing.Create, names: names, target: p.Target, waits: waits}
		}
		for _, name := range names {
			involved[name] = true
		}
	}
	names := s.among(involved)
	invites, stuck := s.invitesDone(names, s.invites.expect(people))
	if stuck {
		return ending{}, false
	}
	if invites.After(last.at) {
		last.at, last.kind, last.names, last.waits = invites, pacing.Invite, names, false
	}
	return last, true
}

// obstacleOf returns what stops the first planned target that is stopped.
func (s *snapshot) obstacleOf(plan []Planned) say.Phrase {
	for _, p := range plan {
		if why := s.queuePaused(tasks.CallQueue, s.of(p.Target)); !why.Zero() {
			return why
		}
		if why := s.obstacle(p.Target); !why.Zero() {
			return why
		}
	}
	return say.Phrase{Code: say.PlanInviter}
}

// bottleneck returns what sets a plan's duration, and what more instances would change.
func (s *snapshot) bottleneck(last ending, plan []Planned, people int) say.Phrase {
	if last.waits {
		return say.Phrase{Code: say.PlanTime, At: last.at}
	}
	able, outlooks := s.outlooks(last.names, last.kind, nil)
	p := say.Phrase{Code: say.PlanPace, N: len(able), Kind: string(last.kind), At: last.at, Place: last.target.Pool, Why: because(rate(outlooks, last.kind))}
	if len(able) > 0 {
		q := s.instances[able[0]].Create.Quiet
		if last.kind == pacing.Invite {
			q = s.instances[able[0]].Quiet
		}
		p.From, p.To = q.From, q.To
	}
	p.M, p.Until = s.moreInstances(last, able, plan, people)
	return p
}

// worthwhile is how long a plan must take before more instances are suggested.
const worthwhile = time.Hour

// moreInstances returns how many more instances of the same kind would halve the time, and when the plan would
// then be over.
func (s *snapshot) moreInstances(last ending, able []string, plan []Planned, people int) (int, time.Time) {
	left := last.at.Sub(s.now)
	if left < worthwhile || len(able) == 0 {
		return 0, time.Time{}
	}
	_, outlooks := s.outlooks(last.names, last.kind, nil)
	fresh := outlooks[0]
	fresh.Next, fresh.Today, fresh.DayEnd = s.now, 0, time.Time{}
	n := s.forecast().total[able[0]]
	for _, name := range able[1:] {
		n += s.forecast().total[name]
	}
	if last.kind == pacing.Invite {
		n = s.invites.expect(people)
		for _, name := range able {
			n += s.waiting(tasks.InviteLine(name))
		}
	}
	for more := 1; more <= 10*len(able); more++ {
		outlooks = append(outlooks, fresh)
		at, _ := pacing.Drain(outlooks, n)
		if last.kind == pacing.Create {
			at = at.Add(s.rollLook(able))
		}
		if !at.IsZero() && at.Sub(s.now) <= left/2 {
			return more, at
		}
	}
	return 0, time.Time{}
}

// rate returns how fast instances are, by their tightest limit.
func rate(outlooks []pacing.Outlook, kind pacing.Kind) say.Phrase {
	if len(outlooks) == 0 {
		return say.Phrase{Code: say.RateUnknown}
	}
	first := outlooks[0].Pace
	perDay, capped, same := 0, true, true
	for _, o := range outlooks {
		perDay += o.Pace.PerDay
		capped = capped && o.Pace.PerDay > 0 && time.Duration(o.Pace.PerDay)*o.Pace.Every < 24*time.Hour
		same = same && o.Pace == first
	}
	p := say.Phrase{N: len(outlooks), Kind: string(kind)}
	switch {
	case capped && same:
		p.Code, p.PerDay = say.RateDay, first.PerDay
	case capped:
		p.Code, p.PerDay = say.RateTogether, perDay
	case same:
		p.Code, p.Every = say.RateEvery, first.Every
	default:
		p.Code = say.RateOwn
	}
	return p
}
