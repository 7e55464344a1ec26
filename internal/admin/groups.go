package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/clock"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// query is the filter in the address of a list.
type query struct {
	Statuses []group.Status
	Batch    string
	Instance string
	Pool     string // that the groups were requested for
	Name     string
	Ref      string
	Person   string // store.PersonToken: an address holds no number
	Fault    string
	From, To string // days on which the groups were accepted, as 2026-11-29
}

func queryOf(values url.Values) (query, error) {
	q := query{
		Batch: strings.TrimSpace(values.Get("batch")), Instance: strings.TrimSpace(values.Get("instance")), Pool: values.Get("pool"), Name: strings.TrimSpace(values.Get("name")),
		Ref: values.Get("ref"), Person: values.Get("person"), Fault: values.Get("fault"),
		From: values.Get("from"), To: values.Get("to"),
	}
	for _, day := range []string{q.From, q.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return q, failed(http.StatusBadRequest, "this-is-no-filter", "a-day-in-the-address")
		}
	}
	for _, value := range values["status"] {
		for word := range strings.SplitSeq(value, ",") {
			if word == "" {
				continue
			}
			s := group.Status(word)
			if !s.Valid() {
				return q, failed(http.StatusBadRequest, "this-is-no-filter", "a-status-in-the-address")
			}
			if !slices.Contains(q.Statuses, s) {
				q.Statuses = append(q.Statuses, s)
			}
		}
	}
	return q, nil
}

// Values returns the filter as query parameters.
func (q query) Values() url.Values {
	v := url.Values{}
	for _, s := range q.Statuses {
		v.Add("status", string(s))
	}
	for name, value := range map[string]string{
		"batch": q.Batch, "instance": q.Instance, "pool": q.Pool, "name": q.Name, "ref": q.Ref, "person": q.Person, "fault": q.Fault, "from": q.From, "to": q.To,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// words returns what the filter selects, for a title.
func (q query) words(t tongue) []string {
	var all []string
	for _, s := range q.Statuses {
		all = append(all, t.text(say.Code("status:"+string(s))))
	}
	return append(all, q.Instance, q.Pool, q.Name, q.Ref, q.From, q.To)
}

// Has reports whether the filter selects a state.
func (q query) Has(s group.Status) bool { return slices.Contains(q.Statuses, s) }

// Empty reports whether there is no filter.
func (q query) Empty() bool { return len(q.Values()) == 0 }

func (q query) filter(v *visit) (store.Filter, error) {
	f := store.Filter{
		Statuses: q.Statuses, Instance: q.Instance, Name: q.Name, ExternalRef: q.Ref, PersonToken: q.Person, Fault: q.Fault,
	}
	f.Pools = v.who.Pools
	if q.Pool != "" {
		if v.bound() && !slices.Contains(f.Pools, q.Pool) {
			return f, store.ErrNotFound
		}
		f.Pools = []string{q.Pool}
	}
	f.After = v.page.midnight(q.From, 0)
	f.Before = v.page.midnight(q.To, 1) // the day is included
	if q.Batch == "" {
		return f, nil
	}
	var err error
	f.BatchID, err = v.shown().BatchID(v.ctx(), q.Batch)
	if err == nil && v.bound() {
		_, err = v.shown().BatchRecord(v.ctx(), f.BatchID)
	}
	return f, err
}

// midnight returns the beginning of a day, moved by some days, in the installation's zone. It returns zero if day is
// empty, and for a time that a document cannot hold, because no group was accepted then.
func (p *Page) midnight(day string, moved int) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, clock.In(p.Zone).Zone())
	if t = t.AddDate(0, 0, moved); err != nil || !intake.Writable(t) {
		return time.Time{}
	}
	return t
}

// groupsView is a list of groups.
type groupsView struct {
	Query    query
	Groups   []group.Document
	Next     string // address of the next page
	Statuses []group.Status
	Batches  []*group.Batch // whose names match the search
	Names    []string       // of the instances
	Pools    []string
	Faults   []faultLine
	Total    int // how many match, if Known
	Known    bool
	AtMost   bool // Total is an upper bound
	Actions  []operate.BulkAction
	Move     *moving
	Saved    savedViews
}

// Name returns the text of a button.
func (v groupsView) Name(a operate.BulkAction) say.Code { return bulkNames[a] }

func (v groupsView) query() string { return v.Query.Name + v.Query.Ref }

