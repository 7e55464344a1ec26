package admin

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/clock"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Line is an action of the page: its pattern and the name of its role.
type Line struct{ Pattern, Role string }

// Lines returns all actions of the page.
func (p *Page) Lines() []Line {
	var all []Line
	for _, a := range p.table() {
		all = append(all, Line{a.pattern, a.role.String()})
	}
	return all
}

// Drawn draws a chart. Each slot has a number for each series, and then the limit. A bar is its series, x, y, width
// and height.
func Drawn(stacked bool, slots ...[]int) (top int, bars [][5]int, limit string) {
	all, columns := make([]series, len(slots[0])-1), make([]column, len(slots))
	for i := range all {
		all[i].Class = string(rune('0' + i))
	}
	for i, slot := range slots {
		columns[i] = column{slot[:len(all)], slot[len(all)]}
	}
	c := newChart(stacked, all, columns)
	for _, b := range c.Bars {
		bars = append(bars, [5]int{int(b.Class[0] - '0'), b.X, b.Y, b.W, b.H})
	}
	return c.Top, bars, c.Limit
}

// CutShort returns what an upload says that ended with an error.
var CutShort = cutShort

// Listed renders a list of groups in English; next is the path of the next page.
func Listed(groups []group.Document, next string) string {
	f := &frame{tongue: tongue{say.English, clock.In(time.UTC)}}
	text, err := markup.Page(groupsView{Groups: groups, Next: next}.page(f))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
