package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// At is when reading number i (from 0) of schedule is due. The deciding one, the last, is never
// counted from before the call was surely over.
func (l Looking) At(schedule []time.Duration, i int) time.Time {
	if len(schedule) == 0 {
		return l.From
	}
	i = min(i, len(schedule)-1)
	from := l.From
	if i == len(schedule)-1 && l.Until.After(from) {
		from = l.Until
	}
	return from.Add(schedule[i])
}

// Last says that the next reading is the deciding one.
func (l Looking) Last(schedule []time.Duration) bool { return l.Looks >= len(schedule)-1 }

// Looked counts a look that does not decide. Found is how many groups it showed of which only a
// person could say that they are not the one.
func (g *Group) Looked(found int, now time.Time) error {
	if g.Status != Verifying {
		return g.refuse("count a look")
	}
	g.saw(found, say.Phrase{}, now)
	g.Verify.Looks++
	g.Verify.Failures = 0
	g.UpdatedAt = now
	return nil
}

// LookFailed counts a look that could not read the lists: one that does not decide is skipped, the
// deciding one is repeated. When giveUp is over a person must decide.
func (g *Group) LookFailed(why say.Phrase, last bool, giveUp time.Duration, now time.Time) error {
	if g.Status != Verifying {
		return g.refuse("count a failed look")
	}
	g.saw(0, why, now)
	g.UpdatedAt = now
	if !last {
		g.Verify.Looks++
		return nil
	}
	g.Verify.Failures++
	if now.Sub(g.Verify.From) >= giveUp {
		g.Doubtful(say.Phrase{Code: say.ErrorListsUnread, Why: []say.Phrase{why}}, now)
	}
	return nil
}

// Adopt takes a group that was found as the one this request made.
func (g *Group) Adopt(ans Answer, now time.Time) error {
	if g.Status != Verifying {
		return g.refuse("adopt a group")
	}
	g.saw(1, say.Phrase{}, now)
	g.Adopted = true
	g.exists(ans, now)
	return nil
}

// FirstDoubt is when the first create of this request began whose outcome was not told: any group
// that came since may be its.
func (g *Group) FirstDoubt() (time.Time, bool) {
	for _, a := range g.Attempts {
		if a.Outcome == OutcomeUnknown {
			return a.StartedAt, true
		}
	}
	return time.Time{}, false
}

// Absent records that the deciding look read all lists and found nothing: surely no group. It is
// created again, in a new round, until giveUp is over; not if the provider had said no, which is now
// known to be a refusal.
func (g *Group) Absent(giveUp time.Duration, now time.Time) error {
	if g.Status != Verifying {
		return g.refuse("record the group's absence")
	}
	g.saw(0, say.Phrase{}, now)
	switch a := g.Latest(); {
	case a.Denied:
		g.refused(say.ErrorRefusedUnseen, a, now)
		return nil
	case now.Sub(g.TryingFrom) >= giveUp:
		g.gaveUp(a.Error, now)
		return nil
	}
	g.Round++
	g.Verify = Looking{}
	g.requeue(now)
	return nil
}

// Doubtful asks a person, because nothing that we can read decides: why says so of the create's time.
func (g *Group) Doubtful(why say.Phrase, now time.Time) {
	why.At = g.Latest().StartedAt
	g.review(Error{
		Code:    CodeUnverifiable,
		Message: why,
		Remedy:  say.Phrase{Code: say.RemedyUnverifiable},
	}, now)
}

// Ambiguous asks a person which of several groups is the one.
func (g *Group) Ambiguous(candidates []Candidate, now time.Time) error {
	if g.Status != Verifying && g.Status != Queued {
		return g.refuse("record several candidates")
	}
	g.saw(len(candidates), say.Phrase{}, now)
	g.review(Error{
		Code:       CodeAmbiguous,
		Message:    say.Phrase{Code: say.ErrorAmbiguous, N: len(candidates)}, // a single one may be another request's already
		Remedy:     say.Phrase{Code: say.RemedyAmbiguous},
		Candidates: candidates,
	}, now)
	return nil
}
