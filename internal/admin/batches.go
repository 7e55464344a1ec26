package admin

import (
	"net/http"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// batchLine is one batch in a list.
type batchLine struct {
	group.BatchDocument

	Ended  int
	Failed int
	Review int
}

// Width returns the percentage of groups that have ended.
func (b batchLine) Width() int {
	if b.Total == 0 {
		return 0
	}
	return 100 * b.Ended / b.Total
}

// Word returns the text code of the batch's state, with its worst part if that differs.
func (b batchLine) Word() string {
	if string(b.Worst) == b.Status {
		return "batch:" + b.Status
	}
	return "batch:" + b.Status + ":" + string(b.Worst)
}

func lineOf(d group.BatchDocument) batchLine {
	l := batchLine{BatchDocument: d, Failed: d.Counts[group.Failed], Review: d.Counts[group.Review]}
	for s, n := range d.Counts {
		if s.Ended() {
			l.Ended += n
		}
	}
	return l
}

type batchesView struct {
	Batches []batchLine
	Next    string
}

const pageSize = 50

func (p *Page) batches(v *visit) error {
	docs, next, err := v.shown().Batches(v.ctx(), v.r.URL.Query().Get("cursor"), pageSize)
	if err != nil {
		return err
	}
	view := batchesView{Next: next}
	for _, d := range docs {
		view.Batches = append(view.Batches, lineOf(d))
	}
	return v.show(http.StatusOK, say.Code("batches"), view)
}

// batchView is the page of one batch.
type batchView struct {
	Batch    batchLine
	Steps    []funnelStep
	Outcomes []outcome
	People   []peopleLine
	Groups   []group.Document // those that need a person, then the newest
	Notices  []noticeLine
	Told     bool // a webhook is configured
	Mendable int  // failed groups, for the CSV
	Waiting  int  // queued groups, which can be cancelled and moved
	Move     *moving
	Invalid  invalidRows
}

// funnelStep is one step of the funnel.
type funnelStep struct {
	Name    say.Code
	N, Of   int
	Meaning say.Code
}

// outcome is how many groups are in one state.
type outcome struct {
	Status group.Status
	N      int
}

type peopleLine struct {
	Status group.MemberStatus
	N      int
}

func (p *Page) batch(v *visit) error {
	ctx := v.ctx()
	doc, err := v.shown().Batch(ctx, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	view := batchView{Batch: lineOf(doc), Steps: stepsOf(doc), Mendable: doc.Counts[group.Failed], Waiting: doc.Counts[group.Queued]}
	for _, s := range group.Statuses {
		if n := doc.Counts[s]; n > 0 {
			view.Outcomes = append(view.Outcomes, outcome{s, n})
		}
	}
	for _, s := range group.MemberStatuses {
		if n := doc.MemberCounts[s]; n > 0 {
			view.People = append(view.People, peopleLine{s, n})
		}
	}
	if view.Waiting > 0 {
		if view.Move, err = p.moving(v, query{Batch: doc.ID, Statuses: []group.Status{group.Queued}}, view.Waiting); err != nil {
			return err
		}
	}
	if view.Invalid, err = p.invalidOf(v, doc.ID, doc.InvalidRows); err != nil {
		return err
	}
	if view.Groups, err = p.groupsToShow(v, doc); err != nil {
		return err
	}
	if !v.bound() { // webhook events concern the whole installation
		if view.Notices, view.Told, err = p.noticesOf(ctx, doc); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, say.Words(doc.Name), view)
}

// groupsToShow returns the groups of a batch to show: those that need a person or failed, then the newest.
func (p *Page) groupsToShow(v *visit, doc group.BatchDocument) ([]group.Document, error) {
	const maxShown = 15
	trouble := store.Filter{BatchID: doc.ID, Statuses: []group.Status{group.Review, group.Failed}}
	docs, _, err := v.shown().Groups(v.ctx(), trouble, "", maxShown)
	if err != nil || len(docs) == maxShown {
		return docs, err
	}
	rest := store.Filter{BatchID: doc.ID, Statuses: []group.Status{group.Creating, group.Verifying, group.Inviting, group.Queued, group.Done, group.Cancelled}}
	others, _, err := v.shown().Groups(v.ctx(), rest, "", maxShown-len(docs))
	return append(docs, others...), err
}

// stepsOf returns the funnel of a batch's people.
func stepsOf(d group.BatchDocument) []funnelStep {
	f, m := d.Funnel, d.MemberCounts
	refused := m[group.NotAdded] + m[group.NotOnWhatsApp] + m[group.Invalid] + m[group.OptedOut] + m[group.InviteFailed] + m[group.Left]
	return []funnelStep{
		{"asked", f.Asked, f.Asked, "people-in-the-file"},
		{"added", f.Added, f.Asked, "read-back-as-members-of"},
		{"invited", f.Invited, f.Asked, "could-not-be-added-so"},
		{"joined", f.Joined, f.Asked, "were-invited-and-came-in"},
		{"refused", refused, f.Asked, "not-reached-no-whatsapp-bad"},
	}
}
