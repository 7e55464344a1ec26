package admission

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/group"
)

// MaxBatchName is how many code points the name of a batch may have.
const MaxBatchName = 200

// WrongBatchName says what is wrong with the name of a batch that comes from outside; "" for a valid one.
func WrongBatchName(name string) string {
	switch {
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || strings.HasPrefix(name, group.BatchIDPrefix):
		return "A batch's name is a text without control characters that does not begin with " + group.BatchIDPrefix + "."
	case utf8.RuneCountInString(name) > MaxBatchName:
		return "A batch's name has at most 200 characters."
	}
	return ""
}
