package status

import (
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/tasks"
)

// position is where a group stands among the others.
type position struct {
	ahead int       // groups of the same target that were accepted before it and wait too
	due   time.Time // when its reading is due; zero when it is due already
}

// wait says what a group waits for, and until when as far as anybody can tell. Every group that has
// not ended waits for something: the sentence is "" only for one that has.
func (s *scene) wait(g *group.Group, p position) (string, time.Time) {
	if g.Wait.For != "" && g.Wait.Until.After(s.now) && g.Status != group.Review {
		return g.Wait.For, g.Wait.Until
	}
	switch g.Status {
	case group.Queued:
		return s.waitForCreate(g, p)
	case group.Creating:
		return fmt.Sprintf("the answer to the create call of %s", g.Instance), g.Latest().Until
	case group.Verifying:
		return s.waitForReading(g, p, "the next look into the lists of %s, because a create had no clear answer")
	case group.Inviting:
		if !g.Called {
			return s.waitForReading(g, p, "the next reading of the group's members by %s")
		}
		return s.waitForInvites(g)
	case group.Review:
		if g.Error == nil {
			return "a person", time.Time{}
		}
		return "a person: " + g.Error.Message, time.Time{}
	default:
		return "", time.Time{}
	}
}

// waitForReading is the waiting for a look or a roll call: no pace holds them, only a worker does.
func (s *scene) waitForReading(g *group.Group, p position, what string) (string, time.Time) {
	if i := s.instances[g.Instance]; i == nil || !i.served {
		return s.unserved(tasks.Target{Instance: g.Instance}), time.Time{}
	}
	if why := s.queuePaused(tasks.ReadQueue, []string{g.Instance}); why != "" {
		return why, time.Time{}
	}
	return fmt.Sprintf(what, g.Instance), latest(p.due, s.now)
}

func (s *scene) waitForCreate(g *group.Group, p position) (string, time.Time) {
	ahead := s.before(g, p)
	at := s.creates(g.Target, g.Priority, ahead+1)
	if g.NotBefore.After(s.now) {
		return "its time: it must not be created before " + clockText(g.NotBefore), latest(g.NotBefore, at)
	}
	why := s.queuePaused(tasks.CallQueue, s.of(g.Target))
	if why == "" {
		why = s.obstacle(g.Target)
	}
	if why == "" {
		why = s.turn(g, ahead+s.preferred(g))
	}
	if !g.ExpiresAt.IsZero() && at.After(g.ExpiresAt) {
		why += "; it expires before that, at " + clockText(g.ExpiresAt)
	}
	return why, at
}

// before is how many groups of its queue come before a queued one.
func (s *scene) before(g *group.Group, p position) int {
	return max(0, min(p.ahead, s.waiting(g.Target.Line(g.Priority))-1))
}

// preferred is how many groups of a higher priority wait for the same target.
func (s *scene) preferred(g *group.Group) int {
	n := 0
	for _, p := range priorities {
		if p == g.Priority {
			break
		}
		n += s.waiting(g.Target.Line(p))
	}
	return n
}

// obstacle is what keeps a target from creating at all now; "" when only the pace does.
func (s *scene) obstacle(t tasks.Target) string {
	names := s.of(t)
	var reasons []string
	served := false
	for _, name := range names {
		i := s.instances[name]
		served = served || i.served
		why := s.shut(i, pacing.Create)
		if why == "" {
			return ""
		}
		reasons = append(reasons, why)
	}
	switch {
	case !served:
		return s.unserved(t)
	case t.Pool == "":
		return "the instance: " + reasons[0]
	case len(reasons) > 3:
		reasons = append(reasons[:3], fmt.Sprintf("and %d more", len(reasons)-3))
	}
	return fmt.Sprintf("an instance of the pool %s: %s", t.Pool, strings.Join(reasons, ", "))
}

// shut is why an instance makes no call of a kind now, apart from its pace and a call under way.
func (s *scene) shut(i *seat, kind pacing.Kind) string {
	view := i.view(kind)
	state, reason, until := i.state()
	switch {
	case i.unknownTo != "" && i.served && !i.paused() && i.held == "":
		return i.Name + " waits: " + reason
	case state == provider.UnknownState && i.served, state == provider.Ready:
		rest, rests := i.restOf(kind)
		if rests && rest.Kind == "" {
			return fmt.Sprintf("%s makes no calls until %s (%s)", i.Name, clockText(rest.Until), rest.Text())
		}
		if view.Reason == pacing.ReasonDayCap {
			return fmt.Sprintf("%s has made its %d %ss of this day (%s)", i.Name, i.paceOf(kind).PerDay, kind, i.paceOf(kind).Location())
		}
		if pace := i.paceOf(kind); view.Reason == pacing.ReasonQuiet {
			return fmt.Sprintf("%s makes no %ss from %s to %s (%s)", i.Name, kind, clockOfDay(pace.Quiet.From), clockOfDay(pace.Quiet.To), pace.Location())
		}
		if rests {
			return fmt.Sprintf("%s makes no %ss until %s (%s)", i.Name, kind, clockText(rest.Until), rest.Text())
		}
		return ""
	case !i.served && !i.paused():
		return strings.TrimSuffix(nobodyServes, "it") + i.Name
	}
	text := i.Name + " is " + string(state)
	if reason != "" {
		text += " (" + reason + ")"
	}
	if !until.IsZero() {
		text += " until " + clockText(until)
	}
	return text
}

