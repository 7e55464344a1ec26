package admin

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/clock"
)

// Line is one line of the table of actions, for the test that calls each.
type Line struct{ Pattern, Role string }

// Lines are all of them.
func (p *Page) Lines() []Line {
	var all []Line
	for _, a := range p.table() {
		all = append(all, Line{a.pattern, a.role.String()})
	}
	return all
}

// Saying is a composed sentence in Portuguese.
func Saying(text string, zone *time.Location, now time.Time) string {
	return tongue{portuguese, clock.In(zone)}.saying(text, now)
}

// Lacks says whether Portuguese lacks a text.
func Lacks(text string) bool {
	for _, c := range catalogues[portuguese] {
		if _, ok := c[text]; ok {
			return false
		}
	}
	return true
}