func (p *Page) groups(v *visit) error {
	values := v.r.URL.Query()
	q, err := queryOf(values)
	if err != nil {
		return err
	}
	filter, err := q.filter(v)
	if err != nil {
		return err
	}
	view := groupsView{Query: q, Statuses: group.Statuses}
	docs, next, err := v.shown().Groups(v.ctx(), filter, values.Get("cursor"), pageSize)
	if err != nil {
		return err
	}
	if len(docs) == 0 && values.Get("cursor") == "" {
		if err := v.shown().Known(v.ctx(), filter); err != nil {
			return err
		}
	}
	view.Groups = docs
	if next != "" {
		more := q.Values()
		more.Set("cursor", next)
		view.Next = "/groups?" + more.Encode()
	}
	if err := p.fillFilters(v, &view); err != nil {
		return err
	}
	if view.Saved, err = v.savedOn("groups"); err != nil {
		return err
	}
	if err := p.countMatches(v, &view, filter, values.Get("cursor") == ""); err != nil {
		return err
	}
	if q.Name != "" {
		if view.Batches, err = p.batchesNamed(v, q.Name); err != nil {
			return err
		}
	}
	if slices.Contains(view.Actions, operate.BulkMove) {
		if view.Move, err = p.moving(v, q, 0); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, v.tongue().title("groups", q.words(v.tongue())...), view)
}

const (
	searchedBatches = 200 // how many of the newest batches are searched by name
	maxBatches      = 5   // how many of the batches found a list of groups shows
)

// batchesNamed returns the newest batches whose name, or a word of it, begins with the typed text.
func (p *Page) batchesNamed(v *visit, typed string) ([]*group.Batch, error) {
	newest, _, err := p.Store.Index.Batches(v.ctx(), "", searchedBatches, v.who.Pools...)
	if err != nil {
		return nil, err
	}
	var found []*group.Batch
	for _, b := range newest {
		if store.NameHas(b.Name, typed) && len(found) < maxBatches {
			found = append(found, b)
		}
	}
	return found, nil
}

// fillFilters sets the choices that the filters offer.
func (p *Page) fillFilters(v *visit, view *groupsView) error {
	places, err := v.shown().Places(v.ctx())
	if err != nil {
		return err
	}
	for name, i := range places {
		view.Names, view.Pools = append(view.Names, name), append(view.Pools, i.Pools...)
	}
	if q := view.Query; q.Pool != "" {
		view.Pools = append(view.Pools, q.Pool)
	}
	slices.Sort(view.Names)
	slices.Sort(view.Pools)
	view.Pools = slices.Compact(view.Pools)
	found, err := v.shown().Faults(v.ctx())
	if err != nil {
		return err
	}
	if key := view.Query.Fault; key != "" && !slices.ContainsFunc(found, func(f fault) bool { return f.Key == key }) {
		found = append([]fault{{Key: key}}, found...)
	}
	for _, f := range found {
		view.Faults = append(view.Faults, faultLineOf(f))
	}
	return nil
}

// countMatches sets the actions that are possible for the groups that match, and how many groups match, if one page or
// the lengths of the store's lists show that.
func (p *Page) countMatches(v *visit, view *groupsView, f store.Filter, first bool) error {
	by := map[group.Status]int{}
	q := view.Query
	switch {
	case first && view.Next == "":
		view.Known, view.Total = true, len(view.Groups)
		for i := range view.Groups {
			by[view.Groups[i].Status]++
		}
	case q.Name+q.Ref+q.Person == "":
		count, err := p.Store.Index.Count(v.ctx(), f)
		if err != nil {
			return err
		}
		if v.bound() && count.AtMost { // the list also counts the groups of other pools
			by = nil
			break
		}
		view.Known, view.Total, view.AtMost = true, count.Total, count.AtMost && (q.Fault == "" || q.Batch+q.Instance+q.Pool != "" || len(q.Statuses) > 0)
		by = count.ByStatus
	default:
		by = nil
	}
	for _, a := range operate.BulkActions {
		possible := by == nil || slices.ContainsFunc(a.From(), func(s group.Status) bool { return by[s] > 0 })
		if q.Fault != "" { // such groups failed, or wait for a decision
			possible = possible && a == operate.BulkRetry && faultLineOf(fault{Key: q.Fault}).Retry
		}
		if possible {
			view.Actions = append(view.Actions, a)
		}
	}
	return nil
}
