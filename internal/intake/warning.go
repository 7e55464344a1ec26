package intake

import (
	"fmt"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Warning says what a person should check in an input that was read.
type Warning struct {
	Code    string `json:"code" doc:"ambiguous, extension, foreign, title, totals, noPhone, hiddenRows, hiddenColumns, otherSheets, poolPhoto or batchEnded."`
	Rows    []int  `json:"rows" doc:"The first 100 rows that it is about."`
	Lines   []int  `json:"lines,omitempty" doc:"The first 100 lines of the file that it is about, where it is about lines that are not rows."`
	Message string `json:"message"`
	// Why is what Message says, as a code with parameters.
	Why fmt.Stringer `json:"-"`
}

// warning returns a warning with a code and a phrase.
func warning(code string, why say.Phrase) Warning {
	return Warning{Code: code, Message: why.String(), Why: why}
}

// The codes of warnings about the input as a whole.
const (
	WarnForeign       = "foreign"       // phones read as those of another country than most
	WarnTitle         = "title"         // lines above the header
	WarnTotals        = "totals"        // lines of totals, which were not read
	WarnNoPhone       = "noPhone"       // lines without a phone in a list of people
	WarnHiddenRows    = "hiddenRows"    // in a workbook
	WarnHiddenColumns = "hiddenColumns" // likewise
	WarnOtherSheets   = "otherSheets"   // likewise
	WarnPoolPhoto     = "poolPhoto"     // in a dry run: a pool's photo cannot be set
)

// MaxWarned is the maximum number of rows, or of lines, that a warning names.
const MaxWarned = 100

func (o Options) warn(w Warning) {
	if w.Rows == nil {
		w.Rows = []int{}
	}
	w.Lines = w.Lines[:min(len(w.Lines), MaxWarned)]
	if o.explain != nil {
		o.explain.Warnings = append(o.explain.Warnings, w)
	}
	if o.Warn != nil {
		o.Warn(w)
	}
}
