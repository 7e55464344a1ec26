package view

import (
	"context"
	"fmt"
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
	NotBefore time.Time // of the latest of them; zero when all may begin
}

// Prospect is what would become of a plan.
type Prospect struct {
	// EtaAt is when all of it would be over, behind what waits already. It is zero when there is
	// nothing to do or nobody can say.
	EtaAt time.Time
	// Bottleneck says in a sentence what it would take so long for, and what more instances would
	// change; "" when there is nothing to do.
	Bottleneck string
	// Instances are the groups that each instance would create, if nothing goes wrong.
	Instances map[string]int
}

// Plan foresees groups that are not accepted yet, put behind all that waits. People is how many would
// be asked to join them.
func (r *Reader) Plan(ctx context.Context, plan []Planned, people int) (Prospect, error) {
	all, err := r.read(ctx)
	if err != nil {
		return Prospect{}, err
	}
	return all.plan(plan, people), nil
}

func (s *scene) plan(plan []Planned, people int) Prospect {
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
		p.Bottleneck = "no estimate yet: they wait for " + with.obstacleOf(plan)
		return p
	}
	p.EtaAt = last.at
	p.Bottleneck = with.bottleneck(last, plan, people)
	return p
}

// with is the scene as it would be with the planned groups in their queues.
func (s *scene) with(plan []Planned) *scene {
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

// ending is when a plan is over, and what it is that ends last.
type ending struct {
	at     time.Time
	kind   pacing.Kind
	names  []string     // the instances that do it
	target tasks.Target // whose creates end last
	waits  bool         // it ends so late because it must not begin earlier
}

// planEnd is when planned groups that are in their queues by now would be over.
func (s *scene) planEnd(plan []Planned, people int) (ending, bool) {
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

// obstacleOf is what keeps the first planned target that nobody can foresee from being created.
func (s *scene) obstacleOf(plan []Planned) string {
	for _, p := range plan {
		if why := s.queuePaused(tasks.CallQueue, s.of(p.Target)); !why.Zero() {
			return why.String()
		}
		if why := s.obstacle(p.Target); !why.Zero() {
			return why.String()
		}
	}
	return "an instance that may invite"
}

// bottleneck says what a plan takes so long for, and what more instances would change.
func (s *scene) bottleneck(last ending, plan []Planned, people int) string {
	if last.waits {
		return fmt.Sprintf("the latest notBefore decides: done about %s", clockText(last.at))
	}
	able, outlooks := s.outlooks(last.names, last.kind, nil)
	text := fmt.Sprintf("%s, %s: done about %s", counted(len(able), "instance"), rate(outlooks, last.kind), clockText(last.at))
	if last.kind == pacing.Create && able != nil {
		if q := s.instances[able[0]].Create.Quiet; q.From != q.To {
			text += fmt.Sprintf(", with no group created from %s to %s", clockOf(q.From), clockOf(q.To))
		}
	}
	if last.kind == pacing.Invite && able != nil {
		if q := s.instances[able[0]].Quiet; q.From != q.To {
			text += fmt.Sprintf(", with nobody invited from %s to %s", clockOf(q.From), clockOf(q.To))
		}
	}
	more, at := s.moreInstances(last, able, plan, people)
	if more == 0 {
		return text
	}
	what := counted(more, "more instance")
	if last.target.Pool == "" {
		what += " in a pool"
	}
	return fmt.Sprintf("%s; %s would make it %s", text, what, clockText(at))
}

// worthwhile is how long something must take before more instances are spoken of.
const worthwhile = time.Hour

// moreInstances is how many more of the same kind would halve the time, and when it would be over then.
func (s *scene) moreInstances(last ending, able []string, plan []Planned, people int) (int, time.Time) {
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

// rate is how quick instances are, by what binds them: "20 a day each", "one every 5m each".
func rate(outlooks []pacing.Outlook, kind pacing.Kind) string {
	what := ""
	if kind == pacing.Invite {
		what = " invitations"
	}
	perDay, capped := 0, true
	for _, o := range outlooks {
		perDay += o.Pace.PerDay
		capped = capped && o.Pace.PerDay > 0 && time.Duration(o.Pace.PerDay)*o.Pace.Every < 24*time.Hour
	}
	each := " each"
	if len(outlooks) == 1 {
		each = ""
	}
	switch {
	case len(outlooks) == 0:
		return "which nobody knows the pace of"
	case capped && same(outlooks):
		return fmt.Sprintf("%d%s a day%s", outlooks[0].Pace.PerDay, what, each)
	case capped:
		return fmt.Sprintf("%d%s a day together", perDay, what)
	case !same(outlooks):
		return "each at its own pace"
	case outlooks[0].Pace.Every <= 0:
		return "one call after the other" + each
	case kind == pacing.Invite:
		return "one invitation every " + say.Duration(outlooks[0].Pace.Every) + each
	}
	return "one every " + say.Duration(outlooks[0].Pace.Every) + each
}

func same(outlooks []pacing.Outlook) bool {
	return !slices.ContainsFunc(outlooks, func(o pacing.Outlook) bool { return o.Pace != outlooks[0].Pace })
}

func clockOf(d time.Duration) string {
	return time.Time{}.Add(d).Format("15:04")
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
