package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// bulkNames are the buttons of a list, by action.
var bulkNames = map[operate.BulkAction]say.Code{
	operate.BulkRetry: "retry", operate.BulkCancel: "cancel", operate.BulkMove: "move",
}

// deed returns the name of an action on many groups. A stored job may have an action of a newer version, which deed
// names by its code.
func (g tongue) deed(action operate.BulkAction) string {
	if name, ok := bulkNames[action]; ok {
		return g.text(name)
	}
	return string(action)
}

// targetOf reads an instance's name, or pool:<pool>.
func targetOf(text string) tasks.Target {
	if pool, ok := strings.CutPrefix(text, "pool:"); ok {
		return tasks.Target{Pool: pool}
	}
	return tasks.Target{Instance: text}
}

// moving is the form that moves the groups of a list.
type moving struct {
	Query  string
	Others []string // instances and pools
	N      int      // how many it concerns; 0 if that is not known
}

// moving returns the form that moves the groups of a list, or nil if there is nowhere to move them.
func (p *Page) moving(v *visit, q query, n int) (*moving, error) {
	others, err := p.others(v, q.Instance)
	if err != nil || len(others) == 0 {
		return nil, err
	}
	return &moving{q.Values().Encode(), others, n}, nil
}

// toOf returns the target of a move as forms write it; "" for any other action.
func toOf(b operate.Bulk) string {
	if b.Action != operate.BulkMove {
		return ""
	}
	return b.To.String()
}

// bulkView is a dry run: which groups would change, and why the others would not.
type bulkView struct {
	Action   operate.BulkAction
	Name     say.Code
	To       string
	Query    query
	Encoded  string
	Plan     operate.BulkPlan
	Skipped  []operate.Skipped
	Typed    bool // the number must be typed
	Mistyped bool
	Differs  bool // the number is not the one that was shown before

	bulk operate.Bulk
}

// sureUpTo is the maximum of groups that a person changes without typing their number.
const sureUpTo = 100

func (p *Page) planBulk(v *visit) error {
	view, err := p.plan(v)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, say.Code("dry-run-2"), view)
}

// plan reads the form and returns what would be done. It changes nothing.
func (p *Page) plan(v *visit) (bulkView, error) {
	action := operate.BulkAction(v.r.PostFormValue("action"))
	view := bulkView{Action: action, Name: bulkNames[action]}
	if view.Name == "" {
		return view, failed(http.StatusBadRequest, "there-is-no-such-action", "go-back-and-press-a")
	}
	values, err := url.ParseQuery(v.r.PostFormValue("query"))
	if err != nil {
		return view, failed(http.StatusBadRequest, "this-is-no-filter", "go-back-and-press-a")
	}
	if view.Query, err = queryOf(values); err != nil {
		return view, err
	}
	view.Encoded = view.Query.Values().Encode()
	view.bulk = operate.Bulk{Action: action, Within: v.who.Pools}
	if action == operate.BulkMove {
		to := targetOf(v.r.PostFormValue("to"))
		asked := tasks.GroupRequest{Instance: to.Instance, Pool: to.Pool}
		if bad := (enqueue.Rules{Pools: v.who.Pools}).Place(&asked); bad != nil {
			return view, &failure{http.StatusUnprocessableEntity, "there-is-no-such-instance", intake.Why(bad)}
		}
		view.bulk.To = tasks.Target{Instance: asked.Instance, Pool: asked.Pool}
	}
	view.To = toOf(view.bulk)
	if view.bulk.Filter, err = view.Query.filter(v); err != nil {
		return view, err
	}
	view.Plan, err = p.Control.PlanBulk(v.ctx(), view.bulk)
	if errors.Is(err, operate.ErrTarget) {
		return view, failed(http.StatusUnprocessableEntity, "there-is-no-such-instance", "choose-one-that-a-worker")
	}
	view.Skipped = operate.SkippedOf(view.Plan.Skipped)
	view.Typed = view.Plan.Done > sureUpTo
	return view, err
}

// runBulk begins the job of a dry run. It plans again: the number that was shown, or above sureUpTo groups the typed
// one, must equal the new plan's.
func (p *Page) runBulk(v *visit) error {
	view, err := p.plan(v)
	if err != nil {
		return err
	}
	if view.Typed {
		typed, err := strconv.Atoi(strings.Join(strings.Fields(v.r.PostFormValue("confirm")), ""))
		if err != nil || typed != view.Plan.Done {
			view.Mistyped = true
			return v.show(http.StatusUnprocessableEntity, say.Code("dry-run-2"), view)
		}
	}
	if view.Plan.Done == 0 {
		return failed(http.StatusConflict, "there-is-nothing-to-do", "no-group-that-matches-is")
	}
	if !view.Typed && v.r.PostFormValue("shown") != strconv.Itoa(view.Plan.Done) {
		view.Differs = true
		return v.show(http.StatusConflict, say.Code("dry-run-2"), view)
	}
	view.bulk.All = true // the dry run showed the number
	j, err := p.Control.BeginBulk(v.ctx(), view.bulk)
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/jobs/"+j.ID, http.StatusSeeOther)
	return nil
}
