package admin

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// reviewCase is one uncertain create with its evidence.
type reviewCase struct {
	Group      group.Document
	Sent       string // the request, as the provider got it
	People     int
	First      time.Time // when the first uncertain call began
	Last       *group.Attempt
	Looks      []group.Look
	LooksDone  int
	Since      time.Time
	Candidates []candidate
	Recreate   bool
	Code       faults.Code
	Message    say.Phrase
}

// candidate is a group at WhatsApp that could be the requested one, compared with the request.
type candidate struct {
	group.Candidate

	SameName bool
	Delta    string // from the first uncertain call to the candidate's creation
	Owner    string // the other request that has it
}

type reviewView struct {
	Cases []reviewCase
	Next  string
	Total int
}

func (p *Page) review(v *visit) error {
	ctx := v.ctx()
	groups, next, err := p.Store.Index.List(ctx, store.Filter{Statuses: []group.Status{group.Review}, Pools: v.who.Pools, OldestFirst: true}, v.r.URL.Query().Get("cursor"), 20)
	if err != nil {
		return err
	}
	docs, err := v.shown().Describe(ctx, groups)
	if err != nil {
		return err
	}
	view := reviewView{Next: next}
	for i, g := range groups {
		view.Cases = append(view.Cases, v.caseOf(g, docs[i]))
	}
	counts, _, err := p.Store.Index.Totals(ctx, v.who.Pools...)
	if err != nil {
		return err
	}
	view.Total = counts[group.Review]
	return v.show(http.StatusOK, say.Code("review"), view)
}

func (v *visit) caseOf(g *group.Group, d group.Document) reviewCase {
	c := reviewCase{
		Group: d, Sent: requestText(g, v.tongue().voice(v.now)), People: len(g.Members), Last: g.Latest(), LooksDone: g.Verify.Looks, Looks: g.Seen,
		Since: reviewedSince(g), Recreate: abilitiesOf(g, v.now).Recreate,
	}
	c.First, _ = g.FirstDoubt()
	if g.Error == nil {
		return c
	}
	c.Code, c.Message = faults.CodeOf(g.Error.Code), g.Error.Message
	for _, found := range g.Error.Candidates {
		one := candidate{Candidate: found, SameName: strings.TrimSpace(found.Name) == strings.TrimSpace(g.Name)}
		if !found.CreatedAt.IsZero() && !c.First.IsZero() {
			one.Delta = span(found.CreatedAt.Sub(c.First))
		}
		c.Candidates = append(c.Candidates, one)
	}
	return c
}

func faultKey(g *group.Group) string {
	if f := faults.Of(g); f != "" {
		return f
	}
	return string(g.Error.Code)
}

// decide returns a handler that carries out a decision about one group and then shows the message named said.
func (p *Page) decide(said string, do func(ctx context.Context, id string) (*group.Group, error)) func(*visit) error {
	return func(v *visit) error {
		id := v.r.PathValue("id")
		g, err := do(v.ctx(), id)
		if err != nil {
			return err
		}
		now := said
		if said == "retry" && g.Status == group.Review { // an abandoned group that may exist goes back to review
			now = "reopened"
		}
		return v.back(v.source("/groups/"+url.PathEscape(id)), now)
	}
}

// decideShown works like decide, for a form that showed the group's state. The handler returns errOutdated if the group
// is now in another state that awaits a decision.
func (p *Page) decideShown(said string, do func(ctx context.Context, id string) (*group.Group, error)) func(*visit) error {
	return func(v *visit) error {
		g, err := p.Store.Records.Load(v.ctx(), v.r.PathValue("id"))
		if err != nil {
			return err
		}
		if now := decidable(g); now != "" && v.outdated(now) {
			return errOutdated
		}
		return p.decide(said, do)(v)
	}
}

// decidable returns a mark of the state that awaits a decision, for the forms; empty if the group awaits none. Two
// reviews of one group have different marks.
func decidable(g *group.Group) string {
	switch g.Status {
	case group.Review:
		return markOf(reviewedSince(g))
	case group.Failed, group.Cancelled:
		return string(g.Status)
	}
	return ""
}

const maxGroupIDLength = 200

func (p *Page) adopt(v *visit) error {
	groupID := strings.TrimSpace(v.r.PostFormValue("groupId"))
	if groupID == "" || len(groupID) > maxGroupIDLength {
		return failed(http.StatusUnprocessableEntity, "which-group", "write-its-id-at-whatsapp")
	}
	return p.decideShown("adopt", func(ctx context.Context, id string) (*group.Group, error) {
		return p.Control.Adopt(ctx, id, groupID)
	})(v)
}

// errOutdated answers a form of a page that shows a past state.
var errOutdated = failed(http.StatusConflict, "that-is-not-possible-now", "it-has-changed-since-this")

// markOf formats a time for a hidden field of a form; empty for the zero time.
func markOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// outdated reports whether the form carries a mark of the state that it showed, and the mark differs from now. A form
// without a mark is not outdated.
func (v *visit) outdated(now string) bool {
	shown, marked := v.r.PostForm["since"]
	return marked && shown[0] != now
}

// source returns the page that the form's field back names, or fallback without that field.
func (v *visit) source(fallback string) string {
	if back := v.r.PostFormValue("back"); back != "" {
		return local(back)
	}
	return fallback
}

// reviewedSince returns when a group went to review.
func reviewedSince(g *group.Group) time.Time {
	if g.Error == nil {
		return time.Time{}
	}
	return g.Error.At
}
