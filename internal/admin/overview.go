package admin

import (
	"cmp"
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

// Broken says that Redis lost data, or may have.
func (o overviewView) Broken() bool { return !o.Whole.Reason.Zero() }

// Lost says that nothing is created until an admin decides.
func (o overviewView) Lost() bool { return o.Whole.State == view.InstallationLost }

// Empty says that nothing was asked for yet.
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
	Tone      string
	Title     say.Speech
	Name      string     // of an instance, in front of the title
	Instances int        // how many have it; 0 of a need that is one instance's, or none's
	Cause     say.Speech // behind the title
	Why       say.Speech
	Do        say.Speech // the remedy
	Count     int        // groups that it concerns
	Link      string
	Press     say.Code // what the link leads to
	own       int      // of Count, what waits for the instance alone
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
	view := overviewView{Groups: doc.Groups, Workers: doc.Workers, All: len(doc.Instances), Sentence: doc.Sentence(), Whole: doc.Installation}
	if view.All <= fewInstances {
		view.Cards = cardsOf(doc.Instances, days)
	} else {
		view.States = countStates(doc.Instances)
	}
	for _, b := range doc.Batches {
		view.Batches = append(view.Batches, lineOf(b))
	}
	if view.Needs, err = p.needs(v, doc, counts); err != nil {
		return err
	}
	if len(view.Needs) > mostNeeds {
		view.More, view.Needs = len(view.Needs)-mostNeeds, view.Needs[:mostNeeds]
	}
	return v.show("overview", http.StatusOK, say.Code("overview"), view)
}

// mostNeeds is how many needs the overview shows. Problems has the others.
const mostNeeds = 8

// needs is what a person must see to. What holds most groups up comes first.
func (p *Page) needs(v *visit, doc view.Document, counts map[string]int) ([]need, error) {
	var all []need
	if doc.Sentence().Held.Zero() { // otherwise no instance needs anything of its own
		all = instanceNeeds(doc.Instances, view.Instance.NeedsAPerson)
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
	all = append(all, hooks...)
	slices.SortStableFunc(all, func(a, b need) int { return cmp.Compare(b.Count, a.Count) })
	return all, err
}

// sameNeeds is how many instances with the same trouble stand one by one. More of them are one need.
const sameNeeds = 3

// instanceNeeds are the instances that are in trouble, those with the same together where they are many.
func instanceNeeds(instances []view.Instance, troubled func(view.Instance) bool) []need {
	held := heldUp(instances)
	type trouble struct {
		state view.InstanceWorst
		title say.Speech
	}
	same := map[trouble][]need{}
	var order []trouble
	for i := range instances {
		in := &instances[i]
		if !troubled(*in) {
			continue
		}
		n := need{Tone: tones[string(in.Worst)], Name: in.Name, Count: held(in), own: in.Alone + in.Queued.Invite, Link: "/instances/" + in.Name, Press: say.Code("open")}
		n.Title, n.Why, n.Do = explainState(*in)
		t := trouble{state: in.Worst}
		if code, ok := n.Title.(say.Code); ok {
			t.title = code
		}
		if same[t] == nil {
			order = append(order, t)
		}
		same[t] = append(same[t], n)
	}
	var all []need
	for _, t := range order {
		some := same[t]
		if len(some) <= sameNeeds {
			all = append(all, some...)
			continue
		}
		one := need{
			Tone: some[0].Tone, Title: some[0].Title, Do: some[0].Do, Instances: len(some), Link: boardQuery{State: string(t.state)}.address(0), Press: say.Code("open"),
		}
		pooled := 0 // the pools are theirs together
		for _, n := range some {
			one.Count += n.own
			pooled = max(pooled, n.Count-n.own)
		}
		one.Count += pooled
		all = append(all, one)
	}
	return all
}

// heldUp counts the groups that wait until an instance works again: its own, and those of its pools in which no
// other instance works.
func heldUp(instances []view.Instance) func(*view.Instance) int {
	works := map[string]bool{}
	for i := range instances {
		if !instances[i].NeedsAPerson() {
			for _, pool := range instances[i].Pools {
				works[pool] = true
			}
		}
	}
	return func(i *view.Instance) int {
		if slices.ContainsFunc(i.Pools, func(pool string) bool { return works[pool] }) {
			return i.Alone + i.Queued.Invite
		}
		return i.Queued.Create + i.Queued.Invite
	}
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
