package group

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/say"
)

// MaxBatchName is how many code points the name of a batch may have.
const MaxBatchName = 200

// WrongBatchName returns what is wrong with the name of a batch, or the zero Phrase. An empty name is valid.
func WrongBatchName(name string) say.Phrase {
	switch {
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || strings.HasPrefix(name, BatchIDPrefix):
		return say.Phrase{Code: say.BatchName, Place: BatchIDPrefix}
	case utf8.RuneCountInString(name) > MaxBatchName:
		return say.Phrase{Code: say.BatchNameLong, N: MaxBatchName}
	}
	return say.Phrase{}
}
