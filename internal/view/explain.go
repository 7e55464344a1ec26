package view

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Explanation answers "why is it waiting?", of a group or of an instance: in one sentence, then fact
// by fact, then what somebody can do about it.
type Explanation struct {
	ID     string     `json:"id"`     // a group's id, or an instance's name
	Name   string     `json:"name"`   // the group's name
	Status string     `json:"status"` // of the group, or the instance's state
	Answer say.Phrase `json:"answer"`
	Since  *time.Time `json:"since"` // when that began which the answer tells; null where nothing noted it
	Until  *time.Time `json:"until"` // as far as anybody can say
	Facts  []Fact     `json:"facts"`
	Do     []Advice   `json:"do"` // the likeliest first; empty when there is nothing to do
}

// Fact is one thing that is known, and what it is about.
type Fact struct {
	About string `json:"about"`
	Text  string `json:"text"`
}

// Advice is one thing that somebody can do.
type Advice struct {
	Text    string `json:"text"`
	Command string `json:"command"` // rollcall-producer's or rollcall-worker's; empty when it is done elsewhere
	Request string `json:"request"` // the same through the API; empty where it has none
}

// Explain says why a group waits. It fails with store.ErrNotFound.
func (r *Reader) Explain(ctx context.Context, id string) (Explanation, error) {
	g, err := r.show(ctx, id)
	if err != nil {
		return Explanation{}, err
	}
	if g.Status == group.Unreadable {
		return explainUnreadable(g), nil
	}
	all, err := r.read(ctx)
	if err != nil {
		return Explanation{}, err
	}
	at, err := r.positions(ctx, []*group.Group{g})
	if err != nil {
		return Explanation{}, err
	}
	e := &explainer{scene: all.scene, Explanation: Explanation{ID: g.ID, Name: g.Name, Status: string(g.Status), Facts: []Fact{}, Do: []Advice{}}}
	e.group(g, at[0], len(all.workers))
	return e.Explanation, nil
}

// explainUnreadable says what can be done about a record that cannot be read.
func explainUnreadable(g *group.Group) Explanation {
	e := &explainer{Explanation: Explanation{ID: g.ID, Status: string(g.Status), Answer: say.Phrase{Code: say.UnreadableAnswer}, Facts: []Fact{}, Do: []Advice{}}}
	e.fact("record", "%s", g.Error.Message)
	if g.Was != "" {
		e.fact("index", "the index has it as %s", g.Was)
	}
	e.do(g.Error.Remedy.String(), "unreadable", "GET /v1/unreadable")
	e.do("Keep the record as it is stored.", "unreadable export group "+g.ID, "GET /v1/unreadable/raw?kind=group&id="+g.ID)
	e.do("If nothing reads it any more: remove it. Its batch can end then, and the same request is refused.", "unreadable remove group "+g.ID, "POST /v1/unreadable/remove")
	return e.Explanation
}

// ExplainInstance says why an instance does nothing, or when it will. It fails with
// store.ErrNotFound.
func (r *Reader) ExplainInstance(ctx context.Context, name string) (Explanation, error) {
	all, err := r.read(ctx)
	if err != nil {
		return Explanation{}, err
	}
	i := all.instances[name]
	if i == nil || !r.serves(i) {
		return Explanation{}, unknownInstance(name)
	}
	state, _, until := i.state()
	e := &explainer{scene: all.scene, Explanation: Explanation{ID: name, Name: name, Status: string(state), Until: moment(until), Facts: []Fact{}, Do: []Advice{}}}
	if e.Answer = all.instanceAnswer(i); !all.shut(i, pacing.Create).Zero() {
		e.Since = moment(all.shutSince([]string{name}, pacing.Create))
	}
	d := r.document(all.scene, i)
	e.fact("waiting", "%d groups and %d invitations wait for it", d.Queued.Create, d.Queued.Invite)
	if len(i.pausedQueues) > 0 {
		e.fact("queues", "%s", queuesPaused(i.pausedQueues))
		e.lift([]string{name})
	}
	e.calls(i, pacing.Create, "create")
	e.calls(i, pacing.Invite, "invitation")
	e.lastError(i)
	e.workers(len(all.workers))
	e.open(i)
	return e.Explanation, nil
}

// instanceAnswer is an instance's state in a sentence.
func (s *scene) instanceAnswer(i *seat) say.Phrase {
	if why := s.shut(i, pacing.Create); !why.Zero() {
		return why
	}
	if s.waiting(tasks.InviteLine(i.Name)) == 0 && s.document(i).Queued.Create == 0 {
		return say.Phrase{Code: say.WorksIdle, Name: i.Name}
	}
	return say.Phrase{Code: say.Works, Name: i.Name, Every: i.Create.Every, PerDay: i.Create.PerDay}
}

