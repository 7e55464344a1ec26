package enqueue

import (
	"fmt"
	"slices"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Warning is something to check in accepted rows, or about parts of an input that were not read.
type Warning struct {
	Code    string `json:"code" doc:"ambiguous, extension, foreign, title, totals, noPhone, hiddenRows, hiddenColumns, otherSheets, poolPhoto or batchEnded."`
	Rows    []int  `json:"rows" doc:"The first 100 rows that it is about."`
	Lines   []int  `json:"lines,omitempty" doc:"The first 100 lines of the file that it is about, where it is about lines that are not rows."`
	Message string `json:"message"`
	// Why is what Message says, as a code with parameters, for the programs of rollcall.
	Why fmt.Stringer `json:"-"`
}

// The codes of warnings.
const (
	warnAmbiguous  = "ambiguous"
	warnExtension  = "extension"
	warnBatchEnded = "batchEnded"
)

// warnings returns the codes of the warnings about a row's people.
func warnings(people []intake.Person) []string {
	var codes []string
	add := func(is bool, code string) {
		if is && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	for _, p := range people {
		add(p.Other != "", warnAmbiguous)
		add(p.Extension, warnExtension)
	}
	return codes
}

// warn adds a row to the warning with this code.
func (r *run) warn(code string, row int) {
	s := &r.sum
	i := slices.IndexFunc(s.Warnings, func(w Warning) bool { return w.Code == code })
	if i < 0 {
		why := map[string]say.Phrase{
			warnAmbiguous: {Code: say.WarnAmbiguous}, warnExtension: {Code: say.WarnExtension}, warnBatchEnded: {Code: say.WarnBatchEnded, Name: r.ended},
		}[code]
		s.Warnings = append(s.Warnings, Warning{Code: code, Message: why.String(), Why: why})
		i = len(s.Warnings) - 1
	}
	if w := &s.Warnings[i]; len(w.Rows) < intake.MaxWarned {
		w.Rows = append(w.Rows, row)
	}
}
