package enqueue

import (
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
)

// People counts those whom the rows name, each once a row.
type People struct {
	intake.People

	Duplicate  int `json:"duplicate" doc:"How often one was given again in the same row."`
	Suppressed int `json:"suppressed" doc:"Those of new groups who are on the suppression list."`
	// Numbers is set when the network was asked about those of new groups.
	Numbers *Numbers `json:"numbers,omitempty"`
}

func newSummary(batch string) Summary {
	return Summary{Batch: batch, People: People{People: intake.People{ByCountry: map[string]int{}, Written: map[phone.Written]int{}}}}
}

// testify warns of people who were read against what most rows say.
func (r *run) testify() {
	if w, ok := r.witness.Foreign(r.sum.People.People, r.rules.Region); ok {
		r.sum.Warnings = append(r.sum.Warnings, w)
	}
}
