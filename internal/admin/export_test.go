package admin

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
