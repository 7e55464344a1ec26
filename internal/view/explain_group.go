package view

import (
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

func (e *explainer) group(g *group.Group, at position, workers int) {
	answer, until := e.wait(g, at)
	e.Answer, e.Until, e.Since = say.Phrase{Code: say.WaitsFor, Why: because(answer)}, moment(until), moment(e.waitsSince(g))
	switch g.Status {
	case group.Queued:
		e.queued(g, at)
	case group.Creating:
		e.attempt(g)
		e.do(say.Phrase{Code: say.DoNothingCall})
	case group.Verifying:
		e.fact("looks", say.Phrase{Code: say.FactLooks, N: g.Verify.Looks, M: g.Verify.Failures})
		e.attempt(g)
		e.serving(tasks.Target{Instance: g.Instance})
		if e.paused[tasks.ReadQueue] {
			e.lift([]string{g.Instance})
		}
		e.do(say.Phrase{Code: say.DoNothingLook})
	case group.Inviting:
		e.inviting(g)
	case group.Review:
		e.review(g)
	default:
		e.ended(g)
	}
	if g.Replaces != "" {
		e.fact("replaces", say.Phrase{Code: say.FactReplaces, Place: g.Replaces})
	}
	e.people(g)
	e.setUp(g)
	e.standing(g)
	if !g.Status.Ended() {
		e.workers(workers)
	}
}

func (e *explainer) queued(g *group.Group, at position) {
	e.fact("line", say.Phrase{
		Code: say.FactLine, N: e.before(g, at), M: e.preferred(g), Kind: string(g.Priority), Name: g.Target.Instance, Place: g.Target.Pool,
	})
	if !g.NotBefore.IsZero() {
		e.fact("time", say.Phrase{Code: say.FactNotBefore, At: g.NotBefore})
	}
	if !g.ExpiresAt.IsZero() {
		e.fact("time", say.Phrase{Code: say.FactExpires, At: g.ExpiresAt})
	}
	if !g.Wait.For.Zero() && g.Wait.Until.After(e.now) {
		e.fact("pause", say.Phrase{Code: say.FactPause, Why: because(g.Wait.For), Until: g.Wait.Until})
	}
	e.attempt(g)
	if e.paused[tasks.CallQueue] {
		e.lift(e.of(g.Target))
	}
	e.serving(g.Target)
	if len(e.Do) == 0 {
		e.do(say.Phrase{Code: say.DoNothingTurn})
	}
	e.do(say.Phrase{Code: say.DoEdit})
	e.do(say.Phrase{Code: say.DoCancel})
}

func (e *explainer) inviting(g *group.Group) {
	if e.paused[tasks.ReadQueue] || g.Called && e.paused[tasks.CallQueue] {
		e.lift([]string{g.Instance})
	}
	if !g.Called {
		e.fact("rollCall", say.Phrase{Code: say.FactRoll, N: g.Roll.Looks, M: g.Roll.Failures})
		e.serving(tasks.Target{Instance: g.Instance})
		return
	}
	e.fact("invitations", say.Phrase{
		Code: say.FactInvites, N: g.Counts()[group.InviteQueued], M: e.waiting(tasks.InviteLine(g.Instance)), Name: g.Instance,
	})
	if toAdd, called := g.ToAdd(); toAdd+called > 0 {
		e.fact("peopleLater", say.Phrase{Code: say.FactLater, N: toAdd, M: called})
	}
	if i := e.instances[g.Instance]; i != nil {
		if i.Quiet.From != i.Quiet.To {
			e.fact("quietHours", say.Phrase{Code: say.FactNight, From: i.Quiet.From, To: i.Quiet.To, Place: i.QuietZone})
		}
		e.calls(i, pacing.Invite)
		e.slowed(i)
		e.lastError(i)
		e.open(i)
	}
	if len(e.Do) == 0 {
		e.do(say.Phrase{Code: say.DoNothingInvites})
	}
}

// setUp adds a fact for each step of the group's set-up, and advice for each that is refused, unsupported or
// unknown.
func (e *explainer) setUp(g *group.Group) {
	if g.Setup == nil {
		return
	}
	for _, s := range g.Setup.Steps {
		p := say.Phrase{Code: say.FactStep, Place: string(s.Name), Kind: string(s.Status)}
		if !s.Reason.Zero() {
			p.Why = because(s.Reason)
		}
		if s.Status == group.StepWanted && s.At.After(e.now) {
			p.At = s.At
		}
		e.fact("setUp", p)
		if s.Status == group.StepRefused || s.Status == group.StepUnsupported || s.Status == group.StepUnknown {
			e.do(say.Phrase{Code: say.DoStep, Place: string(s.Name)})
		}
	}
	staff := 0
	for i := range g.Members {
		if g.Members[i].Staff {
			staff++
		}
	}
	if staff > 0 {
		e.fact("staff", say.Phrase{Code: say.FactStaff, N: staff})
	}
}

// standing adds a fact and advice when our own number is no longer an admin, or no longer in the group.
func (e *explainer) standing(g *group.Group) {
	switch g.Sight.Own {
	case group.StandingMember:
		e.fact("ownNumber", say.Phrase{Code: say.FactOwnMember, At: g.Sight.At})
		e.do(say.Phrase{Code: say.DoPromote})
	case group.StandingOut:
		e.fact("ownNumber", say.Phrase{Code: say.FactOwnOut, At: g.Sight.At})
		e.do(say.Phrase{Code: say.DoReadd})
	default:
	}
}

func (e *explainer) review(g *group.Group) {
	e.attempt(g)
	adopt := []say.Phrase{{Code: say.DoAdopt}}
	if g.Error != nil {
		e.fact("evidence", say.Phrase{Code: say.FactError, Kind: string(g.Error.Code), Why: []say.Phrase{g.Error.Message, g.Error.Remedy}})
		if len(g.Error.Candidates) > 0 {
			adopt = nil
		}
		for _, c := range g.Error.Candidates {
			e.fact("candidate", say.Phrase{Code: say.FactCandidate, Place: c.GroupID, Text: c.Name, N: c.People})
			adopt = append(adopt, say.Phrase{Code: say.DoAdoptThis, Place: c.GroupID})
		}
	}
	for _, p := range adopt {
		e.do(p)
	}
	if !g.Overdue(e.now) && !g.Exists() {
		e.do(say.Phrase{Code: say.DoRecreate})
	}
	e.do(say.Phrase{Code: say.DoAbandon})
}

func (e *explainer) ended(g *group.Group) {
	e.Until = nil
	if g.ReplacedBy != "" {
		e.fact("replaced", say.Phrase{Code: say.FactReplaced, Place: g.ReplacedBy})
	}
	for _, id := range g.StrayIDs() {
		e.fact("lateGroup", say.Phrase{Code: say.FactLateGroup, Place: id})
		if !g.TakesLate(e.now) {
			e.do(say.Phrase{Code: say.DoDeleteLate, Place: id})
		}
	}
	if g.TakesLate(e.now) {
		e.do(say.Phrase{Code: say.DoTakeLate, Place: g.Strays[0].GroupID}) // the others are then candidates of a review
	}
	switch g.Status {
	case group.Failed:
		e.Answer = say.Phrase{Code: say.FailedAnswer}
		if g.Error != nil {
			e.Answer.Why = because(g.Error.Message)
			e.fact("error", say.Phrase{Code: say.FactError, Kind: string(g.Error.Code), Why: because(g.Error.Message)})
			e.do(g.Error.Remedy)
		}
		e.attempt(g)
		e.again(g)
	case group.Cancelled:
		e.Answer = say.Phrase{Code: say.CancelledAnswer}
		if !g.Exists() {
			e.again(g)
		}
	default:
		e.Answer = say.Phrase{Code: say.DoneAnswer}
		if !g.Watch.At.IsZero() {
			e.fact("reading", say.Phrase{Code: say.FactWatch, At: g.Watch.At})
		}
	}
}

// again adds advice on how to retry a group that does not exist. An overdue group cannot be retried.
func (e *explainer) again(g *group.Group) {
	if g.ReplacedBy != "" {
		e.do(say.Phrase{Code: say.DoNothingReplaced, Place: g.ReplacedBy})
		return
	}
	if _, refused := g.Correction(); refused == nil {
		defer e.do(say.Phrase{Code: say.DoEdit})
	}
	switch {
	case len(g.Strays) > 0: // ended has added the advice
	case !g.Overdue(e.now):
		e.do(say.Phrase{Code: say.DoRetry})
	case g.Error == nil || g.Error.Code != group.CodeExpired: // the remedy of an expired group says so already
		e.do(say.Phrase{Code: say.DoResend})
	}
}

// attempt adds a fact about the latest create call.
func (e *explainer) attempt(g *group.Group) {
	if len(g.Attempts) == 0 {
		return
	}
	a := g.Latest()
	p := say.Phrase{Code: say.FactCall, N: a.N, Name: a.Instance, Kind: string(a.Outcome), At: a.EndedAt}
	if a.Outcome == group.Open {
		p.At, p.Until = a.StartedAt, a.Until
	} else if !a.Error.Zero() {
		p.Why = because(a.Error)
	}
	e.fact("call", p)
}

// people counts the group's people by state. It leaves out states without people.
func (e *explainer) people(g *group.Group) {
	counts := g.Counts()
	p := say.Phrase{Code: say.FactPeople}
	for _, s := range group.MemberStatuses {
		if n := counts[s]; n > 0 {
			p.Why = append(p.Why, say.Phrase{Code: say.FactPeopleOf, N: n, Kind: string(s)})
		}
	}
	if len(p.Why) > 0 {
		e.fact("people", p)
	}
}

func (e *explainer) workers(n int) { e.fact("workers", say.Phrase{Code: say.FactWorkers, N: n}) }
