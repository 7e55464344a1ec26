package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// bulkKind is what can be done to all groups that match.
type bulkKind struct {
	Word string
	Name say.Code
	To   string                                    // of a move
	try  func(g *group.Group, now time.Time) error // what it does to a group, on a copy
	do   func(ctx context.Context, id string) (*group.Group, error)
}

// bulkKind finds an action by its word. To is where a move leads: an instance, or pool:<pool>.
func (p *Page) bulkKind(word, to string) (bulkKind, error) {
	move := func(ctx context.Context, id string) (*group.Group, error) {
		return p.Control.Move(ctx, id, targetOf(to))
	}
	moving := func(g *group.Group, now time.Time) error { return g.Move(targetOf(to), now) }
	for _, k := range []bulkKind{
		{"retry", "retry", "", (*group.Group).Retry, p.Control.Retry},
		{"cancel", "cancel", "", (*group.Group).Cancel, p.Control.Cancel},
		{"move", "move", to, moving, move},
	} {
		if k.Word == word {
			return k, nil
		}
	}
	return bulkKind{}, failed(http.StatusBadRequest, "there-is-no-such-action", "go-back-and-press-a")
}

// targetOf reads an instance's name, or pool:<pool>.
func targetOf(text string) tasks.Target {
	if pool, ok := strings.CutPrefix(text, "pool:"); ok {
		return tasks.Target{Pool: pool}
	}
	return tasks.Target{Instance: text}
}

// bulkNames are the buttons of a list, by word.
var bulkNames = map[string]say.Code{"retry": "retry", "cancel": "cancel"}

// bulkView is a dry run: what would be done, and why not to the others.
type bulkView struct {
	Kind     bulkKind
	Query    query
	Encoded  string
	Matched  int
	Will     int
	Skipped  []skipped
	Typed    bool // the number must be typed
	Mistyped bool
}

type skipped struct {
	Why string
	N   int
}

// Why groups are passed over, besides their status.
const (
	whyExpired = "expired" // the status would allow it, expiresAt does not
	whyGone    = "gone"    // removed meanwhile
)

// whyNot is why a group of a status is passed over.
func whyNot(s group.Status, err error) string {
	if errors.Is(err, group.ErrExpired) {
		return whyExpired
	}
	return string(s)
}

// skips are the reasons in a fixed order.
func skips(n map[string]int) []skipped {
	var all []skipped
	for _, why := range append(slices.Clone(group.Statuses), group.Unreadable, whyExpired, whyGone) {
		if n := n[string(why)]; n > 0 {
			all = append(all, skipped{string(why), n})
		}
	}
	return all
}

// sureUpTo is how many groups are changed without the number being typed.
const sureUpTo = 100

func (p *Page) planBulk(v *visit) error {
	view, err := p.plan(v)
	if err != nil {
		return err
	}
	return v.show("bulk", http.StatusOK, say.Code("dry-run-2"), view)
}

// bulkForm reads which action and which groups are meant.
func (p *Page) bulkForm(v *visit) (bulkKind, query, error) {
	kind, err := p.bulkKind(v.r.PostFormValue("action"), v.r.PostFormValue("to"))
	if err != nil {
		return kind, query{}, err
	}
	if kind.Word == "move" {
		if err := p.Control.CheckTarget(v.ctx(), targetOf(kind.To)); errors.Is(err, operate.ErrTarget) {
			return kind, query{}, failed(http.StatusUnprocessableEntity, "there-is-no-such-instance", "choose-one-that-a-worker")
		} else if err != nil {
			return kind, query{}, err
		}
	}
	values, err := url.ParseQuery(v.r.PostFormValue("query"))
	if err != nil {
		return kind, query{}, failed(http.StatusBadRequest, "this-is-no-filter", "go-back-and-press-a")
	}
	q, err := queryOf(values)
	return kind, q, err
}

// plan reads the form and counts what would be done. Nothing is changed.
func (p *Page) plan(v *visit) (bulkView, error) {
	kind, q, err := p.bulkForm(v)
	if err != nil {
		return bulkView{}, err
	}
	view := bulkView{Kind: kind, Query: q, Encoded: q.Values().Encode()}
	passed := map[string]int{}
	err = p.each(v.ctx(), v, q, func(g *group.Group) error {
		view.Matched++
		status := g.Status
		if err := kind.try(g, v.now); err == nil {
			view.Will++
		} else {
			passed[whyNot(status, err)]++
		}
		return nil
	})
	view.Skipped = skips(passed)
	view.Typed = view.Will > sureUpTo
	return view, err
}

// each goes through all groups of a filter, oldest first. The cursor is an id, so a group that
// leaves the filter because it was changed moves no other one out of sight.
func (p *Page) each(ctx context.Context, v *visit, q query, do func(*group.Group) error) error {
	f, err := q.filter(v)
	if err != nil {
		return err
	}
	return p.eachOf(ctx, f, do)
}

func (p *Page) eachOf(ctx context.Context, f store.Filter, do func(*group.Group) error) error {
	f.OldestFirst = true
	for cursor := ""; ; {
		groups, next, err := p.Store.Index.List(ctx, f, cursor, 500)
		if err != nil {
			return err
		}
		for _, g := range groups {
			if err := do(g); err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// runBulk begins what the dry run announced. It is counted anew: above a hundred the number that
// somebody typed must be the one that is about to be done.
func (p *Page) runBulk(v *visit) error {
	view, err := p.plan(v)
	if err != nil {
		return err
	}
	if view.Typed {
		typed, err := strconv.Atoi(strings.Join(strings.Fields(v.r.PostFormValue("confirm")), ""))
		if err != nil || typed != view.Will {
			view.Mistyped = true
			return v.show("bulk", http.StatusUnprocessableEntity, say.Code("dry-run-2"), view)
		}
	}
	if view.Will == 0 {
		return failed(http.StatusConflict, "there-is-nothing-to-do", "no-group-that-matches-is")
	}
	f, err := view.Query.filter(v)
	if err != nil {
		return err
	}
	id, err := p.begin(v, f, view)
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/jobs/"+id, http.StatusSeeOther)
	return nil
}

var errStopped = errors.New("stopped by a person")
