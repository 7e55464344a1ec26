package admin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/say"
)

// moment is one step of a group's timeline.
type moment struct {
	At     time.Time
	Tone   string
	What   string
	Detail string
	Wait   string // how long it waited before this step, and for what
	Open   bool   // the step has not ended
}

// liner builds a group's timeline.
type liner struct {
	tongue

	now  time.Time
	last time.Time
	all  []moment
}

func (l *liner) T(code say.Code, args ...any) string { return l.text(code, args...) }

// step adds a moment. After a wait, the moment has the reason and the duration of the wait.
func (l *liner) step(at time.Time, tone, what, detail, waitedFor string) {
	m := moment{At: at, Tone: tone, What: what, Detail: detail}
	if d := at.Sub(l.last); !l.last.IsZero() && d >= time.Second && waitedFor != "" {
		m.Wait = l.T("pair", span(d), waitedFor)
	}
	l.last = at
	l.all = append(l.all, m)
}

// timeline returns a group's steps from accepted to done, with every wait and its reason.
func timeline(words tongue, g *group.Group, doc group.Document, now time.Time) []moment {
	l := &liner{tongue: words, now: now}
	l.step(g.CreatedAt, "good", l.T("accepted"), l.source(g), "")
	why := l.T("its-turn")
	if g.NotBefore.After(g.CreatedAt) {
		why = l.T("its-time-and-its-turn")
	}
	for i := range g.Attempts {
		why = l.attempt(g, &g.Attempts[i], why)
	}
	l.found(g)
	l.people(g)
	l.setup(g)
	l.end(g, doc)
	l.open(g, doc, now)
	return l.all
}

func (l *liner) source(g *group.Group) string {
	if g.BatchID == "" {
		return ""
	}
	return l.T("row-of-its-batch", g.Row)
}

// attempt adds one create call, and returns what the next step waits for.
func (l *liner) attempt(g *group.Group, a *group.Attempt, why string) string {
	l.step(a.StartedAt, "run", l.T("create-call-at", a.N, a.Instance), l.T("people-were-named", len(g.Members)), why)
	if a.EndedAt.IsZero() {
		return ""
	}
	took := span(a.EndedAt.Sub(a.StartedAt))
	if took == "0 ms" {
		took = "< 1 ms"
	}
	said := ""
	if a.HTTPStatus != 0 {
		said = fmt.Sprintf("HTTP %d", a.HTTPStatus)
	}
	if !a.Error.Zero() {
		said = strings.TrimPrefix(said+": "+phone.Mask(l.voice(l.now).Say(a.Error)), ": ")
	}
	l.step(a.EndedAt, tones[string(a.Outcome)], l.T("answer-after", took, l.T(say.Code("outcome:"+string(a.Outcome)))), said, "")
	switch a.Outcome {
	case group.OutcomeLimited:
		return l.T("must-rest-surely-nothing-was", a.Instance)
	case group.OutcomeNotSent:
		return l.T("the-pause-before-another-try")
	case group.OutcomeUnknown:
		return l.T("looks-into-the-lists-of", a.Instance)
	case group.OutcomeRefused:
		return l.T("a-person-and-its-turn")
	default:
		return ""
	}
}

// found adds how an uncertain group was found.
func (l *liner) found(g *group.Group) {
	if g.Adopted && !g.Roll.From.IsZero() {
		l.step(g.Roll.From, "good", l.T("found-at-whatsapp-and-adopted"), api.Veil(g.WhatsAppID), l.T("looks-into-the-lists-whether"))
	}
}

// people adds the roll call and the invitations.
func (l *liner) people(g *group.Group) {
	if !g.Called {
		return
	}
	counts, asked := g.Counts(), 0
	for _, n := range counts {
		asked += n
	}
	outside, first, last := 0, time.Time{}, time.Time{}
	called := g.Roll.From
	for i := range g.Members {
		m := &g.Members[i]
		if m.Status == group.Added && m.UpdatedAt.After(called) && m.InvitedAt.IsZero() {
			called = m.UpdatedAt
		}
		if m.InvitedAt.IsZero() {
			continue
		}
		outside++
		if first.IsZero() || m.InvitedAt.Before(first) {
			first = m.InvitedAt
		}
		if m.InvitedAt.After(last) {
			last = m.InvitedAt
		}
	}
	if !first.IsZero() && called.After(first) {
		called = first
	}
	if called.Before(l.last) {
		called = l.last
	}
	l.step(called, "good", l.T("roll-called"), l.T("of-people-are-in", counts[group.Added]+counts[group.Joined], asked),
		l.T("the-readings-of-who-is", max(1, g.Roll.Looks)))
	if outside > 0 {
		l.step(first, "run", l.T("first-invitation-sent"), "", l.T("the-pace-of-invitations-at", g.Instance))
		if outside > 1 {
			l.step(last, "run", l.T("last-of-invitations-sent", outside), "", l.T("the-pace-of-invitations-at", g.Instance))
		}
	}
	for i := range g.Members {
		m := &g.Members[i]
		if m.Status == group.Joined && m.UpdatedAt.After(l.last) {
			l.step(m.UpdatedAt, "good", l.T("joined-2", shownPerson(m.Identity(), false)), "", "")
		}
	}
}

