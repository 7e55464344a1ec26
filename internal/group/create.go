package group

import (
	"fmt"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// maxAttempts is how many attempts a record keeps: the first, those with an unknown outcome, and the latest ones.
const maxAttempts = 30

// Begun is the verdict of a Begin method.
type Begun int

// The verdicts.
const (
	Go    Begun = iota // the intent is written: call now
	Busy               // another worker's call is in progress: come back at the intent's Until
	Doubt              // the worker that may have called is gone: the outcome is unknown
	Past               // there is no call to make: see Status for what is next
)

// Begin writes the intent of a create, before the call. alive reports whether the owner of an open intent still sends
// heartbeats. An owner without heartbeats may have called, so the outcome is unknown and the group is verifying from
// then on.
func (g *Group) Begin(owner, instance string, budget time.Duration, alive func(owner string) bool, now time.Time) Begun {
	switch g.Status {
	case Queued:
		n := 1
		if a := g.Latest(); a != nil {
			n = a.N + 1
			if a.Outcome == OutcomeLimited {
				g.TryingFrom = time.Time{}
			}
		}
		if g.TryingFrom.IsZero() {
			g.TryingFrom = now
		}
		g.Instance = instance
		g.Attempts = append(g.Attempts, Attempt{
			N: n, Instance: instance, Owner: owner, StartedAt: now, Until: now.Add(budget),
		})
		g.dropAttempts()
		g.move(Creating, now)
		return Go
	case Creating:
		a := g.Latest()
		if now.Before(a.Until) && alive(a.Owner) {
			return Busy
		}
		g.unknown(a, 0, say.Phrase{Code: say.WorkerEnded}, a.Until, now)
		return Doubt
	default:
		return Past
	}
}

// dropAttempts drops the oldest attempts beyond maxAttempts. It drops an unknown attempt only if all attempts between
// the first and the newest are unknown, and never FirstDoubt's.
func (g *Group) dropAttempts() {
	for len(g.Attempts) > maxAttempts {
		drop := 1 + slices.IndexFunc(g.Attempts[1:len(g.Attempts)-1], func(a Attempt) bool { return a.Outcome != OutcomeUnknown })
		if drop == 0 {
			drop = 2
		}
		g.Attempts = slices.Delete(g.Attempts, drop, drop+1)
	}
}

// Latest returns the newest attempt, or nil.
func (g *Group) Latest() *Attempt {
	if len(g.Attempts) == 0 {
		return nil
	}
	return &g.Attempts[len(g.Attempts)-1]
}

// InDoubt reports whether a create of the request may have made a group that no worker has found yet:
// its outcome is open, or a person must decide.
func (g *Group) InDoubt() bool {
	switch g.Status {
	case Creating, Verifying:
		return true
	case Review:
		return !g.Exists() && len(g.Attempts) > 0
	default:
		return false
	}
}

// Answer is the result of a create call.
type Answer struct {
	HTTPStatus int
	Error      say.Phrase // a provider's words are redacted
	Denied     bool       // the provider said no, which does not prove that there is no group

	GroupID    string
	InviteLink string
	NotAdded   []string
}

// current returns attempt n if its outcome can still be written: it must be the newest attempt of a group that is
// creating or verifying. So a worker whose call counted as lost may still write its result while other workers look
// for the group.
func (g *Group) current(n int) (*Attempt, error) {
	a := g.Latest()
	if a == nil || a.N != n || (g.Status != Creating && g.Status != Verifying) {
		return nil, g.refuse(fmt.Sprintf("record the outcome of attempt %d", n))
	}
	return a, nil
}

func (a *Attempt) end(o Outcome, status int, why say.Phrase, now time.Time) {
	a.Outcome, a.HTTPStatus, a.Error, a.EndedAt = o, status, why, now
}

// Created records that attempt n made the group, even if the attempt counted as lost and the group now waits for
// another attempt, failed or is in review. If another attempt is open, another group was adopted, or a person has
// cancelled or replaced the request meanwhile, it records the group as a Stray.
func (g *Group) Created(n int, ans Answer, now time.Time) error {
	if SameWhatsApp(g.WhatsAppID, ans.GroupID) {
		return nil
	}
	var made *Attempt
	for i := range g.Attempts {
		if g.Attempts[i].N == n {
			made = &g.Attempts[i]
			made.end(OutcomeCreated, ans.HTTPStatus, say.Phrase{}, now)
		}
	}
	another := made != g.Latest() && (g.Status == Creating || g.Status == Verifying)
	if made == nil || another || g.Exists() || g.Status == Cancelled || g.ReplacedBy != "" {
		instance := g.Instance
		if made != nil {
			instance = made.Instance
		}
		return g.Stray(ans.GroupID, instance, now)
	}
	g.Instance = made.Instance
	g.exists(ans, now)
	return nil
}

func (g *Group) exists(ans Answer, now time.Time) {
	g.WhatsAppID, g.InviteLink, g.NotAdded = ans.GroupID, ans.InviteLink, ans.NotAdded
	g.LinkAt, g.Error, g.Tries = now, nil, 0
	g.Roll = Looking{From: now}
	g.Strays = slices.DeleteFunc(slices.Clone(g.Strays), func(s Stray) bool { return SameWhatsApp(s.GroupID, ans.GroupID) })
	g.move(Inviting, now)
	if len(g.Strays) > 0 {
		g.duplicate(now)
	}
}

// Stray records another group that this request made, and the instance that sees it. Rollcall never deletes it: a person decides.
func (g *Group) Stray(groupID, instance string, now time.Time) error {
	if slices.ContainsFunc(g.Strays, func(s Stray) bool { return SameWhatsApp(s.GroupID, groupID) }) {
		return nil
	}
	s := Stray{groupID, instance}
	g.Strays = append(g.Strays, s)
	g.UpdatedAt = now
	switch {
	case g.Exists():
		g.duplicate(now)
	case g.Status == Review && !slices.ContainsFunc(g.Error.Candidates, func(c Candidate) bool { return SameWhatsApp(c.GroupID, groupID) }):
		e := *g.Error
		e.Candidates = append(slices.Clone(e.Candidates), s.candidate(g.Name))
		if e.Code == CodeAmbiguous {
			e.Message.N = len(e.Candidates)
		}
		g.Error = &e
	}
	return nil
}

// StrayIDs returns the ids of the other groups that this request has made.
func (g *Group) StrayIDs() []string {
	var ids []string
	for _, s := range g.Strays {
		ids = append(ids, s.GroupID)
	}
	return ids
}

func (s Stray) candidate(name string) Candidate {
	return Candidate{GroupID: s.GroupID, Instance: s.Instance, Name: name}
}

// takeStray adopts a group that a late answer named while another attempt was open. Call it once that other attempt has
// certainly made no group. If takeStray returns true, no other create must follow.
func (g *Group) takeStray(now time.Time) bool {
	if len(g.Strays) == 0 || g.Exists() {
		return false
	}
	s := g.Strays[0]
	g.Instance = s.Instance
	g.exists(Answer{GroupID: s.GroupID}, now)
	return true
}

func (g *Group) duplicate(now time.Time) {
	e := Error{
		Code:       CodeDuplicate,
		Message:    say.Phrase{Code: say.ErrorDuplicate, N: 1 + len(g.Strays)},
		Remedy:     say.Phrase{Code: say.RemedyDuplicate},
		Candidates: []Candidate{Stray{g.WhatsAppID, g.Instance}.candidate(g.Name)},
	}
	for _, s := range g.Strays {
		e.Candidates = append(e.Candidates, s.candidate(g.Name))
	}
	g.review(e, now)
}

// Refused records that the provider refuses the request: there is certainly no group.
func (g *Group) Refused(n int, ans Answer, now time.Time) error {
	a, err := g.current(n)
	if err != nil {
		return err
	}
	a.end(OutcomeRefused, ans.HTTPStatus, ans.Error, now)
	if g.takeStray(now) {
		return nil
	}
	g.refused(say.ErrorRefused, a, now)
	return nil
}

func (g *Group) refused(code say.Code, a *Attempt, now time.Time) {
	g.fail(CodeRefused, say.Phrase{Code: code, Why: []say.Phrase{a.Error}}, say.Phrase{Code: say.RemedyRefused}, now)
}

// NotSent records that attempt n certainly did nothing. The group goes back to the queue, or fails if it
// has been tried for giveUp.
func (g *Group) NotSent(n int, ans Answer, giveUp time.Duration, now time.Time) error {
	a, err := g.current(n)
	if err != nil {
		return err
	}
	a.end(OutcomeNotSent, ans.HTTPStatus, ans.Error, now)
	if g.takeStray(now) {
		return nil
	}
	if now.Sub(g.TryingFrom) >= giveUp {
		g.gaveUp(ans.Error, now)
		return nil
	}
	g.Tries++
	g.requeue(now)
	return nil
}

func (g *Group) gaveUp(last say.Phrase, now time.Time) {
	g.fail(CodeGaveUp, say.Phrase{Code: say.ErrorGaveUp, At: g.TryingFrom, Why: []say.Phrase{last}}, say.Phrase{Code: say.RemedyGaveUp}, now)
}

// Limited records that attempt n certainly did nothing because the instance must rest. The attempt uses up no try, and
// give_up_after counts from the next attempt. Another instance of the pool may take the group at once.
func (g *Group) Limited(n int, ans Answer, now time.Time) error {
	a, err := g.current(n)
	if err != nil {
		return err
	}
	a.end(OutcomeLimited, ans.HTTPStatus, ans.Error, now)
	if !g.takeStray(now) {
		g.requeue(now)
	}
	return nil
}

func (g *Group) requeue(now time.Time) {
	g.Instance = g.Target.Instance
	g.move(Queued, now)
}

// Unknown records that attempt n may have made the group.
func (g *Group) Unknown(n int, ans Answer, now time.Time) error {
	a, err := g.current(n)
	if err != nil {
		return err
	}
	if g.Status == Verifying { // the attempt counts as lost already
		return nil
	}
	a.Denied = ans.Denied
	g.unknown(a, ans.HTTPStatus, ans.Error, now, now) // its own worker says that the call is over
	return nil
}

// unknown begins the looks. over is when the call can no longer be in progress.
func (g *Group) unknown(a *Attempt, status int, why say.Phrase, over, now time.Time) {
	a.end(OutcomeUnknown, status, why, now)
	g.Verify = Looking{From: now, Until: over}
	g.move(Verifying, now)
}

// Expire fails a group that could not be created in its time. It reports whether it did.
func (g *Group) Expire(now time.Time) bool {
	if g.Status != Queued || !g.Overdue(now) {
		return false
	}
	g.fail(CodeExpired, say.Phrase{Code: say.ErrorExpired}, say.Phrase{Code: say.RemedyExpired}, now)
	return true
}

// Overdue reports whether expiresAt has passed. An overdue group is not put into the queue again.
func (g *Group) Overdue(now time.Time) bool {
	return !g.ExpiresAt.IsZero() && !now.Before(g.ExpiresAt)
}

// Awaits reports whether a requested person is still pending. A group is not made for the pool's staff alone.
func (g *Group) Awaits() bool {
	for i := range g.Members {
		if m := &g.Members[i]; !m.Staff && m.Status == Pending {
			return true
		}
	}
	return false
}

// NoMembers fails a group that has no member left.
func (g *Group) NoMembers(now time.Time) error {
	if g.Status != Queued {
		return g.refuse("fail it without members")
	}
	g.fail(CodeNoMembers, say.Phrase{Code: say.ErrorNoMembers}, say.Phrase{Code: say.RemedyNoMembers}, now)
	return nil
}

// forgiven is the time after which an earlier crash no longer counts. It is far longer than a task that crashes every
// worker needs to return: the task reaches the next worker within a minute, or, if it is a create, after the looks.
const forgiven = 24 * time.Hour

// WorkerDied counts a worker that crashed while it worked on the group. The third crash puts the group into review if
// each came within forgiven of the one before. A worker that only waited for its turn has done nothing and does not
// count. taskID is a task that the worker held, and since is when its heartbeats ended. A crash counts once, even if it
// is reported again or for another task of the group.
func (g *Group) WorkerDied(taskID string, since, now time.Time) {
	waiting := g.Status == Queued
	if person := tasks.PersonOf(taskID); person >= 0 && person < len(g.Members) {
		waiting = waiting || g.Members[person].Invite == nil
	}
	if step := g.Step(StepWelcome); step != nil && tasks.SameWork(taskID, tasks.Welcome(g.ID, g.Instance).ID) {
		waiting = waiting || step.Intent == nil
	}
	if g.Status.Ended() || g.Status == Review || waiting || since.UnixMilli() <= g.DiedAt.UnixMilli() {
		return
	}
	if since.Sub(g.DiedAt) > forgiven {
		g.Deaths = 0
	}
	g.Deaths++
	g.DiedAt = since
	g.UpdatedAt = now
	if g.Deaths < 3 {
		return
	}
	if a := g.Latest(); a != nil && a.Outcome == Open {
		a.end(OutcomeUnknown, 0, say.Phrase{Code: say.WorkerEnded}, now)
	}
	g.review(Error{
		Code:    CodePoison,
		Message: say.Phrase{Code: say.ErrorPoison, N: g.Deaths},
		Remedy:  say.Phrase{Code: say.RemedyPoison},
	}, now)
}