// explainer gathers an explanation.
type explainer struct {
	*scene
	Explanation
}

func (e *explainer) fact(about, format string, args ...any) {
	e.Facts = append(e.Facts, Fact{about, fmt.Sprintf(format, args...)})
}

func (e *explainer) group(g *group.Group, at position, workers int) {
	answer, until := e.wait(g, at)
	e.Answer, e.Until, e.Since = say.Phrase{Code: say.WaitsFor, Why: because(answer)}, moment(until), moment(e.waitsSince(g))
	switch g.Status {
	case group.Queued:
		e.queued(g, at)
	case group.Creating:
		e.attempt(g)
		e.do("Nothing: the call has its own deadline. If its worker has died, another takes over within half a minute.", "", "")
	case group.Verifying:
		e.fact("looks", "%d of the looks into the provider's lists counted, %d in a row failed", g.Verify.Looks, g.Verify.Failures)
		e.attempt(g)
		e.serving(tasks.Target{Instance: g.Instance})
		if e.paused[tasks.ReadQueue] {
			e.lift([]string{g.Instance})
		}
		e.do("Nothing: it is looked for until the last look decides. Creating it by hand meanwhile would make two.", "", "")
	case group.Inviting:
		e.inviting(g)
	case group.Review:
		e.review(g)
	default:
		e.ended(g)
	}
	if g.Replaces != "" {
		e.fact("replaces", "it was created instead of %s, which was corrected", g.Replaces)
	}
	e.people(g)
	e.setUp(g)
	e.standing(g)
	if !g.Status.Ended() {
		e.workers(workers)
	}
}

func (e *explainer) queued(g *group.Group, at position) {
	waiting := e.waiting(g.Target.Line(g.Priority))
	e.fact("line", "%d of the same priority before it, %d of a higher one; priority %s, asked of %s",
		max(0, min(at.ahead, waiting-1)), e.preferred(g), g.Priority, targetText(g.Target))
	if !g.NotBefore.IsZero() {
		e.fact("time", "not before %s", clockText(g.NotBefore))
	}
	if !g.ExpiresAt.IsZero() {
		e.fact("time", "it fails with expired at %s", clockText(g.ExpiresAt))
	}
	if !g.Wait.For.Zero() && g.Wait.Until.After(e.now) {
		e.fact("pause", "%s, until %s", g.Wait.For, clockText(g.Wait.Until))
	}
	e.attempt(g)
	if e.paused[tasks.CallQueue] {
		e.lift(e.of(g.Target))
	}
	e.serving(g.Target)
	if len(e.Do) == 0 {
		e.do("Nothing: it is a matter of time. More instances in its pool, or the priority high for a new request, would be quicker.", "", "")
	}
	e.do("If its request is wrong (a name, a number): correct it.", "edit "+g.ID+" --remove-phone PHONE --add-phone PHONE", "PATCH /v1/groups/"+g.ID)
	e.do("If nobody needs it any more: cancel it.", "cancel "+g.ID, "POST /v1/groups/"+g.ID+"/cancel")
}

func (e *explainer) inviting(g *group.Group) {
	if e.paused[tasks.ReadQueue] || g.Called && e.paused[tasks.CallQueue] {
		e.lift([]string{g.Instance})
	}
	if !g.Called {
		e.fact("roll call", "%d readings of the members counted, %d in a row failed", g.Roll.Looks, g.Roll.Failures)
		e.serving(tasks.Target{Instance: g.Instance})
		return
	}
	e.fact("invitations", "%d of this group wait, %d at %s in all", g.Counts()[group.InviteQueued], e.waiting(tasks.InviteLine(g.Instance)), g.Instance)
	if toAdd, called := g.ToAdd(); toAdd+called > 0 {
		e.fact("people later", "%d who were asked for later are still to be added, of %d more a reading of the group shows whether they are in", toAdd, called)
	}
	if i := e.instances[g.Instance]; i != nil && i.Quiet.From != i.Quiet.To {
		zone := i.QuietZone
		if zone == "" {
			zone = "the zone of each person"
		}
		e.fact("quiet hours", "nobody is invited from %s to %s by the clock of %s", say.TimeOfDay(i.Quiet.From), say.TimeOfDay(i.Quiet.To), zone)
	}
	if i := e.instances[g.Instance]; i != nil {
		e.calls(i, pacing.Invite, "invitation")
		e.lastError(i)
		e.open(i)
	}
	if len(e.Do) == 0 {
		e.do("Nothing: the group exists, and invitations have a pace of their own.", "", "")
	}
}

