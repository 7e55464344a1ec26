package admin

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/view"
)

// fewInstances is the maximum of instances that the overview shows as cards. It counts more instances by state.
const fewInstances = 8

// instanceRows is how many instances a page of the table holds.
const instanceRows = 50

// stateCount is how many instances are in one state.
type stateCount struct {
	State view.InstanceWorst
	N     int
}

// stateRanks order states: those that need a person come first.
var stateRanks = []view.InstanceWorst{
	"unauthorized", "disconnected", "restricted", view.WorstFailing, "unknown", "paused", view.WorstResting, view.WorstPartly, "starting", "ready",
}

// countStates counts instances by their worst part, the worst states first.
func countStates(instances []view.Instance) []stateCount {
	counts := map[view.InstanceWorst]int{}
	for i := range instances {
		counts[instances[i].Worst]++
	}
	all := make([]stateCount, 0, len(counts))
	for _, s := range stateRanks {
		if counts[s] > 0 {
			all = append(all, stateCount{s, counts[s]})
		}
	}
	return all
}

// instanceSort is an order of the table.
type instanceSort string

// compare orders two rows. Equal rows are ordered by name.
func (s instanceSort) compare(a, b card) int {
	by := 0
	switch s {
	case "waiting":
		by = cmp.Compare(b.Queued.Create+b.Queued.Invite, a.Queued.Create+a.Queued.Invite)
	case "created":
		by = cmp.Compare(b.Created, a.Created)
	case "failed":
		by = cmp.Compare(b.Failed, a.Failed)
	case "state":
		by = cmp.Compare(slices.Index(stateRanks, a.Worst), slices.Index(stateRanks, b.Worst))
	default:
	}
	return cmp.Or(by, strings.Compare(a.Name, b.Name))
}

// instanceQuery is the filter and the order in the address of the table.
type instanceQuery struct {
	State, Pool, Provider, Name string
	Sort                        instanceSort
}

// sorted returns the query in another order.
func (q instanceQuery) sorted(s instanceSort) instanceQuery {
	q.Sort = s
	return q
}

// address returns the address of the table from a row on.
func (q instanceQuery) address(from int) string {
	v := url.Values{}
	for name, value := range map[string]string{"state": q.State, "pool": q.Pool, "provider": q.Provider, "name": q.Name, "sort": string(q.Sort)} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if from > 0 {
		v.Set("from", strconv.Itoa(from))
	}
	if len(v) == 0 {
		return "/instances"
	}
	return "/instances?" + v.Encode()
}

// Filtered reports whether the query leaves instances out.
func (q instanceQuery) Filtered() bool { return q.State+q.Pool+q.Provider+q.Name != "" }

func (q instanceQuery) match(i *view.Instance) bool {
	return (q.State == "" || string(i.Worst) == q.State) && (q.Provider == "" || i.Provider == q.Provider) &&
		(q.Pool == "" || slices.Contains(i.Pools, q.Pool)) && strings.Contains(i.Name, strings.ToLower(q.Name))
}

// instanceColumn is a heading of the table. One with an address sorts by it.
type instanceColumn struct {
	Title  say.Code
	To     string
	Number bool
	Sorted bool
}

// instanceTable is the table of instances.
type instanceTable struct {
	Query     instanceQuery
	States    []stateCount
	Pools     []string
	Providers []string
	Columns   []instanceColumn
	Rows      []card
	Total     int // that match
	All       int
	Newer     string // addresses of the pages before and after
	Next      string
	Saved     savedViews
}

func (p *Page) instances(v *visit) error {
	all, err := v.shown().Instances(v.ctx())
	if err != nil {
		return err
	}
	cardOf, err := p.carder(v)
	if err != nil {
		return err
	}
	values := v.r.URL.Query()
	q := instanceQuery{
		State: values.Get("state"), Pool: values.Get("pool"), Provider: values.Get("provider"), Name: strings.TrimSpace(values.Get("name")), Sort: instanceSort(values.Get("sort")),
	}
	table := instanceTable{Query: q, States: countStates(all), All: len(all)}
	for i := range all {
		table.Pools = append(table.Pools, all[i].Pools...)
		table.Providers = append(table.Providers, all[i].Provider)
		if q.match(&all[i]) {
			table.Rows = append(table.Rows, cardOf(all[i]))
		}
	}
	for _, words := range []*[]string{&table.Pools, &table.Providers} {
		slices.Sort(*words)
		*words = slices.Compact(*words)
	}
	table.turn(values.Get("from"))
	if table.Saved, err = v.savedOn("instances"); err != nil {
		return err
	}
	for _, c := range []struct {
		title say.Code
		sort  instanceSort
	}{{"instance", "name"}, {"status", "state"}, {"pools", ""}, {"waiting-2", "waiting"}, {"created-today", ""}, {"24-h", "created"}, {"failed-2", "failed"}, {"next-create", ""}} {
		column := instanceColumn{Title: c.title, Number: c.sort != "" && c.sort != "name" && c.sort != "state" || c.title == "created-today"}
		if c.sort != "" {
			column.To, column.Sorted = q.sorted(c.sort).address(0), cmp.Or(q.Sort, "state") == c.sort
		}
		table.Columns = append(table.Columns, column)
	}
	state := ""
	if slices.Contains(stateRanks, view.InstanceWorst(q.State)) {
		state = v.tongue().text(say.Code("state:" + q.State))
	}
	title := v.tongue().title("instances", state, q.Name, q.Pool, providerTitle(q.Provider))
	return v.show(http.StatusOK, title, table)
}

// turn sorts the rows and keeps one page of them.
func (b *instanceTable) turn(text string) {
	order := cmp.Or(b.Query.Sort, "state")
	slices.SortFunc(b.Rows, order.compare)
	b.Total = len(b.Rows)
	from, err := strconv.Atoi(text)
	if err != nil || from < 0 || from >= b.Total {
		from = 0
	}
	if from > 0 {
		b.Newer = b.Query.address(max(0, from-instanceRows))
	}
	b.Rows = b.Rows[from:]
	if len(b.Rows) > instanceRows {
		b.Rows, b.Next = b.Rows[:instanceRows], b.Query.address(from+instanceRows)
	}
}
