package view

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// position is a group's place in line.
type position struct {
	ahead int       // groups of the same target and priority that were accepted before it and wait too
	due   time.Time // when its reading is due; zero when it is due already
}

// wait returns what a group waits for, and until when if there is an estimate. The phrase is zero only for a group
// that has ended.
func (s *snapshot) wait(g *group.Group, p position) (say.Phrase, time.Time) {
	if !g.Wait.For.Zero() && g.Wait.Until.After(s.now) && g.Status != group.Review {
		return g.Wait.For, g.Wait.Until
	}
	switch g.Status {
	case group.Queued:
		return s.waitForCreate(g, p)
	case group.Creating:
		return say.Phrase{Code: say.WaitAnswer, Name: g.Instance}, latestCall(g).Until
	case group.Verifying:
		return s.waitForReading(g, p, say.WaitLook)
	case group.Inviting:
		if !g.Called {
			return s.waitForReading(g, p, say.WaitReading)
		}
		return s.waitForInvites(g)
	case group.Review:
		if g.Error == nil {
			return say.Phrase{Code: say.WaitDecision}, time.Time{}
		}
		return say.Phrase{Code: say.WaitDecision, Why: because(g.Error.Message)}, time.Time{}
	default:
		return say.Phrase{}, time.Time{}
	}
}

// latestCall returns the latest attempt of a group; zero for a damaged record that has none.
func latestCall(g *group.Group) group.Attempt {
	if a := g.Latest(); a != nil {
		return *a
	}
	return group.Attempt{}
}

func because(why say.Phrase) []say.Phrase { return []say.Phrase{why} }

// waitForReading returns the wait for a look or a roll call, which need a worker but no turn of the pace.
func (s *snapshot) waitForReading(g *group.Group, p position, what say.Code) (say.Phrase, time.Time) {
	if i := s.instances[g.Instance]; i == nil || !i.served {
		return unserved(tasks.Target{Instance: g.Instance}), time.Time{}
	}
	if why := s.queuePaused(tasks.ReadQueue, []string{g.Instance}); !why.Zero() {
		return why, time.Time{}
	}
	return say.Phrase{Code: what, Name: g.Instance}, latest(p.due, s.now)
}

func (s *snapshot) waitForCreate(g *group.Group, p position) (say.Phrase, time.Time) {
	ahead := s.before(g, p)
	at := s.creates(g.Target, g.Priority, ahead+1)
	if g.NotBefore.After(s.now) {
		return say.Phrase{Code: say.WaitTime, At: g.NotBefore}, latest(g.NotBefore, at)
	}
	why := s.queuePaused(tasks.CallQueue, s.of(g.Target))
	if why.Zero() {
		why = s.obstacle(g.Target)
	}
	if why.Zero() {
		why = s.turn(g, ahead+s.preferred(g))
	}
	if !g.ExpiresAt.IsZero() && at.After(g.ExpiresAt) {
		why = say.Phrase{Code: say.WaitExpires, At: g.ExpiresAt, Why: because(why)}
	}
	return why, at
}

// before returns how many groups of its line come before a queued one.
func (s *snapshot) before(g *group.Group, p position) int {
	return max(0, min(p.ahead, s.waiting(g.Target.Line(g.Priority))-1))
}

// preferred returns how many groups of a higher priority wait for the same target.
func (s *snapshot) preferred(g *group.Group) int {
	n := 0
	for _, p := range priorities {
		if p == g.Priority {
			break
		}
		n += s.waiting(g.Target.Line(p))
	}
	return n
}

// maxTold is how many instances of a pool a wait names.
const maxTold = 3

// obstacle returns why no instance of a target can create now; zero when only the pace delays it.
func (s *snapshot) obstacle(t tasks.Target) say.Phrase {
	names := s.of(t)
	var reasons []say.Phrase
	served := false
	for _, name := range names {
		i := s.instances[name]
		served = served || i.served
		why := s.shut(i, pacing.Create)
		if why.Zero() {
			return why
		}
		reasons = append(reasons, why)
	}
	switch {
	case !served:
		return unserved(t)
	case t.Pool == "":
		return say.Phrase{Code: say.WaitInstance, Why: reasons}
	case len(reasons) > maxTold:
		return say.Phrase{Code: say.WaitPool, Place: t.Pool, Why: reasons[:maxTold], N: len(reasons) - maxTold}
	}
	return say.Phrase{Code: say.WaitPool, Place: t.Pool, Why: reasons}
}

