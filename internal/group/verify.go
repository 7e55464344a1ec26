package group

import (
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// At returns when reading number i (from 0) of schedule is due. The last one decides, so it is counted from
// the moment when the call can no longer be in progress.
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

// Last reports whether the next reading decides.
func (l Looking) Last(schedule []time.Duration) bool { return l.Looks >= len(schedule)-1 }

// Looked counts a look that does not decide. found is how many groups it showed that may be the one
// this request made.
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

// LookFailed counts a look that could not read the lists. A look that does not decide is skipped; the
// deciding one is repeated until giveUp is over, and then a person must decide.
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

// Adopt takes a found group as the one that this request made.
func (g *Group) Adopt(ans Answer, now time.Time) error {
	if g.Status != Verifying {
		return g.refuse("adopt a group")
	}
	g.saw(1, say.Phrase{}, now)
	g.Adopted = true
	g.exists(ans, now)
	return nil
}

// FirstDoubt returns when the first create of this request with an unknown outcome began. Any group that
// appeared since may be its result.
func (g *Group) FirstDoubt() (time.Time, bool) {
	for _, a := range g.Attempts {
		if a.Outcome == OutcomeUnknown {
			return a.StartedAt, true
		}
	}
	return time.Time{}, false
}

// MayHaveSecond reports whether a create with an unknown outcome may have made a second group of the request. If a person
// has named the group, it reports false: the person has chosen between the two.
func (g *Group) MayHaveSecond() bool {
	_, doubted := g.FirstDoubt()
	return doubted && g.Latest().Number != ""
}

// repeated reports whether the create was repeated after an attempt with an unknown outcome.
func (g *Group) repeated() bool {
	earlier := g.Attempts[:max(0, len(g.Attempts)-1)]
	return g.MayHaveSecond() && slices.ContainsFunc(earlier, func(a Attempt) bool { return a.Outcome == OutcomeUnknown })
}

// Absent records that the deciding look read all lists and found no group: the create made none. The
// group is created again, in a new round, until giveUp is over. If the provider had said no, the create
// is now known to be refused, and the group fails.
func (g *Group) Absent(giveUp time.Duration, now time.Time) error {
	if g.Status != Verifying {
		return g.refuse("record the group's absence")
	}
	g.saw(0, say.Phrase{}, now)
	switch a := g.Latest(); {
	case g.takeStray(now):
		return nil
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

// Doubtful puts the group in review, because no reading can decide. It sets why.At to the start of the
// latest create.
func (g *Group) Doubtful(why say.Phrase, now time.Time) {
	why.At = g.Latest().StartedAt
	g.review(Error{
		Code:    CodeUnverifiable,
		Message: why,
		Remedy:  say.Phrase{Code: say.RemedyUnverifiable},
	}, now)
}

// Ambiguous puts the group in review: a person must say which of the candidates is the one.
func (g *Group) Ambiguous(candidates []Candidate, now time.Time) error {
	if g.Status != Verifying && g.Status != Queued {
		return g.refuse("record several candidates")
	}
	g.saw(len(candidates), say.Phrase{}, now)
	g.review(Error{
		Code:       CodeAmbiguous,
		Message:    say.Phrase{Code: say.ErrorAmbiguous, N: len(candidates)}, // one, if another request may own it
		Remedy:     say.Phrase{Code: say.RemedyAmbiguous},
		Candidates: candidates,
	}, now)
	return nil
}
