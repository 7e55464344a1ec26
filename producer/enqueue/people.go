package enqueue

import (
	"maps"
)

// People counts the people of the rows. A person in several rows counts once in each.
type People struct {
	Total      int            `json:"total"`
	Unusable   int            `json:"unusable"`
	ByCountry  map[string]int `json:"byCountry" doc:"The usable people by country, in two letters."`
	Written    map[string]int `json:"written" doc:"The usable people by how their number was written: plus, full (with the home country's code), national (as at home), bare (without +, read as international)."`
	Duplicate  int            `json:"duplicate" doc:"How often a person was given again in the same row."`
	Suppressed int            `json:"suppressed" doc:"The people of new groups who are on the suppression list."`
	// Numbers is set if the plan checked the numbers of new groups.
	Numbers *Numbers `json:"numbers,omitempty"`
}

func newSummary(batch string) Summary {
	return Summary{Batch: batch, People: People{ByCountry: map[string]int{}, Written: map[string]int{}}, Warnings: []Warning{}}
}

// countPeople copies the counts of people to the summary. It adds a warning if some numbers were read as numbers of
// another country than most.
func (r *run) countPeople() {
	p := &r.sum.People
	p.Total, p.Unusable = r.people.Total, r.people.Unusable
	maps.Copy(p.ByCountry, r.people.ByCountry)
	maps.Copy(p.Written, r.people.Written)
	if w, ok := r.witness.Foreign(r.people, r.rules.Region); ok {
		r.sum.Warnings = append(r.sum.Warnings, Warning(w))
	}
}