// shut returns why an instance makes no call of a kind now, apart from its pace and a call under way.
func (s *snapshot) shut(i *instanceRow, kind pacing.Kind) say.Phrase {
	view, pace := i.view(kind), i.paceOf(kind)
	state, reason, until := i.state()
	switch {
	case i.unknownTo != "" && i.served && !i.paused() && i.held.Zero():
		return say.Phrase{Code: say.ShutUnknown, Name: i.Name, Place: i.unknownTo}
	case state == provider.UnknownState && i.served, state == provider.Ready:
		rest, rests := i.restOf(kind)
		if rests && rest.Kind == "" {
			return say.Phrase{Code: say.ShutRest, Name: i.Name, Until: rest.Until, Why: because(rest.Reason())}
		}
		if view.Reason == pacing.ReasonDayCap {
			return say.Phrase{Code: say.ShutDay, Name: i.Name, N: pace.PerDay, Kind: string(kind), Place: pace.Location().String()}
		}
		if view.Reason == pacing.ReasonQuiet {
			return say.Phrase{
				Code: say.ShutQuiet, Name: i.Name, Kind: string(kind), From: pace.Quiet.From, To: pace.Quiet.To, Place: pace.Location().String(),
			}
		}
		if rests {
			return say.Phrase{Code: say.ShutRestOf, Name: i.Name, Kind: string(kind), Until: rest.Until, Why: because(rest.Reason())}
		}
		return say.Phrase{}
	case !i.served && !i.paused():
		return say.Phrase{Code: say.ShutWorker, Name: i.Name}
	}
	return say.Phrase{Code: say.ShutState, Name: i.Name, Kind: string(state), Why: because(reason), Until: until}
}

// turn returns a group's wait for the groups before it and for the pace.
func (s *snapshot) turn(g *group.Group, ahead int) say.Phrase {
	name := g.Target.Instance
	if names := s.pools[g.Target.Pool]; g.Target.Pool != "" {
		if len(names) != 1 {
			return say.Phrase{Code: say.WaitTurn, Place: g.Target.Pool, Of: len(names), M: s.shutOf(g.Target.Pool), N: ahead}
		}
		name = names[0]
	}
	pace := s.instances[name].Create
	return say.Phrase{Code: say.WaitTurn, Name: name, N: ahead, Every: pace.Every, PerDay: pace.PerDay}
}

// shutOf returns how many of a pool's instances create nothing now.
func (s *snapshot) shutOf(pool string) int {
	n, counted := s.shutIn[pool]
	if counted {
		return n
	}
	for _, name := range s.pools[pool] {
		if !s.shut(s.instances[name], pacing.Create).Zero() {
			n++
		}
	}
	s.shutIn[pool] = n
	return n
}

func (s *snapshot) waitForInvites(g *group.Group) (say.Phrase, time.Time) {
	invites := g.Counts()[group.InviteQueued]
	toAdd, called := g.ToAdd()
	n := invites + toAdd
	if n == 0 && called > 0 {
		return s.waitForReading(g, position{due: g.Watch.At}, say.WaitReadingOfAdded)
	}
	i := s.instances[g.Instance]
	if i == nil || !i.served {
		return unserved(tasks.Target{Instance: g.Instance}), time.Time{}
	}
	if g.Held() {
		return say.Phrase{Code: say.WaitSetup, Until: g.HeldUntil()}, time.Time{}
	}
	queued := max(n, s.waiting(tasks.InviteLine(g.Instance)))
	_, outlooks := s.outlooks([]string{g.Instance}, pacing.Invite, nil)
	at, _ := pacing.Drain(outlooks, queued)
	wait := say.Phrase{Name: g.Instance, N: invites, M: toAdd, Of: queued, Every: i.Invite.Every, PerDay: i.Invite.PerDay}
	if why := s.queuePaused(tasks.CallQueue, []string{g.Instance}); !why.Zero() {
		wait.Code, wait.Why, at = say.WaitInvitesPaused, because(why), time.Time{}
	} else if why := s.shut(i, pacing.Invite); !why.Zero() {
		wait.Code, wait.Why = say.WaitInvitesShut, because(why)
	} else {
		wait.Code = say.WaitInvites
	}
	return wait, at
}

// unserved returns the wait for a target that no worker serves.
func unserved(t tasks.Target) say.Phrase {
	return say.Phrase{Code: say.WaitWorker, Name: t.Instance, Place: t.Pool}
}