// turn is the waiting for the groups before it and for the pace.
func (s *scene) turn(g *group.Group, ahead int) string {
	where, every := "at "+g.Target.Instance, ""
	if g.Target.Pool == "" {
		every = ", " + rhythm(s.instances[g.Target.Instance].Create)
	} else if names := s.pools[g.Target.Pool]; len(names) == 1 {
		where = "at " + names[0]
		every = ", " + rhythm(s.instances[names[0]].Create)
	} else {
		where = fmt.Sprintf("at the %d instances of the pool %s", len(names), g.Target.Pool)
		if n := s.shutOf(g.Target.Pool); n > 0 {
			where += fmt.Sprintf(" (%d of them shut)", n)
		}
	}
	switch ahead {
	case 0:
		return "its turn " + where + ": it is the next" + every
	case 1:
		return "its turn " + where + ": one group is before it" + every
	default:
		return fmt.Sprintf("its turn %s: %d groups are before it%s", where, ahead, every)
	}
}

// shutOf is how many of a pool's instances create nothing now.
func (s *scene) shutOf(pool string) int {
	n, counted := s.shutIn[pool]
	if counted {
		return n
	}
	for _, name := range s.pools[pool] {
		if s.shut(s.instances[name], pacing.Create) != "" {
			n++
		}
	}
	s.shutIn[pool] = n
	return n
}

func (s *scene) waitForInvites(g *group.Group) (string, time.Time) {
	invites := g.Counts()[group.InviteQueued]
	toAdd, called := g.ToAdd()
	n := invites + toAdd
	if n == 0 && called > 0 {
		return s.waitForReading(g, position{due: g.Watch.At}, "the next reading of the group's members by %s, which shows who was added")
	}
	i := s.instances[g.Instance]
	if i == nil || !i.served {
		return s.unserved(tasks.Target{Instance: g.Instance}), time.Time{}
	}
	queued := max(n, s.waiting(tasks.InviteLine(g.Instance)))
	_, outlooks := s.outlooks([]string{g.Instance}, pacing.Invite, nil)
	at, _ := pacing.Drain(outlooks, queued)
	what := pacedText(invites, toAdd)
	if why := s.queuePaused(tasks.CallQueue, []string{g.Instance}); why != "" {
		return what + ": they wait for " + why, time.Time{}
	}
	if why := s.shut(i, pacing.Invite); why != "" {
		return what + ": " + why, at
	}
	return fmt.Sprintf("%s: %d are queued at %s, %s", what, queued, g.Instance, rhythm(i.Invite)), at
}

// pacedText names what waits for the pace of invitations: they, and the people who are added later.
func pacedText(invites, toAdd int) string {
	what := "an invitation"
	if invites != 1 {
		what = fmt.Sprintf("%d invitations", invites)
	}
	switch {
	case toAdd == 0:
		return what
	case toAdd == 1 && invites == 0:
		return "a person to add"
	case toAdd == 1:
		return what + " and a person to add"
	case invites == 0:
		return fmt.Sprintf("%d people to add", toAdd)
	}
	return fmt.Sprintf("%s and %d people to add", what, toAdd)
}

// unserved is the waiting of what nobody runs.
func (s *scene) unserved(t tasks.Target) string {
	if t.Pool != "" {
		return "a worker: no worker serves the pool " + t.Pool
	}
	return "a worker: no worker serves the instance " + t.Instance
}

// rhythm is a pace in words.
func rhythm(p pacing.Pace) string {
	text := "one every " + DurationText(p.Every)
	if p.Every <= 0 {
		text = "one after the other"
	}
	if p.PerDay > 0 {
		text += fmt.Sprintf(", %d a day", p.PerDay)
	}
	return text
}

// DurationText is a duration as people write it: 5m, not 5m0s.
func DurationText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func clockText(t time.Time) string { return t.UTC().Format(time.RFC3339) }
