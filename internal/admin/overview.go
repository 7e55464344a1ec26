package admin

import (
	"net/http"
	"slices"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

// overviewView is the front: one look, and where to press.
type overviewView struct {
	Sentence view.Sentence
	Needs    []need
	Cards    []card
	Batches  []batchLine
	Groups   map[group.Status]int
	People   group.Funnel
	Workers  []store.Worker
	Whole    view.Installation
}

// Broken says that Redis lost data, or may have.
func (o overviewView) Broken() bool { return !o.Whole.Reason.Zero() }

// Lost says that nothing is created until an admin decides.
func (o overviewView) Lost() bool { return o.Whole.State == view.InstallationLost }

// need is one thing that a person must do.
type need struct {
	Tone  string
	Title say.Speech
	Name  string     // of an instance, in front of the title
	Cause say.Speech // behind the title
	Why   say.Speech
	Do    say.Speech // the remedy
	Count int        // groups that it concerns
	Link  string
	Press say.Code // what the link leads to
}

func (p *Page) overview(v *visit) error {
	ctx := v.ctx()
	doc, err := p.Status.Status(ctx)
	if err != nil {
		return err
	}
	days, err := p.Store.Index.Days(ctx)
	if err != nil {
		return err
	}
	counts, err := p.Store.Index.Faults(ctx)
	if err != nil {
		return err
	}
	view := overviewView{Groups: doc.Groups, Workers: doc.Workers, Cards: cardsOf(doc.Instances, days), Sentence: doc.Sentence(), Whole: doc.Installation}
	for _, b := range doc.Batches {
		view.Batches = append(view.Batches, lineOf(b))
	}
	if view.Needs, err = p.needs(v, doc, counts); err != nil {
		return err
	}
	return v.show("overview", http.StatusOK, say.Code("overview"), view)
}

// needs is what a person must see to, the worst first.
func (p *Page) needs(v *visit, doc view.Document, counts map[string]int) ([]need, error) {
	var all []need
	held := !doc.Sentence().Held.Zero() // then no instance needs anything of its own
	for _, i := range doc.Instances {
		if held || !i.NeedsAPerson() {
			continue
		}
		n := need{Tone: tones[string(i.Worst)], Name: i.Name, Count: i.Alone + i.Queued.Invite, Link: "/instances/" + i.Name, Press: say.Code("open")}
		n.Title, n.Why, n.Do = explainState(i)
		all = append(all, n)
	}
	if n := doc.Groups[group.Review]; n > 0 {
		all = append(all, need{
			Tone: "warn", Title: say.Code("uncertain-groups-wait-for-a"), Why: say.Code("a-create-had-no-clear-answer"),
			Count: n, Link: "/review", Press: say.Code("decide"),
		})
	}
	for _, f := range faultLines(counts) {
		if !f.Undecided { // those are one need already
			all = append(all, need{Tone: "bad", Title: f.Title, Cause: f.Cause, Why: f.Why, Do: f.Remedy, Count: f.Count, Link: "/problems#" + f.Anchor, Press: say.Code("open")})
		}
	}
	hooks, err := p.hookNeeds(v)
	return append(all, hooks...), err
}

// hookNeeds are the webhooks that are not told any more what happens.
func (p *Page) hookNeeds(v *visit) ([]need, error) {
	var all []need
	receivers, err := notify.Desk{Store: p.Store}.Receivers(v.ctx())
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(receivers, func(r notify.Receiver) bool { return r.State == "disabled" }) {
		all = append(all, need{
			Tone: "bad", Title: say.Code("a-webhook-is-switched-off"), Why: say.Code("its-receiver-answered-that-it"),
			Do: say.Code("see-that-the-receiver-works"), Link: "/problems#webhooks", Press: say.Code("open"),
		})
	}
	failed, err := p.Store.Outbox.CountFailures(v.ctx())
	if err == nil && failed > 0 {
		all = append(all, need{
			Tone: "bad", Title: say.Code("callbacks-were-not-delivered"), Why: say.Code("a-receiver-did-not-take"),
			Do: say.Code("see-that-the-receiver-works-then"), Link: "/problems#webhooks", Press: say.Code("open"),
		})
	}
	return all, err
}
