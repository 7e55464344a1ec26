package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

// faultLine is equal faults together.
type faultLine struct {
	Fault, Anchor      string
	Code               group.Code
	Count              int
	Title, Why, Remedy say.Texts
	Cause              say.Speech // what caused it, in a few words; nil where the code says all
	Retry              bool       // surely no groups, so that all can be retried
	Corrigible         bool       // only a corrected request helps
	Undecided          bool       // they are in review
	Sample             string     // the provider's words, of the newest group
	Newest             *group.Document
}

// problemsView is what stands in the way, by cause.
type problemsView struct {
	Instances []need
	Faults    []faultLine
	// Unreadable is what is stored and cannot be read.
	Unreadable []store.Unreadable
	Receivers  []notify.Receiver
	Failures   []notify.Failure
	More       bool
}

func (p *Page) problems(v *visit) error {
	ctx := v.ctx()
	instances, err := p.Status.Instances(ctx)
	if err != nil {
		return err
	}
	counts, err := p.Store.Index.Faults(ctx)
	if err != nil {
		return err
	}
	view := problemsView{Instances: instanceNeeds(instances, stands)}
	view.Faults = faultLines(counts)
	for i := range view.Faults {
		f := &view.Faults[i]
		newest, _, err := p.Store.Index.List(ctx, store.Filter{Fault: f.Fault}, "", 1)
		if err != nil {
			return err
		}
		if len(newest) > 0 {
			d := newest[0].Document()
			f.Newest = &d
			if f.Sample = v.tongue().voice(v.now).Say(wordsOf(newest[0])); f.Sample == "" && d.Error != nil {
				f.Sample = v.tongue().voice(v.now).Say(d.Error.Message)
			}
		}
	}
	if view.Unreadable, err = p.Store.Unreadables(ctx); err != nil {
		return err
	}
	desk := notify.Desk{Store: p.Store}
	if view.Receivers, err = desk.Receivers(ctx); err != nil {
		return err
	}
	failures, next, err := desk.Failures(ctx, "", 50)
	if err != nil {
		return err
	}
	view.Failures, view.More = failures, next != ""
	return v.show("problems", http.StatusOK, say.Code("problems"), view)
}

// stands reports whether an instance does not work, or makes no calls of some kind for a time.
func stands(i view.Instance) bool {
	return i.State != provider.Ready && i.State != provider.UnknownState || i.NeedsAPerson() || len(i.Rests) > 0
}

// wordsOf is what a provider last said to a group's create.
func wordsOf(g *group.Group) say.Phrase {
	if a := g.Latest(); a != nil {
		return a.Error
	}
	return say.Phrase{}
}

// faultLines puts faults in order, the most frequent first.
func faultLines(counts map[string]int) []faultLine {
	lines := make([]faultLine, 0, len(counts))
	for fault, n := range counts {
		if n > 0 {
			lines = append(lines, faultLineOf(fault, n))
		}
	}
	slices.SortFunc(lines, func(a, b faultLine) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Fault, b.Fault))
	})
	return lines
}

func faultLineOf(fault string, n int) faultLine {
	code, key := faults.Parse(fault)
	what := faults.CodeOf(code)
	line := faultLine{
		Fault: fault, Anchor: strings.ReplaceAll(fault, ":", "-"), Code: code, Count: n,
		Title: what.Title, Why: what.Why, Remedy: what.Remedy, Retry: faults.Retryable(code) && !faults.Corrigible(fault), Corrigible: faults.Corrigible(fault), Undecided: faults.Undecided(code),
	}
	if cause, ok := faults.Lookup(key); ok {
		line.Cause, line.Why, line.Remedy = cause.Title, cause.Why, cause.Remedy
	}
	return line
}

// speech is a phrase as something to say; nil for one that says nothing.
func speech(p say.Phrase) say.Speech {
	if p.Zero() {
		return nil
	}
	return p
}

// explainState says in plain words what is the matter with an instance, and what helps.
func explainState(i view.Instance) (title, why, remedy say.Speech) {
	reason := speech(i.Reason)
	if len(i.PausedQueues) > 0 && (i.State == provider.Ready || i.State == provider.Paused) {
		return say.Code("queues-are-paused-by-asynqs"), say.Words(strings.Join(i.PausedQueues, ", ")), say.Code("resume-the-instance-if-what")
	}
	if len(i.Rests) > 0 && i.State != provider.Paused && !i.Unserved() {
		r := i.Rests[0]
		title, do := r.Advice()
		return title, r.Reason(), do
	}
	cause, told := causeOf(i)
	switch i.State {
	case provider.Ready:
		return say.Code("works"), nil, nil
	case provider.Paused:
		switch {
		case i.Forgotten && reason == nil:
			return say.Code("paused-for-a-day-or-longer"), say.Phrase{Code: say.PauseForgotten, At: *i.Since}, say.Code("resume-it-or-give-the-pause")
		case i.Forgotten:
			return say.Code("paused-for-a-day-or-longer"), reason, say.Code("resume-it-or-give-the-pause")
		case i.Until != nil:
			return say.Code("paused-by-a-person"), reason, say.Code("it-goes-on-at-that-time")
		}
		return say.Code("paused-by-a-person"), reason, say.Code("resume-it-when-the-reason")
	case provider.UnknownState:
		if i.UnknownTo != "" {
			return say.Code("a-worker-does-not-know"), reason, say.Code("give-that-worker-the-configuration")
		}
		if i.NeedsAPerson() {
			return say.Code("no-worker-serves-it"), say.Code("no-running-worker-has-this"), say.Code("start-a-worker-that-has")
		}
		if told {
			return say.Code("its-state-cannot-be-read"), reason, cause.Remedy
		}
		return say.Code("its-state-is-not-known"), reason, nil
	case provider.Starting:
		if told && cause.Scope == spec.OfNetwork {
			return say.Code("the-provider-fails"), reason, cause.Remedy
		}
		starting, _ := faults.Lookup("starting")
		return starting.Title, reason, starting.Remedy
	default:
	}
	if !told {
		cause, told = faults.Read(0, i.LastError)
	}
	if told && cause.Scope == spec.OfInstance {
		return cause.Title, cause.Why, cause.Remedy
	}
	switch i.State {
	case provider.Disconnected:
		out, _ := faults.Lookup("logged-out")
		return say.Code("the-number-is-not-connected"), reason, out.Remedy
	case provider.Unauthorized:
		return say.Code("the-provider-refuses-the-instance"), reason, say.Code("check-base-url-the-instance")
	default:
		return say.Code("the-number-is-restricted"), reason, say.RestRestrictedDo
	}
}

// causeOf is the cause behind an instance's state: its reason, or what a reading failed with.
func causeOf(i view.Instance) (spec.Cause, bool) {
	said := i.Reason
	if said.Is(say.StateUnread, say.NumberUnread) && len(said.Why) > 0 {
		said = said.Why[0]
	}
	return faults.Read(0, said)
}