// setUp tells each step that the group was asked to be set up with, and what can be done about one that is not
// done.
func (e *explainer) setUp(g *group.Group) {
	if g.Setup == nil {
		return
	}
	for _, s := range g.Setup.Steps {
		text := string(s.Name) + " " + string(s.Status)
		if !s.Reason.Zero() {
			text += ": " + s.Reason.String()
		}
		if s.Status == group.StepWanted && s.At.After(e.now) {
			text += ", next try at " + clockText(s.At)
		}
		e.fact("set-up", "%s", text)
		if s.Status == group.StepRefused || s.Status == group.StepUnsupported || s.Status == group.StepUnknown {
			e.do("Look at the group's "+string(s.Name)+" on a phone, and set it there if it is missing.", "", "")
		}
	}
	staff := 0
	for i := range g.Members {
		if g.Members[i].Staff {
			staff++
		}
	}
	if staff > 0 {
		e.fact("staff", "%d members by the configuration of the pool", staff)
	}
}

// standing tells that our own number has lost its place in the group.
func (e *explainer) standing(g *group.Group) {
	switch g.Sight.Own {
	case group.StandingMember:
		e.fact("own number", "not an admin of the group, as read at %s: it cannot read the invite link", clockText(g.Sight.At))
		e.do("Make the number of the instance an admin of the group again, on a phone.", "", "")
	case group.StandingOut:
		e.fact("own number", "not in the group, as read at %s: it cannot read the members or invite", clockText(g.Sight.At))
		e.do("Add the number of the instance to the group again as an admin, on a phone.", "", "")
	default:
	}
}

func (e *explainer) review(g *group.Group) {
	e.attempt(g)
	if g.Error != nil {
		e.fact("evidence", "%s: %s. %s", g.Error.Code, g.Error.Message, g.Error.Remedy)
		for _, c := range g.Error.Candidates {
			e.fact("candidate", "%s %q with %d people", c.GroupID, c.Name, c.People)
			e.do("If this one is it: adopt it.", "resolve "+g.ID+" --adopt "+c.GroupID, `POST /v1/groups/`+g.ID+`/resolve {"action": "adopt", "groupId": "`+c.GroupID+`"}`)
		}
	}
	if g.Error == nil || len(g.Error.Candidates) == 0 {
		e.do("If the group is there on the phone: adopt it by its id.", "resolve "+g.ID+" --adopt GROUP_ID", `POST /v1/groups/`+g.ID+`/resolve {"action": "adopt", "groupId": "…"}`)
	}
	if !g.Overdue(e.now) {
		e.do("If it surely does not exist: create it again.", "resolve "+g.ID+" --recreate", `POST /v1/groups/`+g.ID+`/resolve {"action": "recreate"}`)
	}
	e.do("If nobody needs it: leave everything as it is.", "resolve "+g.ID+" --abandon", `POST /v1/groups/`+g.ID+`/resolve {"action": "abandon"}`)
}

func (e *explainer) ended(g *group.Group) {
	e.Until = nil
	if g.ReplacedBy != "" {
		e.fact("replaced", "%s was created instead of it, with a corrected request", g.ReplacedBy)
	}
	switch g.Status {
	case group.Failed:
		e.Answer = say.Phrase{Code: say.FailedAnswer}
		if g.Error != nil {
			e.Answer.Why = because(g.Error.Message)
			e.fact("error", "%s: %s", g.Error.Code, g.Error.Message)
			e.do(g.Error.Remedy.String(), "", "")
		}
		e.attempt(g)
		e.again(g, "When the cause is mended")
	case group.Cancelled:
		e.Answer = say.Phrase{Code: say.CancelledAnswer}
		e.again(g, "If it is needed after all")
	default:
		e.Answer = say.Phrase{Code: say.DoneAnswer}
		if !g.Watch.At.IsZero() {
			e.fact("reading", "its people are read again at %s, to find who followed an invitation", clockText(g.Watch.At))
		}
	}
}

// attempt tells the latest create call.
// again is how a group that does not exist gets another try. One that is overdue is not queued again.
func (e *explainer) again(g *group.Group, when string) {
	if g.ReplacedBy != "" {
		e.do("Nothing: look at the group that replaces it.", "explain "+g.ReplacedBy, "GET /v1/groups/"+g.ReplacedBy+"/explain")
		return
	}
	defer e.do("If its request is wrong (a name, a number): correct it.", "edit "+g.ID+" --remove-phone PHONE --add-phone PHONE", "PATCH /v1/groups/"+g.ID)
	switch {
	case !g.Overdue(e.now):
		e.do(when+": put it back into the queue.", "retry "+g.ID, "POST /v1/groups/"+g.ID+"/retry")
	case g.Error == nil || g.Error.Code != group.CodeExpired: // whose remedy says it already
		e.do(when+": send it again with a later expiresAt; this one's has passed.", "", "")
	}
}

