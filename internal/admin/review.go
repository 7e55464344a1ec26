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
	Sent       string // what was asked of the provider
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
	Delta    string // after the call
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

// decide returns a handler of a decision about one group.
func (p *Page) decide(said string, do func(ctx context.Context, id string) (*group.Group, error)) func(*visit) error {
	return func(v *visit) error {
		id := v.r.PathValue("id")
		g, err := do(v.ctx(), id)
		if err != nil {
			return err
		}
		now := said
		if said == "retry" && g.Status == group.Review { // of an abandoned one that may exist
			now = "reopened"
		}
		return v.back(v.source("/groups/"+url.PathEscape(id)), now)
	}
}

// settle returns a handler of a decision about the review that the form showed. It fails when the group is in a later
// one.
func (p *Page) settle(said string, do func(ctx context.Context, id string) (*group.Group, error)) func(*visit) error {
	return func(v *visit) error {
		g, err := p.Store.Records.Load(v.ctx(), v.r.PathValue("id"))
		if err != nil {
			return err
		}
		if g.Status == group.Review && v.outdated(markOf(reviewedSince(g))) {
			return errOutdated
		}
		return p.decide(said, do)(v)
	}
}

const mostGroupID = 200

func (p *Page) adopt(v *visit) error {
	groupID := strings.TrimSpace(v.r.PostFormValue("groupId"))
	if groupID == "" || len(groupID) > mostGroupID {
		return failed(http.StatusUnprocessableEntity, "which-group", "write-its-id-at-whatsapp")
	}
	return p.settle("adopt", func(ctx context.Context, id string) (*group.Group, error) {
		return p.Control.Adopt(ctx, id, groupID)
	})(v)
}

// errOutdated is the answer to a form of a page that shows what is past.
var errOutdated = failed(http.StatusConflict, "that-is-not-possible-now", "it-has-changed-since-this")

// markOf returns a time as forms carry it; empty for none.
func markOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// outdated reports whether the form says since when the state has been that it showed, and it is not since now.
func (v *visit) outdated(now string) bool {
	shown, marked := v.r.PostForm["since"]
	return marked && shown[0] != now
}

// source returns the page of the form if the form names it, else otherwise.
func (v *visit) source(otherwise string) string {
	if back := v.r.PostFormValue("back"); back != "" {
		return local(back)
	}
	return otherwise
}

// reviewedSince returns since when a group has been in review.
func reviewedSince(g *group.Group) time.Time {
	if g.Error == nil {
		return time.Time{}
	}
	return g.Error.At
}
