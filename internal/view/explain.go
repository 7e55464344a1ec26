package view

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// Explanation answers "why is it waiting?", of a group or of an instance: in one sentence, then fact
// by fact, then what a person can do about it.
type Explanation struct {
	ID     string     `json:"id"`     // a group's id, or an instance's name
	Name   string     `json:"name"`   // the group's name
	Status string     `json:"status"` // of the group, or the instance's state
	Answer say.Phrase `json:"answer"`
	Since  *time.Time `json:"since"` // when the state in the answer began; null if that is not known
	Until  *time.Time `json:"until"` // null when there is no estimate
	Facts  []Fact     `json:"facts"`
	Do     []Advice   `json:"do"` // the likeliest first; empty when there is nothing to do
}

// Fact is one thing that is known, and what it is about.
type Fact struct {
	About say.Phrase `json:"about"`
	Text  say.Phrase `json:"text"`
}

// Advice is one thing that a person can do.
type Advice struct {
	Text    say.Phrase `json:"text"`
	Command string     `json:"command"` // rollcall-producer's or rollcall-worker's; empty when it is done elsewhere
	Request string     `json:"request"` // the same through the API; empty if the API cannot do it
}

// Explain returns why a group waits. It fails with store.ErrNotFound.
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
	e := begin(all.snapshot, g.ID, g.Name, string(g.Status))
	e.group(g, at[0], len(all.workers))
	return e.Explanation, nil
}

// explainUnreadable returns what is known of a group whose record cannot be read, and what can be done about it.
func explainUnreadable(g *group.Group) Explanation {
	e := begin(nil, g.ID, "", string(g.Status))
	e.Answer = say.Phrase{Code: say.UnreadableAnswer}
	e.fact("record", g.Error.Message)
	if g.Was != "" {
		e.fact("index", say.Phrase{Code: say.FactIndex, Kind: string(g.Was)})
	}
	e.do(g.Error.Remedy)
	e.do(say.Phrase{Code: say.DoExport})
	e.do(say.Phrase{Code: say.DoRemove})
	return e.Explanation
}

// ExplainInstance returns why an instance makes no calls now, or when it makes the next ones. It fails with
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
	e := begin(all.snapshot, name, name, string(state))
	e.Until = moment(until)
	if e.Answer = all.instanceAnswer(i); !all.shut(i, pacing.Create).Zero() {
		e.Since = moment(all.shutSince([]string{name}, pacing.Create))
	}
	d := r.document(all.snapshot, i)
	e.fact("waiting", say.Phrase{Code: say.FactQueue, N: d.Queued.Create, M: d.Queued.Invite})
	if len(i.pausedQueues) > 0 {
		e.fact("queues", queuesPaused(i.pausedQueues))
		e.lift([]string{name})
	}
	e.calls(i, pacing.Create)
	e.calls(i, pacing.Invite)
	e.slowed(i)
	e.lastError(i)
	e.workers(len(all.workers))
	e.open(i)
	return e.Explanation, nil
}

func unknownInstance(name string) error {
	return fmt.Errorf("instance %q: %w", name, store.ErrNotFound)
}

// instanceAnswer returns an instance's state in a sentence.
func (s *snapshot) instanceAnswer(i *instanceRow) say.Phrase {
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
	*snapshot
	Explanation
}

func begin(s *snapshot, id, name, status string) *explainer {
	return &explainer{snapshot: s, Explanation: Explanation{ID: id, Name: name, Status: status, Facts: []Fact{}, Do: []Advice{}}}
}

// fact adds a fact. about is a code of package say without its prefix "about:".
func (e *explainer) fact(about string, text say.Phrase) {
	e.Facts = append(e.Facts, Fact{say.Phrase{Code: say.Code("about:" + about)}, text})
}

// do adds advice, with its command and request.
func (e *explainer) do(text say.Phrase) {
	m, fill := means[text.Code], strings.NewReplacer("{id}", e.ID, "{name}", text.Name, "{place}", text.Place).Replace
	if m.command != "" && !strings.HasPrefix(m.command, "rollcall-") {
		m.command = "rollcall-producer " + m.command
	}
	e.Do = append(e.Do, Advice{text, fill(m.command), fill(m.request)})
}

// means has the command and the request that follow each advice. {id} is the id of what is explained;
// {name} and {place} are those of the advice.
var means = map[say.Code]struct{ command, request string }{
	say.RemedyUnreadable:  {"unreadable", "GET /v1/unreadable"},
	say.DoExport:          {"unreadable export group {id}", "GET /v1/unreadable/raw?kind=group&id={id}"},
	say.DoRemove:          {"unreadable remove group {id}", "POST /v1/unreadable/remove"},
	say.DoEdit:            {"edit {id} --remove-phone PHONE --add-phone PHONE", "PATCH /v1/groups/{id}"},
	say.DoNothingReplaced: {"explain {place}", "GET /v1/groups/{place}/explain"},
	say.DoCancel:          {"cancel {id}", "POST /v1/groups/{id}/cancel"},
	say.DoRetry:           {"retry {id}", "POST /v1/groups/{id}/retry"},
	say.DoTakeLate:        {"retry {id}", "POST /v1/groups/{id}/retry"},
	say.DoAdoptThis:       {"resolve {id} --adopt {place}", `POST /v1/groups/{id}/resolve {"action": "adopt", "groupId": "{place}"}`},
	say.DoAdopt:           {"resolve {id} --adopt GROUP_ID", `POST /v1/groups/{id}/resolve {"action": "adopt", "groupId": "…"}`},
	say.DoRecreate:        {"resolve {id} --recreate", `POST /v1/groups/{id}/resolve {"action": "recreate"}`},
	say.DoAbandon:         {"resolve {id} --abandon", `POST /v1/groups/{id}/resolve {"action": "abandon"}`},
	say.DoServe:           {"rollcall-worker run", ""},
	say.DoLift:            {"resume {name}", "POST /v1/instances/{name}/resume"},
	say.DoStartOver:       {"recover --start-over", `POST /v1/installation/recover {"action": "startOver"}`},
	say.DoCurrent:         {"recover --current", `POST /v1/installation/recover {"action": "current"}`},
	say.DoStart:           {"rollcall-worker run", ""},
	say.DoResume:          {"resume {name}", "POST /v1/instances/{name}/resume"},
	say.DoResumeEarly:     {"resume {name}", "POST /v1/instances/{name}/resume"},
	say.DoScan:            {"rollcall-worker check", ""},
	say.DoMend:            {"rollcall-worker check", ""},
	say.DoRest:            {"resume {name} --end-rest", `POST /v1/instances/{name}/resume {"endRest": true}`},
}