func (e *explainer) attempt(g *group.Group) {
	if len(g.Attempts) == 0 {
		return
	}
	a := g.Latest()
	switch {
	case a.Outcome == group.Open:
		e.fact("call", "call %d by %s began at %s and can no longer be under way after %s", a.N, a.Instance, clockText(a.StartedAt), clockText(a.Until))
	case a.Error.Zero():
		e.fact("call", "call %d by %s ended %s at %s", a.N, a.Instance, a.Outcome, clockText(a.EndedAt))
	default:
		e.fact("call", "call %d by %s ended %s at %s: %s", a.N, a.Instance, a.Outcome, clockText(a.EndedAt), a.Error)
	}
}

// people counts the group's people by state, those that are in any.
func (e *explainer) people(g *group.Group) {
	counts := g.Counts()
	var parts []string
	for _, s := range group.MemberStatuses {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) > 0 {
		e.fact("people", "%s", strings.Join(parts, ", "))
	}
}

func (e *explainer) workers(n int) {
	switch n {
	case 0:
		e.fact("workers", "no worker runs: nothing moves until one does")
	case 1:
		e.fact("workers", "one worker runs")
	default:
		e.fact("workers", "%d workers run", n)
	}
}

func (e *explainer) do(text, command, request string) {
	if command != "" && !strings.HasPrefix(command, "rollcall-") {
		command = "rollcall-producer " + command
	}
	e.Do = append(e.Do, Advice{text, command, request})
}

func targetText(t tasks.Target) string {
	if t.Pool != "" {
		return "the pool " + t.Pool
	}
	return "the instance " + t.Instance
}

// heldFor is what a pacing reason means.
func heldFor(r pacing.Reason) string {
	switch r {
	case pacing.ReasonPace:
		return "its pace"
	case pacing.ReasonBusy:
		return "its call under way"
	case pacing.ReasonRest:
		return "its rest"
	case pacing.ReasonDayCap:
		return "the next day"
	case pacing.ReasonQuiet:
		return "its quiet hours"
	}
	return string(r)
}

// lift says what ends a pause that asynq's own tools have set.
func (e *explainer) lift(names []string) {
	request := ""
	if len(names) > 0 {
		request = "POST /v1/instances/" + names[0] + "/resume"
	}
	e.do("Lift the pause, if what the queue was paused for is over.", liftedBy(names), request)
}

// open says what opens an instance that is shut.
func (e *explainer) open(i *seat) {
	state, _, _ := i.state()
	pause := "POST /v1/instances/" + i.Name
	switch {
	case len(i.pausedQueues) > 0 && !i.paused() && i.served && i.held.Zero(): // lift says it
	case !i.held.Zero() && i.heldUntil.IsZero():
		e.do("Restore a backup of Redis; or start over on this one, which looks for each group before it creates it.", "recover --start-over", `POST /v1/installation/recover {"action": "startOver"}`)
	case !i.held.Zero():
		e.do("Nothing: it goes on at "+clockText(i.heldUntil)+". If no data were lost, say so.", "recover --current", `POST /v1/installation/recover {"action": "current"}`)
	case !i.paused() && !i.served:
		e.do("Start a worker that has "+i.Name+" in its configuration.", "rollcall-worker run", "")
	case !i.paused() && i.unknownTo != "":
		e.do("Give the worker "+i.unknownTo+" the configuration of the others and send it SIGHUP, or stop it.", "", "")
	case state == provider.Paused:
		e.do("Let "+i.Name+" go on, if what it was paused for is over.", "resume "+i.Name, pause+"/resume")
	case state == provider.Disconnected:
		e.do("Scan the code of "+i.Name+" in the provider's console; the state is read every 15 s, and it goes on by itself.", "rollcall-worker check", "")
	case state == provider.Unauthorized:
		e.do("Mend the token, the allow-list or the subscription of "+i.Name+" (check says which), then send the worker SIGHUP.", "rollcall-worker check", "")
	case i.Open() && len(i.rests()) > 0:
		r := i.rests()[0]
		title, do := r.Advice()
		e.do(fmt.Sprintf("%s, until %s. %s", say.Voice{}.Code(title), clockText(r.Until), say.Voice{}.Code(do)), "resume "+i.Name+" --end-rest", pause+`/resume {"endRest": true}`)
	case state == provider.Restricted:
		e.do("Wait: WhatsApp or the provider restricts "+i.Name+". A pool's groups go to its other instances.", "", "")
	case i.view(pacing.Create).Reason == pacing.ReasonDayCap:
		e.do(i.Name+" has used its day; it goes on at midnight, by the clock of "+i.Create.Location().String()+". Another instance in the pool would go on now.", "", "")
	case i.view(pacing.Create).Reason == pacing.ReasonQuiet:
		e.do("Nothing: "+i.Name+" goes on at "+clockText(i.view(pacing.Create).Next)+", when its quiet hours end. They are in rollcall.yaml, under pacing.create.", "", "")
	}
}

func clockText(t time.Time) string { return t.UTC().Format(time.RFC3339) }
