package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

// historyView is what was done day by day.
type historyView struct {
	Instance string // "" for all
	Days     int
	Spans    []int    // numbers of days to choose from
	Names    []string // of the instances
	Charts   []chart
	Rows     []view.HistoryDay // the latest first
	Sum      view.HistoryDay
	Batches  []group.BatchDocument // the latest first, of all instances
	Funnels  *chart                // of Batches; nil for none
	Saved    savedViews
}

const (
	historySpan    = 30
	historyBatches = 20
)

func (p *Page) history(v *visit) error {
	values := v.r.URL.Query()
	h := historyView{Instance: strings.TrimSpace(values.Get("instance")), Days: historySpan, Spans: []int{7, historySpan, store.HistoryDays}}
	if text := values.Get("days"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > store.HistoryDays {
			return &failure{http.StatusBadRequest, "this-is-no-filter", say.Phrase{Code: "a-history-has-days", N: store.HistoryDays}}
		}
		h.Days = n
	}
	if !slices.Contains(h.Spans, h.Days) {
		h.Spans = append(h.Spans, h.Days)
		slices.Sort(h.Spans)
	}
	read, err := v.shown().History(v.ctx(), h.Instance, h.Days)
	if err != nil {
		return err
	}
	if h.Names, err = p.instanceNames(v); err != nil {
		return err
	}
	if h.Saved, err = v.savedOn("history"); err != nil {
		return err
	}
	if h.Instance != "" && !slices.Contains(h.Names, h.Instance) { // it is no longer configured
		h.Names = append(h.Names, h.Instance)
	}
	h.Charts = chartsOf(v.tongue(), read.Items)
	for _, d := range slices.Backward(read.Items) {
		h.Rows = append(h.Rows, d)
		h.Sum.Created, h.Sum.Failed = h.Sum.Created+d.Created, h.Sum.Failed+d.Failed
		h.Sum.Added, h.Sum.Invited, h.Sum.Joined = h.Sum.Added+d.Added, h.Sum.Invited+d.Invited, h.Sum.Joined+d.Joined
		h.Sum.Calls.Create, h.Sum.Calls.Invite = h.Sum.Calls.Create+d.Calls.Create, h.Sum.Calls.Invite+d.Calls.Invite
	}
	if h.Instance == "" { // a batch belongs to no instance
		if h.Batches, _, err = v.shown().Batches(v.ctx(), "", historyBatches); err != nil {
			return err
		}
		h.Funnels = funnelsOf(v.tongue(), h.Batches)
	}
	return v.show(http.StatusOK, v.tongue().title("history", h.Instance), h)
}

// funnelsOf returns the chart of how far the people of each batch came, the latest batch last.
func funnelsOf(g tongue, batches []group.BatchDocument) *chart {
	if len(batches) == 0 {
		return nil
	}
	columns := make([]column, 0, len(batches))
	for _, b := range slices.Backward(batches) {
		columns = append(columns, column{numbers: []int{b.Funnel.Asked, b.Funnel.Added, b.Funnel.Invited, b.Funnel.Joined}})
	}
	c := newChart(false, []series{
		{Class: "s0", Name: g.text("asked")}, {Class: "s1", Name: g.text("added")}, {Class: "s2", Name: g.text("invited")}, {Class: "s3", Name: g.text("joined")},
	}, columns)
	c.Title, c.From, c.To = g.text("people-a-batch"), api.Veil(batches[len(batches)-1].Name), api.Veil(batches[0].Name)
	c.Label = c.label()
	return &c
}

