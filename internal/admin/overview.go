package admin

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

// overviewView is the front page.
type overviewView struct {
	Sentence view.Sentence
	Needs    []need
	More     int    // needs that are not shown
	Cards    []card // while the instances are few
	States   []stateCount
	All      int // instances
	Batches  []batchLine
	Groups   map[group.Status]int
	People   group.Funnel
	Workers  []store.Worker
	Whole    view.Installation
}

// Broken reports whether Redis lost data, or may have.
func (o overviewView) Broken() bool { return !o.Whole.Reason.Zero() }

// Lost reports whether nothing is created until an admin decides.
func (o overviewView) Lost() bool { return o.Whole.State == view.InstallationLost }

// Empty reports whether no group was requested yet.
func (o overviewView) Empty() bool {
	for _, n := range o.Groups {
		if n > 0 {
			return false
		}
	}
	return len(o.Batches) == 0
}

// need is one thing that a person must do.
type need struct {
	view.Need
	view.Words
	Tone  string
	Link  string
	Press say.Code // the text of the link
}

func (p *Page) overview(v *visit) error {
	ctx := v.ctx()
	doc, err := v.shown().Status(ctx)
	if err != nil {
		return err
	}
	cardOf, err := p.carder(v)
	if err != nil {
		return err
	}
	view := overviewView{Groups: doc.Groups, Workers: doc.Workers, All: len(doc.Instances), Sentence: doc.Sentence(), Whole: doc.Installation}
	if view.All <= fewInstances {
		view.Cards = cardsOf(doc.Instances, cardOf)
	} else {
		view.States = countStates(doc.Instances)
	}
	for _, b := range doc.Batches {
		view.Batches = append(view.Batches, lineOf(b))
	}
	if view.Needs, err = p.needs(v, doc); err != nil {
		return err
	}
	if len(view.Needs) > maxNeeds {
		view.More, view.Needs = len(view.Needs)-maxNeeds, view.Needs[:maxNeeds]
	}
	return v.show(http.StatusOK, say.Code("overview"), view)
}

// maxNeeds limits the needs on the overview. The page Problems has the others.
const maxNeeds = 8

// needs returns what a person must do, starting with what holds up the most people.
func (p *Page) needs(v *visit, doc view.Document) ([]need, error) {
	all := needLines(view.Together(doc.Needs))
	if v.bound() {
		return all, nil
	}
	hooks, err := p.hookNeeds(v)
	return append(all, hooks...), err
}

// needLines returns needs as the page shows them.
func needLines(needs []view.Need) []need {
	all := make([]need, 0, len(needs))
	for _, n := range needs {
		line := need{Need: n, Words: n.Words(), Tone: "bad", Press: say.Code("open")}
		switch n.Kind {
		case view.NeedReview:
			line.Tone, line.Link, line.Press = "warn", "/review", say.Code("decide")
		case view.NeedFault:
			line.Link = "/problems#" + anchorOf(n.Fault)
		case view.NeedPool:
			line.Link = "/groups?" + url.Values{"pool": {n.Name}, "status": {string(group.Queued)}}.Encode()
		case view.NeedInstance:
			switch {
			case n.State == "": // no worker has announced it, so it has no page
				line.Link = "/groups?" + url.Values{"instance": {n.Name}}.Encode()
			case n.Together > 0:
				line.Link = instanceQuery{State: string(n.State)}.address(0)
			default:
				line.Link = "/instances/" + n.Name
			}
			if n.State != "" {
				line.Tone = tones[string(n.State)]
			}
		}
		all = append(all, line)
	}
	return all
}

// hookNeeds returns a need if any webhook is disabled, and another if any delivery has failed.
func (p *Page) hookNeeds(v *visit) ([]need, error) {
	var all []need
	receivers, err := notify.Desk{Store: p.Store}.Receivers(v.ctx())
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(receivers, func(r notify.Receiver) bool { return r.State == "disabled" }) {
		all = append(all, need{
			Tone: "bad", Words: view.Words{Title: say.Code("a-webhook-is-switched-off"), Why: say.Code("its-receiver-answered-that-it"), Do: say.Code("see-that-the-receiver-works")},
			Link: "/problems#webhooks", Press: say.Code("open"),
		})
	}
	failed, err := p.Store.Outbox.CountFailures(v.ctx())
	if err == nil && failed > 0 {
		all = append(all, need{
			Tone: "bad", Words: view.Words{Title: say.Code("webhook-events-were-not-delivered"), Why: say.Code("a-receiver-did-not-take"), Do: say.Code("see-that-the-receiver-works-then")},
			Link: "/problems#webhooks", Press: say.Code("open"),
		})
	}
	return all, err
}
