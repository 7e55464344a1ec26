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

// fewInstances is how many instances the overview shows as cards. It counts more of them by state.
const fewInstances = 8

// boardRows is how many instances a page of the table holds.
const boardRows = 50

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

// boardSort is an order of the table.
type boardSort string

// compare orders two rows. Rows that are equal in it stand by name.
func (s boardSort) compare(a, b card) int {
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

// boardQuery is what the address of the table says.
type boardQuery struct {
	State, Pool, Provider, Name string
	Sort                        boardSort
}

// sorted is the query in another order.
func (q boardQuery) sorted(s boardSort) boardQuery {
	q.Sort = s
	return q
}

// address is that of the table, from a row on.
func (q boardQuery) address(from int) string {
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
func (q boardQuery) Filtered() bool { return q.State+q.Pool+q.Provider+q.Name != "" }

func (q boardQuery) match(i *view.Instance) bool {
	return (q.State == "" || string(i.Worst) == q.State) && (q.Provider == "" || i.Provider == q.Provider) &&
		(q.Pool == "" || slices.Contains(i.Pools, q.Pool)) && strings.Contains(i.Name, strings.ToLower(q.Name))
}

// boardColumn is a heading of the table. One with an address sorts by it.
type boardColumn struct {
	Title  say.Code
	To     string
	Number bool
	Sorted bool
}

// boardView is the table of instances.
type boardView struct {
	Query     boardQuery
	States    []stateCount
	Pools     []string
	Providers []string
	Columns   []boardColumn
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
	q := boardQuery{
		State: values.Get("state"), Pool: values.Get("pool"), Provider: values.Get("provider"), Name: strings.TrimSpace(values.Get("name")), Sort: boardSort(values.Get("sort")),
	}
	board := boardView{Query: q, States: countStates(all), All: len(all)}
	for i := range all {
		board.Pools = append(board.Pools, all[i].Pools...)
		board.Providers = append(board.Providers, all[i].Provider)
		if q.match(&all[i]) {
			board.Rows = append(board.Rows, cardOf(all[i]))
		}
	}
	for _, words := range []*[]string{&board.Pools, &board.Providers} {
		slices.Sort(*words)
		*words = slices.Compact(*words)
	}
	board.turn(values.Get("from"))
	if board.Saved, err = v.savedOn("instances"); err != nil {
		return err
	}
	for _, c := range []struct {
		title say.Code
		sort  boardSort
	}{{"instance", "name"}, {"status", "state"}, {"pools", ""}, {"waiting-2", "waiting"}, {"created-today", ""}, {"24-h", "created"}, {"failed-2", "failed"}, {"next-create", ""}} {
		column := boardColumn{Title: c.title, Number: c.sort != "" && c.sort != "name" && c.sort != "state" || c.title == "created-today"}
		if c.sort != "" {
			column.To, column.Sorted = q.sorted(c.sort).address(0), cmp.Or(q.Sort, "state") == c.sort
		}
		board.Columns = append(board.Columns, column)
	}
	state := ""
	if slices.Contains(stateRanks, view.InstanceWorst(q.State)) {
		state = v.tongue().text(say.Code("state:" + q.State))
	}
	title := v.tongue().title("instances", state, q.Name, q.Pool, providerTitle(q.Provider))
	return v.show(http.StatusOK, title, board)
}

// turn sorts the rows and keeps one page of them.
func (b *boardView) turn(text string) {
	order := cmp.Or(b.Query.Sort, "state")
	slices.SortFunc(b.Rows, order.compare)
	b.Total = len(b.Rows)
	from, err := strconv.Atoi(text)
	if err != nil || from < 0 || from >= b.Total {
		from = 0
	}
	if from > 0 {
		b.Newer = b.Query.address(max(0, from-boardRows))
	}
	b.Rows = b.Rows[from:]
	if len(b.Rows) > boardRows {
		b.Rows, b.Next = b.Rows[:boardRows], b.Query.address(from+boardRows)
	}
}
