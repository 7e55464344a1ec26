package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/status"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/webhook"
)

// faultLine is equal faults together.
type faultLine struct {
	Fault, Anchor      string
	Code               group.Code
	Count              int
	Title, Why, Remedy string
	Cause              string // what caused it, in a few words; "" where the code says all
	Retry              bool   // surely no groups, so that all can be retried
	Undecided          bool   // they are in review
	Sample             string // the provider's words, of the newest group
	Newest             *group.Document
}

// problemsView is what stands in the way, by cause.
type problemsView struct {
	Instances []need
	Faults    []faultLine
	// Unreadable is what is stored and cannot be read.
	Unreadable []store.Unreadable
	Receivers  []webhook.Receiver
	Failures   []webhook.Failure
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
	var view problemsView
	for _, i := range instances {
		if (i.State == provider.Ready || i.State == provider.UnknownState) && !i.NeedsAPerson() && len(i.Rests) == 0 {
			continue
		}
		n := need{Tone: tones[string(i.Worst)], Name: i.Name, Count: i.Alone + i.Queued.Invite, Link: "/instances/" + i.Name, Press: "Open"}
		n.Title, n.Why, n.Do = explainState(i)
		view.Instances = append(view.Instances, n)
	}
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
			if f.Sample = wordsOf(newest[0]); f.Sample == "" && d.Error != nil {
				f.Sample = d.Error.Message
			}
		}
	}
	if view.Unreadable, err = p.Store.Unreadables(ctx); err != nil {
		return err
	}
	desk := webhook.Desk{Store: p.Store}
	if view.Receivers, err = desk.Receivers(ctx); err != nil {
		return err
	}
	failures, next, err := desk.Failures(ctx, "", 50)
	if err != nil {
		return err
	}
	view.Failures, view.More = failures, next != ""
	return v.show("problems", http.StatusOK, "Problems", view)
}

// wordsOf is what a provider last said to a group's create.
func wordsOf(g *group.Group) string {
	if a := g.Latest(); a != nil {
		return a.Error
	}
	return ""
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
		Title: what.Title, Why: what.Why, Remedy: what.Remedy, Retry: faults.Retryable(code), Undecided: faults.Undecided(code),
	}
	if cause, ok := faults.Lookup(key); ok {
		line.Cause, line.Why, line.Remedy = cause.Title, cause.Why, cause.Remedy
	}
	return line
}

// explainState says in plain words what is the matter with an instance, and what helps.
func explainState(i status.Instance) (title, why, remedy string) {
	if len(i.PausedQueues) > 0 && (i.State == provider.Ready || i.State == provider.Paused) {
		return "Queues are paused by asynq's own tools", strings.Join(i.PausedQueues, ", "), "Resume the instance, if what they were paused for is over."
	}
	if len(i.Rests) > 0 && i.State != provider.Paused && !i.Unserved() {
		r := i.Rests[0]
		title, do := r.Advice()
		return title, r.Text(), do
	}
	cause, known := faults.Read(0, i.Reason+" "+i.LastError)
	switch i.State {
	case provider.Ready:
		return "Works", "", ""
	case provider.Paused:
		return "Paused by a person", i.Reason, "Resume it when the reason is gone."
	case provider.UnknownState:
		if i.UnknownTo != "" {
			return "A worker does not know it", i.Reason, "Give that worker the configuration of the others and send it SIGHUP, or stop it."
		}
		if i.NeedsAPerson() {
			return "No worker serves it", "No running worker has this instance in its configuration.", "Start a worker that has it, or move its waiting groups."
		}
		if said, told := faults.Read(0, i.Reason); told {
			return "Its state cannot be read", i.Reason, said.Remedy
		}
		return "Its state is not known yet", i.Reason, ""
	case provider.Starting:
		if said, told := faults.Read(0, i.Reason); told && said.Scope == spec.OfNetwork {
			return "The provider fails", i.Reason, said.Remedy
		}
		return "The instance is starting", i.Reason, "Wait; if it does not end, reboot the instance in the provider's panel."
	default:
	}
	if known && cause.Scope == spec.OfInstance {
		return cause.Title, cause.Why, cause.Remedy
	}
	switch i.State {
	case provider.Disconnected:
		return "The number is not connected", i.Reason, "Open the provider's panel and scan the QR code with this number's phone; what waits goes on by itself."
	case provider.Unauthorized:
		return "The provider refuses the instance", i.Reason, "Check base_url, the instance id, the tokens and the subscription."
	default:
		return "The number is restricted", i.Reason, "Let it rest until the time that is shown; then go on more slowly."
	}
}