func (l *liner) end(g *group.Group, doc group.Document) {
	if g.FinishedAt.IsZero() {
		return
	}
	detail := ""
	if g.Error != nil {
		detail = phone.Mask(l.voice(l.now).Say(g.Error.Message))
	}
	// People who joined after the end come after it.
	l.insert(moment{At: g.FinishedAt, Tone: tones[string(doc.Worst)], What: l.T(say.Code("status:" + string(doc.Worst))), Detail: detail})
}

// insert inserts a moment by time, after those of the same time.
func (l *liner) insert(m moment) {
	at := len(l.all)
	for at > 0 && l.all[at-1].At.After(m.At) {
		at--
	}
	l.all = slices.Insert(l.all, at, m)
}

// open adds what the group is waiting for now.
func (l *liner) open(g *group.Group, doc group.Document, now time.Time) {
	if g.Status.Ended() {
		return
	}
	m := moment{At: now, Tone: tones[string(g.Status)], What: l.T("now-2", l.T(say.Code("status:"+string(g.Status)))), Open: true}
	if !doc.WaitingFor.Zero() {
		m.Detail = l.T("waits-for-2", phone.Mask(l.voice(now).Say(doc.WaitingFor)))
	}
	if doc.WaitingSince != nil && now.Sub(*doc.WaitingSince) >= time.Second {
		m.Wait = l.T("so-far", span(now.Sub(*doc.WaitingSince)))
	}
	if doc.EtaAt != nil {
		m.Detail += " · " + l.T("until-about-2", l.time(*doc.EtaAt, now))
	}
	l.all = append(l.all, m)
}

// call is one attempt with what was sent and answered, redacted.
type call struct {
	group.Attempt

	Took    string
	Request string
	Answer  string
	Cause   *spec.Cause
}

func callsOf(g *group.Group, words say.Voice) []call {
	calls := make([]call, len(g.Attempts))
	for i, a := range g.Attempts {
		c := call{Attempt: a, Request: requestText(g, words), Answer: answerText(g, &a, words)}
		if !a.EndedAt.IsZero() {
			c.Took = span(a.EndedAt.Sub(a.StartedAt))
		}
		if cause, ok := faults.Read(a.HTTPStatus, a.Error); ok && !a.Error.Zero() {
			c.Cause = &cause
		}
		calls[i] = c
	}
	return calls
}

// requestText returns the request to the provider, with masked numbers.
func requestText(g *group.Group, words say.Voice) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q\n", words.Code("op:create group"), phone.Mask(g.Name))
	for i := range g.Members {
		if i == 20 {
			fmt.Fprintf(&b, "… %s\n", words.Say(say.Phrase{Code: say.FactMore, N: len(g.Members) - i}))
			break
		}
		m := &g.Members[i]
		if m.Number != "" {
			fmt.Fprintf(&b, "  %s\n", m.Number)
		} else {
			fmt.Fprintf(&b, "  %s\n", phone.MaskTyped(m.Input))
		}
	}
	return b.String()
}

// answerText returns the provider's answer, without its invitation link and with masked numbers.
func answerText(g *group.Group, a *group.Attempt, words say.Voice) string {
	var b strings.Builder
	switch {
	case a.HTTPStatus != 0:
		fmt.Fprintf(&b, "HTTP %d\n", a.HTTPStatus)
	case a.EndedAt.IsZero():
		b.WriteString("…\n")
	default:
		b.WriteString("–\n")
	}
	if !a.Error.Zero() {
		b.WriteString(phone.Mask(words.Say(a.Error)) + "\n")
	}
	if a.Outcome == group.OutcomeCreated {
		b.WriteString(api.Veil(g.WhatsAppID) + "\n")
		if g.InviteLink != "" {
			b.WriteString(api.Veil(g.InviteLink) + "\n")
		}
		if len(g.NotAdded) > 0 {
			fmt.Fprintf(&b, "%s: %d\n", words.Code("member:notAdded"), len(g.NotAdded))
		}
	}
	return b.String()
}

// command is the command line for an action of the page.
type command struct {
	What say.Code
	Line string
}

func commandsFor(v *visit, id string, can abilities) []command {
	all := []command{{"show-it", "rollcall-producer status " + id}}
	if can.Cancel {
		all = append(all, command{"cancel-it", "rollcall-producer cancel " + id})
	}
	if can.Retry {
		all = append(all, command{"retry-it", "rollcall-producer retry " + id})
	}
	if can.Edit {
		all = append(all, command{"edit-it", "rollcall-producer edit " + id + " --remove-phone PHONE --add-phone PHONE"})
	}
	if can.Resolve {
		all = append(all, command{"adopt-a-group", "rollcall-producer resolve " + id + " --adopt GROUP_ID"})
	}
	if can.Recreate {
		all = append(all, command{"create-it-again", "rollcall-producer resolve " + id + " --recreate"})
	}
	if can.Resolve {
		all = append(all, command{"abandon-it", "rollcall-producer resolve " + id + " --abandon"})
	}
	line := "curl " + v.address() + "/v1/groups/" + id
	if v.who.Name != "" {
		line += ` -H "Authorization: Bearer $KEY"`
	}
	return append(all, command{"the-same-by-the-api", line})
}
