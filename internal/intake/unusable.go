package intake

import (
	"fmt"

	"github.com/rollcallhq/rollcall/tasks"
)

// Unusable says that the whole input cannot be what the user meant: a usage error, not a bad row.
type Unusable struct {
	Input    string // the file's name, where it has one
	Sentence string // what is wrong
	Remedy   string // what to do
}

func (e *Unusable) Error() string {
	if e.Input != "" {
		return e.Input + ": " + e.Sentence + " " + e.Remedy
	}
	return e.Sentence + " " + e.Remedy
}

// TooLong says that an input has more rows than one batch takes. The rows before are read.
type TooLong struct {
	Input string // the file's name, where it has one
}

func (e *TooLong) Error() string {
	text := fmt.Sprintf("The input has more than %d rows. Divide it into several batches.", tasks.MaxBatchRows)
	if e.Input != "" {
		return e.Input + ": " + text
	}
	return text
}

func unusable(remedy, format string, args ...any) *Unusable {
	return &Unusable{Sentence: fmt.Sprintf(format, args...), Remedy: remedy}
}