// instanceNames returns the names of all instances, in order.
func (p *Page) instanceNames(v *visit) ([]string, error) {
	all, err := v.shown().Places(v.ctx())
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// HistoryLink returns the address of an instance's history.
func (c card) HistoryLink() string {
	return "/history?" + url.Values{"instance": {c.Name}}.Encode()
}

// chart is a bar chart of some numbers per day, or per batch.
type chart struct {
	Title, Label string
	Series       []series
	Bars         []chartBar
	Limit        string // the path of the line that shows what was allowed; "" for none
	Width        int
	Top          int    // what the full height means
	From, To     string // the dates or batches of the first and the last bar
}

// series is one of the numbers of a chart: its colour's class, its name and its sum.
type series struct {
	Class, Name string
	Sum         int
}

// chartBar is a rectangle, in the chart's own units.
type chartBar struct {
	Class      string
	X, Y, W, H int
}

// The sizes of charts, in their own units.
const (
	chartHeight = 100
	chartSlot   = 12 // of one day, or one batch
	slotMargin  = 1
)

// column holds the values of one slot of a chart: a number for each series, and the limit, 0 for none.
type column struct {
	numbers []int
	limit   int
}

// newChart draws columns: the numbers of each side by side, or stacked.
func newChart(stacked bool, all []series, columns []column) chart {
	c := chart{Series: all, Width: chartSlot * len(columns)}
	for _, col := range columns {
		high := col.limit
		sum := 0
		for _, n := range col.numbers {
			high, sum = max(high, n), sum+n
		}
		if stacked {
			high = max(high, sum)
		}
		c.Top = max(c.Top, high)
	}
	var limit strings.Builder
	for at, col := range columns {
		x, y := at*chartSlot, chartHeight
		width := (chartSlot - 2*slotMargin) / len(all)
		if stacked {
			width = chartSlot - 2*slotMargin
		}
		for n, number := range col.numbers {
			c.Series[n].Sum += number
			if number == 0 {
				continue
			}
			b := chartBar{Class: all[n].Class, X: x + slotMargin, W: width, H: max(1, number*chartHeight/c.Top)}
			if stacked {
				y -= b.H
				b.Y = max(0, y)
			} else {
				b.X, b.Y = b.X+n*width, chartHeight-b.H
			}
			c.Bars = append(c.Bars, b)
		}
		if col.limit > 0 {
			fmt.Fprintf(&limit, "M%d %dh%d", x, chartHeight-col.limit*chartHeight/c.Top, chartSlot)
		}
	}
	c.Limit = limit.String()
	return c
}

// chartsOf returns the charts of some days.
func chartsOf(g tongue, days []view.HistoryDay) []chart {
	draw := func(title say.Code, stacked bool, all []series, of func(d view.HistoryDay) column) chart {
		columns := make([]column, len(days))
		for i, d := range days {
			columns[i] = of(d)
		}
		c := newChart(stacked, all, columns)
		c.Title, c.From, c.To = g.text(title), g.day(days[0].Date), g.day(days[len(days)-1].Date)
		c.Label = c.label()
		return c
	}
	calls := func() []series { return []series{{Class: "s1", Name: g.text("calls-made")}} }
	return []chart{
		draw("groups-a-day", true, []series{{Class: "s1", Name: g.text("created-2")}, {Class: "bad", Name: g.text("failed-2")}}, func(d view.HistoryDay) column {
			return column{numbers: []int{d.Created, d.Failed}}
		}),
		draw("people-a-day", false, []series{{Class: "s1", Name: g.text("added")}, {Class: "s2", Name: g.text("invited")}, {Class: "s3", Name: g.text("joined")}}, func(d view.HistoryDay) column {
			return column{numbers: []int{d.Added, d.Invited, d.Joined}}
		}),
		draw("create-calls-a-day", false, calls(), func(d view.HistoryDay) column {
			return column{[]int{d.Calls.Create}, d.Allowed.Create}
		}),
		draw("invite-calls-a-day", false, calls(), func(d view.HistoryDay) column {
			return column{[]int{d.Calls.Invite}, d.Allowed.Invite}
		}),
	}
}

// label returns the chart as text, for screen readers.
func (c chart) label() string {
	parts := make([]string, len(c.Series))
	for i, s := range c.Series {
		parts[i] = s.Name + " " + strconv.Itoa(s.Sum)
	}
	return fmt.Sprintf("%s, %s – %s: %s", c.Title, c.From, c.To, strings.Join(parts, ", "))
}

// day returns a date as a person writes it.
func (g tongue) day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return fmt.Sprintf("%d %s", t.Day(), g.lang.Month(t.Month()))
}
