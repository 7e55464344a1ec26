package admission

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// MaxBatchName is how many code points the name of a batch may have.
const MaxBatchName = 200

// WrongBatchName returns what is wrong with a batch name from outside; the zero Phrase for a valid one.
func WrongBatchName(name string) say.Phrase {
	switch {
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || strings.HasPrefix(name, group.BatchIDPrefix):
		return say.Phrase{Code: say.BatchName, Place: group.BatchIDPrefix}
	case utf8.RuneCountInString(name) > MaxBatchName:
		return say.Phrase{Code: say.BatchNameLong, N: MaxBatchName}
	}
	return say.Phrase{}
}
