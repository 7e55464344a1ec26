package view

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

// waitsSince is when that began which wait tells of a group: the pause, the rest, the outage, its place in
// line. It is zero where nothing noted the moment.
func (s *snapshot) waitsSince(g *group.Group) time.Time {
	if !g.Wait.For.Zero() && g.Wait.Until.After(s.now) && g.Status != group.Review {
		return time.Time{}
	}
	switch g.Status {
	case group.Queued:
		return s.createWaitsSince(g)
	case group.Creating:
		return g.Latest().StartedAt
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

// createWaitsSince is since when a queued group waits for what waitForCreate tells.
func (s *snapshot) createWaitsSince(g *group.Group) time.Time {
	line := g.CreatedAt
	switch a := g.Latest(); {
	case a == nil:
	case g.TryingFrom.IsZero(): // put back by a person, who left no time
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

// heldSince is since when an instance, or the queue of what it works on, holds that; otherwise what is given
// for one that works.
func (s *snapshot) heldSince(name, queue string, otherwise time.Time) time.Time {
	i := s.instances[name]
	switch {
	case i == nil, s.paused[queue]:
		return time.Time{}
	case !i.served:
		return i.since()
	case queue == tasks.CallQueue && !s.shut(i, pacing.Invite).Zero():
		return s.shutSince([]string{name}, pacing.Invite)
	}
	return otherwise
}

// shutSince is since when all of some instances make no call of a kind; zero where that of one is not
// known.
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
