package intake

import (
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Unusable says that the whole input cannot be what the user meant: a usage error, not a bad row.
type Unusable struct {
	Input string     // the file's name, where it has one
	Why   say.Phrase // what is wrong, and what to do
}

func (e *Unusable) Error() string { return e.Said().String() }

// Said returns Why with the file's name in front.
func (e *Unusable) Said() say.Phrase { return ofFile(e.Input, e.Why) }

// TooLong says that an input has more rows than one batch takes. The rows up to the limit were read.
type TooLong struct {
	Input string // the file's name, where it has one
}

func (e *TooLong) Error() string { return e.Said().String() }

// Said names the limit, with the file's name in front.
func (e *TooLong) Said() say.Phrase {
	return ofFile(e.Input, say.Phrase{Code: say.FileTooLong, N: tasks.MaxBatchRows})
}

func ofFile(name string, why say.Phrase) say.Phrase {
	if name == "" {
		return why
	}
	return say.Phrase{Code: say.FileNamed, Name: name, Why: []say.Phrase{why}}
}

func unusable(why say.Phrase) *Unusable { return &Unusable{Why: why} }
