package view

import (
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// maxExplained is how many instances of a pool are explained one by one.
const maxExplained = 10

// serving adds the state of each instance that may take a group. If none of them can work, it adds advice for
// each.
func (e *explainer) serving(t tasks.Target) {
	names := e.of(t)
	if len(names) == 0 {
		e.fact("instances", say.Phrase{Code: say.FactUnserved, Name: t.Instance, Place: t.Pool})
		e.do(say.Phrase{Code: say.DoServe, Name: t.Instance, Place: t.Pool})
		return
	}
	told := names[:min(len(names), maxExplained)]
	for _, name := range told {
		i := e.instances[name]
		e.calls(i, pacing.Create)
		e.slowed(i)
		e.lastError(i)
	}
	if more := len(names) - len(told); more > 0 {
		e.fact("instances", say.Phrase{Code: say.FactMore, N: more})
	}
	if e.obstacle(t).Zero() {
		return
	}
	for _, name := range told {
		e.open(e.instances[name])
	}
}

// calls adds a fact: when an instance may make its next call of a kind, and what holds it up.
func (e *explainer) calls(i *instanceRow, kind pacing.Kind) {
	view, pace := i.view(kind), i.paceOf(kind)
	p := say.Phrase{Code: say.FactCalls, Name: i.Name, Every: pace.Every, PerDay: pace.PerDay, N: view.Today}
	if why := e.shut(i, kind); !why.Zero() {
		p.Why = because(why)
	} else if view.Reason != "" {
		p.At, p.Kind = view.Next, string(view.Reason)
	}
	about := "creates"
	if kind == pacing.Invite {
		about = "invitations"
	}
	e.fact(about, p)
}

// slowed adds a fact when a person has slowed an instance down, and until when.
func (e *explainer) slowed(i *instanceRow) {
	if s := i.Slowing; s != nil {
		e.fact("pace", say.Phrase{Code: say.FactSlowed, Name: i.Name, At: s.At, Until: s.Until, Text: s.Reason})
	}
}

func (e *explainer) lastError(i *instanceRow) {
	if last := say.Phrase(i.LastError); !last.Zero() {
		e.fact("lastError", say.Phrase{Code: say.FactLastError, Name: i.Name, At: i.ErrorAt, Why: because(last)})
	}
}

// lift adds advice on how to end a pause that asynq's own tools have set.
func (e *explainer) lift(names []string) {
	name := "INSTANCE"
	if len(names) > 0 {
		name = names[0]
	}
	e.do(say.Phrase{Code: say.DoLift, Name: name})
}

// open adds advice on how to get an instance working again.
func (e *explainer) open(i *instanceRow) {
	state, _, until := i.state()
	p, create := say.Phrase{Name: i.Name}, i.view(pacing.Create)
	switch {
	case len(i.pausedQueues) > 0 && !i.paused() && i.served && i.held.Zero(): // lift has added the advice
		return
	case i.held.Code == say.KeyBlocked: // the reason itself says what to do
		return
	case !i.held.Zero() && i.heldUntil.IsZero():
		p.Code = say.DoStartOver
	case !i.held.Zero():
		p.Code, p.Until = say.DoCurrent, i.heldUntil
	case !i.paused() && !i.served:
		p.Code = say.DoStart
	case !i.paused() && i.unknownTo != "":
		p.Code, p.Place = say.DoAlike, i.unknownTo
	case state == provider.Paused && !until.IsZero():
		p.Code, p.Until = say.DoResumeEarly, until
	case state == provider.Paused:
		if i.Pause != nil && i.Pause.Forgotten(e.now) {
			e.fact("pause", say.Phrase{Code: say.PauseForgotten, At: i.Pause.At})
		}
		p.Code = say.DoResume
	case state == provider.Disconnected:
		p.Code = say.DoScan
	case state == provider.Unauthorized:
		p.Code = say.DoMend
	case i.Open() && len(i.rests()) > 0:
		r := i.rests()[0]
		_, do := r.Advice()
		p.Code, p.Until, p.Why = say.DoRest, r.Until, because(say.Phrase{Code: do})
	case state == provider.Restricted:
		p.Code = say.DoWait
	case create.Reason == pacing.ReasonDayCap:
		p.Code, p.Place = say.DoDayOver, i.Create.Location().String()
	case create.Reason == pacing.ReasonQuiet:
		p.Code, p.Until = say.DoQuietOver, create.Next
	default:
		return
	}
	e.do(p)
}
