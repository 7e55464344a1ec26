package intake

import "fmt"

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

func unusable(remedy, format string, args ...any) *Unusable {
	return &Unusable{Sentence: fmt.Sprintf(format, args...), Remedy: remedy}
}
