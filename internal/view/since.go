package view

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

// waitsSince returns when the wait of a group began: the pause, the rest, the outage, its place in line. It is
// zero when no record has that time.
func (s *snapshot) waitsSince(g *group.Group) time.Time {
	if !g.Wait.For.Zero() && g.Wait.Until.After(s.now) && g.Status != group.Review {
		return time.Time{}
	}
	switch g.Status {
	case group.Queued:
		return s.createWaitsSince(g)
	case group.Creating:
		return latestCall(g).StartedAt
	case group.Verifying:
		return s.heldSince(g.Instance, tasks.ReadQueue, g.Verify.From)
	case group.Inviting:
		if !g.Called {
			return s.heldSince(g.Instance, tasks.ReadQueue, g.Roll.From)
		}
		return s.heldSince(g.Instance, tasks.CallQueue, time.Time{})
	case group.Review:
		if g.Error != nil {
			return g.Error.At
		}
	}
	return time.Time{}
}

// createWaitsSince returns when a queued group began to wait for what waitForCreate says.
func (s *snapshot) createWaitsSince(g *group.Group) time.Time {
	line := g.CreatedAt
	switch a := g.Latest(); {
	case a == nil:
	case g.TryingFrom.IsZero(): // put back by a person; the time is not recorded
		line = time.Time{}
	default:
		line = a.EndedAt
	}
	if g.NotBefore.After(s.now) {
		return line
	}
	if s.paused[tasks.CallQueue] {
		return time.Time{}
	}
	if s.obstacle(g.Target).Zero() {
		return line
	}
	return s.shutSince(s.of(g.Target), pacing.Create)
}

// heldSince returns when an instance or its queue stopped, or zero if that is unknown. If the instance is working, it
// returns fallback.
func (s *snapshot) heldSince(name, queue string, fallback time.Time) time.Time {
	i := s.instances[name]
	switch {
	case i == nil, s.paused[queue]:
		return time.Time{}
	case !i.served:
		return i.since()
	case queue == tasks.CallQueue && !s.shut(i, pacing.Invite).Zero():
		return s.shutSince([]string{name}, pacing.Invite)
	}
	return fallback
}

// shutSince returns since when all the named instances have been unable to make calls of a kind, or zero if that is
// unknown for one of them.
func (s *snapshot) shutSince(names []string, kind pacing.Kind) time.Time {
	var since time.Time
	for _, name := range names {
		i := s.instances[name]
		at := i.since()
		if rest, rests := i.restOf(kind); at.IsZero() && rests && rest.Since != nil {
			at = *rest.Since
		}
		if at.IsZero() && i.view(kind).Reason == pacing.ReasonQuiet {
			at = i.paceOf(kind).QuietSince(s.now)
		}
		if at.IsZero() {
			return at
		}
		since = latest(since, at)
	}
	return since
}
